//! User code that the heap runs: finalizers and callbacks, between scopes, one level deeper; and payload drops. Their panics are kept (I3).

use super::Inner;
use crate::brand::Managed;
use crate::collector::Collector;
use crate::graph::State;
use crate::heap::Between;
use crate::object::Object;
use crate::root::Root;
use crate::weak::Callback;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

impl<C: Collector> Inner<C> {
    /// Runs user code between scopes: state `Idle`, one level deeper. A panic is kept.
    pub(super) fn user_code(&self, code: impl FnOnce(&mut Between<'_, C>)) {
        let graph = &self.graph;
        graph.disturbed.set(true);
        let before = graph.state.replace(State::Idle);
        graph.nesting.set(graph.nesting.get() + 1);
        self.catching(|| code(&mut Between { inner: self }));
        graph.nesting.set(graph.nesting.get() - 1);
        graph.state.set(before);
    }

    pub(crate) fn catching(&self, code: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(code)) {
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

    pub(crate) fn erase(callback: impl FnOnce(&mut Between<'_, C>) + 'static) -> Callback {
        Box::new(move |inner| {
            // SAFETY: callbacks are called with the `Inner` of the heap whose weak table they lie in, which is of this type.
            let inner = unsafe { inner.cast::<Self>().as_ref() };
            inner.user_code(callback);
        })
    }
}
