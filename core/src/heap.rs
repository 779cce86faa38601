//! `Heap`: what a program owns; and `Between`, the same heap as finalizers and callbacks see it.

use crate::brand::Referent;
use crate::callback::Callback;
use crate::collection::{Collection, CollectionEvent, Pause, Stats};
use crate::collector::Collector;
use crate::config::Config;
use crate::error::HeapId;
use crate::graph::Graph;
use crate::inner::Inner;
use crate::mutator::Mutator;
use crate::object::ObjectId;
use crate::oracle::{Census, CensusIds};
use crate::root::Root;
use crate::weak::WeakRoot;
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// One isolated heap, with its collector `C`.
///
/// Objects are made and changed in scopes ([`mutate`](Self::mutate)); between scopes, [`Root`](crate::Root)s keep them. A program may have
/// many heaps side by side. A heap stays on its thread. Dropping it drops every payload once and runs no finalizers; roots
/// that outlive it are inert.
pub struct Heap<C: Collector> {
    inner: NonNull<Inner<C>>,
    _owner: PhantomData<Inner<C>>,
}

impl<C: Collector> Default for Heap<C> {
    fn default() -> Self {
        Heap::new(Config::default())
    }
}

impl<C: Collector> Heap<C> {
    /// A heap with these settings.
    #[must_use]
    pub fn new(config: Config<C>) -> Self {
        Heap { inner: Inner::create(&config), _owner: PhantomData }
    }

    fn inner(&self) -> &Inner<C> {
        // SAFETY: I1: the handle is there.
        unsafe { self.inner.as_ref() }
    }

    /// Opens a scope: runs `f` with a [`Mutator`], through which objects are allocated and changed.
    ///
    /// Inside, nothing is collected or freed, so pointers on the stack are safe and free. The scope's end is a safepoint: what
    /// counting has found dead is freed, and a collection may run. There is no roll-back: if `f` panics, what it did stays.
    /// Entering and leaving costs a few ns.
    ///
    /// # Panics
    /// With the first panic of a finalizer or payload `Drop` that ran at the safepoint.
    #[inline]
    pub fn mutate<R>(&mut self, f: impl for<'gc> FnOnce(&'gc Mutator<'gc, C>) -> R) -> R {
        self.inner().scope(f)
    }

    /// A full collection. When it returns, sweeping and payload drops are done.
    ///
    /// # Panics
    /// With the first panic of a finalizer or payload `Drop` that ran; the collection is complete nevertheless.
    pub fn collect(&mut self) -> Collection {
        self.inner().collect_from_outside()
    }

    /// A collection of `generation` and those younger, 0 being the youngest. Collectors without generations have only number 0, and
    /// collect fully.
    ///
    /// # Panics
    /// If the collector has no such generation ([`Collector::GENERATIONS`]), and as [`collect`](Self::collect).
    #[track_caller]
    pub fn collect_generation(&mut self, generation: usize) -> Collection {
        self.inner().collect_generation_from_outside(generation)
    }

    /// Number of objects. Cost: a pass over the allocation bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner().graph().len()
    }

    /// Is there no object?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does a live object start at this address *now*? After reuse it is another one than the id was taken from. An id of another heap is
    /// answered without being dereferenced.
    #[must_use]
    pub fn contains(&self, id: ObjectId) -> bool {
        self.inner().find(id).is_some()
    }

    /// How many references the object has: edges and root handles. `Some(0)` where no object lives, `None` if the collector does not
    /// count. (CPython's `sys.getrefcount` says one more: its own argument.)
    #[must_use]
    pub fn ref_count(&self, id: ObjectId) -> Option<usize> {
        self.inner().ref_count(id)
    }

    /// The type of the object that lives there now.
    #[must_use]
    pub fn type_name(&self, id: ObjectId) -> Option<&'static str> {
        self.inner().find(id).map(|object| object.type_info().name())
    }

    /// Bytes that the object takes, header and rounding included.
    #[must_use]
    pub fn size_of(&self, id: ObjectId) -> Option<usize> {
        self.inner().find(id).map(|object| self.inner().graph().bytes_of(object))
    }

    /// The oracle's count: which objects are reachable from the roots, by a search that is independent of the collector. Slow: a pass over
    /// all objects and edges.
    #[must_use]
    pub fn census(&self) -> Census {
        self.census_ids().census()
    }

    /// As [`census`](Self::census), with the ids.
    #[must_use]
    pub fn census_ids(&self) -> CensusIds {
        CensusIds::take(self.inner().graph())
    }

    /// Figures since the heap was made.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let graph = self.inner().graph();
        Stats {
            allocated_bytes: graph.allocated_bytes(),
            used_bytes: graph.used_bytes(),
            peak_bytes: graph.space().peak(),
            retired_bytes: self.inner().collector().retired_bytes(),
            roots: graph.roots().len(),
            ..graph.stats.get()
        }
    }

    /// Records every pause from now on, or stops doing so. Each takes memory of the process (not counted in [`stats`](Self::stats)) until
    /// [`take_pauses`](Self::take_pauses).
    pub fn record_pauses(&mut self, on: bool) {
        self.inner().graph().record_pauses(on);
    }

    /// The pauses recorded since this was called last, oldest first.
    #[must_use]
    pub fn take_pauses(&mut self) -> Vec<Pause> {
        self.inner().graph().take_pauses()
    }

    /// The collector: for what only it can do or tell.
    #[must_use]
    pub fn collector(&self) -> &C {
        self.inner().collector()
    }

    /// The collector and the graph, for what a collector's crate adds to its heaps.
    ///
    /// # Safety
    /// The caller promises what `unsafe impl Collector` promises (K1 to K7); above all that it keeps no
    /// [`Object`](crate::Object) beyond a point where it may be freed.
    #[doc(hidden)]
    #[must_use]
    pub unsafe fn collector_and_graph(&self) -> (&C, &Graph) {
        (self.inner().collector(), self.inner().graph())
    }

    /// Which heap this is, as messages name it.
    #[must_use]
    pub fn id(&self) -> HeapId {
        self.inner().graph().id()
    }

    /// Calls `observer` before and after each collection, between scopes.
    pub fn on_collection(&mut self, observer: impl FnMut(CollectionEvent, &mut Between<'_, C>) + 'static) {
        self.inner().observers.borrow_mut().push(Box::new(observer));
    }

    /// Calls `callback` once when the target of `weak` has died, between scopes; newest first where there are several.
    /// Returns false, and drops the callback, if the target is gone already.
    pub fn on_death<T: Referent + ?Sized>(
        &mut self,
        weak: &WeakRoot<T>,
        callback: impl FnOnce(&mut Between<'_, C>) + 'static,
    ) -> bool {
        let call = Inner::<C>::erase(callback);
        weak.add_callback(self.inner().graph(), Callback { watcher: None, call })
    }

    /// As [`on_death`](Self::on_death), but the callback belongs to `watcher`: it is handed the watcher, holds it until it returns, and if the
    /// watcher goes first, or is found unreachable together with the target, it is dropped without being called. So an object in the heap can
    /// stand for a weak reference with a callback, as CPython's `weakref.ref(target, callback)` does.
    ///
    /// ```
    /// use cyclade_core::{Collector, Heap, Trace};
    ///
    /// #[derive(Trace)]
    /// struct Subject;
    /// #[derive(Trace)]
    /// struct Observer {
    ///     told: std::cell::Cell<bool>,
    /// }
    ///
    /// fn observe<C: Collector>(heap: &mut Heap<C>) {
    ///     let (observer, subject) = heap.mutate(|mc| {
    ///         (mc.root(mc.alloc(Observer { told: false.into() })), mc.root(mc.alloc(Subject)))
    ///     });
    ///     heap.watch(&observer, &subject.downgrade(), |observer, heap| {
    ///         heap.mutate(|mc| observer.get(mc).told.set(true));
    ///     });
    ///     drop(subject);
    ///     heap.collect();
    ///     assert!(heap.mutate(|mc| observer.get(mc).told.get()) || !C::PLAN.frees);
    /// }
    /// ```
    ///
    /// # Panics
    /// If `watcher` or the target is of another heap.
    pub fn watch<W: Referent + ?Sized, T: Referent + ?Sized>(
        &mut self,
        watcher: &Root<W>,
        target: &WeakRoot<T>,
        callback: impl FnOnce(&Root<W>, &mut Between<'_, C>) + 'static,
    ) -> bool {
        let watcher = self.inner().scope(|mc| watcher.get(mc).object());
        let call = Inner::<C>::erase_watching(callback);
        target.add_callback(self.inner().graph(), Callback { watcher: Some(watcher), call })
    }

    /// From now on panics out of finalizers and callbacks go to `hook`, and are not resumed: CPython's `sys.unraisablehook`. (Panics out of
    /// a payload's `Drop` are resumed as ever.)
    pub fn on_unraisable(&mut self, hook: impl FnMut(Box<dyn Any + Send>) + 'static) {
        self.inner().unraisable.replace(Some(Box::new(hook)));
    }
}

impl<C: Collector> Drop for Heap<C> {
    fn drop(&mut self) {
        // SAFETY: made by `Inner::create`, and this handle is going.
        unsafe { Inner::discard(self.inner) }
    }
}

impl<C: Collector> fmt::Debug for Heap<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap").field("collector", &C::NAME).field("graph", self.inner().graph()).finish()
    }
}

/// The heap between scopes, as finalizers and callbacks get it: opens scopes, collects (0 inside a collection), and roots
/// dropped here act at once.
pub struct Between<'a, C: Collector> {
    pub(crate) inner: &'a Inner<C>,
}

impl<C: Collector> Between<'_, C> {
    /// Opens a scope; see [`Heap::mutate`].
    pub fn mutate<R>(&mut self, f: impl for<'gc> FnOnce(&'gc Mutator<'gc, C>) -> R) -> R {
        self.inner.scope(f)
    }

    /// A full collection; inside of one, does nothing and returns zeros.
    pub fn collect(&mut self) -> Collection {
        self.inner.collect_from_outside()
    }

    /// As [`Heap::collect_generation`]; inside of a collection, does nothing and returns zeros.
    ///
    /// # Panics
    /// If the collector has no such generation.
    #[track_caller]
    pub fn collect_generation(&mut self, generation: usize) -> Collection {
        self.inner.collect_generation_from_outside(generation)
    }

    /// As [`Heap::collector`].
    #[must_use]
    pub fn collector(&self) -> &C {
        self.inner.collector()
    }

    /// Does a live object start at this address now?
    #[must_use]
    pub fn contains(&self, id: ObjectId) -> bool {
        self.inner.find(id).is_some()
    }

    /// As [`Heap::ref_count`].
    #[must_use]
    pub fn ref_count(&self, id: ObjectId) -> Option<usize> {
        self.inner.ref_count(id)
    }

    /// Number of objects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.graph().len()
    }

    /// Is the heap empty?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<C: Collector> fmt::Debug for Between<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Between").field("heap", &self.inner.graph().id()).finish()
    }
}
