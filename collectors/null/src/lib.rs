//! The collector that never collects.
//!
//! # What it is
//!
//! Objects are allocated and never freed; there is no barrier, no count and no mark. It is the floor for what memory management
//! costs a mutator, and the ceiling for memory. All other collectors are measured from here (the "Epsilon" collector of
//! OpenJDK, JEP 318, and wasmtime's null collector serve the same purpose).
//!
//! # The cycle
//!
//! 1. Allocation takes the next cell.
//! 2. There is no step 2. `collect` does nothing and says so: zero unreachable, zero freed.
//!
//! # Invariants
//!
//! - **I1** No object is freed before the heap is dropped; then every payload is dropped once.
//!
//! # What it cannot do
//!
//! Free anything. Finalizers never run. Use it for measurements, and for programs that end before memory does (then a
//! [`Config::heap_limit`] turns the end into an error).
//!
//! # Cost
//!
//! Allocation: a bit of a mask and the header. Writing an edge: a store. Memory: everything ever allocated.
#![doc = include_str!("../README.md")]

pub use cyclade_core::*;

/// A heap that never frees.
pub type Heap = cyclade_core::Heap<Null>;
/// Settings of such a heap.
pub type Config = cyclade_core::Config<Null>;

/// The collector that never collects.
#[derive(Debug, Default)]
pub struct Null;

// SAFETY: K1 to K7: it frees nothing, runs nothing and has no thread (I1).
unsafe impl Collector for Null {
    const NAME: &'static str = "null";
    const PLAN: Plan =
        Plan { frees_cycles: false, frees: false, counts: false, concurrent: false, barrier: Barrier::None };
    type Options = ();

    fn new((): &()) -> Self {
        Null
    }

    #[inline]
    fn is_quiet(&self, _: &Graph) -> bool {
        true
    }

    fn collect(&self, _: &Safepoint<'_, Self>) -> Collection {
        Collection::default()
    }
}
