//! `GcVec`: a growable list of edges.

use crate::brand::{Branded, Managed, Referent, ReferentIn};
use crate::collector::Collector;
use crate::edge_buffer::EdgeBuffer;
use crate::edges::Edges;
use crate::error::AllocError;
use crate::gc::{Gc, Invariant};
use crate::mutator::Mutator;
use crate::object::Object;
use crate::shape::Shape;
use crate::trace::{Trace, Tracer};
use std::fmt;
use std::marker::PhantomData;

/// A growable list of edges in an object.
///
/// Read by [`get`](Self::get), [`len`](Self::len) and [`iter`](Self::iter); changed through the owner, so that every element
/// passes the write barrier: `owner.edit(mc, |n| &n.list).push(x)`. It lends no slices. The buffer lies outside of the
/// heap's blocks and counts against the heap limit.
pub struct GcVec<'gc, T: ?Sized> {
    edges: EdgeBuffer,
    _brand: Invariant<'gc>,
    _type: PhantomData<*mut T>,
}

impl<'gc, T: ?Sized> GcVec<'gc, T> {
    /// An empty list. Allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        GcVec { edges: EdgeBuffer::new(), _brand: PhantomData, _type: PhantomData }
    }

    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Is the list empty?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `index`.
    #[must_use]
    #[inline]
    pub fn get(&self, index: usize) -> Option<Gc<'gc, T>> {
        self.edges.get(index).map(Gc::new)
    }

    /// The elements. Sees what is pushed or removed while it runs, index by index.
    pub fn iter(&self) -> Iter<'_, 'gc, T> {
        Iter { list: self, next: 0 }
    }
}

impl<T: ?Sized> Default for GcVec<'_, T> {
    fn default() -> Self {
        GcVec::new()
    }
}

impl<T: ?Sized> fmt::Debug for GcVec<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Iterator over a [`GcVec`].
pub struct Iter<'a, 'gc, T: ?Sized> {
    list: &'a GcVec<'gc, T>,
    next: usize,
}

impl<'gc, T: ?Sized> Iterator for Iter<'_, 'gc, T> {
    type Item = Gc<'gc, T>;
    fn next(&mut self) -> Option<Gc<'gc, T>> {
        let item = self.list.get(self.next)?;
        self.next += 1;
        Some(item)
    }
}

impl<T: ?Sized> fmt::Debug for Iter<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("next", &self.next).finish_non_exhaustive()
    }
}

impl<'a, 'gc, T: ?Sized> IntoIterator for &'a GcVec<'gc, T> {
    type Item = Gc<'gc, T>;
    type IntoIter = Iter<'a, 'gc, T>;
    fn into_iter(self) -> Iter<'a, 'gc, T> {
        self.iter()
    }
}

// SAFETY: the buffer passes every element; marked dynamic.
unsafe impl<T: ?Sized> Trace for GcVec<'_, T> {
    const EDGES: Edges = Edges::BUFFER;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.edges.trace(tracer);
    }
}

impl<T: Referent + ?Sized> Managed for GcVec<'static, T> {
    type At<'gc> = GcVec<'gc, T::In<'gc>>;
}

impl<'gc, T: ReferentIn<'gc> + ?Sized> Branded<'gc> for GcVec<'gc, T> {
    type Static = GcVec<'static, T::Out>;
}

/// Collections of edges that are changed through their owner: [`GcVec`] and [`GcMap`](crate::GcMap).
pub trait Edit<'gc>: Sized {
    /// What [`Gc::edit`] returns.
    type Editor<'a, C: Collector>
    where
        Self: 'a,
        'gc: 'a;

    #[doc(hidden)]
    fn address(&self) -> usize;

    #[doc(hidden)]
    fn editor<'a, C: Collector>(&'a self, mc: &'a Mutator<'gc, C>, owner: Object) -> Self::Editor<'a, C>;
}

impl<'gc, T: Shape + ?Sized + 'gc> Gc<'gc, T> {
    /// Changes a [`GcVec`] or [`GcMap`](crate::GcMap) of this object.
    ///
    /// # Panics
    /// If the collection is not this object's.
    #[track_caller]
    pub fn edit<'a, C: Collector, E: Edit<'gc> + 'gc>(
        self,
        mc: &'a Mutator<'gc, C>,
        collection: impl FnOnce(&'gc T) -> &'gc E,
    ) -> E::Editor<'a, C>
    where
        'gc: 'a,
    {
        let collection = collection(self.as_ref());
        self.check_owns(collection.address());
        collection.editor(mc, self.object())
    }
}

impl<'gc, T: ?Sized> Edit<'gc> for GcVec<'gc, T> {
    type Editor<'a, C: Collector>
        = VecEditor<'a, 'gc, T, C>
    where
        Self: 'a,
        'gc: 'a;

    #[inline]
    fn address(&self) -> usize {
        self.edges.address()
    }

    fn editor<'a, C: Collector>(
        &'a self,
        mc: &'a Mutator<'gc, C>,
        owner: Object,
    ) -> VecEditor<'a, 'gc, T, C> {
        VecEditor { list: self, mc, owner }
    }
}

/// Changes a [`GcVec`]; every removal and every addition is a write that the collector hears of.
pub struct VecEditor<'a, 'gc, T: ?Sized, C: Collector> {
    list: &'a GcVec<'gc, T>,
    mc: &'a Mutator<'gc, C>,
    owner: Object,
}

impl<'gc, T: ?Sized, C: Collector> VecEditor<'_, 'gc, T, C> {
    /// Appends `item`.
    ///
    /// # Panics
    /// At the heap limit; see [`try_push`](Self::try_push).
    #[track_caller]
    pub fn push(&mut self, item: Gc<'gc, T>) {
        if let Err(error) = self.try_push(item) {
            panic!("{error}");
        }
    }

    /// Appends `item`. Amortised cost: one barrier.
    ///
    /// # Errors
    /// At the heap limit, or if the system has no memory; the list is as before.
    pub fn try_push(&mut self, item: Gc<'gc, T>) -> Result<(), AllocError> {
        self.list.edges.push(self.mc, self.owner, item.object())
    }

    /// Makes room for `more` elements.
    ///
    /// # Errors
    /// As [`try_push`](Self::try_push).
    pub fn try_reserve(&mut self, more: usize) -> Result<(), AllocError> {
        self.list.edges.reserve(self.mc, more)
    }

    /// Removes and returns the last element.
    pub fn pop(&mut self) -> Option<Gc<'gc, T>> {
        let last = self.list.len().checked_sub(1)?;
        self.list.edges.swap_remove(self.mc, self.owner, last).map(Gc::new)
    }

    /// Replaces element `index`.
    ///
    /// # Panics
    /// If there is no such element.
    #[track_caller]
    pub fn set(&mut self, index: usize, item: Gc<'gc, T>) {
        let done = self.list.edges.set(self.mc, self.owner, index, item.object());
        assert!(done, "index {index} is past the end of a list of {}", self.list.len());
    }

    /// Removes element `index` and puts the last one in its place.
    ///
    /// # Panics
    /// If there is no such element.
    #[track_caller]
    pub fn swap_remove(&mut self, index: usize) -> Gc<'gc, T> {
        match self.list.edges.swap_remove(self.mc, self.owner, index) {
            Some(object) => Gc::new(object),
            None => panic!("index {index} is past the end of a list of {}", self.list.len()),
        }
    }

    /// Removes all elements, last to first. The buffer stays.
    pub fn clear(&mut self) {
        self.list.edges.clear(self.mc, self.owner);
    }

    /// Removes element `index` and moves those behind it down. Cost: a barrier per element moved.
    ///
    /// # Panics
    /// If there is no such element.
    #[track_caller]
    pub fn remove(&mut self, index: usize) -> Gc<'gc, T> {
        let Some(removed) = self.list.get(index) else {
            panic!("index {index} is past the end of a list of {}", self.list.len())
        };
        for i in index + 1..self.list.len() {
            if let Some(next) = self.list.get(i) {
                self.set(i - 1, next);
            }
        }
        self.pop();
        removed
    }
}

impl<'gc, T: ?Sized, C: Collector> VecEditor<'_, 'gc, T, C> {
    /// Keeps the elements that `keep` wants, in order. If `keep` panics, nothing is lost that was not refused.
    pub fn retain(&mut self, mut keep: impl FnMut(Gc<'gc, T>) -> bool) {
        self.list.edges.retain(self.mc, self.owner, |_, item| keep(Gc::new(item)));
    }

    /// Removes all elements and returns them, first to last.
    pub fn drain(&mut self) -> std::vec::IntoIter<Gc<'gc, T>> {
        let items: Vec<_> = self.list.iter().collect();
        self.clear();
        items.into_iter()
    }
}

impl<'gc, T: ?Sized, C: Collector> Extend<Gc<'gc, T>> for VecEditor<'_, 'gc, T, C> {
    fn extend<I: IntoIterator<Item = Gc<'gc, T>>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<T: ?Sized, C: Collector> fmt::Debug for VecEditor<'_, '_, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VecEditor").field("list", self.list).finish_non_exhaustive()
    }
}
