//! The mutator: what a scope's closure works with.

use crate::brand::{Branded, ReferentIn};
use crate::collector::{Barrier, Collector};
use crate::error::AllocError;
use crate::gc::{Gc, Invariant};
use crate::graph::Graph;
use crate::inner::Inner;
use crate::object::{Flag, HEADER_BYTES, Header, Object};
use crate::shape::{DynCell, SliceHead};
use crate::space::{class_of, class_of_type, kind_of};
use crate::type_info::{DynInfoOf, InfoOf, TypeInfo};
use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed, Ordering::Release};

/// The mutator of one scope: allocates, roots, and is asked for by everything that reads or writes edges.
///
/// `'gc` is the brand: it names this scope of this heap and no other. Nothing is collected and no object of the heap is freed
/// while a scope is open, so pointers on the stack need no bookkeeping. Keep scopes short.
pub struct Mutator<'gc, C: Collector> {
    pub(crate) inner: &'gc Inner<C>,
    _brand: Invariant<'gc>,
}

impl<'gc, C: Collector> Mutator<'gc, C> {
    pub(crate) fn new(inner: &'gc Inner<C>) -> Self {
        Mutator { inner, _brand: PhantomData }
    }

    #[inline]
    pub(crate) fn graph(&self) -> &'gc Graph {
        self.inner.graph()
    }

    #[inline]
    pub(crate) fn collector(&self) -> &'gc C {
        self.inner.collector()
    }

    /// This scope's number among all scopes of the thread.
    pub(crate) fn serial(&self) -> u64 {
        let serial = &self.graph().serial;
        if serial.get() == 0 {
            serial.set(scopes::open());
            self.graph().need_attention();
        }
        serial.get()
    }

    /// Allocates an object.
    ///
    /// Cost: a bit of a mask, the header, the value; counting collectors also count the value's edges.
    ///
    /// # Panics
    /// At the heap limit, and when the system has no memory; see [`try_alloc`](Self::try_alloc).
    // Always: out of line, the value comes through memory, and copying it right after its fields were stored stalls the processor
    // (measured on the doubly linked list under `refcount`: 7 of 41 ns).
    #[inline(always)]
    #[track_caller]
    pub fn alloc<T: Branded<'gc>>(&self, value: T) -> Gc<'gc, T> {
        match self.try_alloc(value) {
            Ok(gc) => gc,
            Err(error) => panic!("{error}"),
        }
    }

    /// Allocates an object.
    ///
    /// # Errors
    /// At the heap limit, or when the system has no memory; the value is dropped. Inside a scope nothing can be collected:
    /// leave it, collect, try once more.
    #[inline(always)]
    pub fn try_alloc<T: Branded<'gc>>(&self, value: T) -> Result<Gc<'gc, T>, AllocError> {
        let object =
            self.place(const { Layout::new::<T>() }, InfoOf::<C, T>::INFO, Self::kind::<T>(), |at| {
                // SAFETY: fresh memory of this layout.
                unsafe { at.cast::<T>().write(value) }
            })?;
        Ok(Gc::new(object))
    }

    const fn kind<T>() -> Option<usize> {
        const { assert!(align_of::<T>() <= MOST_ALIGN, "objects can be aligned to 64 KiB at most") };
        if align_of::<T>() > HEADER_BYTES {
            return None;
        }
        match class_of_type(HEADER_BYTES + size_of::<T>()) {
            Some(class) => Some(kind_of(class, std::mem::needs_drop::<T>())),
            None => None,
        }
    }

    /// Allocates a slice from the items of an iterator.
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[track_caller]
    pub fn alloc_slice<T: Branded<'gc>>(&self, items: impl IntoIterator<Item = T>) -> Gc<'gc, [T]> {
        match self.try_alloc_slice(items) {
            Ok(gc) => gc,
            Err(error) => panic!("{error}"),
        }
    }

    /// Allocates a slice from the items of an iterator. The items are collected first, so that nothing half made is ever in
    /// the heap if the iterator panics or allocates itself.
    ///
    /// # Errors
    /// As [`try_alloc`](Self::try_alloc).
    pub fn try_alloc_slice<T: Branded<'gc>>(
        &self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Gc<'gc, [T]>, AllocError> {
        let mut items: Vec<T> = items.into_iter().collect();
        let bytes = SliceHead::<T>::ELEMENTS + size_of_val(&items[..]);
        let layout = Layout::from_size_align(bytes, align_of::<T>().max(align_of::<usize>()))
            .map_err(|_| AllocError::OutOfMemory { bytes })?;
        let kind = if layout.align() > HEADER_BYTES {
            None
        } else {
            class_of(HEADER_BYTES + bytes).map(|class| kind_of(class, std::mem::needs_drop::<T>()))
        };
        let object = self.place(layout, InfoOf::<C, T>::SLICE, kind, |at| {
            // SAFETY: fresh memory for a length and this many items, which are moved out of the vector.
            unsafe {
                at.cast::<usize>().write(items.len());
                let to = at.add(SliceHead::<T>::ELEMENTS).cast::<T>();
                to.as_ptr().copy_from_nonoverlapping(items.as_ptr(), items.len());
                items.set_len(0);
            }
        })?;
        Ok(Gc::new(object))
    }

    /// Allocates a string.
    ///
    /// # Panics
    /// As [`alloc`](Self::alloc).
    #[track_caller]
    pub fn alloc_str(&self, text: &str) -> Gc<'gc, str> {
        match self.try_alloc_str(text) {
            Ok(gc) => gc,
            Err(error) => panic!("{error}"),
        }
    }

    /// Allocates a string.
    ///
    /// # Errors
    /// As [`try_alloc`](Self::try_alloc).
    pub fn try_alloc_str(&self, text: &str) -> Result<Gc<'gc, str>, AllocError> {
        let bytes = self.try_alloc_slice(text.bytes())?;
        Ok(Gc::new(bytes.object()))
    }

    /// Allocates `value` as a trait object: what `alloc_dyn!` expands to.
    ///
    /// # Safety
    /// `unsize` returns its argument, coerced.
    ///
    /// # Errors
    /// As [`try_alloc`](Self::try_alloc).
    #[doc(hidden)]
    pub unsafe fn try_alloc_as<T: Branded<'gc>, U: ReferentIn<'gc> + crate::dyn_object::DynShape + ?Sized>(
        &self,
        value: T,
        unsize: fn(*const T) -> *const U,
    ) -> Result<Gc<'gc, U>, AllocError> {
        let layout = Layout::new::<DynCell<U, T>>();
        let object = self.place(layout, DynInfoOf::<C, T, U>::INFO, Self::kind::<DynCell<U, T>>(), |at| {
            let cell = at.cast::<DynCell<U, T>>();
            // SAFETY: fresh memory of this layout; the caller vouches for `unsize`.
            unsafe {
                let target = cell.byte_add(std::mem::offset_of!(DynCell<U, T>, value)).cast::<T>();
                cell.write(DynCell { fat: unsize(target.as_ptr()), value });
            }
        })?;
        Ok(Gc::new(object))
    }

    /// Memory for a value of `layout`, filled by `init`, with its header; reported to the collector.
    #[inline(always)]
    fn place(
        &self,
        layout: Layout,
        info: &'static TypeInfo,
        kind: Option<usize>,
        init: impl FnOnce(NonNull<u8>),
    ) -> Result<Object, AllocError> {
        let graph = self.graph();
        let value = match kind {
            // SAFETY: a cell is longer than its header.
            Some(kind) => unsafe { graph.space().cell(kind)?.add(HEADER_BYTES) },
            None => graph.space().large(layout.size(), layout.align(), info.needs_drop())?,
        };
        // SAFETY: H1: a header's room in front of the value, in a cell that nobody else has (S2).
        unsafe { value.sub(HEADER_BYTES).cast::<Header>().write(Header::new(info)) };
        init(value);
        let object = Object::new(value);
        let stillbirth = Stillbirth { inner: self.inner, object };
        self.collector().born(graph, object, info);
        std::mem::forget(stillbirth);
        if info.has_finalizer() && !C::PLAN.counts {
            graph.finalizable().push(object);
        }
        Ok(object)
    }

    /// Stores `new` into `word`, an edge of `owner`, and tells the collector first.
    #[inline]
    pub(crate) fn write(&self, owner: Object, word: &AtomicPtr<u8>, new: Option<Object>) {
        if !matches!(C::PLAN.barrier, Barrier::None) && !owner.has(Flag::Logged) {
            let old = Object::from_raw(word.load(Relaxed));
            self.collector().write(self.graph(), owner, old, new);
        }
        word.store(new.map_or(std::ptr::null_mut(), Object::raw), Release);
    }
}

/// Takes an object back that its collector could not take in, because somebody's `Trace` has panicked: nobody else has seen it.
struct Stillbirth<'a, C: Collector> {
    inner: &'a Inner<C>,
    object: Object,
}

impl<C: Collector> Drop for Stillbirth<'_, C> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: the object is whole, and K7: a collector whose `born` is left by a panic does not know it. So it is dropped once, and its
        // cell is nobody's.
        unsafe {
            self.inner.catching(|| self.object.type_info().drop_value(self.object.value()));
            self.inner.graph().space().release(self.object);
        }
    }
}

const MOST_ALIGN: usize = 64 << 10;

impl<C: Collector> fmt::Debug for Mutator<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutator").field("heap", &self.graph().id()).field("collector", &C::NAME).finish()
    }
}

/// The scopes of this thread that are open and have been asked for their number.
pub(crate) mod scopes {
    use std::cell::{Cell, RefCell};

    thread_local! {
        static LAST: Cell<u64> = const { Cell::new(0) };
        static OPEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    }

    /// Numbers a scope, from 1.
    pub(crate) fn open() -> u64 {
        let serial = LAST.get() + 1;
        LAST.set(serial);
        OPEN.with_borrow_mut(|open| open.push(serial));
        serial
    }

    pub(crate) fn close(serial: u64) {
        // At the end of a thread the list may be gone; then nobody asks any more.
        let _ = OPEN.try_with(|open| open.borrow_mut().retain(|&s| s != serial));
    }

    pub(crate) fn is_open(serial: u64) -> bool {
        OPEN.with_borrow(|open| open.contains(&serial))
    }
}
