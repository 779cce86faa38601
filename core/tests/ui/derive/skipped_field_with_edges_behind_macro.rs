//! The same, with the brand out of the derive's sight: then the compiler finds that the field is not `'static`.
use cyclade_core::{Gc, Slot, Trace};

macro_rules! edge {
    () => { Gc<'gc, u64> };
}

#[derive(Trace)]
struct Hides<'gc> {
    next: Slot<'gc, Hides<'gc>>,
    #[trace(skip)]
    hidden: edge!(),
}

fn main() {}
