//! `Gc`: a pointer to an object, inside a scope.

use crate::brand::{Branded, Managed, Referent, ReferentIn};
use crate::collector::Collector;
use crate::edges::Edges;
use crate::mutator::Mutator;
use crate::object::{Object, ObjectId};
use crate::shape::Shape;
use crate::slot::Slot;
use crate::trace::{Trace, Tracer};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

/// A lifetime that can be neither lengthened nor shortened: the brand. Not `Send`, not `Sync`.
pub(crate) type Invariant<'gc> = PhantomData<*mut &'gc ()>;

/// A pointer to an object of type `T` in the heap whose scope is `'gc`.
///
/// One word for every `T`, slices, `str` and trait objects included; `Copy`; costs nothing to have on the stack. It compares,
/// hashes and prints by identity, never by content, so that no print or comparison walks the graph. As a plain field of an
/// object it is an edge that never changes; edges that change are [`Slot`], [`GcVec`](crate::GcVec),
/// [`GcMap`](crate::GcMap) and [`Locked`](crate::Locked).
#[repr(transparent)]
pub struct Gc<'gc, T: ?Sized> {
    object: Object,
    _brand: Invariant<'gc>,
    _type: PhantomData<*const T>,
}

impl<'gc, T: ?Sized> Gc<'gc, T> {
    /// Invariant G1: `object` was allocated in the heap of this brand with a value of type `T`, and exists.
    #[inline]
    pub(crate) fn new(object: Object) -> Self {
        Gc { object, _brand: PhantomData, _type: PhantomData }
    }

    #[inline]
    pub(crate) fn object(self) -> Object {
        self.object
    }

    /// The object's identity: its address.
    #[must_use]
    #[inline]
    pub fn id(self) -> ObjectId {
        self.object.id()
    }
}

impl<'gc, T: Shape + ?Sized + 'gc> Gc<'gc, T> {
    /// The value, for as long as the scope lasts. (`Deref` lends it for as long as this pointer is borrowed.)
    #[must_use]
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "the trait could lend the value only for as long as the pointer is borrowed"
    )]
    pub fn as_ref(self) -> &'gc T {
        // SAFETY: G1; inside its scope nothing is freed, and no `&mut` to a value is ever made (`Locked` hands out such to
        // its own content only).
        unsafe { &*T::from_thin(self.object.value().as_ptr()) }
    }

    /// Makes the edge in `slot`, a [`Slot`] of this object, refer to `value`, or to nothing. The write barrier lives here.
    ///
    /// Cost: two instructions of range check that fold away for an ordinary field, the barrier, one store. A slot that does
    /// not lie in the object itself but in a box or collection that it owns is found by tracing the object: slow.
    ///
    /// # Panics
    /// If the slot is not this object's.
    #[inline]
    #[track_caller]
    pub fn set<U: ?Sized + 'gc, C: Collector>(
        self,
        mc: &Mutator<'gc, C>,
        slot: impl FnOnce(&'gc T) -> &'gc Slot<'gc, U>,
        value: Option<Gc<'gc, U>>,
    ) {
        let slot = slot(self.as_ref());
        self.check_owns(std::ptr::from_ref(slot).addr());
        mc.write(self.object, slot.word(), value.map(Gc::object));
    }

    /// As [`set`](Self::set) with `None`; returns what the slot referred to. Panics as that does.
    #[inline]
    #[track_caller]
    pub fn take<U: ?Sized + 'gc, C: Collector>(
        self,
        mc: &Mutator<'gc, C>,
        slot: impl FnOnce(&'gc T) -> &'gc Slot<'gc, U>,
    ) -> Option<Gc<'gc, U>> {
        let slot = slot(self.as_ref());
        self.check_owns(std::ptr::from_ref(slot).addr());
        let old = slot.get();
        mc.write(self.object, slot.word(), None);
        old
    }

    /// Invariant B1: what is written through an owner is traced with that owner. Anything inside the value is, since the
    /// value's `Trace` visits every field with edges; anything else must turn up when the value is traced.
    #[inline]
    #[track_caller]
    pub(crate) fn check_owns(self, place: usize) {
        let value = self.as_ref();
        let start = std::ptr::from_ref(value).cast::<u8>().addr();
        if place.wrapping_sub(start) >= size_of_val(value) {
            self.object.check_owns_by_tracing(place);
        }
    }
}

impl Object {
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn check_owns_by_tracing(self, place: usize) {
        let info = self.type_info();
        let found = !info.edges().is_none()
            && Tracer::finds(place, |tracer| {
                // SAFETY: H1: a live object of this type, and a search does not look into locks that are being written.
                unsafe { info.trace(self.value(), tracer) }
            });
        assert!(found, "the place written to does not belong to this object of type `{}`", info.name());
    }
}

impl<T: ?Sized> Clone for Gc<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Gc<'_, T> {}

impl<'gc, T: Shape + ?Sized + 'gc> Deref for Gc<'gc, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        (*self).as_ref()
    }
}

impl<T: ?Sized> PartialEq for Gc<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.object == other.object
    }
}

impl<T: ?Sized> Eq for Gc<'_, T> {}

impl<T: ?Sized> PartialOrd for Gc<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: ?Sized> Ord for Gc<'_, T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.object.cmp(&other.object)
    }
}

impl<T: ?Sized> Hash for Gc<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.object.hash(state);
    }
}

impl<T: ?Sized> fmt::Debug for Gc<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gc({})", self.id())
    }
}

impl<T: ?Sized> fmt::Display for Gc<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id())
    }
}

// SAFETY: T2: one word, an object, never null.
unsafe impl<T: ?Sized> Trace for Gc<'_, T> {
    const EDGES: Edges = Edges::pointer();
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.edge(self.object);
    }
}

impl<T: Referent + ?Sized> Managed for Gc<'static, T> {
    type At<'gc> = Gc<'gc, T::In<'gc>>;
}

impl<'gc, T: ReferentIn<'gc> + ?Sized> Branded<'gc> for Gc<'gc, T> {
    type Static = Gc<'static, T::Out>;
}
