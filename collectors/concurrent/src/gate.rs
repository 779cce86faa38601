//! The gate of an object whose edges lie in a lock: who reads them, marker or owner?
//!
//! The content of a `Locked` is an ordinary value: while the owner writes it, nobody else may look. So marker and owner agree
//! on each such object once per cycle, through the collector's word of its header:
//!
//! ```text
//!                     marker enters                marker leaves
//!     unscanned ----------------------> scanning -----------------> done
//!         |                                                          ^
//!         +----------------------------------------------------------+
//!                 owner closes, having copied the edges itself
//! ```
//!
//! The word holds the cycle's number beside the state, so a word of an earlier cycle reads as unscanned and nothing is ever reset.
//!
//! Invariants:
//! - **G1** The marker reads the content only between `enter` (true) and `leave`; then the state is *scanning*.
//! - **G2** When `close` returns the state is *done*, and stays so until the cycle's end: the marker does not enter any more, and
//!   what it has read before happened before. So the owner may write.

use crate::primitive::relax;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Release};

const SCANNING: u64 = 1;
const DONE: u64 = 2;
const STATE_BITS: u32 = 2;

/// What the gate asks of a word: the standard library's atomics lie in headers, loom's in model tests.
pub(crate) trait Word {
    fn load(&self) -> u64;
    fn store(&self, value: u64);
    fn exchange(&self, old: u64, new: u64) -> Result<u64, u64>;
}

impl Word for AtomicU64 {
    #[inline]
    fn load(&self) -> u64 {
        self.load(Acquire)
    }
    #[inline]
    fn store(&self, value: u64) {
        self.store(value, Release);
    }
    #[inline]
    fn exchange(&self, old: u64, new: u64) -> Result<u64, u64> {
        self.compare_exchange(old, new, AcqRel, Acquire)
    }
}

#[cfg(loom)]
impl Word for crate::primitive::AtomicU64 {
    fn load(&self) -> u64 {
        self.load(Acquire)
    }
    fn store(&self, value: u64) {
        self.store(value, Release);
    }
    fn exchange(&self, old: u64, new: u64) -> Result<u64, u64> {
        self.compare_exchange(old, new, AcqRel, Acquire)
    }
}

fn scanning(cycle: u64) -> u64 {
    cycle << STATE_BITS | SCANNING
}

fn done(cycle: u64) -> u64 {
    cycle << STATE_BITS | DONE
}

/// The marker wants to read: true if it may, and then it must [`leave`].
pub(crate) fn enter(word: &impl Word, cycle: u64) -> bool {
    let seen = word.load();
    // Only the owner competes, and only to close: a lost exchange means *done*.
    seen != done(cycle) && word.exchange(seen, scanning(cycle)).is_ok()
}

/// The marker has read.
pub(crate) fn leave(word: &impl Word, cycle: u64) {
    word.store(done(cycle));
}

/// Has this object been read in this cycle, or was it born in it?
pub(crate) fn is_done(word: &impl Word, cycle: u64) -> bool {
    word.load() == done(cycle)
}

/// The owner is about to write, and has copied the edges unless the gate was done: shuts the marker out for the rest of the
/// cycle. Waits while the marker reads this very object.
pub(crate) fn close(word: &impl Word, cycle: u64) {
    let mut tries = 0;
    loop {
        let seen = word.load();
        if seen == done(cycle) {
            return;
        }
        if seen == scanning(cycle) {
            relax(&mut tries);
        } else if word.exchange(seen, done(cycle)).is_ok() {
            return;
        }
    }
}

/// A new object: the marker never scans it, so its owner need not ask.
pub(crate) fn born(word: &impl Word, cycle: u64) {
    word.store(done(cycle));
}

/// Leaves the gate also when tracing panics.
pub(crate) struct Inside<'a, W: Word> {
    word: &'a W,
    cycle: u64,
}

impl<'a, W: Word> Inside<'a, W> {
    /// The marker inside the gate, if it may be.
    pub(crate) fn enter(word: &'a W, cycle: u64) -> Option<Self> {
        enter(word, cycle).then_some(Inside { word, cycle })
    }
}

impl<W: Word> Drop for Inside<'_, W> {
    fn drop(&mut self) {
        leave(self.word, self.cycle);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_gate_of_an_earlier_cycle_reads_as_unscanned() {
        let word = AtomicU64::new(0);
        assert!(enter(&word, 1));
        leave(&word, 1);
        assert!(is_done(&word, 1) && !enter(&word, 1));
        assert!(!is_done(&word, 2) && enter(&word, 2));
    }

    #[test]
    fn a_closed_gate_lets_no_marker_in() {
        let word = AtomicU64::new(0);
        close(&word, 7);
        assert!(Inside::enter(&word, 7).is_none());
        close(&word, 7);
        assert!(is_done(&word, 7));
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicUsize;
    use loom::thread;
    use std::sync::atomic::Ordering::Relaxed;

    /// An edge in a lock: loom reports any read of the marker's that overlaps with the owner's write.
    struct Locked {
        word: crate::primitive::AtomicU64,
        edge: UnsafeCell<usize>,
    }

    // SAFETY: what the model checks: access to `edge` goes through the gate.
    unsafe impl Sync for Locked {}
    // SAFETY: plain numbers.
    unsafe impl Send for Locked {}

    /// The owner overwrites edge 1 by 2. Whatever the order: nobody reads while it writes (G1, G2), and edge 1 is found by one of both.
    #[test]
    fn marker_and_owner_never_meet_and_the_old_edge_is_found() {
        loom::model(|| {
            let object =
                Arc::new(Locked { word: crate::primitive::AtomicU64::new(0), edge: UnsafeCell::new(1) });
            let found = Arc::new(AtomicUsize::new(0));
            let marker = {
                let (object, found) = (object.clone(), found.clone());
                thread::spawn(move || {
                    if let Some(_inside) = Inside::enter(&object.word, 1) {
                        // SAFETY: G1.
                        let edge = object.edge.with(|edge| unsafe { *edge });
                        found.fetch_or(edge, Relaxed);
                    }
                })
            };
            if !is_done(&object.word, 1) {
                // SAFETY: the owner is the only writer.
                let edge = object.edge.with(|edge| unsafe { *edge });
                found.fetch_or(edge, Relaxed);
                close(&object.word, 1);
            }
            // SAFETY: G2.
            object.edge.with_mut(|edge| unsafe { *edge = 2 });
            marker.join().expect("the marker ends");
            assert_eq!(found.load(Relaxed), 1, "the snapshot's edge, and no later one");
        });
    }
}
