//! The attack: change an edge without the barrier, through a `Cell`, `RefCell` or `Rc` around it: a black object gains an edge
//! that is never scanned, or a count is never taken.
//!
//! Whom it has hit: gc-arena's proposed `reroot!` macro was given up because it lent edges for writing without a barrier (pull request
//! 39); rust-gc is asked for `Trace` on `RefCell` and has to refuse (issue 77).
//!
//! Why it fails: these containers are `Trace` for `'static` contents only, and an edge is never `'static`. (A
//! `Mutex` is no `Trace` at all.)
use cyclade_core::{Gc, Trace};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Trace)]
struct InCell<'gc> {
    edge: Cell<Option<Gc<'gc, u64>>>,
}

#[derive(Trace)]
struct InRefCell<'gc> {
    edge: RefCell<Option<Gc<'gc, u64>>>,
}

#[derive(Trace)]
struct InRc<'gc> {
    edge: Rc<Gc<'gc, u64>>,
}

fn main() {}
