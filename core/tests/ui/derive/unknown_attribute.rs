//! A misspelt word is named, with the nearest valid one or the list of them. All mistakes are reported together.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
#[trace(finalise, transparent)]
struct Node<'gc, #[trace(edge)] T> {
    next: Slot<'gc, Node<'gc, T>>,
    #[trace(ignore)]
    payload: T,
    #[trace(skipp)]
    words: Vec<u64>,
}

#[derive(Trace)]
enum Choice {
    #[trace(rename)]
    Only,
}

fn main() {}
