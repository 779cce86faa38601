//! `dumpster`, its version for many threads, on one: atomic counts, mutexes for cells, and a cycle collector that looks at what has lost a reference. Collects by
//! itself.

use super::shared::{Peer, Shared, objects};
use ::dumpster::Trace;
use ::dumpster::sync::{Gc, collect};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex with the face of a `RefCell`.
#[derive(Trace)]
struct Locked<T>(Mutex<T>);

impl<T> Locked<T> {
    fn new(value: T) -> Self {
        Locked(Mutex::new(value))
    }

    fn borrow(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn borrow_mut(&self) -> MutexGuard<'_, T> {
        self.borrow()
    }
}

objects!(Gc, Locked, [Trace]);

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `dumpster` (sync).
pub type DumpsterSync = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "dumpster, sync";
    const EVERY: Option<u64> = None;
    type Pair = Gc<Pair>;
    type Entry = Gc<Entry>;
    type Node = Gc<Node>;

    fn collect() {
        collect();
    }
}
