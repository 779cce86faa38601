//! What a program, its finalizers and its callbacks share: registers, the log, weak references.
//!
//! Finalizers are functions of types and know no program, so the state is the thread's. Rule: no root is dropped and nothing of the
//! heap is called while it is borrowed, since that may run a finalizer, which borrows it too.

use super::kinds::{Held, HeldWeak};
use super::operation::Action;
use cyclade_core::ObjectId;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// The payload of every object: knows its number, and tells when it is dropped.
pub(super) struct Token(u32);

impl Token {
    pub(super) fn number(&self) -> u32 {
        self.0
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // At the end of a thread there may be no state any more.
        let _ = STATE.try_with(|state| {
            let mut state = state.borrow_mut();
            state.alive.remove(&self.0);
            state.freed.push(self.0);
        });
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct State {
    /// The position of the operation that is being done.
    pub(super) pc: usize,
    pub(super) registers: BTreeMap<u32, Held>,
    pub(super) holds: BTreeMap<u32, Vec<Held>>,
    pub(super) addresses: HashMap<u32, ObjectId>,
    pub(super) alive: BTreeSet<u32>,
    pub(super) finalizers: HashMap<u32, Vec<Action>>,
    /// Weak references: to themselves, and to their targets.
    pub(super) weak: BTreeMap<u32, (HeldWeak, u32, HeldWeak)>,
    /// Are collections logged?
    pub(super) logs_collections: bool,
    /// Has the heap been told to tell of them?
    pub(super) hears_collections: bool,
    /// Freed since the operation began.
    pub(super) freed: Vec<u32>,
    pub(super) log: Log,
}

/// What happened, in the order in which it did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub(crate) finalizers: Vec<(usize, u32)>,
    pub(crate) callbacks: Vec<(usize, u32, u32)>,
    pub(crate) unraisable: Vec<usize>,
    pub(crate) values: Vec<(usize, u32, &'static str, i64)>,
    pub(crate) freed: Vec<(usize, Vec<u32>)>,
    pub(crate) skipped: Vec<usize>,
    pub(crate) collections: Vec<String>,
}

/// Works with the state.
pub(super) fn with<R>(work: impl FnOnce(&mut State) -> R) -> R {
    STATE.with_borrow_mut(work)
}

/// A clean start.
pub(super) fn reset() {
    let old = STATE.take();
    drop(old);
    // Dropping the old one's roots may have freed objects, which was noted in the new one.
    let noise = STATE.take();
    drop(noise);
}

/// The token of a new object.
pub(super) fn token(number: u32) -> Token {
    with(|state| state.alive.insert(number));
    Token(number)
}

/// A copy of what a register holds.
pub(super) fn register(number: u32) -> Option<Held> {
    with(|state| state.registers.get(&number).cloned())
}

/// Fills a register.
pub(super) fn fill(number: u32, held: Held) {
    let old = with(|state| state.registers.insert(number, held));
    drop(old);
}

/// Empties a register; false if it was empty.
pub(super) fn empty(number: u32) -> bool {
    let old = with(|state| state.registers.remove(&number));
    old.is_some()
}
