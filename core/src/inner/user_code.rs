//! User code that the heap runs: finalizers and callbacks, between scopes, one level deeper; and payload drops. Their panics are kept (I3).

use super::Inner;
use crate::brand::{Managed, Referent};
use crate::callback::Call;
use crate::collector::Collector;
use crate::graph::State;
use crate::heap::Between;
use crate::object::Object;
use crate::root::{Entry, Root};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

impl<C: Collector> Inner<C> {
    /// Runs user code between scopes: state `Idle`, one level deeper. A panic is kept.
    pub(crate) fn user_code(&self, code: impl FnOnce(&mut Between<'_, C>)) {
        let graph = &self.graph;
        graph.disturbed.set(true);
        let before = graph.state.replace(State::Idle);
        graph.nesting.set(graph.nesting.get() + 1);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| code(&mut Between { inner: self }))) {
            self.catching(|| self.tell(panic));
        }
        graph.nesting.set(graph.nesting.get() - 1);
        graph.state.set(before);
    }

    /// A panic out of a finalizer or callback: the hook's, or kept.
    fn tell(&self, panic: Box<dyn Any + Send>) {
        // Taken out while it runs, since it may do something that panics too.
        let Some(mut hook) = self.unraisable.take() else { return self.keep(panic) };
        self.catching(|| hook(panic));
        // Unless it has set another one. What is dropped is dropped when nothing is borrowed.
        let mut place = self.unraisable.borrow_mut();
        let replaced = if place.is_none() { place.replace(hook) } else { Some(hook) };
        drop(place);
        drop(replaced);
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
            // A panic's payload may itself panic when it is dropped, and so may that one's.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
                std::mem::forget(again);
            }
        }
    }

    /// The finalizer of a type, called through its type information.
    ///
    /// # Safety
    /// `value` is an object of type `S::At` in the heap of `inner`, which is an `Inner<C>`.
    pub(crate) unsafe fn finalize_as<S: Managed>(value: NonNull<u8>, inner: NonNull<()>) {
        // SAFETY: the caller's.
        let inner = unsafe { inner.cast::<Self>().as_ref() };
        inner.lend::<S>(Object::new(value), |root, between| S::run_finalizer(root, between));
    }

    /// Runs user code with a root of the object, which is an `S`. The root is dropped in state `Sealed`: queued, and released by whoever asked
    /// for this.
    fn lend<S: Referent + ?Sized>(&self, object: Object, code: impl FnOnce(&Root<S>, &mut Between<'_, C>)) {
        let root = Root::<S>::from_entry(self.root_entry(object));
        self.user_code(|between| code(&root, between));
    }

    /// A counted root entry, for one handle.
    #[inline]
    pub(crate) fn root_entry(&self, object: Object) -> NonNull<Entry> {
        let entry = self.graph.roots().insert(&self.graph, object);
        self.collector.retain(&self.graph, object);
        entry
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
            if let Some(watcher) = watcher {
                inner.lend::<W>(watcher, callback);
            }
        })
    }
}
