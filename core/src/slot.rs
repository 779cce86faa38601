//! `Slot`: one nullable edge in an object, that may change.

use crate::brand::{Branded, Managed, Referent, ReferentIn};
use crate::edges::Edges;
use crate::gc::{Gc, Invariant};
use crate::object::Object;
use crate::trace::{Trace, Tracer};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicPtr, Ordering::Acquire};

/// A nullable edge that may change: written only by [`Gc::set`], where the write barrier is.
///
/// One word, atomic underneath (release stores, acquire loads), so that a marker may read it while the mutator goes on.
#[repr(transparent)]
pub struct Slot<'gc, T: ?Sized> {
    /// Invariant L1: null, or an object of type `T` in the heap of this brand.
    word: AtomicPtr<u8>,
    _brand: Invariant<'gc>,
    _type: PhantomData<*mut T>,
}

impl<'gc, T: ?Sized> Slot<'gc, T> {
    /// An edge to nothing.
    #[must_use]
    #[inline]
    pub const fn empty() -> Self {
        Slot { word: AtomicPtr::new(std::ptr::null_mut()), _brand: PhantomData, _type: PhantomData }
    }

    /// An edge to `target`, for an object that is about to be allocated.
    #[must_use]
    #[inline]
    pub fn to(target: Gc<'gc, T>) -> Self {
        Slot { word: AtomicPtr::new(target.object().raw()), _brand: PhantomData, _type: PhantomData }
    }

    /// What the edge refers to.
    #[must_use]
    #[inline]
    pub fn get(&self) -> Option<Gc<'gc, T>> {
        Object::from_raw(self.word.load(Acquire)).map(Gc::new)
    }

    #[inline]
    pub(crate) fn word(&self) -> &AtomicPtr<u8> {
        &self.word
    }
}

impl<'gc, T: ?Sized> From<Gc<'gc, T>> for Slot<'gc, T> {
    fn from(target: Gc<'gc, T>) -> Self {
        Slot::to(target)
    }
}

impl<T: ?Sized> Default for Slot<'_, T> {
    fn default() -> Self {
        Slot::empty()
    }
}

impl<T: ?Sized> fmt::Debug for Slot<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(target) => write!(f, "Slot({})", target.id()),
            None => f.write_str("Slot(empty)"),
        }
    }
}

// SAFETY: T2: one word, null or an object, written only atomically.
unsafe impl<T: ?Sized> Trace for Slot<'_, T> {
    const EDGES: Edges = Edges::word();
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.word(&self.word);
    }
}

impl<T: Referent + ?Sized> Managed for Slot<'static, T> {
    type At<'gc> = Slot<'gc, T::In<'gc>>;
}

impl<'gc, T: ReferentIn<'gc> + ?Sized> Branded<'gc> for Slot<'gc, T> {
    type Static = Slot<'static, T::Out>;
}
