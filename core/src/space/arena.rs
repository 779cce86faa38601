//! Arenas: large, aligned pieces of address space, with the side tables of the objects in them.
//!
//! ```text
//!   0        32 KiB        64 KiB       192 KiB       320 KiB         4.31 MiB                32 MiB
//!   | header | block table | mark bits  | alloc bits  | scratch words | block 69 | block 70 | ... |
//! ```
//!
//! An arena is aligned to its size, so that everything about an object follows from its address by masks and shifts: its
//! arena, its block, and by its *granule* of 32 bytes its bits (one for each granule) and its scratch word (one u32). No two
//! objects start in the same granule, because no cell is smaller. Who needs no more than a byte for each object uses the first
//! quarter of the scratch memory as *tallies*, instead of the words. Half of the cell sizes are odd multiples of 16, so
//! a cell may start in the middle of its granule: which do, is known for each size class, and for a large object from its block.
//! Pages that are never touched cost nothing; the data pages of full arenas are huge pages where the system has them, since
//! the first touch of a small page costs five times as much.
//!
//! Invariants:
//! - **A1** A mapped arena starts with a valid header, and its tables lie at the offsets above.
//! - **A2** The bits, scratch words and tallies of a free block are all zero.

use super::classes::{MIDDLES, WORDS};
use std::cell::Cell;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

/// Size and alignment of an arena.
pub(crate) const ARENA_BYTES: usize = 32 << 20;
/// Size and alignment of a block.
pub(crate) const BLOCK_BYTES: usize = 64 << 10;
/// Bytes that one bit of the bitmaps and one scratch word stand for.
pub(crate) const GRANULE: usize = 32;
/// Where in a granule a cell may start, if not at its beginning.
pub(crate) const MIDDLE: usize = GRANULE / 2;
/// Blocks that a whole arena would have; the first [`FIRST_BLOCK`] of them hold the tables.
pub(crate) const BLOCKS: usize = ARENA_BYTES / BLOCK_BYTES;
/// Index of the first block for objects.
pub(crate) const FIRST_BLOCK: usize = DATA / BLOCK_BYTES;

const TABLE: usize = 32 << 10;
const MARKS: usize = 64 << 10;
const BITMAP_BYTES: usize = ARENA_BYTES / GRANULE / 8;
const ALLOC: usize = MARKS + BITMAP_BYTES;
const SCRATCH: usize = ALLOC + BITMAP_BYTES;
const SCRATCH_BYTES: usize = ARENA_BYTES / GRANULE * size_of::<u32>();
const DATA: usize = SCRATCH + SCRATCH_BYTES;
const HUGE_PAGE: usize = 2 << 20;

const _: () = assert!(size_of::<Header>() <= TABLE);
const _: () = assert!(TABLE + BLOCKS * size_of::<BlockMeta>() <= MARKS);
const _: () = assert!(DATA.is_multiple_of(BLOCK_BYTES));

#[repr(C)]
struct Header {
    /// Length of the mapping: `ARENA_BYTES`, or more for one huge object.
    len: usize,
    /// A bit for each block that is free.
    free: [Cell<u64>; BLOCKS / 64],
    /// No block from this one on was ever in use.
    untouched: Cell<usize>,
}

/// What a block is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Use {
    Free = 0,
    /// Cells of one size class.
    Cells = 1,
    /// The first block of one large object.
    Large = 2,
    /// A further block of a large object.
    Tail = 3,
}

/// One row of the block table. Only the owner's thread looks at it.
#[repr(C, align(64))]
#[derive(Debug)]
pub(crate) struct BlockMeta {
    pub(crate) usage: Cell<Use>,
    /// Has an object here (ever had) a weak reference?
    pub(crate) has_weak: Cell<bool>,
    /// Is the block in its kind's list of blocks that may have holes?
    pub(crate) listed: Cell<bool>,
    /// What a block of cells holds: size class and whether objects need dropping (`kind_of`). For a large object only the latter counts.
    pub(crate) kind: Cell<u8>,
    /// The sweep that saw this block last.
    pub(crate) epoch: Cell<u32>,
    /// Allocated (or claimed) cells.
    pub(crate) live: Cell<u32>,
    /// Blocks of a large object.
    pub(crate) run: Cell<u32>,
    /// Bytes that a large object asked for.
    pub(crate) bytes: Cell<usize>,
    /// Does a large object start in the middle of its granule?
    pub(crate) in_the_middle: Cell<bool>,
}

impl BlockMeta {
    /// Size class of the cells.
    pub(crate) fn class(&self) -> usize {
        usize::from(self.kind.get() / 2)
    }

    /// Do objects here need dropping? A block holds only one sort.
    pub(crate) fn is_droppable(&self) -> bool {
        self.kind.get() % 2 == 1
    }
}

/// A mapped arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Arena(NonNull<u8>);

impl Arena {
    /// Maps an arena whose data part holds at least `data` bytes (an ordinary one for `data` = 0). `None` if the system
    /// has no more memory.
    pub(crate) fn map(data: usize) -> Option<Arena> {
        let len = DATA.checked_add(data)?.checked_next_multiple_of(BLOCK_BYTES)?.max(ARENA_BYTES);
        let base = pages::map(len, ARENA_BYTES)?;
        pages::advise_huge(base, DATA.next_multiple_of(HUGE_PAGE), len);
        let arena = Arena(base);
        // An arena for one huge object has its first block in use.
        let untouched = Cell::new(FIRST_BLOCK + usize::from(data > 0));
        let header = Header { len, free: [const { Cell::new(0) }; BLOCKS / 64], untouched };
        // SAFETY: the mapping is longer than a header, aligned, zeroed (which A2 and an empty block table need) and ours.
        unsafe { base.cast::<Header>().write(header) };
        if data == 0 {
            for block in FIRST_BLOCK..BLOCKS {
                arena.set_free(block, true);
            }
        }
        Some(arena)
    }

    /// # Safety
    /// Nothing in the arena is used afterwards.
    pub(crate) unsafe fn unmap(self) {
        // SAFETY: mapped by `map` with this length; the caller gives it up.
        unsafe { pages::unmap(self.0, self.header().len, ARENA_BYTES) }
    }

    /// The arena in which the object cell at `cell` starts.
    #[inline]
    pub(crate) fn of(cell: *mut u8) -> Arena {
        let base = cell.map_addr(|a| a & !(ARENA_BYTES - 1));
        // SAFETY: a cell is never at the very start of the address space (A1: tables come first).
        Arena(unsafe { NonNull::new_unchecked(base) })
    }

    #[inline]
    pub(crate) fn base(self) -> *mut u8 {
        self.0.as_ptr()
    }

    pub(crate) fn len(self) -> usize {
        self.header().len
    }

    fn header(&self) -> &Header {
        // SAFETY: A1.
        unsafe { self.0.cast::<Header>().as_ref() }
    }

    /// Takes the lowest run of `count` free blocks.
    pub(crate) fn take(self, count: usize) -> Option<Block> {
        let mut start = FIRST_BLOCK;
        while start + count <= BLOCKS {
            match (start..start + count).rev().find(|&b| !self.is_free(b)) {
                None => {
                    (start..start + count).for_each(|b| self.set_free(b, false));
                    self.header().untouched.set(self.header().untouched.get().max(start + count));
                    return Some(Block(self.base().wrapping_add(start * BLOCK_BYTES)));
                }
                Some(taken) => start = self.next_free(taken + 1),
            }
        }
        None
    }

    fn next_free(self, from: usize) -> usize {
        let mut word = from / 64;
        let mut bits =
            if word < BLOCKS / 64 { self.header().free[word].get() & (!0 << (from % 64)) } else { 0 };
        while bits == 0 {
            word += 1;
            if word >= BLOCKS / 64 {
                return BLOCKS;
            }
            bits = self.header().free[word].get();
        }
        word * 64 + bits.trailing_zeros() as usize
    }

    /// Indexes of the blocks that are, or were, in use.
    pub(crate) fn touched(self) -> Range<usize> {
        FIRST_BLOCK..self.header().untouched.get()
    }

    fn is_free(self, block: usize) -> bool {
        self.header().free[block / 64].get() >> (block % 64) & 1 == 1
    }

    pub(crate) fn set_free(self, block: usize, free: bool) {
        let word = &self.header().free[block / 64];
        let bit = 1 << (block % 64);
        word.set(if free { word.get() | bit } else { word.get() & !bit });
    }

    /// Block number `index`.
    pub(crate) fn block(self, index: usize) -> Block {
        debug_assert!((FIRST_BLOCK..BLOCKS).contains(&index), "there is no block {index}");
        Block(self.base().wrapping_add(index * BLOCK_BYTES))
    }

    /// Gives the memory of the scratch words back to the system. They are all 0, and stay so.
    pub(crate) fn give_scratch_back(self) {
        pages::give_back(self.0, SCRATCH, SCRATCH_BYTES);
    }

    #[inline]
    fn table_word(self, table: usize, granule: usize) -> *const AtomicU64 {
        self.base().wrapping_add(table + granule / 64 * 8).cast_const().cast()
    }

    #[inline]
    fn meta(&self, block: usize) -> &BlockMeta {
        let at = TABLE + block * size_of::<BlockMeta>();
        // SAFETY: A1; a zeroed row is a valid one (`Use::Free`, and numbers).
        unsafe { &*self.base().wrapping_add(at).cast::<BlockMeta>() }
    }
}

/// A block of an arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Block(*mut u8);

impl Block {
    /// The block in which the object cell at `cell` starts.
    #[inline]
    pub(crate) fn of(cell: *mut u8) -> Block {
        Block(cell.map_addr(|a| a & !(BLOCK_BYTES - 1)))
    }

    #[inline]
    pub(crate) fn base(self) -> *mut u8 {
        self.0
    }

    #[inline]
    pub(crate) fn arena(self) -> Arena {
        Arena::of(self.0)
    }

    #[inline]
    pub(crate) fn index(self) -> usize {
        (self.0.addr() & (ARENA_BYTES - 1)) / BLOCK_BYTES
    }

    #[inline]
    pub(crate) fn meta(&self) -> &BlockMeta {
        let arena = self.arena();
        // SAFETY: as `Arena::meta`; the row lives as long as the mapping, which outlives every handle to its blocks.
        unsafe { &*std::ptr::from_ref(arena.meta(self.index())) }
    }

    /// Word `i` of the block's allocation bits.
    #[inline]
    pub(crate) fn alloc_word(&self, i: usize) -> &AtomicU64 {
        // SAFETY: A1: the table covers every granule of the arena.
        unsafe { &*self.arena().table_word(ALLOC, self.index() * (BLOCK_BYTES / GRANULE) + i * 64) }
    }

    /// A bit for each granule of word `i`: does the cell that starts there, if one does, start in its middle?
    #[inline]
    pub(crate) fn middles(&self, i: usize) -> u64 {
        let meta = self.meta();
        match meta.usage.get() {
            Use::Cells => MIDDLES[meta.class()][i],
            _ if meta.in_the_middle.get() => !0,
            _ => 0,
        }
    }

    /// Word `i` of the block's mark bits.
    #[inline]
    pub(crate) fn mark_word(&self, i: usize) -> &AtomicU64 {
        // SAFETY: A1: the table covers every granule of the arena.
        unsafe { &*self.arena().table_word(MARKS, self.index() * (BLOCK_BYTES / GRANULE) + i * 64) }
    }
}

impl Block {
    /// Is no mark bit set in the block?
    pub(crate) fn is_unmarked(&self) -> bool {
        (0..WORDS).fold(0, |any, i| any | self.mark_word(i).load(Relaxed)) == 0
    }

    /// The scratch words of the block's objects.
    pub(crate) fn scratch_words(&self) -> &[AtomicU32] {
        let first = SCRATCH + self.index() * (BLOCK_BYTES / GRANULE) * size_of::<u32>();
        let words = self.arena().base().wrapping_add(first).cast::<AtomicU32>();
        // SAFETY: A1: the table covers every granule of the arena.
        unsafe { std::slice::from_raw_parts(words, BLOCK_BYTES / GRANULE) }
    }

    /// The tallies of the block's objects, eight in a word.
    pub(crate) fn tallies(&self) -> &[AtomicU64] {
        let first = SCRATCH + self.index() * (BLOCK_BYTES / GRANULE);
        let words = self.arena().base().wrapping_add(first).cast::<AtomicU64>();
        // SAFETY: A1: the table covers every granule of the arena four times.
        unsafe { std::slice::from_raw_parts(words, BLOCK_BYTES / GRANULE / size_of::<AtomicU64>()) }
    }
}

/// The cell that starts in granule `granule` of a word's granules, which begin at `base`; `middles` says which cells start in the middle
/// of theirs.
#[inline]
pub(crate) fn cell_at(base: *mut u8, granule: u32, middles: u64) -> *mut u8 {
    let middle = (middles >> granule & 1) as usize;
    base.wrapping_add(granule as usize * GRANULE + middle * MIDDLE)
}

/// The word of a bitmap and the bit in it that belong to one cell.
#[derive(Clone, Copy)]
pub(crate) struct Bit {
    pub(crate) word: *const AtomicU64,
    pub(crate) mask: u64,
}

impl Bit {
    /// The mark bit of the object cell at `cell`.
    #[inline]
    pub(crate) fn mark(cell: *mut u8) -> Bit {
        Bit::at(cell, MARKS)
    }

    /// The allocation bit of the object cell at `cell`.
    #[inline]
    pub(crate) fn alloc(cell: *mut u8) -> Bit {
        Bit::at(cell, ALLOC)
    }

    #[inline]
    fn at(cell: *mut u8, table: usize) -> Bit {
        let granule = (cell.addr() & (ARENA_BYTES - 1)) / GRANULE;
        Bit { word: Arena::of(cell).table_word(table, granule), mask: 1 << (granule % 64) }
    }

    #[inline]
    pub(crate) fn word(&self) -> &AtomicU64 {
        // SAFETY: A1: made from a cell of a mapped arena.
        unsafe { &*self.word }
    }
}

/// The scratch word of the object cell at `cell`.
///
/// # Safety
/// `cell` lies in a mapped arena, which stays mapped while the reference is used.
#[inline]
pub(crate) unsafe fn scratch<'a>(cell: *mut u8) -> &'a AtomicU32 {
    let slot = (cell.addr() & (ARENA_BYTES - 1)) / GRANULE;
    // SAFETY: A1: one word for each granule of the arena.
    unsafe { &*Arena::of(cell).base().wrapping_add(SCRATCH + slot * size_of::<u32>()).cast::<AtomicU32>() }
}

/// The tally of the object cell at `cell`.
///
/// # Safety
/// As [`scratch`].
#[inline]
pub(crate) unsafe fn tally<'a>(cell: *mut u8) -> &'a AtomicU8 {
    let slot = (cell.addr() & (ARENA_BYTES - 1)) / GRANULE;
    // SAFETY: A1: four bytes for each granule of the arena.
    unsafe { &*Arena::of(cell).base().wrapping_add(SCRATCH + slot).cast::<AtomicU8>() }
}

/// Memory from the operating system.
#[cfg(all(unix, not(miri)))]
mod pages {
    use std::ptr::NonNull;

    /// Zeroed pages, aligned to `align`, not backed by memory until touched.
    pub(super) fn map(len: usize, align: usize) -> Option<NonNull<u8>> {
        let reserve = len.checked_add(align)?;
        // SAFETY: a private anonymous mapping at an address of the system's choice.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                reserve,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        let base = start.map_addr(|a| a.next_multiple_of(align));
        let front = base.addr() - start.addr();
        let back = reserve - front - len;
        for (at, extra) in [(start, front), (base.wrapping_byte_add(len), back)] {
            if extra > 0 {
                // SAFETY: the ends of the mapping just made, which nobody has seen.
                unsafe { libc::munmap(at, extra) };
            }
        }
        NonNull::new(base.cast())
    }

    /// # Safety
    /// `base` came from `map` with these numbers and is not used afterwards.
    pub(super) unsafe fn unmap(base: NonNull<u8>, len: usize, _align: usize) {
        // SAFETY: passed on. A failure leaves the pages mapped, which harms nobody.
        unsafe { libc::munmap(base.as_ptr().cast(), len) };
    }

    /// Gives the memory of `len` bytes behind `from` back; the mapping stays. Nothing but zeros is there, and then: where a system's pages
    /// keep their content in spite of the advice, it is zeros.
    pub(super) fn give_back(base: NonNull<u8>, from: usize, len: usize) {
        // SAFETY: advice on pages of the mapping, which changes no content but zeros to zeros.
        unsafe { libc::madvise(base.as_ptr().wrapping_add(from).cast(), len, libc::MADV_DONTNEED) };
    }

    /// Asks for huge pages from `from` to the end of the mapping. A system without them says no, and that is fine.
    pub(super) fn advise_huge(base: NonNull<u8>, from: usize, len: usize) {
        #[cfg(target_os = "linux")]
        if from < len {
            // SAFETY: advice on pages of the mapping.
            unsafe {
                libc::madvise(base.as_ptr().wrapping_add(from).cast(), len - from, libc::MADV_HUGEPAGE)
            };
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (base, from, len);
    }
}

/// Elsewhere (and under Miri), the program's allocator.
#[cfg(not(all(unix, not(miri))))]
mod pages {
    use std::alloc::{Layout, alloc_zeroed, dealloc};
    use std::ptr::NonNull;

    pub(super) fn map(len: usize, align: usize) -> Option<NonNull<u8>> {
        let layout = Layout::from_size_align(len, align).ok()?;
        // SAFETY: `len` is not 0.
        NonNull::new(unsafe { alloc_zeroed(layout) })
    }

    /// # Safety
    /// `base` came from `map` with these numbers and is not used afterwards.
    pub(super) unsafe fn unmap(base: NonNull<u8>, len: usize, align: usize) {
        if let Ok(layout) = Layout::from_size_align(len, align) {
            // SAFETY: passed on.
            unsafe { dealloc(base.as_ptr(), layout) }
        }
    }

    pub(super) fn give_back(_base: NonNull<u8>, _from: usize, _len: usize) {}

    pub(super) fn advise_huge(_base: NonNull<u8>, _from: usize, _len: usize) {}
}
