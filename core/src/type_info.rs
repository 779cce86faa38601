//! What a collector must know of a type: one static record for each pair of collector and type.

use crate::brand::{Attributes, Branded, Finalizer, Managed};
use crate::collector::Collector;
use crate::edges::Edges;
use crate::inner::Inner;
use crate::shape::{Shape, SliceHead};
use crate::trace::{Trace, Tracer};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Static information on the type of an object. One pointer to it is word 0 of every header.
#[repr(C, align(64))]
pub struct TypeInfo {
    edges: Edges,
    /// Neither drop function nor finalizer: kept beside the edges, since whoever frees an object reads both.
    plain: bool,
    trace: unsafe fn(NonNull<u8>, &mut Tracer<'_>),
    drop: Option<unsafe fn(NonNull<u8>)>,
    finalize: Option<unsafe fn(NonNull<u8>, NonNull<()>)>,
    name: fn() -> &'static str,
    size: usize,
    attributes: Attributes,
}

impl TypeInfo {
    /// Where the edges are.
    #[must_use]
    #[inline]
    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// Can an object of this type be part of a cycle? Objects without edges cannot.
    #[must_use]
    pub fn may_be_cyclic(&self) -> bool {
        !self.edges.is_none()
    }

    /// Must something be run when an object of this type is freed?
    #[must_use]
    #[inline]
    pub fn needs_drop(&self) -> bool {
        self.drop.is_some()
    }

    /// Has the type a finalizer (of either kind)?
    #[must_use]
    #[inline]
    pub fn has_finalizer(&self) -> bool {
        self.finalize.is_some()
    }

    /// Has the type neither drop function nor finalizer?
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// The name of the type, as the compiler prints it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        (self.name)()
    }

    /// Bytes of the value; of its fixed part where the length varies.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// What the author of the type said of it in `#[trace(..)]`.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// # Safety
    /// `value` is that of an object of this type which has not been dropped (H1, K1).
    pub(crate) unsafe fn trace(&self, value: NonNull<u8>, tracer: &mut Tracer<'_>) {
        // SAFETY: passed on.
        unsafe { (self.trace)(value, tracer) }
    }

    /// # Safety
    /// As [`trace`](Self::trace); the value is not used afterwards.
    pub(crate) unsafe fn drop_value(&self, value: NonNull<u8>) {
        if let Some(drop) = self.drop {
            // SAFETY: passed on.
            unsafe { drop(value) }
        }
    }

    /// # Safety
    /// As [`trace`](Self::trace); `inner` is the `Inner<C>` of the heap the object lies in, with `C` the collector that
    /// this record was made for.
    pub(crate) unsafe fn finalize(&self, value: NonNull<u8>, inner: NonNull<()>) {
        if let Some(finalize) = self.finalize {
            // SAFETY: passed on.
            unsafe { finalize(value, inner) }
        }
    }
}

impl fmt::Debug for TypeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeInfo")
            .field("name", &self.name())
            .field("size", &self.size)
            .field("edges", &self.edges)
            .field("needs_drop", &self.needs_drop())
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

/// The record of `T` under `C`, for a sized `T`.
pub(crate) struct InfoOf<'gc, C, T>(PhantomData<(&'gc (), C, T)>);

impl<'gc, C: Collector, T: Branded<'gc>> InfoOf<'gc, C, T> {
    pub(crate) const INFO: &'static TypeInfo = &TypeInfo {
        edges: T::EDGES,
        plain: !std::mem::needs_drop::<T>() && finalizer::<T::Static, C>().is_none(),
        trace: trace_shape::<T>,
        drop: if std::mem::needs_drop::<T>() { Some(drop_shape::<T>) } else { None },
        finalize: finalizer::<T::Static, C>(),
        name: std::any::type_name::<T>,
        size: size_of::<T>(),
        attributes: <T::Static as Managed>::ATTRIBUTES,
    };

    /// The record of the slice type `[T]`: a length word, then the elements.
    pub(crate) const SLICE: &'static TypeInfo = &TypeInfo {
        edges: Edges::NONE.with_variant(T::EDGES),
        plain: !std::mem::needs_drop::<T>(),
        trace: trace_shape::<[T]>,
        drop: if std::mem::needs_drop::<T>() { Some(drop_shape::<[T]>) } else { None },
        finalize: None,
        name: std::any::type_name::<[T]>,
        size: SliceHead::<T>::ELEMENTS,
        attributes: Attributes::DEFAULT,
    };
}

/// The record of `T` stored behind a fat pointer `U` (a trait object).
pub(crate) struct DynInfoOf<'gc, C, T, U: ?Sized>(PhantomData<(&'gc (), C, T, PhantomData<U>)>);

impl<'gc, C: Collector, T: Branded<'gc>, U: ?Sized> DynInfoOf<'gc, C, T, U> {
    pub(crate) const INFO: &'static TypeInfo = &TypeInfo {
        edges: Edges::NONE.with_field(std::mem::offset_of!(crate::shape::DynCell<U, T>, value), T::EDGES),
        plain: !std::mem::needs_drop::<T>(),
        trace: trace_dyn::<T, U>,
        drop: if std::mem::needs_drop::<T>() { Some(drop_dyn::<T, U>) } else { None },
        // A finalizer is handed a root of the concrete type, which a fat object cannot give.
        finalize: None,
        name: std::any::type_name::<T>,
        size: size_of::<T>(),
        attributes: Attributes { finalizer: Finalizer::None, ..<T::Static as Managed>::ATTRIBUTES },
    };
}

const fn finalizer<S: Managed, C: Collector>() -> Option<unsafe fn(NonNull<u8>, NonNull<()>)> {
    match S::ATTRIBUTES.finalizer {
        Finalizer::None => None,
        Finalizer::Modern | Finalizer::Legacy => Some(Inner::<C>::finalize_as::<S>),
    }
}

unsafe fn trace_shape<T: Trace + Shape + ?Sized>(value: NonNull<u8>, tracer: &mut Tracer<'_>) {
    // SAFETY: the caller vouches for a live object of this type, whose shape `Shape` describes.
    unsafe { (*T::from_thin(value.as_ptr())).trace(tracer) }
}

unsafe fn drop_shape<T: Shape + ?Sized>(value: NonNull<u8>) {
    // SAFETY: as above, and the caller gives the value up.
    unsafe { T::from_thin(value.as_ptr()).cast_mut().drop_in_place() }
}

unsafe fn trace_dyn<T: Trace, U: ?Sized>(value: NonNull<u8>, tracer: &mut Tracer<'_>) {
    // SAFETY: the object was written as a `DynCell<U, T>`.
    unsafe { (*value.cast::<crate::shape::DynCell<U, T>>().as_ptr()).value.trace(tracer) }
}

unsafe fn drop_dyn<T, U: ?Sized>(value: NonNull<u8>) {
    // SAFETY: as above, and the caller gives the value up.
    unsafe { (&raw mut (*value.cast::<crate::shape::DynCell<U, T>>().as_ptr()).value).drop_in_place() }
}
