//! What crosses from the owner's thread to the marker's. Beside `unsafe impl Collector`, the only unsafe code of this crate.
//!
//! Invariants:
//! - **X1** An object is handed to the marker only while a cycle marks; nothing is freed before that marking has ended
//!   (I2 of the crate). So what the marker holds exists.
//! - **X2** The marker has let go of every object and of the graph when it reports that it is out of work, and when it is joined;
//!   the owner waits for one of the two before it sweeps, and for the second before the heap goes.

use cyclade_core::{Graph, Object};
use std::ptr::NonNull;

/// An object on its way to the marker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grey(pub(crate) Object);

// SAFETY: X1, and K6: the marker reads its header, traces it under the gate and sets mark bits, all of which are made for that.
unsafe impl Send for Grey {}

/// The graph as the marker sees it at the beginning of a cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    graph: NonNull<Graph>,
    pub(crate) cycle: u64,
}

// SAFETY: used for nothing but `roots`, which any thread may call; X2 bounds how long.
unsafe impl Send for Snapshot {}

impl Snapshot {
    pub(crate) fn new(graph: &Graph, cycle: u64) -> Self {
        Snapshot { graph: NonNull::from(graph), cycle }
    }

    /// Calls `visit` with every rooted object. A root that is made or dropped meanwhile may be seen or not: a new one refers to
    /// something that is marked or will be, and the barrier takes care of the dropped one.
    pub(crate) fn roots(&self, visit: impl FnMut(Object)) {
        // SAFETY: X2: the graph is there, and this method of it is for any thread.
        unsafe { self.graph.as_ref() }.roots_seen_by_any_thread(visit);
    }
}
