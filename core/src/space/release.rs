//! Giving cells back: one by one, or many at once. Under zeal their content is overwritten.

use super::Space;
use super::arena::{Bit, Block, GRANULE, Use};
use super::classes::CELLS;
use crate::object::Object;
use std::sync::atomic::Ordering::Relaxed;

impl Space {
    /// Releases the cell of an object whose value has been dropped (or needs no dropping).
    ///
    /// # Safety
    /// The object exists, and nobody uses it from here on (K1).
    #[inline(always)]
    pub(crate) unsafe fn release(&self, object: Object) {
        let cell = object.cell();
        let block = Block::of(cell);
        let meta = block.meta();
        if meta.usage.get() != Use::Cells {
            // SAFETY: passed on.
            return unsafe { self.release_large(block) };
        }
        let kind = usize::from(meta.kind.get());
        let cursor = &self.cursors[kind];
        let bit = Bit::alloc(cell);
        let start = cell.map_addr(|a| a & !(64 * GRANULE - 1));
        if self.thorough.get() {
            // SAFETY: passed on; the value lies inside the cell.
            unsafe { self.wipe(cell, CELLS[kind / 2] as usize, start == cursor.base.get()) };
        }
        if start == cursor.base.get() {
            // The cursor stands on this very word: hand the cell to the next allocation, still claimed (S2).
            cursor.free.set(cursor.free.get() | bit.mask);
            return;
        }
        bit.word().store(bit.word().load(Relaxed) & !bit.mask, Relaxed);
        self.freed(block, kind, 1);
    }

    /// Overwrites the cell under zeal, and takes the mark back that it was born with, unless it stays claimed.
    ///
    /// # Safety
    /// Nobody uses the `bytes` at `cell`.
    #[cold]
    #[inline(never)]
    unsafe fn wipe(&self, cell: *mut u8, bytes: usize, claimed: bool) {
        if self.poison {
            // SAFETY: passed on.
            unsafe { Self::overwrite(cell, bytes) };
        }
        if self.born_marked.get() && !claimed {
            let mark = Bit::mark(cell);
            mark.word().fetch_and(!mark.mask, Relaxed);
        }
    }

    /// `cells` of a block have been released.
    #[inline(always)]
    fn freed(&self, block: Block, kind: usize, cells: u32) {
        let meta = block.meta();
        let live = meta.live.get() - cells;
        meta.live.set(live);
        if live == 0 || !meta.listed.get() {
            self.list(block, kind);
        }
    }

    /// A block that has become empty is given back; one that has got its first hole is listed.
    #[cold]
    #[inline(never)]
    fn list(&self, block: Block, kind: usize) {
        let meta = block.meta();
        if meta.live.get() == 0 && self.cursors[kind].block.get() != Some(block) {
            self.give_back(block, 1);
        } else if !meta.listed.replace(true) {
            self.holes[kind].push(block);
        }
    }

    /// Releases many cells, and returns their bytes. Objects that follow one another in the list and share a word of allocation bits cost
    /// one change of that word.
    ///
    /// # Safety
    /// As [`release`](Self::release), for each; no object is named twice.
    pub(crate) unsafe fn release_all(&self, objects: &[Object]) -> usize {
        const SPAN: usize = 64 * GRANULE;
        let (mut bytes, mut i) = (0, 0);
        while let Some(&first) = objects.get(i) {
            let cell = first.cell();
            let block = Block::of(cell);
            let meta = block.meta();
            let span = cell.addr() & !(SPAN - 1);
            let kind = usize::from(meta.kind.get());
            let here = span == self.cursors[kind].base.get().addr();
            if self.thorough.get() || here || meta.usage.get() != Use::Cells {
                bytes += self.bytes_of(first);
                // SAFETY: passed on.
                unsafe { self.release(first) };
                i += 1;
                continue;
            }
            let (mut mask, before) = (0, i);
            while let Some(object) = objects.get(i).filter(|o| o.cell().addr() & !(SPAN - 1) == span) {
                mask |= 1 << (object.cell().addr() % SPAN / GRANULE);
                i += 1;
            }
            let cells = (i - before) as u32;
            let bits = Bit::alloc(cell);
            bits.word().store(bits.word().load(Relaxed) & !mask, Relaxed);
            bytes += CELLS[kind / 2] as usize * cells as usize;
            self.freed(block, kind, cells);
        }
        bytes
    }

    /// # Safety
    /// Nobody uses the `bytes` at `cell`.
    pub(super) unsafe fn overwrite(cell: *mut u8, bytes: usize) {
        const POISON: u8 = 0xDB;
        // SAFETY: passed on.
        unsafe { cell.write_bytes(POISON, bytes) }
    }
}
