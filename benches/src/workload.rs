//! The workloads: each takes a subject and a size, and says how long the measured part took.

use crate::clock::{Clock, Spent};
use crate::graph::{Graph, ring};
use crate::subject::{DeadRing, DoublyLinked, Live, Pairs};
use std::hint::black_box;

/// Entries of the list of [`doubly_linked`].
pub const ENTRIES: u64 = 10_000;

/// Objects of [`live`] and [`dead_ring`].
pub const OBJECTS: usize = 1_000_000;

/// The seed of every random graph.
pub const SEED: u64 = 0x00C1_C1AD;

/// `count` pairs, made and dropped, and a full collection at the end, so that everything a subject can free has been freed within
/// the time. A tenth as many come before, untimed, so that automatic collection has found its pace.
pub fn pairs<S: Pairs>(subject: &mut S, count: u64) -> Spent {
    for payload in 0..count / 10 {
        subject.pair(payload);
    }
    let start = Clock::start();
    for payload in 0..count {
        subject.pair(payload);
    }
    subject.collect();
    start.elapsed()
}

/// `count` times the oldest of [`ENTRIES`] entries is replaced by a new one. Before, untimed: the list is filled, and every entry
/// replaced twice.
pub fn doubly_linked<S: DoublyLinked>(subject: &mut S, count: u64) -> Spent {
    for payload in 0..ENTRIES {
        subject.insert(payload);
    }
    for payload in 0..2 * ENTRIES {
        black_box(subject.replace(payload));
    }
    let start = Clock::start();
    for payload in 0..count {
        black_box(subject.replace(payload));
    }
    start.elapsed()
}

/// A full collection that finds a dead ring of `count` objects and frees it. The ring lies in memory in the order in which it is linked, or
/// is shuffled.
pub fn dead_ring<S: DeadRing>(subject: &mut S, count: u64, shuffled: bool) -> Spent {
    subject.leave_ring(&ring(count as usize, shuffled.then_some(SEED)));
    let start = Clock::start();
    subject.collect();
    start.elapsed()
}

/// A full collection of `graph`, all of it live: the second that is asked for after the graph has been built. Building and the first one
/// are not timed: in the first, recursive peers pay for the pages of their stack.
pub fn live<S: Live>(subject: &mut S, graph: &Graph) -> Spent {
    subject.grow(graph);
    subject.collect();
    let start = Clock::start();
    subject.collect();
    start.elapsed()
}
