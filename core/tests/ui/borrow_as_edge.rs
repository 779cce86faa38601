//! The attack: a borrow that a scope lends is kept in an object. `&'static T` is payload; if `&'gc T` were, it would be an edge that
//! nobody counts or follows, and its target would be freed under it.
//!
//! Whom it has hit: alloy's references in a `Gc`, once destructors run late (pull request 83).
//!
//! Why it fails: `Trace` is there for `&'static T` only, and the brand of a scope is never `'static`.
use cyclade_core::{Collector, Gc, Mutator, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
}

#[derive(Trace)]
struct Keeper<'gc> {
    node: &'gc Node<'gc>,
}

fn by_allocation<'gc, C: Collector>(mc: &Mutator<'gc, C>, node: Gc<'gc, Node<'gc>>) {
    mc.alloc(node.as_ref());
}

fn in_a_list<'gc, C: Collector>(mc: &Mutator<'gc, C>, node: Gc<'gc, Node<'gc>>) {
    mc.alloc(vec![(node, node.as_ref())]);
}

fn main() {}
