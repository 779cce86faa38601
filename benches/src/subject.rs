//! What a subject must be able to do: the smallest steps of each workload.
//!
//! The loops around them, and the clock, are in [`workload`](crate::workload). A step is one unit of work of a program that uses the
//! subject as its authors mean it to be used: one scope of a branded heap, with whatever collecting the subject does on its own at
//! the end of it.

use crate::graph::Graph;

/// Something that manages memory: a heap with its collector, or a crate of shared pointers.
pub trait Subject {
    /// As tables print it.
    const NAME: &'static str;

    /// Does it free cycles that nothing else refers to?
    const FREES_CYCLES: bool = true;

    /// A fresh one.
    fn new() -> Self;

    /// A full collection, as far as the subject has such a thing.
    fn collect(&mut self);
}

/// Two objects that refer to each other, made and dropped at once.
pub trait Pairs: Subject {
    /// Makes such a pair and lets go of it.
    fn pair(&mut self, payload: u64);
}

/// A doubly linked list of entries, newest first: what an LRU cache keeps beside its table.
pub trait DoublyLinked: Subject {
    /// Adds an entry at the front.
    fn insert(&mut self, payload: u64);

    /// Removes the oldest entry and adds one at the front; returns the payload of the former. The list is not empty.
    fn replace(&mut self, payload: u64) -> u64;
}

/// A ring of objects that nobody refers to.
///
/// For subjects whose full collection finds it wherever it lies.
pub trait DeadRing: Subject {
    /// Builds the ring (see [`ring`](crate::graph::ring)), sees to it that it is as old as anything gets, and lets go of it.
    fn leave_ring(&mut self, links: &[[u32; 2]]);
}

/// A large graph, all of it reachable from one object.
///
/// For subjects whose full collection looks at every object. (`rust-cc`, `dumpster` and `bacon_rajan_cc` look at what has lost a
/// reference since the last collection: where nobody writes, they have nothing to do.)
pub trait Live: Subject {
    /// Builds the graph, and keeps node 0.
    fn grow(&mut self, graph: &Graph);
}
