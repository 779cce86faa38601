//! A bound on an edge parameter is still one.
use cyclade_core::{Branded, Gc, Slot, Trace};

trait Number {}

impl Number for u64 {}

#[derive(Trace)]
struct Sum<'gc, #[trace(edges)] T>
where
    T: Number,
{
    next: Slot<'gc, Sum<'gc, T>>,
    value: T,
}

fn is_branded<'gc, T: Branded<'gc>>() {}

fn add<'gc>(_: Gc<'gc, u64>) {
    is_branded::<Sum<'gc, u64>>();
    is_branded::<Sum<'gc, u32>>();
}

fn main() {}
