//! The bits and words that lie beside objects for their collector: marks and scratch words.

use super::Space;
use super::arena::{self, BLOCK_BYTES, Bit, GRANULE};
use super::classes::WORDS;
use crate::object::{Object, prefetch};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// Less scratch memory than this is not worth a call of the system.
const MUCH: usize = 2 << 20;

impl Space {
    /// Tests and sets an object's mark bit; true if it was not set before. One thread only.
    #[inline]
    pub(crate) fn mark(object: Object) -> bool {
        let bit = Bit::mark(object.cell());
        let word = bit.word().load(Relaxed);
        bit.word().store(word | bit.mask, Relaxed);
        word & bit.mask == 0
    }

    /// As [`mark`](Self::mark), while other threads mark too.
    #[inline]
    pub(crate) fn mark_shared(object: Object) -> bool {
        let bit = Bit::mark(object.cell());
        // Most objects that are met again are marked already: look before taking the cache line.
        bit.word().load(Relaxed) & bit.mask == 0 && bit.word().fetch_or(bit.mask, Relaxed) & bit.mask == 0
    }

    /// Which of `partitions` parts of the heap the object's block is in.
    #[inline]
    pub(crate) fn partition(object: Object, partitions: usize) -> usize {
        // Spreads blocks evenly, whatever the program's stride: Knuth's multiplicative hashing, scaled without a division.
        let block = (object.cell().addr() / BLOCK_BYTES) as u32;
        ((u64::from(block.wrapping_mul(0x9E37_79B9)) * partitions as u64) >> 32) as usize
    }

    /// Asks the processor to fetch the object's mark bit; a hint, never a fault.
    #[inline]
    pub(crate) fn prefetch_mark(object: Object) {
        prefetch(Bit::mark(object.cell()).word.cast());
    }

    /// Is the object's mark bit set?
    #[inline]
    pub(crate) fn is_marked(object: Object) -> bool {
        let bit = Bit::mark(object.cell());
        bit.word().load(Relaxed) & bit.mask != 0
    }

    /// Clears all mark bits.
    pub(crate) fn clear_marks(&self) {
        self.blocks(|block| (0..WORDS).for_each(|i| block.mark_word(i).store(0, Relaxed)));
    }

    /// Sets all scratch words to 0.
    pub(crate) fn clear_scratch(&self) {
        self.blocks(|block| block.scratch_words().iter().for_each(|word| word.store(0, Relaxed)));
    }

    /// Gives the memory of the scratch words, which are all 0, back to the system, if it is much. Cost: for each page that has been used,
    /// less than its first use took, and that again when it is used again.
    pub(crate) fn give_scratch_back(&self) {
        if self.scratch_bytes() >= MUCH {
            self.arenas.borrow().iter().for_each(|arena| arena.give_scratch_back());
        }
    }

    /// Are all scratch words 0?
    pub(crate) fn scratch_is_clear(&self) -> bool {
        let mut union = 0;
        self.blocks(|block| {
            union |= block.scratch_words().iter().fold(0, |any, word| any | word.load(Relaxed))
        });
        union == 0
    }

    /// Sets all tallies to 0.
    pub(crate) fn clear_tallies(&self) {
        self.blocks(|block| block.tallies().iter().for_each(|word| word.store(0, Relaxed)));
    }

    /// Are all tallies 0?
    pub(crate) fn tallies_are_clear(&self) -> bool {
        let mut union = 0;
        self.blocks(|block| union |= block.tallies().iter().fold(0, |any, word| any | word.load(Relaxed)));
        union == 0
    }

    /// Bytes of the scratch words beside what is in use.
    pub(crate) fn scratch_bytes(&self) -> usize {
        self.used() / GRANULE * size_of::<u32>()
    }

    /// The object's scratch word: 0 unless a collector has put something there.
    #[inline]
    pub(crate) fn scratch<'a>(object: Object) -> &'a AtomicU32 {
        // SAFETY: K1: the object's arena is mapped while the collector works.
        unsafe { arena::scratch(object.cell()) }
    }

    /// The object's tally: 0 unless a collector has put something there.
    #[inline]
    pub(crate) fn tally<'a>(object: Object) -> &'a AtomicU8 {
        // SAFETY: as in `scratch`.
        unsafe { arena::tally(object.cell()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::objects;
    use super::*;

    #[test]
    fn every_object_has_a_tally_of_its_own() {
        let space = Space::new(None, false);
        let objects = objects(&space, 5_000, 32);
        let number = |i: usize| (i % 255 + 1) as u8;
        objects.iter().enumerate().for_each(|(i, &object)| Space::tally(object).store(number(i), Relaxed));
        let kept = |(i, &object)| Space::tally(object).load(Relaxed) == number(i);
        assert!(objects.iter().enumerate().all(kept) && !space.tallies_are_clear());
        space.clear_tallies();
        assert!(space.tallies_are_clear() && space.scratch_is_clear());
    }

    /// Words that are not 0, against the rule, show that they are forgotten.
    #[test]
    #[cfg(all(target_os = "linux", not(miri)))]
    fn memory_of_scratch_words_is_given_back_if_it_is_much() {
        let space = Space::new(None, false);
        let few = objects(&space, 1_000, 4_096);
        Space::scratch(few[7]).store(1, Relaxed);
        space.give_scratch_back();
        assert_eq!(Space::scratch(few[7]).load(Relaxed), 1);
        let more = objects(&space, 4_000, 4_096);
        Space::scratch(more[3_999]).store(1, Relaxed);
        space.give_scratch_back();
        assert!(space.scratch_is_clear());
        Space::scratch(few[7]).store(2, Relaxed);
        assert_eq!(Space::scratch(few[7]).load(Relaxed), 2);
    }
}
