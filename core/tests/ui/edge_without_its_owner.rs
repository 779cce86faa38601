//! The attack: write an edge without naming the object that it lies in.
//!
//! Whom it has hit: zerogc, whose cells did not know their owner (issue 3).
//!
//! Why it fails: `Slot` has no method that writes, `GcVec` and `GcMap` none that changes them, and `Locked` lends its content for
//! writing through its owner only. Nobody gets `&mut` to a field of an object.
use cyclade_core::{Collector, Gc, GcVec, Locked, Mutator, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    edge: Slot<'gc, Node<'gc>>,
    list: GcVec<'gc, Node<'gc>>,
    locked: Locked<Option<Gc<'gc, Node<'gc>>>>,
}

fn attack<'gc, C: Collector>(mc: &Mutator<'gc, C>, a: Gc<'gc, Node<'gc>>) {
    a.edge.store(Some(a));
    a.list.push(a);
    a.locked.replace(mc, Some(a));
}

fn main() {}
