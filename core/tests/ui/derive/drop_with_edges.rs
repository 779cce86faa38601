//! The attack: look through an edge while a dead cycle is taken apart. What it refers to may be gone already.
use cyclade_core::{Gc, Trace};

#[derive(Trace)]
struct Peeks<'gc> {
    other: Gc<'gc, u64>,
}

impl Drop for Peeks<'_> {
    fn drop(&mut self) {
        let _ = self.other;
    }
}

#[derive(Trace)]
struct Holds<#[trace(edges)] T> {
    value: T,
}

impl<T> Drop for Holds<T> {
    fn drop(&mut self) {}
}

fn main() {}
