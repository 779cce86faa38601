//! The attack: assign to a field of an object, edges included, past the barrier.
//!
//! Whom it has hit: it is what gc-arena's `reroot!` would have allowed (pull request 39), one level down.
//!
//! Why it fails: `Gc` lends shared references only.
use cyclade_core::{Gc, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    edge: Slot<'gc, Node<'gc>>,
}

fn attack<'gc>(a: Gc<'gc, Node<'gc>>) {
    a.edge = Slot::to(a);
}

fn main() {}
