//! Given twice, or at odds with one another.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
#[trace(finalize, no_clear)]
#[trace(finalize = "legacy")]
struct Twice<'gc> {
    next: Slot<'gc, Twice<'gc>>,
}

#[derive(Trace)]
#[trace(untracked, untrack = "container")]
struct NeverTracked<'gc> {
    next: Slot<'gc, NeverTracked<'gc>>,
}

fn main() {}
