//! Edges are whole words in memory, read by several threads.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
#[repr(C, packed(2))]
struct Packed<'gc> {
    tag: u8,
    next: Slot<'gc, Packed<'gc>>,
}

fn main() {}
