//! Scratch memory beside each object: a word, or a byte of the same memory, for what a collector has to note while it collects.

use crate::graph::Graph;
use crate::object::{Object, prefetch};
use crate::space::Space;
use std::sync::atomic::{AtomicU8, AtomicU32};

impl Graph {
    /// A word of the collector's beside each object, 0 when it is not in use (K5).
    #[must_use]
    #[inline]
    pub fn scratch(&self, object: Object) -> &AtomicU32 {
        Space::scratch(object)
    }

    /// Asks the processor to fetch the object's scratch word; a hint.
    #[inline]
    pub fn prefetch_scratch(&self, object: Object) {
        prefetch(std::ptr::from_ref(Space::scratch(object)).cast());
    }

    /// Sets all scratch words to 0. Cost: one pass over the side table of every block in use.
    pub fn clear_scratch(&self) {
        self.space().clear_scratch();
    }

    /// A byte of the collector's beside each object, in the memory of the scratch words: for who needs no more, and no words meanwhile. 0 when it is not in
    /// use (K5). A quarter of the memory, and of the cache that it takes up.
    #[must_use]
    #[inline]
    pub fn tally(&self, object: Object) -> &AtomicU8 {
        Space::tally(object)
    }

    /// Asks the processor to fetch the object's tally; a hint.
    #[inline]
    pub fn prefetch_tally(&self, object: Object) {
        prefetch(std::ptr::from_ref(Space::tally(object)).cast());
    }

    /// Sets all tallies to 0. Cost: a quarter of that of [`clear_scratch`](Self::clear_scratch).
    pub fn clear_tallies(&self) {
        self.space().clear_tallies();
    }

    /// Are all tallies 0? Cost: as [`clear_tallies`](Self::clear_tallies).
    #[must_use]
    pub fn tallies_are_clear(&self) -> bool {
        self.space().tallies_are_clear()
    }

    /// Gives the memory of the scratch words back to the system, if it is much: they are all 0, and no collection is expected soon.
    pub fn give_scratch_back(&self) {
        debug_assert!(
            self.space().scratch_is_clear() && self.space().tallies_are_clear(),
            "K5: scratch memory is in use"
        );
        self.space().give_scratch_back();
    }

    /// Are all scratch words 0? Cost: as [`clear_scratch`](Self::clear_scratch).
    #[must_use]
    pub fn scratch_is_clear(&self) -> bool {
        self.space().scratch_is_clear()
    }

    /// So many bytes of scratch memory exist now, beside the heap: they count in
    /// [`Stats::peak_bytes`](crate::Stats::peak_bytes).
    #[inline]
    pub fn count_scratch(&self, bytes: usize) {
        self.space().count_scratch(bytes);
    }

    /// Bytes of the scratch words beside all blocks in use.
    #[must_use]
    pub fn scratch_bytes(&self) -> usize {
        self.space().scratch_bytes()
    }
}
