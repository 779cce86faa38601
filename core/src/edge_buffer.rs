//! A growable array of edges that a marker may read while the owner changes it.
//!
//! One word: a pointer to a buffer with its length, capacity and items. The owner publishes items and lengths with release
//! stores; when it grows, it fills a new buffer, publishes that, and hands the old one to the collector, which frees it at
//! once or, if a marker may be reading it, later.
//!
//! Invariants:
//! - **V1** `buffer` is null or a buffer of which the first `len` items are null or objects of the heap's.
//! - **V2** A buffer that has been published is freed only by [`RetiredBuffer`]'s drop, or by the array's own when the object
//!   that holds it is gone (no marker reads a dead object).

use crate::collector::Collector;
use crate::error::AllocError;
use crate::graph::Graph;
use crate::mutator::Mutator;
use crate::object::Object;
use crate::trace::Tracer;
use std::alloc::{Layout, alloc, dealloc};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

#[repr(C)]
struct Buffer {
    len: AtomicUsize,
    capacity: usize,
    /// The heap that the bytes are charged to.
    graph: *const Graph,
}

impl Buffer {
    fn layout(capacity: usize) -> Option<Layout> {
        let bytes = capacity.checked_mul(size_of::<AtomicPtr<u8>>())?.checked_add(size_of::<Buffer>())?;
        Layout::from_size_align(bytes, align_of::<Buffer>()).ok()
    }
}

/// A pointer to a buffer that is there (V2).
#[derive(Clone, Copy)]
struct Head<'a> {
    buffer: NonNull<Buffer>,
    _array: PhantomData<&'a EdgeBuffer>,
}

impl<'a> Head<'a> {
    /// Item `index`, which is below the capacity.
    #[inline]
    fn item(self, index: usize) -> &'a AtomicPtr<u8> {
        debug_assert!(index < self.capacity);
        // SAFETY: V1: callers stay below the capacity, for which `Buffer::layout` made room behind the head.
        unsafe { &*self.buffer.as_ptr().add(1).cast::<AtomicPtr<u8>>().add(index) }
    }
}

impl Deref for Head<'_> {
    type Target = Buffer;
    #[inline]
    fn deref(&self) -> &Buffer {
        // SAFETY: V1, V2.
        unsafe { self.buffer.as_ref() }
    }
}

/// A buffer that has been replaced. Dropping it frees the memory; until then a marker may read it.
pub struct RetiredBuffer {
    buffer: NonNull<Buffer>,
    bytes: usize,
}

// SAFETY: V2: nobody writes it any more, and freeing memory may be done on any thread.
unsafe impl Send for RetiredBuffer {}

impl RetiredBuffer {
    /// Its size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for RetiredBuffer {
    fn drop(&mut self) {
        if let Ok(layout) = Layout::from_size_align(self.bytes, align_of::<Buffer>()) {
            // SAFETY: V2: allocated with this layout.
            unsafe { dealloc(self.buffer.as_ptr().cast(), layout) }
        }
    }
}

impl fmt::Debug for RetiredBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetiredBuffer").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// See the module.
pub(crate) struct EdgeBuffer {
    buffer: AtomicPtr<Buffer>,
}

impl EdgeBuffer {
    pub(crate) const fn new() -> Self {
        EdgeBuffer { buffer: AtomicPtr::new(std::ptr::null_mut()) }
    }

    #[inline]
    fn head(&self) -> Option<Head<'_>> {
        NonNull::new(self.buffer.load(Acquire)).map(|buffer| Head { buffer, _array: PhantomData })
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.head().map_or(0, |head| head.len.load(Acquire))
    }

    /// Item `index`. Null items do not occur below the length.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Object> {
        let head = self.head()?;
        if index >= head.len.load(Acquire) {
            return None;
        }
        Object::from_raw(head.item(index).load(Acquire))
    }

    /// The address by which a write is found to belong to its owner (B1).
    #[inline]
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.place(self.address());
        if tracer.searching() {
            return;
        }
        let Some(head) = self.head() else { return };
        for index in 0..head.len.load(Acquire) {
            tracer.word(head.item(index));
        }
    }

    /// Makes room for `more` items.
    pub(crate) fn reserve<C: Collector>(&self, mc: &Mutator<'_, C>, more: usize) -> Result<(), AllocError> {
        let (len, capacity) = self.head().map_or((0, 0), |head| (head.len.load(Relaxed), head.capacity));
        let too_many = AllocError::OutOfMemory { bytes: usize::MAX };
        let needed = len.checked_add(more).ok_or(too_many)?;
        if needed <= capacity {
            return Ok(());
        }
        let grown = needed.max(capacity.saturating_mul(2)).max(4);
        let layout = Buffer::layout(grown).ok_or(too_many)?;
        let graph = mc.graph();
        graph.space().charge(layout.size())?;
        // SAFETY: the layout is not empty.
        let Some(fresh) = NonNull::new(unsafe { alloc(layout) }.cast::<Buffer>()) else {
            graph.space().discharge(layout.size());
            return Err(AllocError::OutOfMemory { bytes: layout.size() });
        };
        // SAFETY: room for a head.
        unsafe { fresh.write(Buffer { len: AtomicUsize::new(len), capacity: grown, graph }) };
        for index in 0..grown {
            let item = self
                .head()
                .filter(|_| index < len)
                .map_or(std::ptr::null_mut(), |h| h.item(index).load(Relaxed));
            // SAFETY: room for `grown` items behind the head.
            unsafe { fresh.add(1).cast::<AtomicPtr<u8>>().add(index).write(AtomicPtr::new(item)) };
        }
        let old = self.buffer.swap(fresh.as_ptr(), Release);
        if let (Some(buffer), Some(layout)) = (NonNull::new(old), Buffer::layout(capacity)) {
            graph.space().discharge(layout.size());
            mc.collector().retire(graph, RetiredBuffer { buffer, bytes: layout.size() });
        }
        Ok(())
    }

    /// Appends `object`, reporting the write.
    pub(crate) fn push<C: Collector>(
        &self,
        mc: &Mutator<'_, C>,
        owner: Object,
        object: Object,
    ) -> Result<(), AllocError> {
        self.reserve(mc, 1)?;
        if let Some(head) = self.head() {
            let len = head.len.load(Relaxed);
            mc.write(owner, head.item(len), Some(object));
            head.len.store(len + 1, Release);
        }
        Ok(())
    }

    /// Replaces item `index`, reporting the write. False if there is none.
    pub(crate) fn set<C: Collector>(
        &self,
        mc: &Mutator<'_, C>,
        owner: Object,
        index: usize,
        object: Object,
    ) -> bool {
        match self.head().filter(|head| index < head.len.load(Relaxed)) {
            Some(head) => {
                mc.write(owner, head.item(index), Some(object));
                true
            }
            None => false,
        }
    }

    /// Removes item `index` by putting the last one in its place. Both moves are writes: a marker that has passed `index`
    /// will not come by the last place any more, so what lay there is reported as removed from it.
    pub(crate) fn swap_remove<C: Collector>(
        &self,
        mc: &Mutator<'_, C>,
        owner: Object,
        index: usize,
    ) -> Option<Object> {
        let head = self.head()?;
        let last = head.len.load(Relaxed).checked_sub(1)?;
        let removed = self.get(index)?;
        if index != last {
            mc.write(owner, head.item(index), self.get(last));
        }
        mc.write(owner, head.item(last), None);
        head.len.store(last, Release);
        Some(removed)
    }

    /// Removes all items, last to first, reporting the writes. The buffer stays.
    pub(crate) fn clear<C: Collector>(&self, mc: &Mutator<'_, C>, owner: Object) {
        while let Some(last) = self.len().checked_sub(1) {
            self.swap_remove(mc, owner, last);
        }
    }

    /// Keeps the items that `keep`, asked with index and item, wants, in order. If `keep` panics, nothing is lost that was not refused.
    pub(crate) fn retain<C: Collector>(
        &self,
        mc: &Mutator<'_, C>,
        owner: Object,
        mut keep: impl FnMut(usize, Object) -> bool,
    ) {
        let mut kept = 0;
        for i in 0..self.len() {
            let Some(item) = self.get(i).filter(|&item| keep(i, item)) else { continue };
            if kept != i {
                // Swapped and not overwritten, so that the array holds every item at any moment.
                if let Some(refused) = self.get(kept) {
                    self.set(mc, owner, i, refused);
                }
                self.set(mc, owner, kept, item);
            }
            kept += 1;
        }
        while self.len() > kept {
            self.swap_remove(mc, owner, self.len() - 1);
        }
    }
}

impl Drop for EdgeBuffer {
    fn drop(&mut self) {
        let Some(buffer) = NonNull::new(*self.buffer.get_mut()) else { return };
        // SAFETY: V2: the object that held it is gone, and its heap is there as long as its objects are dropped; a buffer
        // moved out of a `Locked` is dropped before its scope ends.
        let (graph, capacity) = unsafe { (buffer.as_ref().graph.as_ref(), buffer.as_ref().capacity) };
        if let Some(layout) = Buffer::layout(capacity) {
            if let Some(graph) = graph {
                graph.space().discharge(layout.size());
            }
            drop(RetiredBuffer { buffer, bytes: layout.size() });
        }
    }
}
