//! A safepoint: the collector's right to free objects and to run user code, given when no scope is open.

use crate::callback::{Callback, Due};
use crate::collection::{Collection, CollectionEvent, PauseKind};
use crate::collector::Collector;
use crate::graph::Graph;
use crate::inner::Inner;
use crate::object::{Flag, Object};
use crate::root::AnyRoot;
use crate::trace::Tracer;
use std::fmt;
use std::time::Instant;

/// The right to free objects and to run user code: what a collector gets when no scope is open.
pub struct Safepoint<'a, C: Collector> {
    pub(crate) inner: &'a Inner<C>,
}

impl<'a, C: Collector> Safepoint<'a, C> {
    /// The object graph.
    #[must_use]
    #[inline]
    pub fn graph(&self) -> &'a Graph {
        self.inner.graph()
    }

    /// Calls [`Collector::release`] for the roots that were dropped while that had to wait.
    #[inline]
    pub fn release_pending(&self) {
        self.inner.release_pending();
    }

    /// An automatic collection, with all that belongs to one: callbacks, statistics, the record of pauses. Does nothing inside
    /// another one.
    pub fn collect_by(&self, kind: PauseKind, by: impl FnOnce() -> Collection) -> Collection {
        self.inner.collect_by(self, kind, by)
    }

    /// A collection begins that will go on beside scopes: tells the observers. They may open scopes; collecting does nothing there.
    pub fn begin_collection(&self) {
        self.inner.notify_as_collecting(CollectionEvent::Start);
    }

    /// A collection that went on beside scopes has ended: counts it and tells the observers.
    pub fn end_collection(&self, collection: Collection) {
        self.inner.count(&collection);
        self.inner.notify_as_collecting(CollectionEvent::Stop(collection));
    }

    /// Notes a pause that began at `start` and ends now.
    pub fn add_pause(&self, start: Instant, kind: PauseKind) {
        self.inner.graph().add_pause(start, kind);
    }

    /// Are pauses being recorded? (Otherwise no clock need be read.)
    #[must_use]
    pub fn records_pauses(&self) -> bool {
        self.inner.graph().records_pauses()
    }

    /// Has the object a finalizer that must still run?
    #[must_use]
    pub fn must_finalize(&self, object: Object) -> bool {
        let info = object.type_info();
        info.has_finalizer() && !object.has(Flag::Finalized)
    }

    /// Runs the object's finalizer, rooted meanwhile. The root's release is pending afterwards.
    /// Legacy finalizers run at every death, others once.
    pub fn finalize(&self, object: Object) {
        object.set(Flag::Finalized);
        // SAFETY: H1, K1; the type information of an object of this heap was made for `C`.
        unsafe { object.type_info().finalize(object.value(), self.inner.erased()) };
    }

    /// A root of an object whose type the collector does not know.
    #[must_use]
    pub fn root(&self, object: Object) -> AnyRoot {
        AnyRoot::from_entry(self.inner.root_entry(object))
    }

    /// Empties the object's weak references; their callbacks are due. No user code runs.
    pub fn clear_weak(&self, object: Object) {
        self.clear_weak_where(object, |_| true);
    }

    /// As [`clear_weak`](Self::clear_weak); callbacks that belong to a watcher are due only where it is `wanted`.
    pub fn clear_weak_where(&self, object: Object, wanted: impl Fn(Object) -> bool) {
        if object.has(Flag::HasWeak) {
            let due = self.take_callbacks(object, wanted);
            if !due.is_empty() {
                self.graph().due.borrow_mut().extend(due);
                self.graph().need_attention();
            }
        }
        self.forget_callbacks(object);
    }

    /// Drops the callbacks that belong to the object, which is dying or must look as if it were: they will not be called.
    pub fn forget_callbacks(&self, object: Object) {
        if object.has(Flag::Watches) {
            self.discard(self.graph().weaks().forget_watcher(object));
        }
    }

    /// Callbacks will not be called. What they own is user code, which may look at objects: it is dropped when all that is due is run.
    fn discard(&self, mut callbacks: Vec<Callback>) {
        if !callbacks.is_empty() {
            self.graph().discarded.borrow_mut().append(&mut callbacks);
            self.graph().need_attention();
        }
    }

    /// As [`clear_weak`](Self::clear_weak), but the caller calls the callbacks ([`call`](Self::call)): newest first, and of those that have a
    /// watcher only where it is alive and `wanted`. The watchers are held until then.
    #[must_use]
    pub fn take_callbacks(&self, object: Object, wanted: impl Fn(Object) -> bool) -> Vec<Due> {
        let graph = self.graph();
        let of_the_dead = |callback: &mut Callback| {
            callback.watcher.is_some_and(|watcher| !graph.is_live(watcher) || !wanted(watcher))
        };
        let mut callbacks = graph.weaks().clear(object);
        self.discard(callbacks.extract_if(.., of_the_dead).collect());
        let due = callbacks.into_iter().map(|callback| Due {
            watcher: callback.watcher.map(|watcher| (watcher, self.root(watcher))),
            call: Some(callback.call),
        });
        due.collect()
    }

    /// Empties weak references to the object; their callbacks are dropped.
    pub fn clear_weak_silently(&self, object: Object) {
        self.discard(self.graph().weaks().clear(object));
    }

    /// Calls a callback. Its watcher is held until `due` is dropped, which is noticed at the next
    /// [`release_pending`](Self::release_pending).
    pub fn call(&self, due: &mut Due) {
        if let Some(call) = due.call.take() {
            call(self.inner.erased(), due.watcher());
        }
    }

    /// Empties the weak references that lie in the object, and drops the callbacks that belong to it. Not while a marker may be running.
    pub fn detach(&self, object: Object) {
        self.forget_callbacks(object);
        // SAFETY: H1, K1: a live object, and this is its type.
        Tracer::detach(|tracer| unsafe { object.type_info().trace(object.value(), tracer) });
    }

    /// The object is dead: from here on it does not exist, though its memory stays. Weak references are emptied. No user code runs.
    pub fn begin_free(&self, object: Object) {
        self.begin_free_all(std::iter::once(object));
    }

    /// As [`begin_free`](Self::begin_free), for objects that die together: all of them are dead before the first weak reference is emptied, so that
    /// no callback is due that belongs to one of them.
    pub fn begin_free_all(&self, objects: impl Iterator<Item = Object> + Clone) {
        for object in objects.clone() {
            object.set(Flag::Dead);
            self.graph().enter_limbo(1);
        }
        objects.for_each(|object| self.clear_weak(object));
    }

    /// Drops the value of an object that [`begin_free`](Self::begin_free) was called for, and releases its cell. Returns the
    /// cell's bytes.
    pub fn finish_free(&self, object: Object) -> usize {
        let bytes = self.graph().bytes_of(object);
        let info = object.type_info();
        if info.needs_drop() {
            // SAFETY: H1; the collector says that nobody reaches the object (K3), and it has not been dropped before, because
            // an object is begun to be freed once.
            self.inner.catching(|| unsafe { info.drop_value(object.value()) });
        }
        self.graph().leave_limbo();
        // SAFETY: as above.
        unsafe { self.graph().space().release(object) };
        bytes
    }

    /// Frees a plain object ([`Object::is_plain`]): releases its cell.
    #[inline(always)]
    pub fn release(&self, object: Object) {
        debug_assert!(object.is_plain());
        // SAFETY: the collector says that nobody reaches the object (K3); there is nothing to drop.
        unsafe { self.graph().space().release(object) };
    }

    /// Frees plain objects, each of which is named once. Returns their cells' bytes. Cheap where neighbours in the list are
    /// neighbours in memory.
    pub fn release_all(&self, objects: &[Object]) -> usize {
        debug_assert!(objects.iter().all(|object| object.is_plain()));
        // SAFETY: as in `release`.
        unsafe { self.graph().space().release_all(objects) }
    }

    /// Frees an object: weak references, value, cell.
    pub fn free(&self, object: Object) -> usize {
        self.begin_free(object);
        self.finish_free(object)
    }

    /// Sweeps up to `blocks` blocks of the sweep that was begun; drops the values of the dead found in them. False once all is
    /// swept. Plain blocks beyond that are swept when an allocation needs them.
    pub fn sweep(&self, blocks: usize) -> bool {
        let mut dying = Vec::new();
        let more = self.graph().space().sweep_step(blocks, &mut dying);
        self.graph().enter_limbo(dying.len());
        for &object in &dying {
            self.clear_weak(object);
        }
        for object in dying {
            self.finish_free(object);
        }
        more
    }

    /// Sweeps all that is left.
    pub fn sweep_all(&self) {
        while self.sweep(usize::MAX) {}
    }

    /// Runs the callbacks of weak references that have been emptied.
    pub fn run_due(&self) {
        let graph = self.graph();
        while graph.has_callbacks() {
            for mut callback in graph.due.take() {
                self.call(&mut callback);
            }
            for callback in graph.discarded.take() {
                self.inner.catching(|| drop(callback));
            }
        }
    }

    /// Runs code of the user's that has nothing to do with the heap, as a callback: a panic is kept.
    pub fn run(&self, code: impl FnOnce()) {
        self.inner.user_code(|_| code());
    }
}

impl<C: Collector> fmt::Debug for Safepoint<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Safepoint").field("heap", &self.graph().id()).finish()
    }
}
