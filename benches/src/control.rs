//! Controls: the smallest programs that do only the unavoidable work, for the same graphs and steps as ours.
//!
//! | control | what it does |
//! |---|---|
//! | [`marking`] | (a) marks a graph breadth-first with a side bitmap, prefetching both ends of a cell 16 ahead |
//! | [`allocation`] | (b) bump allocation; allocation by a bitmap cursor; the same from a `malloc` |
//! | [`trial_deletion`] | (c) trial deletion over a side array, in address order |
//! | [`sweeping`] | (d) `allocated &= marked` |
//! | [`writing`] | (e) counts up and down; a plain store; a snapshot barrier, off and on |
//! | [`threads`] | (f) how much faster two threads do plain arithmetic than one |
//! | [`hiccup`] | the longest time for which a thread that only looks at the clock was not running |
//!
//! No types, no lists, no order, no weak references, no finalizers: cells of the same size as ours in one array, edges as indices in them.
//! What is large lies in [`pages`] that the system was asked to make huge, as ours does. All of it is safe code with bounds checks, but for two
//! things that have no safe face: a prefetch, and cells from an allocator that is not the global one. They are in this file.

pub mod allocation;
pub mod hiccup;
pub mod marking;
pub mod pages;
pub mod sweeping;
pub mod threads;
pub mod trial_deletion;
pub mod writing;

pub use trial_deletion::TrialDeletion;

use std::alloc::{GlobalAlloc, Layout};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// So far ahead cells are fetched.
pub const AHEAD: usize = 16;

/// A cell of 48 bytes: a header of two words, three edges, a word of payload. Edges are indices.
pub type Cell = [u64; 6];

/// Where the edges are in a [`Cell`].
pub const EDGES: std::ops::Range<usize> = 2..5;

/// Asks for both ends of a cell.
#[inline]
#[allow(unsafe_code, reason = "a prefetch is a hint, and there is no safe function for it")]
pub(crate) fn prefetch<T>(cell: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch is a hint: it may name any address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = std::ptr::from_ref(cell).cast::<i8>();
        _mm_prefetch::<_MM_HINT_T0>(start);
        _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(size_of::<T>() - 1));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = cell;
}

/// An allocator that is named, rather than the global one.
pub trait Malloc {
    /// As tables print it.
    const NAME: &'static str;

    /// What it is.
    type Source: GlobalAlloc;

    /// It.
    const SOURCE: Self::Source;
}

/// The system's: glibc's, on most Linux machines.
#[derive(Debug)]
pub enum System {}

impl Malloc for System {
    const NAME: &'static str = "malloc of the system";
    type Source = std::alloc::System;
    const SOURCE: Self::Source = std::alloc::System;
}

/// A cell from allocator `M`, given back when dropped.
#[derive(Debug)]
pub struct Allocated<M: Malloc>(NonNull<Cell>, PhantomData<M>);

impl<M: Malloc> Allocated<M> {
    /// A new one with this content.
    ///
    /// # Panics
    /// If the allocator has no memory left.
    #[inline]
    #[must_use]
    #[allow(unsafe_code, reason = "stable Rust has no boxes of another allocator")]
    pub fn new(content: Cell) -> Self {
        // SAFETY: a cell has a size.
        let cell = NonNull::new(unsafe { M::SOURCE.alloc(Layout::new::<Cell>()) }.cast::<Cell>());
        let cell = cell.expect("memory for a cell");
        // SAFETY: the allocator gave memory of this size and alignment, and nobody else has it.
        unsafe { cell.write(content) };
        Allocated(cell, PhantomData)
    }
}

impl<M: Malloc> Drop for Allocated<M> {
    #[inline]
    #[allow(unsafe_code, reason = "as in `new`")]
    fn drop(&mut self) {
        // SAFETY: `new` took it from an equal source, which has no state of its own, with this layout; it is given back once.
        unsafe { M::SOURCE.dealloc(self.0.as_ptr().cast(), Layout::new::<Cell>()) }
    }
}
