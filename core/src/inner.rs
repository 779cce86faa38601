//! The inside of a heap: scopes, safepoints, and the rules of when user code may run.
//!
//! ```text
//!             mutate                       scope ends
//!   Idle  ------------->  Scope  ------------------------>  Sealed  --- safepoint: free, collect --->  Idle
//!     |                                                       ^  |
//!     +------------ collect, last root dropped ---------------+  +---> a finalizer or callback: Idle, one level deeper
//! ```
//!
//! Invariants:
//! - **I1** An `Inner` lives from `Heap::new` until the heap has been dropped and no operation of it is on the stack. It is only ever
//!   reached through shared references. A heap whose handle is dropped in the middle of its own work (by a payload's `Drop`, say)
//!   is emptied when the outermost operation is left, and its memory is kept until the thread's next heap comes or goes.
//!   Scopes may be opened in any state, inside another one too (by a finalizer that also has the handle): only the outermost
//!   of such a nest reconciles and is followed by a safepoint.
//! - **I2** Objects are freed only in state `Sealed`, never while a scope is open.
//! - **I3** A panic out of user code run by the heap is kept (or told to the hook for those of finalizers and callbacks, if there is one); the
//!   batch is finished; the first one that is kept is resumed when the outermost operation is left. While the thread unwinds already, no user code is started.

use crate::brand::{Managed, Referent};
use crate::callback::Call;
use crate::collection::{Collection, CollectionEvent, PauseKind, Stats};
use crate::collector::{Barrier, Collector, Reason};
use crate::config::Config;
use crate::graph::{Graph, State, Vtable};
use crate::heap::Between;
use crate::mutator::{Mutator, scopes};
use crate::object::{Flag, Object, ObjectId};
use crate::oracle::CensusIds;
use crate::root::Root;
use crate::safepoint::Safepoint;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::time::Instant;

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

    // ---- scopes ----

    #[inline]
    pub(crate) fn scope<R>(&self, f: impl for<'gc> FnOnce(&'gc Mutator<'gc, C>) -> R) -> R {
        let scope = OpenScope { inner: self, before: self.graph.state.replace(State::Scope) };
        let mutator = Mutator::new(self);
        let result = f(&mutator);
        let before = scope.before;
        drop(scope);
        // Deeper than this, and while the thread unwinds, whatever is due waits for the operation further out (I3).
        let now = self.graph.nesting.get() < MOST_NESTED && !std::thread::panicking();
        if before == State::Idle && now {
            self.sealed(|safepoint| {
                self.collector.safepoint(safepoint, Reason::ScopeEnd);
                if self.graph.attention.get() {
                    self.attend(safepoint);
                }
            });
        }
        result
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
            self.collector.unlog(&self.graph, owner);
        }
        self.release_pending();
    }

    pub(crate) fn release_pending(&self) {
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
        let waiting =
            !graph.released().is_empty() || !graph.due.borrow().is_empty() || std::thread::panicking();
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

    // ---- collections ----

    fn collect(&self, safepoint: &Safepoint<'_, C>) -> Collection {
        self.announce(C::GENERATIONS - 1);
        self.collect_by(safepoint, PauseKind::Full, || self.collector.collect(safepoint))
    }

    fn announce(&self, generation: usize) {
        if !self.graph.collecting.get() {
            self.collector.announced(generation);
        }
    }

    pub(crate) fn collect_by(
        &self,
        safepoint: &Safepoint<'_, C>,
        kind: PauseKind,
        by: impl FnOnce() -> Collection,
    ) -> Collection {
        if self.graph.collecting.replace(true) {
            return Collection::default();
        }
        let reset = Collecting { graph: &self.graph };
        let start = Instant::now();
        self.notify(CollectionEvent::Start);
        self.graph.disturbed.set(false);
        let reachable = self.graph.zeal().map(|_| CensusIds::take(&self.graph).reachable);
        let mut collection = by();
        if let Some(reachable) = reachable {
            let lost = reachable.iter().filter(|id| self.find(**id).is_none()).count();
            // What a finalizer or callback has cut loose meanwhile may go, and what dropped roots have held.
            assert!(
                lost == 0 || self.graph.disturbed.get(),
                "collector `{}` has freed {lost} reachable objects",
                C::NAME
            );
        }
        safepoint.run_due();
        collection.pause = start.elapsed();
        self.graph.add_pause(start, kind);
        self.count(&collection);
        self.notify(CollectionEvent::Stop(collection));
        drop(reset);
        collection
    }

    /// Adds a collection to the heap's statistics.
    pub(crate) fn count(&self, collection: &Collection) {
        let stats = self.graph.stats.get();
        self.graph.stats.set(Stats {
            collections: stats.collections + 1,
            freed_by_collections: stats.freed_by_collections + collection.freed,
            unreachable: stats.unreachable + collection.unreachable,
            ..stats
        });
    }

    /// Tells the observers of a collection that is not made in one piece; here as there, they get zeros if they collect themselves.
    pub(crate) fn notify_as_collecting(&self, event: CollectionEvent) {
        let before = self.graph.collecting.replace(true);
        self.notify(event);
        self.graph.collecting.set(before);
    }

    fn notify(&self, event: CollectionEvent) {
        if self.observers.borrow().is_empty() {
            return;
        }
        // Taken out while they run, so that an observer may add others.
        let mut observers = self.observers.take();
        for observer in &mut observers {
            self.user_code(|between| observer(event, between));
        }
        let mut added = self.observers.take();
        observers.append(&mut added);
        self.observers.replace(observers);
    }

    /// Runs user code between scopes: state `Idle`, one level deeper. A panic is kept.
    fn user_code(&self, code: impl FnOnce(&mut Between<'_, C>)) {
        let graph = &self.graph;
        graph.disturbed.set(true);
        let before = graph.state.replace(State::Idle);
        graph.nesting.set(graph.nesting.get() + 1);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| code(&mut Between { inner: self }))) {
            self.tell(panic);
        }
        graph.nesting.set(graph.nesting.get() - 1);
        graph.state.set(before);
    }

    /// A panic out of a finalizer or callback: the hook's, or kept.
    fn tell(&self, panic: Box<dyn Any + Send>) {
        // Taken out while it runs, since it may do something that panics too.
        let Some(mut hook) = self.unraisable.take() else { return self.keep(panic) };
        self.catching(|| hook(panic));
        self.unraisable.borrow_mut().get_or_insert(hook);
    }

    pub(crate) fn catching(&self, code: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
            self.keep(panic);
        }
    }

    /// The first panic is resumed when the outermost operation is left (I3).
    fn keep(&self, panic: Box<dyn Any + Send>) {
        self.graph.need_attention();
        let mut kept = self.graph.panic.borrow_mut();
        if kept.is_none() {
            *kept = Some(panic);
        } else {
            drop(kept);
            // A payload of a panic may itself panic when dropped.
            std::mem::forget(panic);
        }
    }

    /// The finalizer of a type, called through its type information.
    ///
    /// # Safety
    /// `value` is an object of type `S::At` in the heap of `inner`, which is an `Inner<C>`.
    pub(crate) unsafe fn finalize_as<S: Managed>(value: NonNull<u8>, inner: NonNull<()>) {
        // SAFETY: the caller's.
        let inner = unsafe { inner.cast::<Self>().as_ref() };
        let object = Object::new(value);
        let entry = inner.graph.roots().insert(&inner.graph, object);
        inner.collector.retain(&inner.graph, object);
        let root = Root::<S>::from_entry(entry);
        inner.user_code(|between| S::run_finalizer(&root, between));
        // Dropped in state `Sealed`: queued, and released by whoever asked for the finalizer.
        drop(root);
    }

    pub(crate) fn erase(callback: impl FnOnce(&mut Between<'_, C>) + 'static) -> Call {
        Box::new(move |inner, _| {
            // SAFETY: callbacks are called with the `Inner` of the heap whose weak table they lie in, which is of this type.
            let inner = unsafe { inner.cast::<Self>().as_ref() };
            inner.user_code(callback);
        })
    }

    /// As [`erase`](Self::erase), for a callback whose watcher is a `W`.
    pub(crate) fn erase_watching<W: Referent + ?Sized>(
        callback: impl FnOnce(&Root<W>, &mut Between<'_, C>) + 'static,
    ) -> Call {
        Box::new(move |inner, watcher| {
            // SAFETY: as above.
            let inner = unsafe { inner.cast::<Self>().as_ref() };
            let Some(watcher) = watcher else { return };
            let entry = inner.graph.roots().insert(&inner.graph, watcher);
            inner.collector.retain(&inner.graph, watcher);
            let root = Root::<W>::from_entry(entry);
            inner.user_code(|between| callback(&root, between));
            // Dropped in state `Sealed`: queued, and released by whoever called.
            drop(root);
        })
    }

    // ---- birth and death ----

    pub(crate) fn create(config: &Config<C>) -> NonNull<Self> {
        graves::clear();
        let inner = Inner {
            graph: Graph::new(Self::VTABLE, config.heap_limit, config.zeal),
            collector: C::new(&config.collector),
            observers: RefCell::default(),
            unraisable: RefCell::default(),
            safepoints: Cell::new(0),
        };
        let inner = NonNull::from(Box::leak(Box::new(inner)));
        // SAFETY: just made.
        unsafe { inner.as_ref() }.graph.set_inner(inner.cast());
        inner
    }

    /// The heap's handle goes.
    ///
    /// # Safety
    /// `inner` came from `create`, and the handle is not used afterwards.
    pub(crate) unsafe fn discard(inner: NonNull<Self>) {
        // SAFETY: the caller's.
        let shared = unsafe { inner.as_ref() };
        if shared.graph.state.get() != State::Idle || shared.graph.nesting.get() != 0 {
            shared.graph.orphaned.set(true);
            shared.graph.need_attention();
            return;
        }
        shared.empty();
        let panic = shared.graph.panic.take();
        // SAFETY: made by `Box`; no operation of it is on the stack (I1).
        drop(unsafe { Box::from_raw(inner.as_ptr()) });
        graves::clear();
        if let Some(panic) = panic.filter(|_| !std::thread::panicking()) {
            resume_unwind(panic);
        }
    }

    /// Empties an orphaned heap. Its memory stays for now, since callers further out still hold references to it.
    fn bury(&self) {
        unsafe fn free<C: Collector>(inner: NonNull<()>) {
            // SAFETY: made by `Box` in `create`; the list of graves gives each heap up once, when nobody refers to it any more.
            drop(unsafe { Box::from_raw(inner.cast::<Inner<C>>().as_ptr()) });
        }
        self.empty();
        graves::add(graves::Grave { inner: self.erased(), free: free::<C> });
    }

    /// Drops all values, once each. Runs no finalizers.
    fn empty(&self) {
        let graph = &self.graph;
        graph.orphaned.set(false);
        graph.state.set(State::Sealed);
        self.collector.shut_down(graph);
        // From here on roots and weak references are inert: drop functions that own some cannot reach the heap.
        let callbacks = graph.weaks().make_inert();
        graph.roots().make_inert();
        let mut values = Vec::new();
        graph.space().undropped(|object| {
            if !object.has(Flag::Dead) {
                values.push(object);
            }
        });
        for object in values {
            // SAFETY: H1; each value once, and the heap is not used for anything else any more.
            self.catching(|| unsafe { object.type_info().drop_value(object.value()) });
        }
        // One by one: what they own may panic when dropped.
        for callback in callbacks {
            self.catching(|| drop(callback));
        }
        for due in graph.due.take() {
            self.catching(|| drop(due));
        }
        for observer in self.observers.take() {
            self.catching(|| drop(observer));
        }
    }
}

/// Heaps that died in the middle of their own work.
mod graves {
    use std::cell::RefCell;
    use std::ptr::NonNull;

    /// An emptied heap, and how to free its memory.
    pub(super) struct Grave {
        pub(super) inner: NonNull<()>,
        pub(super) free: unsafe fn(NonNull<()>),
    }

    thread_local! {
        static GRAVES: RefCell<Vec<Grave>> = const { RefCell::new(Vec::new()) };
    }

    /// At the end of a thread, when the list is gone, the memory is given up.
    pub(super) fn add(grave: Grave) {
        let _ = GRAVES.try_with(|graves| graves.borrow_mut().push(grave));
    }

    /// Frees the heaps whose operations have all been left: an orphan enters the list as the last thing of its outermost operation, which
    /// then returns without calling anything else, or unwinds; while the thread unwinds nothing is freed.
    pub(super) fn clear() {
        if std::thread::panicking() {
            return;
        }
        let graves = GRAVES.try_with(|graves| graves.take()).unwrap_or_default();
        for grave in graves {
            // SAFETY: see above; taken out of the list, so once.
            unsafe { (grave.free)(grave.inner) };
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

struct Collecting<'a> {
    graph: &'a Graph,
}

impl Drop for Collecting<'_> {
    fn drop(&mut self) {
        self.graph.collecting.set(false);
    }
}

impl<C: Collector> Inner<C> {
    pub(crate) fn collect_from_outside(&self) -> Collection {
        if self.graph.state.get() != State::Idle || std::thread::panicking() {
            return Collection::default();
        }
        self.sealed(|safepoint| {
            self.release_pending();
            let collection = self.collect(safepoint);
            safepoint.run_due();
            collection
        })
    }

    #[track_caller]
    pub(crate) fn collect_generation_from_outside(&self, generation: usize) -> Collection {
        assert!(
            generation < C::GENERATIONS,
            "collector `{}` has generations 0 to {}, and was asked to collect {generation}",
            C::NAME,
            C::GENERATIONS - 1
        );
        if self.graph.state.get() != State::Idle || std::thread::panicking() {
            return Collection::default();
        }
        let kind = if generation + 1 == C::GENERATIONS { PauseKind::Full } else { PauseKind::Young };
        self.sealed(|safepoint| {
            self.release_pending();
            self.announce(generation);
            let collection =
                self.collect_by(safepoint, kind, || self.collector.collect_generation(safepoint, generation));
            safepoint.run_due();
            collection
        })
    }

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
}
