//! Bounds on edge parameters are repeated for every brand, which takes their full spelling.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
struct Tally<'gc, #[trace(edges)] I: Iterator>
where
    I::Item: Clone,
{
    next: Slot<'gc, Tally<'gc, I>>,
    rest: I,
}

fn main() {}
