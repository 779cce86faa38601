//! Birth and death of a heap, and what becomes of one that dies in the middle of its own work (I1).

use super::{Inner, graves};
use crate::collector::Collector;
use crate::config::Config;
use crate::graph::{Graph, State};
use crate::object::Flag;
use std::cell::{Cell, RefCell};
use std::panic::resume_unwind;
use std::ptr::NonNull;

impl<C: Collector> Inner<C> {
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
    pub(super) fn bury(&self) {
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
        for callback in graph.discarded.take() {
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
