//! Large objects: each has blocks of its own, or an arena if these are too many.

use super::arena::{ARENA_BYTES, Arena, BLOCK_BYTES, BLOCKS, Bit, Block, FIRST_BLOCK, GRANULE, MIDDLE, Use};
use super::classes::WORDS;
use super::{Space, kind_of};
use crate::error::AllocError;
use crate::object::HEADER_BYTES;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;

impl Space {
    /// Memory for one object that has blocks of its own: more than the largest cell, or aligned to more than 16.
    /// Returns the address of the value; the header goes in front of it.
    pub(crate) fn large(
        &self,
        bytes: usize,
        align: usize,
        droppable: bool,
    ) -> Result<NonNull<u8>, AllocError> {
        let out_of_memory = AllocError::OutOfMemory { bytes };
        let front = HEADER_BYTES.max(align);
        let total = bytes.checked_add(front).ok_or(out_of_memory)?;
        let count = total.div_ceil(BLOCK_BYTES);
        let block = if count <= BLOCKS - FIRST_BLOCK {
            self.take(count)?
        } else {
            self.charge(total)?;
            let Some(arena) = Arena::map(total) else {
                self.discharge(total);
                return Err(out_of_memory);
            };
            self.insert(&mut self.arenas.borrow_mut(), arena);
            self.first_free.set(0);
            arena.block(FIRST_BLOCK)
        };
        for index in block.index() + 1..(block.index() + count).min(BLOCKS) {
            block.arena().block(index).meta().usage.set(Use::Tail);
        }
        let meta = block.meta();
        meta.usage.set(Use::Large);
        meta.kind.set(kind_of(0, droppable) as u8);
        meta.has_weak.set(false);
        meta.epoch.set(self.epoch.get());
        meta.live.set(1);
        meta.run.set(count as u32);
        meta.bytes.set(total);
        meta.in_the_middle.set((front - HEADER_BYTES) % GRANULE == MIDDLE);
        self.allocated.set(self.allocated.get() + total as u64);
        let value = block.base().wrapping_add(front);
        let cell = value.wrapping_sub(HEADER_BYTES);
        let bit = Bit::alloc(cell);
        bit.word().store(bit.word().load(Relaxed) | bit.mask, Relaxed);
        if self.born_marked.get() {
            let mark = Bit::mark(cell);
            mark.word().fetch_or(mark.mask, Relaxed);
        }
        // SAFETY: inside a mapped block.
        Ok(unsafe { NonNull::new_unchecked(value) })
    }

    /// Releases the blocks of a large object.
    ///
    /// # Safety
    /// As [`release`](Self::release).
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn release_large(&self, block: Block) {
        let meta = block.meta();
        let arena = block.arena();
        if arena.len() > ARENA_BYTES {
            self.discharge(meta.bytes.get());
            self.remove(arena);
            // SAFETY: the arena held this one object, which the caller gives up.
            unsafe { arena.unmap() };
            return;
        }
        for i in 0..WORDS {
            block.alloc_word(i).store(0, Relaxed);
            block.mark_word(i).store(0, Relaxed);
        }
        self.give_back(block, meta.run.get() as usize);
    }
}
