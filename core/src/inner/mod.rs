//! The inside of a heap: scopes, safepoints, and the rules of when user code may run.
//!
//! ```text
//!             mutate                       scope ends
//!   Idle  ------------->  Scope  ------------------------>  Sealed  --- safepoint: free, collect --->  Idle
//!     |                                                       ^  |
//!     +------------ collect, last root dropped ---------------+  +---> a finalizer or callback: Idle, one level deeper
//! ```
//! A scope after which nothing is due leads straight back to Idle.
//!
//! Invariants:
//! - **I1** An `Inner` lives from `Heap::new` until the heap has been dropped and no operation of it is on the stack. It is only ever
//!   reached through shared references. A heap whose handle is dropped in the middle of its own work (by a payload's `Drop`, say)
//!   is emptied when the outermost operation is left, and its memory is kept until the thread's next heap comes or goes, or the thread ends.
//!   Scopes may be opened in any state, inside another one too (by a finalizer that also has the handle): only the outermost
//!   of such a nest reconciles and is followed by a safepoint.
//! - **I2** Objects are freed only in state `Sealed`, never while a scope is open.
//! - **I3** A panic out of user code run by the heap is kept (or told to the hook for those of finalizers and callbacks, if there is one); the
//!   batch is finished; the first one that is kept is resumed when the outermost operation is left. While the thread unwinds already, no user
//!   code is started.

mod collecting;
mod graves;
mod life;
mod user_code;

use crate::collection::CollectionEvent;
use crate::collector::{Barrier, Collector, Reason};
use crate::graph::{Graph, State, Vtable};
use crate::heap::Between;
use crate::mutator::{Mutator, scopes};
use crate::object::{Flag, Object, ObjectId};
use crate::safepoint::Safepoint;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::resume_unwind;
use std::ptr::NonNull;

/// Finalizers and callbacks may free further objects, whose finalizers free others: beyond this depth frees are queued.
const MOST_NESTED: u32 = 24;

/// A callback around collections.
pub(crate) type Observer<C> = Box<dyn FnMut(CollectionEvent, &mut Between<'_, C>)>;

/// Is told of panics.
pub(crate) type Unraisable = Box<dyn FnMut(Box<dyn Any + Send>)>;

/// Everything a heap owns.
pub(crate) struct Inner<C: Collector> {
    graph: Graph,
    collector: C,
    pub(crate) observers: RefCell<Vec<Observer<C>>>,
    /// What becomes of panics in finalizers and callbacks, if they are not to be resumed.
    pub(crate) unraisable: RefCell<Option<Unraisable>>,
    safepoints: Cell<u32>,
}

impl<C: Collector> Inner<C> {
    const VTABLE: &'static Vtable = &Vtable {
        root_added: match C::PLAN.barrier {
            Barrier::Counting => Some(|graph, object| Self::of(graph).collector.retain(graph, object)),
            _ => None,
        },
        root_removed: match C::PLAN.barrier {
            Barrier::None => None,
            _ => Some(|graph, object| Self::of(graph).root_removed(object)),
        },
        upgraded: |graph, object| Self::of(graph).collector.upgraded(graph, object),
        is_live: |graph, object| Self::of(graph).collector.is_live(graph, object),
    };

    fn of(graph: &Graph) -> &Self {
        // SAFETY: I1: the vtable with this function is given only to the graph of an `Inner<C>`, and the graph knows it.
        unsafe { graph.inner().cast::<Self>().as_ref() }
    }

    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(crate) fn collector(&self) -> &C {
        &self.collector
    }

    pub(crate) fn erased(&self) -> NonNull<()> {
        self.graph.inner()
    }

    // ---- observation ----

    pub(crate) fn find(&self, id: ObjectId) -> Option<Object> {
        self.graph.find(id.address()).filter(|&object| self.graph.is_live(object))
    }

    pub(crate) fn ref_count(&self, id: ObjectId) -> Option<usize> {
        match self.find(id) {
            Some(object) => self.collector.ref_count(&self.graph, object),
            None if C::PLAN.counts => Some(0),
            None => None,
        }
    }

    // ---- scopes ----

    #[inline]
    pub(crate) fn scope<R>(&self, f: impl for<'gc> FnOnce(&'gc Mutator<'gc, C>) -> R) -> R {
        let scope = OpenScope { inner: self, before: self.graph.state.replace(State::Scope) };
        let mutator = Mutator::new(self);
        let result = f(&mutator);
        let before = scope.before;
        // Most scopes that do nothing end here. (Half of a scope's instructions.)
        if !self.graph.attention.get() && self.collector.is_quiet(&self.graph) {
            std::mem::forget(scope);
            self.graph.state.set(before);
            return result;
        }
        drop(scope);
        // Deeper than this, and while the thread unwinds, whatever is due waits for the operation further out (I3).
        let now = self.graph.nesting.get() < MOST_NESTED && !std::thread::panicking();
        if before == State::Idle && now {
            self.sealed(|safepoint| {
                if self.graph.zeal().is_some() {
                    self.doubt(safepoint);
                } else {
                    self.collector.safepoint(safepoint, Reason::ScopeEnd);
                }
                if self.graph.attention.get() {
                    self.attend(safepoint);
                }
            });
        }
        result
    }

    /// A safepoint at the end of a scope, under zeal: it does nothing, if the collector says so.
    #[cold]
    fn doubt(&self, safepoint: &Safepoint<'_, C>) {
        let quiet = self.collector.is_quiet(&self.graph);
        let seen = || (self.graph.stats.get(), self.graph.used_bytes(), self.graph.is_sweeping());
        let before = seen();
        self.collector.safepoint(safepoint, Reason::ScopeEnd);
        assert!(!quiet || seen() == before, "zeal: {}: `is_quiet`, and its safepoint did something", C::NAME);
    }

    /// The rarer things at the end of a scope: zeal, and callbacks that are due.
    #[cold]
    fn attend(&self, safepoint: &Safepoint<'_, C>) {
        if let Some(zeal) = self.graph.zeal() {
            self.collector.check(&self.graph);
            let count = self.safepoints.get().wrapping_add(1);
            self.safepoints.set(count);
            if zeal.collect_every != 0 && count.is_multiple_of(zeal.collect_every) {
                self.collect(safepoint);
                self.collector.check(&self.graph);
            }
        }
        safepoint.run_due();
    }

    /// Brings counts up to date; runs no user code.
    #[cold]
    fn reconcile(&self) {
        match self.graph.serial.replace(0) {
            0 => {}
            serial => scopes::close(serial),
        }
        while let Some(owner) = self.graph.logged().pop() {
            owner.unset(Flag::Logged);
            let abort = AbortOnUnwind;
            self.collector.unlog(&self.graph, owner);
            std::mem::forget(abort);
        }
        self.release_pending();
    }

    #[inline]
    pub(crate) fn release_pending(&self) {
        if !self.graph.released().is_empty() {
            self.release_all_pending();
        }
    }

    #[cold]
    fn release_all_pending(&self) {
        while let Some(object) = self.graph.released().pop() {
            self.collector.release(&self.graph, object);
        }
    }

    fn root_removed(&self, object: Object) {
        let graph = &self.graph;
        graph.disturbed.set(true);
        let now = graph.state.get() == State::Idle
            && graph.nesting.get() < MOST_NESTED
            && !std::thread::panicking();
        if !now {
            graph.released().push(object);
            graph.need_attention();
            return;
        }
        self.collector.release(graph, object);
        if C::PLAN.counts {
            self.sealed(|safepoint| self.collector.safepoint(safepoint, Reason::RootDropped));
        }
    }

    /// Runs `work` in state `Sealed`, and cleans up after it if this is the outermost operation.
    #[inline]
    fn sealed<R>(&self, work: impl FnOnce(&Safepoint<'_, C>) -> R) -> R {
        let seal = Seal { inner: self, before: self.graph.state.replace(State::Sealed) };
        let result = work(&Safepoint { inner: self });
        let outermost = seal.before == State::Idle && self.graph.nesting.get() == 0;
        drop(seal);
        if outermost && self.graph.attention.get() {
            self.leave();
        }
        result
    }

    /// Leaves the outermost operation: buries an orphaned heap, and resumes the first panic that was kept, unless the thread unwinds
    /// already (I3).
    #[cold]
    fn leave(&self) {
        let graph = &self.graph;
        let waiting = !graph.released().is_empty() || graph.has_callbacks() || std::thread::panicking();
        graph.attention.set(waiting || graph.zeal().is_some());
        if self.graph.orphaned.get() {
            self.bury();
        }
        if self.graph.panic.borrow().is_some() && !std::thread::panicking() {
            let panic = self.graph.panic.take();
            if let Some(panic) = panic {
                resume_unwind(panic);
            }
        }
    }
}

/// Closes a scope, also by a panic: counts are reconciled, user code waits.
struct OpenScope<'a, C: Collector> {
    inner: &'a Inner<C>,
    before: State,
}

impl<C: Collector> Drop for OpenScope<'_, C> {
    fn drop(&mut self) {
        // A scope inside another one of the same heap (a finalizer may have the handle as well) leaves that to the outer one:
        // there, locks may still be borrowed.
        if self.before != State::Scope && self.inner.graph.attention.get() {
            self.inner.reconcile();
        }
        self.inner.graph.state.set(self.before);
    }
}

/// The edges of an object that was written could not be read again, because somebody's `Trace` has panicked. A heap that does not know
/// them can free nothing any more without risk, and says so.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    #[cold]
    fn drop(&mut self) {
        eprintln!(
            "a `Trace` has panicked (against rule 3 of its contract) while the edges of a written object were counted again: the heap cannot go on"
        );
        std::process::abort();
    }
}

/// Leaves state `Sealed`, also by a panic.
struct Seal<'a, C: Collector> {
    inner: &'a Inner<C>,
    before: State,
}

impl<C: Collector> Drop for Seal<'_, C> {
    fn drop(&mut self) {
        self.inner.graph.state.set(self.before);
    }
}
