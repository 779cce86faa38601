//! The heap's memory: cells in blocks in arenas, found by a bitmap cursor, freed one by one or swept.
//!
//! A *kind* is a size class together with whether its objects need dropping; a block holds cells of one kind. For each
//! kind a [`Cursor`] holds one 64-bit word's worth of free cells, claimed from the block's allocation bits all at once:
//! an allocation then takes the lowest bit of a register-sized mask, whether the block is fresh or riddled with holes. What is
//! claimed and not used is given back by [`Space::flush`] before anybody reads allocation bits as the truth.
//!
//! Invariants:
//! - **S1** A set allocation bit (after `flush`) is that of the granule in which a cell starts that holds an initialised header and value.
//! - **S2** A cell is handed out only while its allocation bit is claimed by the cursor, so no two objects share a cell.
//! - **S3** `epoch` names the last sweep begun. A block in use with an older epoch has not been swept: there, an object exists
//!   if it is marked. Elsewhere it exists if its allocation bit is set; and mark bits outside of marking are zero there.
//! - **S4** After `flush`, a block's `live` is the number of its set allocation bits.

mod arena;
mod classes;
mod contents;
mod large;
mod marks;
mod release;
mod sweep;

pub(crate) use classes::{class_of, class_of_type};
use sweep::Sweep;
pub use sweep::{Marked, Swept};

use crate::cell_stack::CellStack;
use crate::error::AllocError;
use crate::object::Object;
use arena::{Arena, BLOCK_BYTES, Block, FIRST_BLOCK, GRANULE, Use, cell_at};
use classes::{CELLS, CLASSES, MIDDLES, STARTS, WORDS};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::Ordering::Relaxed;

/// Index of a size class and whether its objects need dropping.
pub(crate) const fn kind_of(class: usize, droppable: bool) -> usize {
    class * 2 + droppable as usize
}

/// Do these objects lie in the same arena, so that a pointer to one reaches the other?
#[inline]
pub(crate) fn share_arena(a: Object, b: Object) -> bool {
    Arena::of(a.cell()) == Arena::of(b.cell())
}

const KINDS: usize = CLASSES * 2;

/// The free cells that the next allocations of a kind will take.
#[repr(align(64))]
struct Cursor {
    /// Claimed and unused cells of the current word, a bit for each granule.
    free: Cell<u64>,
    /// Address of the current word's first granule; null while no word is claimed.
    base: Cell<*mut u8>,
    /// Which cells start in the middle of their granule.
    middles: Cell<u64>,
    block: Cell<Option<Block>>,
    /// The current word, and whether it is finished.
    word: Cell<usize>,
    /// Where the search for blocks to sweep goes on: arena, block.
    search: Cell<(usize, usize)>,
}

/// All memory of one heap.
pub(crate) struct Space {
    cursors: [Cursor; KINDS],
    /// Blocks of each kind that may have holes.
    holes: [CellStack<Block>; KINDS],
    /// In order of address.
    arenas: RefCell<Vec<Arena>>,
    /// No arena before this one has a free block.
    first_free: Cell<usize>,
    epoch: Cell<u32>,
    sweep: Sweep,
    /// Are objects born marked?
    born_marked: Cell<bool>,
    /// Are freed values overwritten?
    poison: bool,
    /// Has a release more to do than to give the cell back: unmark, overwrite?
    thorough: Cell<bool>,
    limit: Cell<usize>,
    used: Cell<usize>,
    peak: Cell<usize>,
    allocated: Cell<u64>,
}

impl Space {
    pub(crate) fn new(limit: Option<usize>, poison: bool) -> Self {
        Space {
            cursors: [const {
                Cursor {
                    free: Cell::new(0),
                    base: Cell::new(std::ptr::null_mut()),
                    middles: Cell::new(0),
                    block: Cell::new(None),
                    word: Cell::new(0),
                    search: Cell::new((0, FIRST_BLOCK)),
                }
            }; KINDS],
            holes: [const { CellStack::new() }; KINDS],
            arenas: RefCell::new(Vec::new()),
            first_free: Cell::new(0),
            epoch: Cell::new(0),
            sweep: Sweep::default(),
            born_marked: Cell::new(false),
            poison,
            thorough: Cell::new(poison),
            limit: Cell::new(limit.unwrap_or(usize::MAX)),
            used: Cell::new(0),
            peak: Cell::new(0),
            allocated: Cell::new(0),
        }
    }

    /// A cell of `kind`. Its content is garbage; the caller writes header and value before anything else happens (S1).
    #[inline]
    pub(crate) fn cell(&self, kind: usize) -> Result<NonNull<u8>, AllocError> {
        let cursor = &self.cursors[kind];
        let free = cursor.free.get();
        if free == 0 {
            return self.cell_slow(kind);
        }
        cursor.free.set(free & (free - 1));
        let cell = cell_at(cursor.base.get(), free.trailing_zeros(), cursor.middles.get());
        // SAFETY: a claimed cell lies in a mapped block.
        Ok(unsafe { NonNull::new_unchecked(cell) })
    }

    #[cold]
    #[inline(never)]
    fn cell_slow(&self, kind: usize) -> Result<NonNull<u8>, AllocError> {
        let cursor = &self.cursors[kind];
        cursor.base.set(std::ptr::null_mut());
        loop {
            if let Some(block) = cursor.block.get() {
                while cursor.word.get() < WORDS {
                    let i = cursor.word.get();
                    cursor.word.set(i + 1);
                    if self.claim(kind, block, i) {
                        return self.cell(kind);
                    }
                }
            }
            let block = self.next_block(kind)?;
            cursor.block.set(Some(block));
            cursor.word.set(0);
        }
    }

    /// Claims all free cells that start in word `i` of `block`, and says if there are any.
    fn claim(&self, kind: usize, block: Block, i: usize) -> bool {
        let word = block.alloc_word(i);
        let taken = word.load(Relaxed);
        let free = STARTS[kind / 2][i] & !taken;
        if free == 0 {
            return false;
        }
        word.store(taken | free, Relaxed);
        if self.born_marked.get() {
            block.mark_word(i).fetch_or(free, Relaxed);
        }
        let meta = block.meta();
        meta.live.set(meta.live.get() + free.count_ones());
        self.allocated.set(self.allocated.get() + u64::from(free.count_ones()) * u64::from(CELLS[kind / 2]));
        let cursor = &self.cursors[kind];
        cursor.base.set(block.base().wrapping_add(i * 64 * GRANULE));
        cursor.middles.set(MIDDLES[kind / 2][i]);
        cursor.free.set(free);
        true
    }

    /// A block of `kind` that may have holes: one that is known to, one that a pending sweep makes, or an empty one.
    fn next_block(&self, kind: usize) -> Result<Block, AllocError> {
        while let Some(block) = self.holes[kind].pop() {
            let meta = block.meta();
            let fits = meta.usage.get() == Use::Cells && usize::from(meta.kind.get()) == kind;
            if fits && meta.listed.replace(false) && meta.epoch.get() == self.epoch.get() {
                return Ok(block);
            }
        }
        if let Some(block) = self.sweep_for(kind) {
            return Ok(block);
        }
        let block = self.take(1)?;
        let meta = block.meta();
        meta.usage.set(Use::Cells);
        meta.kind.set(kind as u8);
        Ok(block)
    }

    /// Takes `count` adjoining free blocks, within the limit.
    fn take(&self, count: usize) -> Result<Block, AllocError> {
        self.charge(count * BLOCK_BYTES)?;
        let found = self.find_free(count);
        let Some(block) = found else {
            self.discharge(count * BLOCK_BYTES);
            return Err(AllocError::OutOfMemory { bytes: count * BLOCK_BYTES });
        };
        let meta = block.meta();
        meta.listed.set(false);
        meta.has_weak.set(false);
        meta.epoch.set(self.epoch.get());
        meta.live.set(0);
        Ok(block)
    }

    fn find_free(&self, count: usize) -> Option<Block> {
        let mut arenas = self.arenas.borrow_mut();
        for i in self.first_free.get()..arenas.len() {
            if let Some(block) = arenas[i].take(count) {
                return Some(block);
            }
            if count == 1 {
                self.first_free.set(i + 1);
            }
        }
        let arena = Arena::map(0)?;
        self.insert(&mut arenas, arena);
        self.first_free.set(0);
        arena.take(count)
    }

    fn insert(&self, arenas: &mut Vec<Arena>, arena: Arena) {
        let at = arenas.partition_point(|a| a.base() < arena.base());
        arenas.insert(at, arena);
        self.sweep.arena_inserted(at);
    }

    fn remove(&self, arena: Arena) {
        let mut arenas = self.arenas.borrow_mut();
        if let Ok(at) = arenas.binary_search_by_key(&arena.base(), |a| a.base()) {
            arenas.remove(at);
            self.sweep.arena_removed(at);
            self.first_free.set(0);
        }
    }

    /// Gives a block back. Its bits are zero (A2).
    fn give_back(&self, block: Block, count: usize) {
        let arena = block.arena();
        for index in block.index()..block.index() + count {
            arena.block(index).meta().usage.set(Use::Free);
            arena.set_free(index, true);
        }
        self.first_free.set(0);
        self.discharge(count * BLOCK_BYTES);
    }

    /// Gives back what cursors have claimed and not used, so that allocation bits are the truth (S1).
    pub(crate) fn flush(&self) {
        for (kind, cursor) in self.cursors.iter().enumerate() {
            let unused = cursor.free.replace(0);
            let base = cursor.base.replace(std::ptr::null_mut());
            let Some(block) = cursor.block.get().filter(|_| !base.is_null()) else { continue };
            let i = cursor.word.get() - 1;
            cursor.word.set(i);
            let word = block.alloc_word(i);
            word.store(word.load(Relaxed) & !unused, Relaxed);
            if self.born_marked.get() {
                block.mark_word(i).fetch_and(!unused, Relaxed);
            }
            let meta = block.meta();
            meta.live.set(meta.live.get() - unused.count_ones());
            let bytes = u64::from(unused.count_ones()) * u64::from(CELLS[kind / 2]);
            self.allocated.set(self.allocated.get() - bytes);
        }
    }

    /// From now on objects are born marked, or no longer. Cost: bounded by the number of kinds.
    pub(crate) fn set_born_marked(&self, on: bool) {
        self.flush();
        self.born_marked.set(on);
        self.thorough.set(on || self.poison);
    }

    /// Counts `bytes` against the limit.
    pub(crate) fn charge(&self, bytes: usize) -> Result<(), AllocError> {
        let used = self.used.get().saturating_add(bytes);
        if used > self.limit.get() {
            return Err(AllocError::HeapLimit { limit: self.limit.get(), used: self.used.get(), bytes });
        }
        self.used.set(used);
        self.peak.set(self.peak.get().max(used));
        Ok(())
    }

    pub(crate) fn discharge(&self, bytes: usize) {
        self.used.set(self.used.get() - bytes);
    }

    /// So many bytes of scratch memory exist now.
    #[inline]
    pub(crate) fn count_scratch(&self, bytes: usize) {
        self.peak.set(self.peak.get().max(self.used.get() + bytes));
    }

    /// Bytes in blocks and buffers now.
    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    /// The most that [`used`](Self::used) ever was, with the scratch memory of the time.
    pub(crate) fn peak(&self) -> usize {
        self.peak.get()
    }

    /// Bytes of cells handed out since the heap was made (those claimed by cursors included).
    pub(crate) fn allocated(&self) -> u64 {
        self.allocated.get()
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        for arena in self.arenas.get_mut().drain(..) {
            // SAFETY: the heap has dropped every value, and is going itself.
            unsafe { arena.unmap() };
        }
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space")
            .field("used", &self.used.get())
            .field("limit", &self.limit.get())
            .field("arenas", &self.arenas.borrow().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod testing {
    use super::{Space, class_of, kind_of};
    use crate::object::{HEADER_BYTES, Object};

    /// So many cells of so many bytes, in which there is nothing, as objects.
    pub(super) fn objects(space: &Space, count: usize, bytes: usize) -> Vec<Object> {
        let class = class_of(bytes).expect("a size of cells");
        let cell = |_| space.cell(kind_of(class, false)).expect("memory");
        (0..count)
            .map(cell)
            .filter_map(|cell| Object::from_raw(cell.as_ptr().wrapping_add(HEADER_BYTES)))
            .collect()
    }
}
