//! The attack: hide an edge from the collector, which then frees its target while it can still be reached.
use cyclade_core::{Gc, Slot, Trace};

#[derive(Trace)]
struct Hides<'gc> {
    #[trace(skip)]
    hidden: Gc<'gc, u64>,
}

#[derive(Trace)]
struct HidesSelf<'gc> {
    next: Slot<'gc, HidesSelf<'gc>>,
    #[trace(skip)]
    hidden: Option<Box<Self>>,
}

#[derive(Trace)]
struct HidesParameter<#[trace(edges)] T> {
    #[trace(skip)]
    hidden: Vec<T>,
}

fn main() {}
