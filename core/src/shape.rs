//! How a one-word pointer becomes a reference to a value of any type.
//!
//! `Gc` is one word for every type, sized or not. What a fat pointer would carry lies in the object: a slice starts with
//! its length, a trait object with its own fat pointer (heaps here never move objects, so it stays right).

use std::marker::PhantomData;

/// Types that an object can hold: the recipe that turns the address of a value into a pointer to it.
///
/// # Safety
/// `from_thin` returns a pointer to the value that the core's allocation functions wrote at `value` for this type.
pub unsafe trait Shape {
    /// The pointer to the value whose storage starts at `value`.
    ///
    /// # Safety
    /// `value` is the address of a live object's value, allocated for this very type.
    unsafe fn from_thin(value: *const u8) -> *const Self;
}

// SAFETY: a sized value lies at the start.
unsafe impl<T> Shape for T {
    #[inline]
    unsafe fn from_thin(value: *const u8) -> *const T {
        value.cast()
    }
}

// SAFETY: `Mutator::alloc_slice` writes a `SliceHead`, then as many elements as it says.
unsafe impl<T> Shape for [T] {
    #[inline]
    unsafe fn from_thin(value: *const u8) -> *const [T] {
        // SAFETY: the caller vouches for a slice object, which starts with its length.
        let len = unsafe { value.cast::<usize>().read() };
        std::ptr::slice_from_raw_parts(value.wrapping_add(SliceHead::<T>::ELEMENTS).cast(), len)
    }
}

// SAFETY: `Mutator::alloc_str` writes a slice of bytes that are UTF-8.
unsafe impl Shape for str {
    #[inline]
    unsafe fn from_thin(value: *const u8) -> *const str {
        // SAFETY: passed on.
        let bytes: *const [u8] = unsafe { <[u8]>::from_thin(value) };
        bytes as *const str
    }
}

/// Layout of a slice object: the length, then the elements.
pub(crate) struct SliceHead<T>(PhantomData<T>);

impl<T> SliceHead<T> {
    /// Offset of the first element.
    pub(crate) const ELEMENTS: usize = size_of::<usize>().next_multiple_of(align_of::<T>());
}

/// Layout of a trait object: its own fat pointer, then the value.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct DynCell<U: ?Sized, T> {
    pub(crate) fat: *const U,
    pub(crate) value: T,
}
