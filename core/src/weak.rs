//! Weak references: they do not keep their target alive, and know when it is gone.
//!
//! The first weak reference to an object makes a [`WeakCell`] outside of the heap and enters it into the heap's weak table.
//! When the object is freed its cell is emptied, so a weak reference never sees what may be at that address later.
//! Objects without weak references pay nothing: a flag in the header says whether there is a cell.
//!
//! Invariants:
//! - **W1** A cell's count is the number of `Weak`s and `WeakRoot`s that hold it, plus one while the table does.
//! - **W2** `target` is an object that has not been released, or null. `graph` is a living heap, or null.

use crate::brand::{Branded, Managed, Referent, ReferentIn};
use crate::callback::Callback;
use crate::collector::Collector;
use crate::edges::Edges;
use crate::gc::{Gc, Invariant};
use crate::graph::Graph;
use crate::mutator::Mutator;
use crate::object::{Flag, Object, ObjectId};
use crate::root::Root;
use crate::shape::Shape;
use crate::trace::{Trace, Tracer};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// The meeting point of an object and its weak references.
pub(crate) struct WeakCell {
    graph: Cell<*const Graph>,
    target: Cell<Option<Object>>,
    count: Cell<usize>,
    callbacks: RefCell<Vec<Callback>>,
}

impl WeakCell {
    /// # Safety
    /// The caller owns one count of the cell (W1), and gives it up.
    unsafe fn release(cell: NonNull<WeakCell>) {
        // SAFETY: W1: counted, hence not freed.
        let count = unsafe { cell.as_ref() }.count.get() - 1;
        if count == 0 {
            // SAFETY: W1: made by `Box`, and nobody else holds it.
            drop(unsafe { Box::from_raw(cell.as_ptr()) });
        } else {
            // SAFETY: as above.
            unsafe { cell.as_ref() }.count.set(count);
        }
    }

    /// One more holder.
    fn retain(cell: NonNull<WeakCell>) {
        // SAFETY: the caller holds the cell.
        let shared = unsafe { cell.as_ref() };
        shared.count.set(shared.count.get() + 1);
    }

    /// The target, if it exists.
    fn live(&self) -> Option<(&Graph, Object)> {
        // SAFETY: W2.
        let graph = unsafe { self.graph.get().as_ref() }?;
        self.target.get().filter(|&t| graph.is_live(t)).map(|t| (graph, t))
    }
}

/// The cells of one heap's objects.
#[derive(Default)]
pub(crate) struct WeakTable {
    cells: RefCell<HashMap<ObjectId, NonNull<WeakCell>>>,
    /// The cells in which an object has callbacks, or had (W3); each is counted.
    watched: RefCell<HashMap<ObjectId, Vec<NonNull<WeakCell>>>>,
}

impl WeakTable {
    /// Is nothing weakly referenced, and nobody a watcher?
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.borrow().is_empty() && self.watched.borrow().is_empty()
    }

    /// The cell of `object`, made if there is none, with a count for the caller.
    pub(crate) fn cell(&self, graph: &Graph, object: Object) -> NonNull<WeakCell> {
        let cell = *self.cells.borrow_mut().entry(object.id()).or_insert_with(|| {
            object.set(Flag::HasWeak);
            graph.space().note_weak(object);
            let cell = WeakCell {
                graph: Cell::new(graph),
                target: Cell::new(Some(object)),
                count: Cell::new(1),
                callbacks: RefCell::default(),
            };
            NonNull::from(Box::leak(Box::new(cell)))
        });
        WeakCell::retain(cell);
        cell
    }

    /// The object is going, or must look as if it were: empties its cell. Returns the callbacks, newest first.
    pub(crate) fn clear(&self, object: Object) -> Vec<Callback> {
        if !object.has(Flag::HasWeak) {
            return Vec::new();
        }
        object.unset(Flag::HasWeak);
        let Some(cell) = self.cells.borrow_mut().remove(&object.id()) else { return Vec::new() };
        // SAFETY: W1: the table's count.
        let shared = unsafe { cell.as_ref() };
        shared.target.set(None);
        let mut callbacks = shared.callbacks.take();
        callbacks.reverse();
        // SAFETY: the table gives its count up.
        unsafe { WeakCell::release(cell) };
        callbacks
    }

    /// A watcher is going, or must look as if it were (W3). Returns its callbacks, which are dropped and not called.
    pub(crate) fn forget_watcher(&self, watcher: Object) -> Vec<Callback> {
        let mut forgotten = Vec::new();
        watcher.unset(Flag::Watches);
        let cells = self.watched.borrow_mut().remove(&watcher.id()).unwrap_or_default();
        for cell in cells {
            // SAFETY: W1: the list's count.
            let callbacks = &unsafe { cell.as_ref() }.callbacks;
            let mut kept = callbacks.take();
            forgotten.extend(kept.extract_if(.., |c| c.watcher == Some(watcher)));
            callbacks.replace(kept);
            // SAFETY: the list is gone, and gives its count up.
            unsafe { WeakCell::release(cell) };
        }
        forgotten
    }

    /// Enters that `watcher` has a callback in `cell`.
    fn note_watcher(&self, graph: &Graph, watcher: Object, cell: NonNull<WeakCell>) {
        watcher.set(Flag::Watches);
        graph.space().note_weak(watcher);
        WeakCell::retain(cell);
        let mut watched = self.watched.borrow_mut();
        let cells = watched.entry(watcher.id()).or_default();
        if cells.len() == cells.capacity() {
            // Cells whose targets have gone hold no callbacks any more.
            // SAFETY: W1: the list's count.
            for gone in cells.extract_if(.., |cell| unsafe { cell.as_ref() }.target.get().is_none()) {
                // SAFETY: it has left the list, and gives its count up.
                unsafe { WeakCell::release(gone) };
            }
        }
        cells.push(cell);
    }

    /// The heap is going: empties all cells. Returns the callbacks, which are dropped and not called.
    pub(crate) fn make_inert(&self) -> Vec<Callback> {
        let mut callbacks = Vec::new();
        for cell in self.watched.take().into_values().flatten() {
            // SAFETY: the list gives its count up.
            unsafe { WeakCell::release(cell) };
        }
        for (_, cell) in self.cells.take() {
            // SAFETY: W1: the table's count.
            let shared = unsafe { cell.as_ref() };
            shared.target.set(None);
            shared.graph.set(std::ptr::null());
            callbacks.append(&mut shared.callbacks.take());
            // SAFETY: the table gives its count up.
            unsafe { WeakCell::release(cell) };
        }
        callbacks
    }
}

impl fmt::Debug for WeakTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakTable").finish_non_exhaustive()
    }
}

/// A weak reference in an object. Written by [`Gc::set_weak`]; made by [`Gc::downgrade`].
///
/// One word. It is no edge: it keeps nothing alive and survives the reuse of its target's address.
pub struct Weak<'gc, T: ?Sized> {
    cell: AtomicPtr<WeakCell>,
    _brand: Invariant<'gc>,
    _type: PhantomData<*mut T>,
}

impl<'gc, T: ?Sized> Weak<'gc, T> {
    /// A weak reference to nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Weak { cell: AtomicPtr::new(std::ptr::null_mut()), _brand: PhantomData, _type: PhantomData }
    }

    fn shared(&self) -> Option<&WeakCell> {
        // SAFETY: W1: this reference is counted.
        unsafe { self.cell.load(Relaxed).as_ref() }
    }

    /// The target, unless it is gone. While marking is under way the target is kept alive by being handed out.
    pub fn upgrade<C: Collector>(&self, mc: &Mutator<'gc, C>) -> Option<Gc<'gc, T>> {
        let (_, object) = self.shared()?.live()?;
        mc.collector().upgraded(mc.graph(), object);
        Some(Gc::new(object))
    }
}

impl<T: ?Sized> Default for Weak<'_, T> {
    fn default() -> Self {
        Weak::empty()
    }
}

impl<T: ?Sized> Drop for Weak<'_, T> {
    fn drop(&mut self) {
        if let Some(cell) = NonNull::new(*self.cell.get_mut()) {
            // SAFETY: W1: this reference's count.
            unsafe { WeakCell::release(cell) }
        }
    }
}

impl<T: ?Sized> fmt::Debug for Weak<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shared().and_then(WeakCell::live) {
            Some((_, object)) => write!(f, "Weak({})", object.id()),
            None => f.write_str("Weak(dead)"),
        }
    }
}

// SAFETY: a weak reference is no edge (rule 1 of `Trace`).
unsafe impl<T: ?Sized> Trace for Weak<'_, T> {
    const EDGES: Edges = Edges::NONE;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if tracer.detaching()
            && let Some(cell) = NonNull::new(self.cell.swap(std::ptr::null_mut(), Relaxed))
        {
            // SAFETY: W1: this reference's count, which it does not have any more.
            unsafe { WeakCell::release(cell) }
        }
    }
}

impl<'gc, T: ReferentIn<'gc> + ?Sized> Gc<'gc, T> {
    /// A weak reference to this object.
    pub fn downgrade<C: Collector>(self, mc: &Mutator<'gc, C>) -> Weak<'gc, T> {
        let cell = mc.graph().weaks().cell(mc.graph(), self.object());
        Weak { cell: AtomicPtr::new(cell.as_ptr()), _brand: PhantomData, _type: PhantomData }
    }

    /// A weak reference to this object for use outside of scopes.
    pub fn downgrade_root<C: Collector>(self, mc: &Mutator<'gc, C>) -> WeakRoot<T::Out> {
        WeakRoot::new(mc.graph().weaks().cell(mc.graph(), self.object()))
    }
}

impl<T: Referent + ?Sized> Managed for Weak<'static, T> {
    type At<'gc> = Weak<'gc, T::In<'gc>>;
}

impl<'gc, T: ReferentIn<'gc> + ?Sized> Branded<'gc> for Weak<'gc, T> {
    type Static = Weak<'static, T::Out>;
}

impl<'gc, T: Shape + ?Sized + 'gc> Gc<'gc, T> {
    /// Makes a weak reference in this object refer to `target`, or to nothing.
    pub fn set_weak<C: Collector, U: ReferentIn<'gc> + ?Sized>(
        self,
        mc: &Mutator<'gc, C>,
        weak: impl FnOnce(&'gc T) -> &'gc Weak<'gc, U>,
        target: Option<Gc<'gc, U>>,
    ) {
        let mut new = target.map_or_else(Weak::empty, |t| t.downgrade(mc));
        // The old cell goes with `new`, after the exchange.
        let weak = weak(self.as_ref());
        let fresh = *new.cell.get_mut();
        *new.cell.get_mut() = weak.cell.swap(fresh, Relaxed);
    }
}

/// A weak reference outside of scopes. It may outlive its target and its heap.
pub struct WeakRoot<T: ?Sized> {
    cell: Option<NonNull<WeakCell>>,
    _type: PhantomData<*const T>,
}

impl<T: Referent + ?Sized> WeakRoot<T> {
    pub(crate) fn new(cell: NonNull<WeakCell>) -> Self {
        WeakRoot { cell: Some(cell), _type: PhantomData }
    }

    pub(crate) fn dead() -> Self {
        WeakRoot { cell: None, _type: PhantomData }
    }

    fn live(&self) -> Option<(&Graph, Object)> {
        // SAFETY: W1: this reference is counted.
        self.cell.and_then(|cell| unsafe { cell.as_ref() }.live())
    }

    /// Does the target still exist?
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.live().is_some()
    }

    /// A root of the target, unless it is gone.
    #[must_use]
    pub fn upgrade(&self) -> Option<Root<T>> {
        let (graph, object) = self.live()?;
        graph.upgraded(object);
        let entry = graph.roots().insert(graph, object);
        graph.root_added(object);
        Some(Root::from_entry(entry))
    }

    /// Enters a callback; false if the target is gone already.
    ///
    /// # Panics
    /// If the target is in another heap than `heap`: the callback expects this one.
    pub(crate) fn add_callback(&self, heap: &Graph, callback: Callback) -> bool {
        let (Some((graph, _)), Some(cell)) = (self.live(), self.cell) else { return false };
        assert!(
            std::ptr::eq(graph, heap),
            "this weak reference belongs to {}, not to {}",
            graph.id(),
            heap.id()
        );
        if let Some(watcher) = callback.watcher {
            graph.weaks().note_watcher(graph, watcher, cell);
        }
        // SAFETY: W1.
        unsafe { cell.as_ref() }.callbacks.borrow_mut().push(callback);
        true
    }
}

impl<T: ?Sized> Clone for WeakRoot<T> {
    fn clone(&self) -> Self {
        if let Some(cell) = self.cell {
            WeakCell::retain(cell);
        }
        WeakRoot { cell: self.cell, _type: PhantomData }
    }
}

impl<T: ?Sized> Drop for WeakRoot<T> {
    fn drop(&mut self) {
        if let Some(cell) = self.cell {
            // SAFETY: W1: this reference's count.
            unsafe { WeakCell::release(cell) }
        }
    }
}

impl<T: Referent + ?Sized> fmt::Debug for WeakRoot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.live() {
            Some((_, object)) => write!(f, "WeakRoot({})", object.id()),
            None => f.write_str("WeakRoot(dead)"),
        }
    }
}
