//! Each word has its one place.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
#[trace(skip)]
struct Node<#[trace(edges)] 'gc, #[trace(finalize)] T, #[trace(edges)] const N: usize> {
    next: Slot<'gc, Node<'gc, T, N>>,
    #[trace(edges)]
    payload: [T; N],
}

#[derive(Trace)]
enum Choice {
    #[trace(skip)]
    Only(u64),
}

fn main() {}
