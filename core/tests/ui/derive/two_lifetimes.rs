//! A heap object borrows nothing: the brand is the only lifetime that it can have.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
struct Borrows<'gc, 'text> {
    next: Slot<'gc, Borrows<'gc, 'text>>,
    text: &'text str,
}

fn main() {}
