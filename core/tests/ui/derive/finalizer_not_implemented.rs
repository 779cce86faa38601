//! `#[trace(finalize)]` promises an implementation of `Finalize`.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
#[trace(finalize)]
struct Guarded<'gc> {
    next: Slot<'gc, Guarded<'gc>>,
}

fn main() {}
