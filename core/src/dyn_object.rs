//! Trait objects in the heap: `Gc<'gc, dyn Draw<'gc>>`, one word.
//!
//! Stable Rust lets no library coerce its own pointers to trait objects, so two macros do it: [`managed_dyn!`](crate::managed_dyn)
//! makes `dyn Draw<'gc>` a type that a `Gc` may point to, and [`alloc_dyn!`](crate::alloc_dyn) allocates a value as one.

use crate::shape::{DynCell, Shape};
use crate::trace::{Trace, Tracer};

/// What a trait must build on so that its objects can be traced without knowing their type: implemented for every
/// [`Trace`] type.
pub trait TraceObject {
    /// [`Trace::trace`], callable on a trait object.
    fn trace_object(&self, tracer: &mut Tracer<'_>);
}

impl<T: Trace> TraceObject for T {
    fn trace_object(&self, tracer: &mut Tracer<'_>) {
        self.trace(tracer);
    }
}

/// Trait object types that [`managed_dyn!`](crate::managed_dyn) has been used on.
///
/// # Safety
/// `Self` is a `dyn` type, and its `Shape` is [`dyn_from_thin`].
#[doc(hidden)]
pub unsafe trait DynShape: Shape {}

/// The fat pointer that a trait object stores.
///
/// # Safety
/// `value` is the value of a live object allocated as `U` by `alloc_dyn!`.
#[doc(hidden)]
pub unsafe fn dyn_from_thin<U: ?Sized>(value: *const u8) -> *const U {
    // SAFETY: such an object starts with a `DynCell`, whose first field does not depend on the type behind it.
    unsafe { value.cast::<DynCell<U, ()>>().read_fat() }
}

trait ReadFat<U: ?Sized> {
    unsafe fn read_fat(self) -> *const U;
}

impl<U: ?Sized> ReadFat<U> for *const DynCell<U, ()> {
    unsafe fn read_fat(self) -> *const U {
        // SAFETY: the caller's.
        unsafe { (&raw const (*self).fat).read() }
    }
}

/// Makes `dyn Trait<'gc>` (or `dyn Trait`) a type that `Gc`, `Slot` and `Root` may refer to.
///
/// The trait must have [`TraceObject`] as a supertrait.
///
/// ```
/// # use cyclade_core::{managed_dyn, alloc_dyn, Trace, TraceObject, Slot};
/// trait Draw<'gc>: TraceObject {
///     fn width(&self) -> u32;
/// }
/// managed_dyn!(Draw<'gc>);
///
/// #[derive(Trace)]
/// struct Square<'gc> { side: u32, under: Slot<'gc, dyn Draw<'gc> + 'gc> }
/// impl<'gc> Draw<'gc> for Square<'gc> {
///     fn width(&self) -> u32 { self.side }
/// }
/// ```
#[macro_export]
macro_rules! managed_dyn {
    ($($name:ident)::+ <'gc>) => {
        // SAFETY: the macro's own allocation function writes the fat pointer that this reads.
        unsafe impl<'gc> $crate::__core::Shape for dyn $($name)::+<'gc> + 'gc {
            unsafe fn from_thin(value: *const u8) -> *const Self {
                // SAFETY: passed on.
                unsafe { $crate::__core::dyn_support::dyn_from_thin(value) }
            }
        }
        // SAFETY: see above.
        unsafe impl<'gc> $crate::__core::dyn_support::DynShape for dyn $($name)::+<'gc> + 'gc {}
        // SAFETY: passes the tracer to the value behind the trait.
        unsafe impl<'gc> $crate::__core::Trace for dyn $($name)::+<'gc> + 'gc {
            const EDGES: $crate::__core::Edges = $crate::__core::Edges::DYNAMIC;
            fn trace(&self, tracer: &mut $crate::__core::Tracer<'_>) {
                $crate::__core::TraceObject::trace_object(self, tracer);
            }
        }
        impl $crate::__core::Referent for dyn $($name)::+<'static> {
            type In<'gc> = dyn $($name)::+<'gc> + 'gc;
        }
        impl<'gc> $crate::__core::ReferentIn<'gc> for dyn $($name)::+<'gc> + 'gc {
            type Out = dyn $($name)::+<'static>;
        }
    };
}

/// Allocates a value as a trait object: `alloc_dyn!(mc, Square { .. } => Draw<'_>)` is a `Gc<'gc, dyn Draw<'gc>>`.
///
/// A type's `#[trace(finalize)]` has no effect on objects allocated in this way.
///
/// # Panics
/// As [`Mutator::alloc`](crate::Mutator::alloc).
#[macro_export]
macro_rules! alloc_dyn {
    ($mc:expr, $value:expr => $($name:ident)::+ <$lt:lifetime>) => {
        match ($mc, $value) {
            (mutator, value) => {
                // SAFETY: the closure returns its argument, coerced.
                match unsafe { mutator.try_alloc_as::<_, dyn $($name)::+<$lt> + $lt>(value, |value| value) } {
                    ::core::result::Result::Ok(object) => object,
                    ::core::result::Result::Err(error) => ::core::panic!("{error}"),
                }
            }
        }
    };
}

/// As [`alloc_dyn!`](crate::alloc_dyn), but a `Result`: `Err` at the heap limit, as
/// [`Mutator::try_alloc`](crate::Mutator::try_alloc).
#[macro_export]
macro_rules! try_alloc_dyn {
    ($mc:expr, $value:expr => $($name:ident)::+ <$lt:lifetime>) => {
        match ($mc, $value) {
            (mutator, value) => {
                // SAFETY: the closure returns its argument, coerced.
                unsafe { mutator.try_alloc_as::<_, dyn $($name)::+<$lt> + $lt>(value, |value| value) }
            }
        }
    };
}
