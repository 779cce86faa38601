//! A stack behind a shared reference, for one thread.
//!
//! Collectors are re-entered by user code (a payload's `Drop`, a finalizer), so their worklists are changed through `&self`.
//! A `RefCell<Vec<T>>` would do and costs a check at each push; this type never lends a reference into the vector, so that
//! no check is needed.

use std::cell::UnsafeCell;
use std::fmt;

/// A growable stack of `Copy` items with interior mutability. Not `Sync`.
pub struct CellStack<T> {
    items: UnsafeCell<Vec<T>>,
}

impl<T: Copy> CellStack<T> {
    /// An empty stack.
    #[must_use]
    pub const fn new() -> Self {
        CellStack { items: UnsafeCell::new(Vec::new()) }
    }

    /// Puts an item on top.
    #[inline]
    pub fn push(&self, item: T) {
        // SAFETY: C1: one thread, and no method runs foreign code or keeps a reference while another one could be called.
        unsafe { (*self.items.get()).push(item) }
    }

    /// Takes the item on top.
    #[inline]
    pub fn pop(&self) -> Option<T> {
        // SAFETY: C1.
        unsafe { (*self.items.get()).pop() }
    }

    /// The item at `index`, counted from the bottom.
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        // SAFETY: C1; the item is copied out.
        unsafe { (&*self.items.get()).get(index).copied() }
    }

    /// Replaces the item at `index`.
    ///
    /// # Panics
    /// If there is no such item.
    #[inline]
    pub fn set(&self, index: usize, item: T) {
        // SAFETY: C1.
        unsafe { (&mut *self.items.get())[index] = item }
    }

    /// Number of items.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: C1.
        unsafe { (*self.items.get()).len() }
    }

    /// Is there no item?
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes all items, bottom first.
    #[must_use]
    pub fn take(&self) -> Vec<T> {
        // SAFETY: C1.
        unsafe { std::mem::take(&mut *self.items.get()) }
    }

    /// Puts `items` on top, in order, and keeps their buffer if the stack is empty.
    pub fn append(&self, mut items: Vec<T>) {
        // SAFETY: C1.
        let own = unsafe { &mut *self.items.get() };
        if own.is_empty() && own.capacity() < items.capacity() {
            *own = items;
        } else {
            own.append(&mut items);
        }
    }

    /// Number of items that there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        // SAFETY: C1.
        unsafe { (*self.items.get()).capacity() }
    }

    /// Gives the memory of more than `items` items back, as far as it is not in use.
    pub fn shrink_to(&self, items: usize) {
        // SAFETY: C1.
        unsafe { (*self.items.get()).shrink_to(items) }
    }

    /// Removes all items; keeps the memory.
    pub fn clear(&self) {
        // SAFETY: C1.
        unsafe { (*self.items.get()).clear() }
    }
}

impl<T: Copy> Default for CellStack<T> {
    fn default() -> Self {
        CellStack::new()
    }
}

impl<T: Copy> fmt::Debug for CellStack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CellStack").field("len", &self.len()).finish()
    }
}
