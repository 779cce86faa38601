//! A type of objects has a size. Slices, strings and trait objects are referred to, not contained.
use cyclade_core::{Gc, Slot, Trace};

#[derive(Trace)]
struct Row<'gc> {
    next: Slot<'gc, u64>,
    cells: [Gc<'gc, u64>],
}

#[derive(Trace)]
struct Tail<'gc, #[trace(edges)] T: ?Sized> {
    next: Slot<'gc, T>,
    tail: T,
}

fn main() {}
