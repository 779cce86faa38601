//! The brand stands for every heap.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
struct Inline<'gc: 'static> {
    next: Slot<'gc, Inline<'gc>>,
}

#[derive(Trace)]
struct Where<'gc>
where
    'gc: 'static,
{
    next: Slot<'gc, Where<'gc>>,
}

fn main() {}
