//! Sweeping: what is allocated and not marked goes.
//!
//! A block of plain objects is swept by `alloc &= mark`, without touching an object; such blocks may be left until an
//! allocation of their kind needs one. Blocks whose objects need dropping, or have had weak references, are swept in steps
//! by the collector on the owner's thread: their dead are listed, and keep their cells until the core has run their drop
//! functions one by one.

use super::arena::{BLOCK_BYTES, Block, FIRST_BLOCK, Use};
use super::classes::{CELLS, WORDS};
use super::contents::each_object;
use super::{Cell, Object, Relaxed, Space};
use crate::object::Flag;

/// What a sweep has found dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects.
    pub objects: usize,
    /// Bytes of their cells.
    pub bytes: usize,
}

/// What is marked, and what a sweep would find dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Marked objects.
    pub live: usize,
    /// Bytes of their cells.
    pub live_bytes: usize,
    /// Objects that are not marked.
    pub dead: usize,
    /// Bytes of their cells.
    pub dead_bytes: usize,
}

/// Where a sweep stands, and what it has found so far.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    arena: Cell<usize>,
    block: Cell<usize>,
    active: Cell<bool>,
    /// Does the collector still revive objects? Then no allocation may sweep.
    held: Cell<bool>,
    found: Cell<Swept>,
}

impl Sweep {
    /// Keeps the sweep's place: a new arena needs no sweep, and none behind the place may be skipped.
    pub(super) fn arena_inserted(&self, at: usize) {
        if at <= self.arena.get() {
            self.arena.set(self.arena.get() + 1);
        }
    }

    /// As above. If the arena at the sweep's place goes, its successor is swept from its beginning.
    pub(super) fn arena_removed(&self, at: usize) {
        if at < self.arena.get() {
            self.arena.set(self.arena.get() - 1);
        } else if at == self.arena.get() {
            self.block.set(FIRST_BLOCK);
        }
    }
}

impl Space {
    /// Begins a sweep: from here on an object in a block that was in use exists if it is marked (S3). Marks are final.
    /// Cost: bounded by the number of kinds.
    pub(crate) fn begin_sweep(&self) {
        self.set_born_marked(false);
        for (cursor, holes) in self.cursors.iter().zip(&self.holes) {
            cursor.block.set(None);
            cursor.base.set(std::ptr::null_mut());
            cursor.search.set((0, FIRST_BLOCK));
            holes.clear();
        }
        self.epoch.set(self.epoch.get().wrapping_add(1));
        self.sweep.arena.set(0);
        self.sweep.block.set(FIRST_BLOCK);
        self.sweep.active.set(true);
        self.sweep.found.set(Swept::default());
    }

    /// Counts marked and unmarked objects.
    pub(crate) fn marked(&self) -> Marked {
        self.flush();
        let mut sum = Marked::default();
        self.blocks(|block| {
            let (exist, dead) = (block.meta().live.get() as usize, Self::unmarked_in(block));
            let live = exist - dead;
            let meta = block.meta();
            let bytes = match meta.usage.get() {
                Use::Cells => CELLS[meta.class()] as usize,
                _ => meta.bytes.get(),
            };
            sum.live += live;
            sum.live_bytes += live * bytes;
            sum.dead += dead;
            sum.dead_bytes += dead * bytes;
        });
        sum
    }

    /// How many objects of the block are not marked, by S4. Where nothing is marked, nothing is counted bit by
    /// bit, which takes the sweep of a heap of dead objects from 0.6 to 0.2 ns for each (and a bit for 32 bytes instead of 16, to 0.03).
    fn unmarked_in(block: Block) -> usize {
        if block.is_unmarked() {
            return block.meta().live.get() as usize;
        }
        let unmarked = |i| block.alloc_word(i).load(Relaxed) & !block.mark_word(i).load(Relaxed);
        (0..WORDS).map(|i| unmarked(i).count_ones() as usize).sum()
    }

    /// Counts allocation bits.
    fn allocated_in(block: Block) -> u32 {
        (0..WORDS).map(|i| block.alloc_word(i).load(Relaxed).count_ones()).sum()
    }

    /// While held, no allocation sweeps a block: what is not marked may still be marked, if only dead objects refer to it.
    pub(crate) fn hold_sweep(&self, on: bool) {
        self.sweep.held.set(on);
    }

    /// Is there a sweep that has not come to its end?
    pub(crate) fn is_sweeping(&self) -> bool {
        self.sweep.active.get()
    }

    /// What the current (or last) sweep has found so far.
    pub(crate) fn swept(&self) -> Swept {
        self.sweep.found.get()
    }

    /// Sweeps up to `blocks` blocks; puts the dead that need attention into `dying`, flagged, their cells still taken.
    /// Returns false once all is swept.
    pub(crate) fn sweep_step(&self, blocks: usize, dying: &mut Vec<Object>) -> bool {
        let mut left = blocks;
        while self.sweep.active.get() {
            let Some(block) = self.next_unswept() else {
                self.sweep.active.set(false);
                return false;
            };
            if left == 0 {
                return true;
            }
            left -= 1;
            match block.meta().usage.get() {
                Use::Large => self.sweep_large(block, dying),
                _ => self.sweep_cells(block, dying),
            }
        }
        false
    }

    fn next_unswept(&self) -> Option<Block> {
        let arenas = self.arenas.borrow();
        while let Some(arena) = arenas.get(self.sweep.arena.get()) {
            while self.sweep.block.get() < arena.touched().end {
                let block = arena.block(self.sweep.block.get());
                let meta = block.meta();
                let used = matches!(meta.usage.get(), Use::Cells | Use::Large);
                if used && meta.epoch.get() != self.epoch.get() {
                    return Some(block);
                }
                self.sweep.block.set(self.sweep.block.get() + 1);
            }
            self.sweep.block.set(FIRST_BLOCK);
            self.sweep.arena.set(self.sweep.arena.get() + 1);
        }
        None
    }

    /// Sweeps plain blocks of `kind` until one has a hole, for an allocation.
    pub(super) fn sweep_for(&self, kind: usize) -> Option<Block> {
        if !self.sweep.active.get() || self.sweep.held.get() {
            return None;
        }
        let search = &self.cursors[kind].search;
        loop {
            let (arena, index) = search.get();
            let arena = *self.arenas.borrow().get(arena)?;
            // Arenas come and go meanwhile: the index may be that of another one, which was larger.
            if index >= arena.touched().end {
                search.set((search.get().0 + 1, FIRST_BLOCK));
                continue;
            }
            search.set((search.get().0, index + 1));
            let block = arena.block(index);
            let meta = block.meta();
            let plain = meta.usage.get() == Use::Cells && !meta.is_droppable() && !meta.has_weak.get();
            if plain && meta.epoch.get() != self.epoch.get() && usize::from(meta.kind.get()) == kind {
                self.sweep_cells(block, &mut Vec::new());
                if meta.usage.get() == Use::Cells && meta.listed.replace(false) {
                    self.holes[kind].pop();
                    return Some(block);
                }
            }
        }
    }

    fn sweep_cells(&self, block: Block, dying: &mut Vec<Object>) {
        let meta = block.meta();
        let bytes = CELLS[meta.class()];
        let mut live = meta.live.get();
        debug_assert_eq!(live, Self::allocated_in(block), "S4");
        let dead = if meta.is_droppable() || meta.has_weak.get() {
            Self::sweep_attended(block, dying)
        } else {
            let dead = self.sweep_plain(block);
            live -= dead;
            dead
        };
        meta.epoch.set(self.epoch.get());
        meta.live.set(live);
        meta.listed.set(false);
        self.found(dead as usize, dead as usize * bytes as usize);
        if live == 0 {
            self.give_back(block, 1);
        } else if live < BLOCK_BYTES as u32 / bytes {
            meta.listed.set(true);
            self.holes[usize::from(meta.kind.get())].push(block);
        }
    }

    /// Lists the dead, which keep their cells. Returns their number.
    fn sweep_attended(block: Block, dying: &mut Vec<Object>) -> u32 {
        let mut dead = 0;
        for i in 0..WORDS {
            let doomed = block.alloc_word(i).load(Relaxed) & !block.mark_word(i).load(Relaxed);
            block.mark_word(i).store(0, Relaxed);
            dead += doomed.count_ones();
            each_object(block, i, doomed, &mut |object| {
                object.set(Flag::Dead);
                dying.push(object);
            });
        }
        dead
    }

    /// Frees the dead, without looking at them. Returns their number.
    fn sweep_plain(&self, block: Block) -> u32 {
        if !self.poison && block.is_unmarked() {
            (0..WORDS).for_each(|i| block.alloc_word(i).store(0, Relaxed));
            return block.meta().live.get();
        }
        let mut dead = 0;
        for i in 0..WORDS {
            let allocated = block.alloc_word(i).load(Relaxed);
            let marked = block.mark_word(i).load(Relaxed);
            block.mark_word(i).store(0, Relaxed);
            let doomed = allocated & !marked;
            dead += doomed.count_ones();
            if self.poison {
                let bytes = CELLS[block.meta().class()] as usize;
                each_object(block, i, doomed, &mut |object| {
                    // SAFETY: unmarked, so nobody reaches it (the collector's promise K3).
                    unsafe { Self::overwrite(object.cell(), bytes) }
                });
            }
            block.alloc_word(i).store(allocated & marked, Relaxed);
        }
        dead
    }

    fn sweep_large(&self, block: Block, dying: &mut Vec<Object>) {
        let meta = block.meta();
        meta.epoch.set(self.epoch.get());
        let (mut kept, mut doomed) = (false, None);
        // Behind an alignment's padding, the cell may start anywhere in the first block.
        for i in 0..WORDS {
            let allocated = block.alloc_word(i).load(Relaxed);
            let dead = allocated & !block.mark_word(i).load(Relaxed);
            block.mark_word(i).store(0, Relaxed);
            kept |= allocated & !dead != 0;
            each_object(block, i, dead, &mut |object| doomed = Some(object));
        }
        let Some(object) = doomed.filter(|_| !kept) else { return };
        self.found(1, meta.bytes.get());
        object.set(Flag::Dead);
        dying.push(object);
    }

    fn found(&self, objects: usize, bytes: usize) {
        let found = self.sweep.found.get();
        self.sweep.found.set(Swept { objects: found.objects + objects, bytes: found.bytes + bytes });
    }
}
