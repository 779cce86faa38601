//! The collector contract: everything that a collector must do, and may rely on.
//!
//! A collector implements [`Collector`]. The mutator's path (allocation, writes, roots) calls it statically; it works on the
//! [`Graph`], which knows the objects, their bits and the roots, and runs user code (payload drops, finalizers, callbacks) only
//! through a [`Safepoint`](crate::Safepoint).
//!
//! # What a collector promises (`unsafe impl Collector`)
//!
//! - **K1** It uses no [`Object`] after that object has been released by it or by a sweep that it has begun.
//! - **K2** Everything reachable from a root at a safepoint stays: it is neither freed nor left unmarked when a sweep begins.
//! - **K3** What it frees is unreachable, and stays so: before it frees a weakly referenced object it lets the core empty the
//!   weak cell ([`Safepoint::free`](crate::Safepoint::free) and sweeps do), and it reports nothing as live in
//!   [`is_live`](Collector::is_live) that it has decided to free.
//! - **K4** It runs no user code in barriers: `born`, `write`, `log`, `unlog`, `retain`, `release`, `upgraded`, `retire`; nor in `is_quiet`.
//! - **K5** Scratch words, tallies and mark bits are zero when it is not using them: mark bits outside of marking and sweeping, the others
//!   outside of [`collect`](Collector::collect) and [`safepoint`](Collector::safepoint).
//! - **K6** Another thread of the collector touches objects only to read headers, to trace, and to set mark bits; between
//!   [`log`](Collector::log) and the end of the scope it does not trace the logged object.
//! - **K7** If [`born`](Collector::born) or [`log`](Collector::log) is left by a panic (of a `Trace` that breaks its contract), it is as if it
//!   had not been called: no reference to the object is kept, and no count is changed.
//!
//! # What a collector may rely on
//!
//! - **P1** Nothing is freed while a scope is open; `safepoint` is called at the end of every outermost scope, unless `is_quiet` says that
//!   there is nothing to do, and `collect` only outside of scopes.
//! - **P2** Every change of an edge is reported by `write` before it is made, or falls into an object that has been reported by `log`
//!   in this scope; every such object is reported by `unlog` when the scope ends, also by a panic. Nothing is reported if
//!   [`Plan::barrier`] is [`Barrier::None`].
//! - **P3** Every root handle is reported by `retain` when it is made. `release` is called once for each handle dropped: at once
//!   outside of scopes, at the scope's end inside. The root table holds exactly the objects with handles at every safepoint.
//! - **P4** `upgraded` is called before a weak reference hands its target out.
//! - **P5** Hooks are re-entered: user code run by a `Safepoint` may drop roots, open scopes and ask for collections. A nested
//!   collection never reaches the collector.

use crate::collection::Collection;
use crate::edge_buffer::RetiredBuffer;
use crate::graph::Graph;
use crate::object::Object;
use crate::safepoint::Safepoint;
use crate::type_info::TypeInfo;
use std::fmt;

/// What a collector can do: read by the core, the conformance suite and the harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Does a full collection free unreachable cycles?
    pub frees_cycles: bool,
    /// Does it free anything at all?
    pub frees: bool,
    /// Are references counted, so that acyclic garbage goes at once?
    pub counts: bool,
    /// Does it mark while the mutator runs?
    pub concurrent: bool,
    /// Which writes it must hear of.
    pub barrier: Barrier,
}

/// Which write barrier a collector needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// None: writes are plain stores, and `write`, `log`, `retain` and `release` need not be heard.
    None,
    /// Both the old and the new target of every write are counted.
    Counting,
    /// The old target is kept while marking is under way: snapshot-at-the-beginning (Yuasa 1990).
    Deletion,
}

/// Why a safepoint has been reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// An outermost scope has ended.
    ScopeEnd,
    /// A root was dropped outside of scopes.
    RootDropped,
}

/// A garbage collector.
///
/// All methods take `&self`: user code may come back in the middle (P5), so state is kept in cells that are not borrowed
/// across such calls.
///
/// # Safety
/// The implementation promises K1 to K7 (module documentation).
pub unsafe trait Collector: Sized + 'static {
    /// The name by which people choose it: `mark-sweep`.
    const NAME: &'static str;

    /// What it can do.
    const PLAN: Plan;

    /// How many generations it has; collecting the last one is a full collection.
    const GENERATIONS: usize = 1;

    /// Its own settings.
    type Options: Clone + Default + fmt::Debug + 'static;

    /// A collector for a new heap.
    fn new(options: &Self::Options) -> Self;

    // ---- barriers: on the mutator's path ----

    /// `object`, of type `info`, has just been written. Its edges have not been reported by `write`. (`object` knows its type itself;
    /// but here the compiler does, and unrolls a loop over constant edges.)
    #[inline]
    fn born(&self, graph: &Graph, object: Object, info: &'static TypeInfo) {
        let _ = (graph, object, info);
    }

    /// An edge of `owner` is about to change from `old` to `new`.
    #[inline]
    fn write(&self, graph: &Graph, owner: Object, old: Option<Object>, new: Option<Object>) {
        let _ = (graph, owner, old, new);
    }

    /// The edges of `owner` are about to change in ways that are not reported. They may be read now.
    fn log(&self, graph: &Graph, owner: Object) {
        let _ = (graph, owner);
    }

    /// The scope that logged `owner` has ended; its edges are as they will stay.
    fn unlog(&self, graph: &Graph, owner: Object) {
        let _ = (graph, owner);
    }

    /// A root handle of `object` has been made.
    #[inline]
    fn retain(&self, graph: &Graph, object: Object) {
        let _ = (graph, object);
    }

    /// A root handle of `object` has been dropped.
    #[inline]
    fn release(&self, graph: &Graph, object: Object) {
        let _ = (graph, object);
    }

    /// A weak reference is about to hand `object` out.
    #[inline]
    fn upgraded(&self, graph: &Graph, object: Object) {
        let _ = (graph, object);
    }

    /// A buffer of edges has been replaced. Dropping it frees it, which is right unless a marker may be reading it.
    fn retire(&self, graph: &Graph, buffer: RetiredBuffer) {
        let _ = graph;
        drop(buffer);
    }

    // ---- collection: between scopes ----

    /// Nobody is in a scope: free what is known to be dead, collect if it is time to.
    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, reason: Reason) {
        let _ = (safepoint, reason);
    }

    /// Has [`safepoint`](Self::safepoint) nothing to do when a scope ends now? Then it is not called. Asked at the end of every scope,
    /// inner ones too, so it is to be cheap: a collector that cannot tell in a few instructions says no.
    #[inline]
    fn is_quiet(&self, graph: &Graph) -> bool {
        let _ = graph;
        false
    }

    /// A full collection. When it returns, everything unreachable is gone (if the collector can tell), sweeping and payload
    /// drops included.
    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection;

    /// A collection of `generation` (below [`GENERATIONS`](Self::GENERATIONS)) and those younger.
    fn collect_generation(&self, safepoint: &Safepoint<'_, Self>, generation: usize) -> Collection {
        let _ = generation;
        self.collect(safepoint)
    }

    /// A collection of `generation` has been asked for and begins now: observers are told after this. Not called for collections that
    /// start by themselves.
    fn announced(&self, generation: usize) {
        let _ = generation;
    }

    /// The heap is about to be dropped: stop other threads. No user code is run, and nothing is freed.
    fn shut_down(&self, graph: &Graph) {
        let _ = graph;
    }

    // ---- observation ----

    /// Is `object`, which has not been released, alive: not found dead and waiting to be freed?
    #[inline]
    fn is_live(&self, graph: &Graph, object: Object) -> bool {
        graph.exists(object)
    }

    /// The number of references to `object`, root handles included; `None` if the collector does not count.
    fn ref_count(&self, graph: &Graph, object: Object) -> Option<usize> {
        let _ = (graph, object);
        None
    }

    /// Checks the collector's own invariants; called under zeal at every safepoint. Panics if one does not hold.
    fn check(&self, graph: &Graph) {
        let _ = graph;
    }

    /// Bytes of buffers that have been retired and not freed yet.
    fn retired_bytes(&self) -> usize {
        0
    }
}
