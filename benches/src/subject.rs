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

/// A ring of objects that know both neighbours.
pub trait Ring: Subject {
    /// Builds a ring of `count` objects, in the order in which it is linked, and keeps it.
    fn build_ring(&mut self, count: u64);

    /// Lets go of it.
    fn drop_ring(&mut self);
}

/// Children that refer to their parents.
pub trait Tree: Subject {
    /// Makes a tree of so many levels, with [`FAN_OUT`] children for each node that is no leaf, and lets go of it. A node has three edges: to its
    /// parent, its first child and its next sibling.
    fn tree(&mut self, levels: u32);
}

/// Children of each node of a [`Tree`].
pub const FAN_OUT: u32 = 4;

/// A doubly linked list of entries, newest first: what an LRU cache keeps beside its table.
pub trait DoublyLinked: Subject {
    /// Adds an entry at the front.
    fn insert(&mut self, payload: u64);

    /// Removes the oldest entry and adds one at the front; returns the payload of the former. The list is not empty.
    fn replace(&mut self, payload: u64) -> u64;
}

/// Lists without a cycle.
pub trait Acyclic: Subject {
    /// Makes a singly linked list of so many objects, and lets go of it.
    fn list(&mut self, length: u64);
}

/// One list without a cycle, as long as memory is large.
pub trait Deep: Subject {
    /// Builds it, from its end, and keeps it.
    fn build_chain(&mut self, length: u64);

    /// Lets go of it.
    fn drop_chain(&mut self);
}

/// A ring of objects that nobody refers to, as old as anything gets, wherever it lies.
pub trait DeadRing: Subject {
    /// Builds the ring (see [`ring`](crate::graph::ring)), sees to it that it is as old as anything gets, and lets go of it.
    fn leave_ring(&mut self, links: &[[u32; 2]]);
}

/// A large graph, all of it reachable from one object.
pub trait Grow: Subject {
    /// Builds the graph, and keeps node 0.
    fn grow(&mut self, graph: &Graph);
}

/// A subject whose full collection looks at every object of such a graph.
///
/// (`rust-cc`, `dumpster` and `bacon_rajan_cc` look at what has lost a reference since the last collection: where nobody writes, they
/// have nothing to do.)
pub trait Live: Grow {}

/// A large graph whose nodes have satellites that come and go.
///
/// The subject keeps one node, from which all others can be reached. A satellite refers to itself and to its node: it is a cycle when the node
/// lets go of it.
pub trait Churn: Grow {
    /// Goes on from the node that is kept to that which edge `way` refers to, 0 or 1, keeps this one, and gives it a new satellite at edge 2.
    fn renew(&mut self, way: usize, payload: u64);
}
