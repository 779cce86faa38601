//! Values are checked like words.
use cyclade_core::{Slot, Trace};

#[derive(Trace)]
#[trace(finalize = "legasy", visit = "sideways", untrack)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
}

#[derive(Trace)]
#[trace(no_clear = true, visit = reverse, crate = "cyclade_core")]
struct Other<'gc> {
    next: Slot<'gc, Other<'gc>>,
}

fn main() {}
