//! One write to a slot behind a box: found by tracing the owner, so the slow path is linked.

use cyclade_mark_sweep::{Heap, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    slot: Box<Slot<'gc, Node<'gc>>>,
}

fn main() {
    let mut heap = Heap::default();
    heap.mutate(|mc| {
        let node = mc.alloc(Node { slot: Box::new(Slot::empty()) });
        node.set(mc, |n| &*n.slot, Some(node));
        assert_eq!(node.slot.get(), Some(node));
    });
    println!("boxed: ok");
}
