//! A parameter that is not marked `#[trace(edges)]` is payload, and payload is `'static`.
use cyclade_core::{Branded, Gc, Slot, Trace};

#[derive(Trace)]
struct List<'gc, T> {
    next: Slot<'gc, List<'gc, T>>,
    value: T,
}

fn is_branded<'gc, T: Branded<'gc>>() {}

fn smuggle<'gc>(_: Gc<'gc, u64>) {
    is_branded::<List<'gc, Gc<'gc, u64>>>();
}

fn main() {}
