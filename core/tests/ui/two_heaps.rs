//! The attack: store an edge to an object of one heap in an object of another. Neither collector knows of it.
//!
//! Whom it has hit: gc-arena (pull request 65), oscars (pull request 73).
//!
//! Why it fails: each scope has a brand of its own, and brands do not convert into each other.
use cyclade_core::{Collector, Heap, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    edge: Slot<'gc, Node<'gc>>,
}

fn attack<C: Collector>(one: &mut Heap<C>, two: &mut Heap<C>) {
    one.mutate(|mc| {
        let a = mc.alloc(Node { edge: Slot::empty() });
        two.mutate(|other| {
            let b = other.alloc(Node { edge: Slot::empty() });
            a.set(mc, |n| &n.edge, Some(b));
        });
    });
}

fn main() {}
