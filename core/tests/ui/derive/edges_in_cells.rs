//! The attack: change an edge without the collector's knowledge. A `Cell<Option<Gc>>` would pass every barrier by, so cells
//! and shared pointers hold payload only.
use cyclade_core::{Gc, Slot, Trace};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Trace)]
struct InCell<'gc> {
    next: Slot<'gc, InCell<'gc>>,
    cell: Cell<Option<Gc<'gc, u64>>>,
}

#[derive(Trace)]
enum InRefCell<'gc> {
    Cell(RefCell<Vec<Gc<'gc, u64>>>),
}

#[derive(Trace)]
struct InRc<#[trace(edges)] T> {
    shared: Rc<T>,
}

fn main() {}
