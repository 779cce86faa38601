//! Roots: owned, counted handles that keep objects alive from outside of scopes.
//!
//! A [`Root`] points to an entry in its heap's root table; the entry holds the object and the number of handles. Entries
//! lie in chunks of one page, aligned to their size, so that a handle finds its heap through the chunk's head. When a
//! heap is dropped, chunks with handles left over become inert and belong to these handles; the last one frees the chunk.
//!
//! Invariants:
//! - **R1** An entry with a count above 0 is in use; its chunk is not freed.
//! - **R2** A chunk's `graph` points to a living heap, or is null: then no entry's object may be touched.
//! - **R3** Only the owner's thread writes entries. A marker may read objects of entries and the list of chunks at any time;
//!   chunks are never unlinked while the heap lives.

use crate::brand::{Referent, ReferentIn};
use crate::collector::Collector;
use crate::error::{HeapId, WrongHeap};
use crate::gc::Gc;
use crate::graph::Graph;
use crate::mutator::Mutator;
use crate::object::{Object, ObjectId};
use crate::weak::WeakRoot;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

const CHUNK_BYTES: usize = 4096;
const ENTRIES: usize = (CHUNK_BYTES - size_of::<Head>()) / size_of::<Entry>();
const LAYOUT: Layout = match Layout::from_size_align(CHUNK_BYTES, CHUNK_BYTES) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

const _: () = assert!(size_of::<Chunk>() <= CHUNK_BYTES);

#[repr(C)]
struct Head {
    graph: Cell<*const Graph>,
    next: AtomicPtr<Chunk>,
    /// Entries in use.
    used: Cell<u32>,
}

/// One rooted object.
#[repr(C)]
pub(crate) struct Entry {
    object: AtomicPtr<u8>,
    /// Handles; 0 for a free entry.
    count: Cell<u32>,
    _pad: u32,
}

impl Entry {
    /// The object. Of a counted entry of a dropped heap, only its address means something (R2).
    ///
    /// # Safety
    /// The entry is counted, or its last handle is just being dropped.
    #[inline]
    unsafe fn object(&self) -> Object {
        // SAFETY: a counted entry's object is not null.
        Object::new(unsafe { NonNull::new_unchecked(self.object.load(Relaxed)) })
    }
}

#[repr(C)]
struct Chunk {
    head: Head,
    entries: [Entry; ENTRIES],
}

/// The entries of one heap.
pub(crate) struct RootTable {
    first: AtomicPtr<Chunk>,
    free: crate::cell_stack::CellStack<NonNull<Entry>>,
    used: Cell<usize>,
}

impl RootTable {
    pub(crate) fn new() -> Self {
        RootTable {
            first: AtomicPtr::default(),
            free: crate::cell_stack::CellStack::new(),
            used: Cell::new(0),
        }
    }

    /// An entry with one handle for `object`.
    #[inline]
    pub(crate) fn insert(&self, graph: &Graph, object: Object) -> NonNull<Entry> {
        let entry = match self.free.pop() {
            Some(entry) => entry,
            None => self.grow(graph),
        };
        // SAFETY: R1: an entry of a chunk that is not freed.
        let (row, chunk) = unsafe { (entry.as_ref(), chunk_of(entry)) };
        row.count.set(1);
        row.object.store(object.raw(), Release);
        chunk.head.used.set(chunk.head.used.get() + 1);
        self.used.set(self.used.get() + 1);
        entry
    }

    #[cold]
    fn grow(&self, graph: &Graph) -> NonNull<Entry> {
        // SAFETY: the layout is not empty.
        let Some(chunk) = NonNull::new(unsafe { alloc_zeroed(LAYOUT) }.cast::<Chunk>()) else {
            handle_alloc_error(LAYOUT)
        };
        // SAFETY: zeroed memory is a valid chunk: null pointers and numbers.
        let shared = unsafe { chunk.as_ref() };
        shared.head.graph.set(graph);
        shared.head.next.store(self.first.load(Relaxed), Relaxed);
        self.first.store(chunk.as_ptr(), Release);
        // Through the chunk's pointer and not through a reference to one entry: an entry finds its chunk by its address.
        let entry = |i: usize| {
            let first =
                chunk.as_ptr().wrapping_byte_add(std::mem::offset_of!(Chunk, entries)).cast::<Entry>();
            // SAFETY: inside the chunk.
            unsafe { NonNull::new_unchecked(first.wrapping_add(i)) }
        };
        for i in (1..ENTRIES).rev() {
            self.free.push(entry(i));
        }
        entry(0)
    }

    /// Number of entries in use.
    pub(crate) fn len(&self) -> usize {
        self.used.get()
    }

    /// All rooted objects, from any thread; an entry that changes meanwhile may be seen or not.
    pub(crate) fn scan(&self, mut visit: impl FnMut(Object)) {
        let mut chunk = self.first.load(Acquire);
        // SAFETY: R3: chunks stay while the heap lives.
        while let Some(shared) = unsafe { chunk.as_ref() } {
            for entry in &shared.entries {
                if let Some(object) = Object::from_raw(entry.object.load(Acquire)) {
                    visit(object);
                }
            }
            chunk = shared.head.next.load(Acquire);
        }
    }

    /// Calls `visit` with each rooted object and the number of its entry's handles.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(Object, u32)) {
        let mut chunk = self.first.load(Relaxed);
        // SAFETY: R3.
        while let Some(shared) = unsafe { chunk.as_ref() } {
            for entry in &shared.entries {
                if let Some(object) = Object::from_raw(entry.object.load(Relaxed)) {
                    visit(object, entry.count.get());
                }
            }
            chunk = shared.head.next.load(Relaxed);
        }
    }

    /// Cuts all handles off: the heap is going.
    pub(crate) fn make_inert(&self) {
        let mut chunk = self.first.swap(std::ptr::null_mut(), Relaxed);
        self.free.clear();
        // SAFETY: R3; each chunk is freed only after its successor has been read.
        while let Some(shared) = unsafe { chunk.as_ref() } {
            let next = shared.head.next.load(Relaxed);
            shared.head.graph.set(std::ptr::null());
            if shared.head.used.get() == 0 {
                // SAFETY: R1: no handle points into it.
                unsafe { dealloc(chunk.cast(), LAYOUT) };
            }
            chunk = next;
        }
    }
}

impl fmt::Debug for RootTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootTable").field("used", &self.used.get()).finish_non_exhaustive()
    }
}

/// # Safety
/// R1: the entry's chunk has not been freed.
#[inline]
unsafe fn chunk_of<'a>(entry: NonNull<Entry>) -> &'a Chunk {
    let chunk = entry.as_ptr().map_addr(|a| a & !(CHUNK_BYTES - 1)).cast::<Chunk>();
    // SAFETY: chunks are aligned to their size, and the caller vouches for this one.
    unsafe { &*chunk }
}

/// An owned, counted handle that keeps an object alive outside of scopes.
///
/// `T` is the static form, `Root<Node<'static>>`. [`get`](Root::get) gives the object back inside a scope. Dropping the last
/// root of a reference-counted object frees it at once when that happens outside of a scope, and at the scope's end
/// otherwise. A root may outlive its heap; then it is inert.
pub struct Root<T: ?Sized> {
    entry: NonNull<Entry>,
    /// Not `Send`: the counts are plain numbers.
    _type: PhantomData<*const T>,
}

impl<T: ?Sized> Root<T> {
    fn entry(&self) -> &Entry {
        // SAFETY: R1: this handle is counted in the entry.
        unsafe { self.entry.as_ref() }
    }

    #[inline]
    fn object(&self) -> Object {
        // SAFETY: this handle is counted in the entry.
        unsafe { self.entry().object() }
    }
}

impl<T: Referent + ?Sized> Root<T> {
    pub(crate) fn from_entry(entry: NonNull<Entry>) -> Self {
        Root { entry, _type: PhantomData }
    }

    fn graph(&self) -> Option<&Graph> {
        // SAFETY: R1, and R2: not null means that the heap lives.
        unsafe { chunk_of(self.entry).head.graph.get().as_ref() }
    }

    /// The object, inside a scope of its heap. A few ns.
    ///
    /// # Panics
    /// If the root belongs to another heap; the message names both. See [`try_get`](Self::try_get).
    #[inline]
    #[track_caller]
    pub fn get<'gc, C: Collector>(&self, mc: &Mutator<'gc, C>) -> Gc<'gc, T::In<'gc>> {
        match self.try_get(mc) {
            Ok(gc) => gc,
            Err(wrong) => panic!("{wrong}"),
        }
    }

    /// As [`get`](Self::get).
    ///
    /// # Errors
    /// If the root belongs to another heap, or its heap has been dropped.
    #[inline]
    pub fn try_get<'gc, C: Collector>(&self, mc: &Mutator<'gc, C>) -> Result<Gc<'gc, T::In<'gc>>, WrongHeap> {
        let own = self.graph();
        if own.is_some_and(|graph| std::ptr::eq(graph, mc.graph())) {
            return Ok(Gc::new(self.object()));
        }
        Err(WrongHeap { root: own.map_or(HeapId(0), Graph::id), heap: mc.graph().id() })
    }

    /// The object's identity. Of an inert root: that which the object had.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        self.object().id()
    }

    /// A weak reference to the same object. Of an inert root: a dead one.
    #[must_use]
    pub fn downgrade(&self) -> WeakRoot<T> {
        match self.graph() {
            Some(graph) => WeakRoot::new(graph.weaks().cell(graph, self.object())),
            None => WeakRoot::dead(),
        }
    }
}

impl<T: Referent + ?Sized> Clone for Root<T> {
    #[inline]
    fn clone(&self) -> Self {
        let entry = self.entry();
        let Some(count) = entry.count.get().checked_add(1) else {
            // Four thousand million handles can only be forgotten ones; going on would let the count wrap (as `Rc`).
            std::process::abort()
        };
        entry.count.set(count);
        if let Some(graph) = self.graph() {
            graph.root_added(self.object());
        }
        Root::from_entry(self.entry)
    }
}

impl<T: ?Sized> Drop for Root<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: R1: this handle is counted.
        let (entry, chunk) = unsafe { (self.entry.as_ref(), chunk_of(self.entry)) };
        let count = entry.count.get() - 1;
        entry.count.set(count);
        let object = self.object();
        // SAFETY: R2.
        let graph = unsafe { chunk.head.graph.get().as_ref() };
        if count == 0 {
            entry.object.store(std::ptr::null_mut(), Release);
            chunk.head.used.set(chunk.head.used.get() - 1);
            match graph {
                Some(graph) => {
                    graph.roots().used.set(graph.roots().used.get() - 1);
                    graph.roots().free.push(self.entry);
                }
                // SAFETY: R1, R2: no heap and no further handle knows the chunk.
                None if chunk.head.used.get() == 0 => unsafe {
                    dealloc(std::ptr::from_ref(chunk).cast_mut().cast(), LAYOUT);
                },
                None => {}
            }
        }
        if let Some(graph) = graph {
            graph.root_removed(object);
        }
    }
}

impl<T: ?Sized> fmt::Debug for Root<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({})", self.object().id())
    }
}

/// A root of an object of any type: keeps it alive and tells its identity, no more. What a collector keeps objects with, such as
/// those that it may not free.
pub struct AnyRoot {
    root: Root<Anything>,
}

/// No [`Referent`], so that a root of it cannot be read through.
enum Anything {}

impl AnyRoot {
    pub(crate) fn from_entry(entry: NonNull<Entry>) -> Self {
        AnyRoot { root: Root { entry, _type: PhantomData } }
    }

    /// The object's identity.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        self.root.object().id()
    }
}

impl fmt::Debug for AnyRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyRoot({})", self.id())
    }
}

impl<'gc, C: Collector> Mutator<'gc, C> {
    /// A root for `gc`, to keep it beyond the scope.
    #[inline]
    #[must_use]
    pub fn root<T: ReferentIn<'gc> + ?Sized>(&self, gc: Gc<'gc, T>) -> Root<T::Out> {
        Root::from_entry(self.inner.root_entry(gc.object()))
    }
}
