//! A program with two collectors at once, one of them renamed.

mod counted {
    use cyclade_refcount as collector;
    include!("../../story.rs");
}

mod detected {
    use fast as collector;
    include!("../../story.rs");
}

use fast::{Root, Slot, Trace};

/// Names no collector: its objects live in heaps of both.
#[derive(Trace)]
struct Node<'gc> {
    peer: Slot<'gc, Node<'gc>>,
}

fn main() {
    counted::story(&mut cyclade_refcount::Heap::default(), false);
    detected::story(&mut fast::Heap::default(), true);

    let (mut one, mut other) = (cyclade_refcount::Heap::default(), fast::Heap::default());
    let in_one: Root<Node<'static>> = one.mutate(|mc| mc.root(mc.alloc(Node { peer: Slot::empty() })));
    let in_other: Root<Node<'static>> = other.mutate(|mc| mc.root(mc.alloc(Node { peer: Slot::empty() })));
    // A root is refused by the other heap, whichever its collector.
    assert!(other.mutate(|mc| in_one.try_get(mc).is_err()) && one.mutate(|mc| in_other.try_get(mc).is_err()));
    assert!(one.mutate(|mc| in_one.try_get(mc).is_ok_and(|node| node.peer.get().is_none())));
    println!("two: ok");
}
