//! Reference counting, and nothing else.
//!
//! # What it is
//!
//! Every object knows how many edges and roots refer to it. When the last one goes, the object is freed, and with it whatever
//! only it referred to. A cycle keeps its own counts up and leaks: that is the definition, and this collector leaks exactly
//! the cycles, and what they refer to, until the heap is dropped.
//!
//! # The cycle
//!
//! 1. *Allocation* counts the new object's edges and puts the object into the list of objects without references: pointers on a
//!    scope's stack are not counted.
//! 2. *A write* adds 1 for the new target, then takes 1 from the old one. Whoever falls to 0 joins the list.
//! 3. *At the scope's end* (or when a root is dropped outside of one) the list is worked off: an object that still has count 0 is
//!    finalized if it must be, its weak references are emptied, its edges are taken back (which may lengthen the list), its payload is
//!    dropped and its cell released. No recursion, however long the chain.
//!
//! # Invariants
//!
//! - **I1** At every safepoint the count of an object is exactly the number of edges and root handles that refer to it (N1 of the
//!   core's `counting`).
//! - **I2** At every safepoint nothing with count 0 exists.
//!
//! # What it cannot do
//!
//! Free a cycle. [`Heap::census`] tells how many objects dead cycles hold.
//!
//! # Cost
//!
//! A write: two counts, each a load and a store. Freeing: proportional to what is freed. An object that dies inside a scope
//! is freed at the scope's end.
//!
//! # Lineage
//!
//! Collins 1960 (counting); Deutsch and Bobrow 1976 (deferring, so that stacks need no counts); Weizenbaum 1963 (freeing
//! without recursion).
#![doc = include_str!("../README.md")]

pub use cyclade_core::*;

/// A heap with counts alone.
pub type Heap = cyclade_core::Heap<RefCount>;
/// Settings of such a heap.
pub type Config = cyclade_core::Config<RefCount>;

/// Pure reference counting.
#[derive(Debug, Default)]
pub struct RefCount {
    counts: Counts,
}

// SAFETY: K1 to K3: an object is freed only when its count is 0 outside of scopes, which by I1 means that nothing refers
// to it; the core's `Counts` uses no object afterwards. K4: barriers only count. K5: no marks, no scratch. K6: no thread.
unsafe impl Collector for RefCount {
    const NAME: &'static str = "refcount";
    const PLAN: Plan = Plan {
        frees_cycles: false,
        frees: true,
        counts: true,
        concurrent: false,
        barrier: Barrier::Counting,
    };
    type Options = ();

    fn new((): &()) -> Self {
        RefCount::default()
    }

    #[inline]
    fn born(&self, _: &Graph, object: Object, info: &'static TypeInfo) {
        self.counts.born(object, info);
    }

    #[inline]
    fn write(&self, _: &Graph, _: Object, old: Option<Object>, new: Option<Object>) {
        self.counts.write(old, new);
    }

    fn log(&self, _: &Graph, owner: Object) {
        self.counts.remove_edges(owner);
    }

    fn unlog(&self, _: &Graph, owner: Object) {
        self.counts.add_edges(owner);
    }

    #[inline]
    fn retain(&self, _: &Graph, object: Object) {
        self.counts.increment(object);
    }

    #[inline]
    fn release(&self, _: &Graph, object: Object) {
        self.counts.decrement(object);
    }

    #[inline]
    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        if !self.counts.is_drained() {
            self.counts.drain(safepoint);
        }
    }

    #[inline]
    fn is_quiet(&self, _: &Graph) -> bool {
        self.counts.is_quiet()
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        self.counts.drain(safepoint);
        Collection::default()
    }

    fn ref_count(&self, _: &Graph, object: Object) -> Option<usize> {
        Some(Counts::count(object))
    }

    fn check(&self, graph: &Graph) {
        self.counts.check(graph);
    }
}
