//! The attack: allocate the *static* form of a type in a scope, root it, get it back in its branded form, store an edge through
//! that view, and read the edge through the first one: a `Gc<'static, _>`, which outlives every scope and every collection.
//!
//! Whom it has hit: this project's own first draft of the bound. gc-arena met its cousins when it asked whether a
//! `Gc<'static, _>` can be had (pull requests 61, 63 and 66).
//!
//! Why it fails: every way to make a `Gc<'gc, T>` asks for `T: Branded<'gc>`, and `Node<'static>` is branded for `'static` only.
use cyclade_core::{Collector, Gc, Heap, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    edge: Slot<'gc, Node<'gc>>,
}

fn attack<C: Collector>(heap: &mut Heap<C>) -> Gc<'static, Node<'static>> {
    heap.mutate(|mc| {
        let hidden = mc.alloc(Node::<'static> { edge: Slot::empty() });
        let view = mc.root(hidden).get(mc);
        view.set(mc, |n| &n.edge, Some(view));
        hidden.edge.get().unwrap()
    })
}

fn main() {}
