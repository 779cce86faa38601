//! The object graph of one heap, as a collector sees it: objects, their bits, the roots.

use crate::callback::{Callback, Due};
use crate::cell_stack::CellStack;
use crate::collection::{Pause, PauseKind, Stats};
use crate::config::Zeal;
use crate::error::HeapId;
use crate::object::{Flag, Object};
use crate::root::RootTable;
use crate::space::{Marked, Space, Swept};
use crate::weak::WeakTable;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// What happens in the heap at the moment. Decides whether a dropped root may free at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Nothing: outside of scopes, or in a finalizer or callback between scopes.
    Idle,
    /// A scope is open.
    Scope,
    /// The collector or a cascade of frees is at work, perhaps in a payload's `Drop`.
    Sealed,
}

/// What roots and weak references call when they do not know the collector's type.
pub(crate) struct Vtable {
    pub(crate) root_added: Option<fn(&Graph, Object)>,
    pub(crate) root_removed: Option<fn(&Graph, Object)>,
    pub(crate) upgraded: fn(&Graph, Object),
    pub(crate) is_live: fn(&Graph, Object) -> bool,
}

/// The objects of one heap and what refers to them from outside.
///
/// Collectors get it by shared reference; everything in it is for the owner's thread, except where a method says so.
pub struct Graph {
    id: HeapId,
    /// The heap's `Inner`, its type erased; a pointer to the whole of it, which a reference to its graph is not.
    inner: Cell<NonNull<()>>,
    vtable: &'static Vtable,
    space: Space,
    roots: RootTable,
    weaks: WeakTable,
    pub(crate) state: Cell<State>,
    /// The open scope's number, once a `Locked` has asked for it.
    pub(crate) serial: Cell<u64>,
    /// Finalizers and callbacks that are running, one inside another.
    pub(crate) nesting: Cell<u32>,
    pub(crate) collecting: Cell<bool>,
    /// Must the end of a scope or operation look at the rarer things: locks, dropped roots, callbacks, panics, zeal?
    pub(crate) attention: Cell<bool>,
    /// Has user code run, or a root been dropped, since the collection began? Then zeal's oracle cannot judge it.
    pub(crate) disturbed: Cell<bool>,
    /// The heap has been dropped in the middle of its own work.
    pub(crate) orphaned: Cell<bool>,
    logged: CellStack<Object>,
    released: CellStack<Object>,
    finalizable: CellStack<Object>,
    pub(crate) due: RefCell<Vec<Due>>,
    /// Callbacks that will not be called. What they own is user code, so they are dropped with those that are due, not at once.
    pub(crate) discarded: RefCell<Vec<Callback>>,
    pub(crate) panic: RefCell<Option<Box<dyn Any + Send>>>,
    zeal: Option<Zeal>,
    /// Objects flagged `Dead` whose cells are still taken.
    limbo: Cell<usize>,
    pub(crate) stats: Cell<Stats>,
    pauses: RefCell<Option<Vec<Pause>>>,
}

impl Graph {
    pub(crate) fn new(vtable: &'static Vtable, limit: Option<usize>, zeal: Option<Zeal>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Graph {
            id: HeapId(NEXT.fetch_add(1, Relaxed)),
            inner: Cell::new(NonNull::dangling()),
            vtable,
            space: Space::new(limit, zeal.is_some()),
            roots: RootTable::new(),
            weaks: WeakTable::default(),
            state: Cell::new(State::Idle),
            serial: Cell::new(0),
            nesting: Cell::new(0),
            collecting: Cell::new(false),
            attention: Cell::new(zeal.is_some()),
            orphaned: Cell::new(false),
            disturbed: Cell::new(false),
            logged: CellStack::new(),
            released: CellStack::new(),
            finalizable: CellStack::new(),
            due: RefCell::default(),
            discarded: RefCell::default(),
            panic: RefCell::default(),
            zeal,
            limbo: Cell::new(0),
            stats: Cell::default(),
            pauses: RefCell::new(None),
        }
    }

    /// Which heap this is.
    #[must_use]
    pub fn id(&self) -> HeapId {
        self.id
    }

    pub(crate) fn inner(&self) -> NonNull<()> {
        self.inner.get()
    }

    pub(crate) fn set_inner(&self, inner: NonNull<()>) {
        self.inner.set(inner);
    }

    /// Notes that something rare has happened.
    pub(crate) fn need_attention(&self) {
        self.attention.set(true);
    }

    pub(crate) fn space(&self) -> &Space {
        &self.space
    }

    pub(crate) fn roots(&self) -> &RootTable {
        &self.roots
    }

    pub(crate) fn weaks(&self) -> &WeakTable {
        &self.weaks
    }

    pub(crate) fn logged(&self) -> &CellStack<Object> {
        &self.logged
    }

    /// Roots dropped while that could not be acted on.
    pub(crate) fn released(&self) -> &CellStack<Object> {
        &self.released
    }

    pub(crate) fn zeal(&self) -> Option<Zeal> {
        self.zeal
    }

    #[inline]
    pub(crate) fn root_added(&self, object: Object) {
        if let Some(hook) = self.vtable.root_added {
            hook(self, object);
        }
    }

    #[inline]
    pub(crate) fn root_removed(&self, object: Object) {
        if let Some(hook) = self.vtable.root_removed {
            hook(self, object);
        }
    }

    pub(crate) fn upgraded(&self, object: Object) {
        (self.vtable.upgraded)(self, object);
    }

    pub(crate) fn is_live(&self, object: Object) -> bool {
        !object.has(Flag::Dead) && (self.vtable.is_live)(self, object)
    }

    // ---- objects ----

    /// Calls `visit` with every object that exists, in order of address. `visit` neither allocates nor frees.
    /// Cost: one pass over the allocation bits.
    pub fn objects(&self, mut visit: impl FnMut(Object)) {
        self.space.objects(|object| {
            if !object.has(Flag::Dead) {
                visit(object);
            }
        });
    }

    /// As [`objects`](Self::objects), without those whose mark bit is set. Cost: one pass over allocation and mark bits, and the visits.
    #[inline(always)]
    pub fn unmarked(&self, mut visit: impl FnMut(Object)) {
        self.space.unmarked(|object| {
            if !object.has(Flag::Dead) {
                visit(object);
            }
        });
    }

    /// As [`objects`](Self::objects), only those whose mark bit is set.
    pub fn all_marked(&self, visit: impl FnMut(Object)) {
        self.space.all_marked(visit);
    }

    /// Number of objects that exist. Cost: one pass over the allocation bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.space.len() - self.limbo.get()
    }

    /// Is there no object?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Does an object start at this address, according to allocation bits and, where a sweep is pending, marks?
    /// Any address may be asked about.
    #[must_use]
    pub fn find(&self, address: usize) -> Option<Object> {
        self.space.find(address).filter(|object| !object.has(Flag::Dead))
    }

    /// Is the object swept, or marked and waiting for the sweep? (What [`Collector::is_live`](crate::Collector::is_live) says
    /// unless the collector knows better.)
    #[must_use]
    #[inline]
    pub fn exists(&self, object: Object) -> bool {
        self.space.exists(object)
    }

    /// Bytes that the object takes, header and rounding included.
    #[must_use]
    pub fn bytes_of(&self, object: Object) -> usize {
        self.space.bytes_of(object)
    }

    /// Bytes of cells handed out since the heap was made.
    #[must_use]
    pub fn allocated_bytes(&self) -> u64 {
        self.space.allocated()
    }

    /// Bytes in blocks and buffers now.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.space.used()
    }

    /// Bytes of cells without an object, in blocks that are or were in use: nearly so much can be allocated before the system is asked for more
    /// memory. Cost: one pass over the block tables, a row for 64 KiB.
    #[must_use]
    pub fn vacant_bytes(&self) -> usize {
        self.space.vacant_bytes()
    }

    /// Objects whose type has a finalizer, if the collector does not count; it removes from the list what it has dealt with.
    /// May name dead objects only between a collector's decision and its own clean-up (K1).
    #[must_use]
    pub fn finalizable(&self) -> &CellStack<Object> {
        &self.finalizable
    }

    /// Has any object a weak reference to it, or a callback that belongs to it?
    #[must_use]
    pub fn has_weak_references(&self) -> bool {
        !self.weaks.is_empty()
    }

    // ---- roots ----

    /// Calls `visit` with every rooted object, once for each entry of the root table. From any thread: an entry that is made or
    /// dropped meanwhile may be seen or not.
    pub fn roots_seen_by_any_thread(&self, visit: impl FnMut(Object)) {
        self.roots.scan(visit);
    }

    /// Calls `visit` with every rooted object and its number of handles, once for each entry of the root table.
    pub fn for_each_root(&self, visit: impl FnMut(Object, u32)) {
        self.roots.for_each(visit);
    }

    // ---- mark bits ----

    /// Tests and sets the mark bit; true if it was not set. One thread only.
    #[inline]
    pub fn mark(&self, object: Object) -> bool {
        Space::mark(object)
    }

    /// As [`mark`](Self::mark), from any thread.
    #[inline]
    pub fn mark_shared(object: Object) -> bool {
        Space::mark_shared(object)
    }

    /// As [`mark`](Self::mark), while other threads mark objects of other [partitions](Self::partition) only.
    #[inline]
    pub fn mark_apart(object: Object) -> bool {
        Space::mark(object)
    }

    /// Which of `partitions` parts of the heap the object belongs to: a block is in one of them, and mark bits of different blocks are never
    /// in the same word.
    #[must_use]
    #[inline]
    pub fn partition(object: Object, partitions: usize) -> usize {
        Space::partition(object, partitions)
    }

    /// Asks the processor to fetch the object's mark bit. From any thread.
    #[inline]
    pub fn prefetch_mark(object: Object) {
        Space::prefetch_mark(object);
    }

    /// Is the mark bit set? From any thread.
    #[must_use]
    #[inline]
    pub fn is_marked(object: Object) -> bool {
        Space::is_marked(object)
    }

    /// Clears all mark bits. Cost: one pass over the bitmap of every block in use.
    pub fn clear_marks(&self) {
        self.space.clear_marks();
    }

    /// To be held while marking: takes all marks back if that is left by a panic, of a `Trace` that breaks its contract (K5).
    #[must_use = "it does its work when it is dropped"]
    pub fn marking(&self) -> Marking<'_> {
        Marking { graph: self }
    }

    /// From now on objects are born marked, or no longer. Cost: bounded, does not depend on the heap.
    pub fn set_born_marked(&self, on: bool) {
        self.space.set_born_marked(on);
    }

    /// What is marked and what is not, now. Cost: one pass over the bitmaps.
    #[must_use]
    pub fn marked(&self) -> Marked {
        self.space.marked()
    }

    // ---- sweeping ----

    /// Begins a sweep: what is allocated and not marked is dead from here on. Cost: bounded, does not depend on the heap.
    pub fn begin_sweep(&self) {
        self.space.begin_sweep();
    }

    /// While on, allocations sweep nothing, so that a collector may mark what it has found dead but must keep (for a finalizer) in
    /// steps between scopes: such an object exists again from then on. To be switched on together with
    /// [`begin_sweep`](Self::begin_sweep), and off before the first step of the sweep.
    pub fn hold_sweep(&self, on: bool) {
        self.space.hold_sweep(on);
    }

    /// Is a sweep under way?
    #[must_use]
    pub fn is_sweeping(&self) -> bool {
        self.space.is_sweeping()
    }

    /// What the current or last sweep has found dead so far.
    #[must_use]
    pub fn swept(&self) -> Swept {
        self.space.swept()
    }

    // ---- for the core ----

    /// Are there callbacks to be called or dropped?
    pub(crate) fn has_callbacks(&self) -> bool {
        !self.due.borrow().is_empty() || !self.discarded.borrow().is_empty()
    }

    pub(crate) fn enter_limbo(&self, objects: usize) {
        self.limbo.set(self.limbo.get() + objects);
    }

    pub(crate) fn leave_limbo(&self) {
        self.limbo.set(self.limbo.get() - 1);
    }

    pub(crate) fn record_pauses(&self, on: bool) {
        *self.pauses.borrow_mut() = on.then(Vec::new);
    }

    pub(crate) fn records_pauses(&self) -> bool {
        self.pauses.borrow().is_some()
    }

    pub(crate) fn take_pauses(&self) -> Vec<Pause> {
        self.pauses.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(crate) fn add_pause(&self, start: Instant, kind: PauseKind) {
        if let Some(pauses) = self.pauses.borrow_mut().as_mut() {
            pauses.push(Pause { start, duration: start.elapsed(), kind });
        }
    }
}

/// See [`Graph::marking`].
#[derive(Debug)]
pub struct Marking<'a> {
    graph: &'a Graph,
}

impl Drop for Marking<'_> {
    fn drop(&mut self) {
        // Collectors are not called while a thread unwinds: if it does now, it has begun since this was made.
        if std::thread::panicking() {
            self.graph.clear_marks();
        }
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("id", &self.id)
            .field("state", &self.state.get())
            .field("space", &self.space)
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}
