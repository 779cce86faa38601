//! What mentions the brand must be traced.
use cyclade_core::{Gc, Slot, Trace};

struct Plain<'gc>(Gc<'gc, u64>);

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    plain: Plain<'gc>,
}

#[derive(Trace)]
enum Choice<'gc> {
    Borrowed(&'gc u64),
    Nothing,
}

fn main() {}
