//! `'static` and edges exclude each other.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
struct List<'gc, #[trace(edges)] T: Clone + 'static> {
    next: Slot<'gc, List<'gc, T>>,
    value: T,
}

#[derive(Trace)]
struct Other<'gc, #[trace(edges)] T>
where
    T: 'static,
{
    next: Slot<'gc, Other<'gc, T>>,
    value: T,
}

fn main() {}
