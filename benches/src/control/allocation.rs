//! Control (b): allocation with initialisation. By a bump pointer; by a cursor over a bitmap, into the holes of a half-empty heap; and what an allocator for
//! everything (`malloc`) needs for the latter.
//!
//! Objects form a chain: the first edge of each is the one before.

use super::pages::Pages;
use super::{Allocated, Cell, Malloc};
use crate::graph::shuffle;
use cyclade_report::statistics::SplitMix64;

/// As tables print it.
pub const BUMP: &str = "control: bump";

/// As tables print it.
pub const CURSOR: &str = "control: cursor";

/// As tables print it.
pub const SWEPT_CURSOR: &str = "control: sweep and cursor";

/// A new object's content: header, three edges, payload.
#[inline]
fn object(last: u64, payload: u64) -> Cell {
    [1, 0, last, 0, 0, payload]
}

/// Cells that are handed out in the order of their address.
#[derive(Debug)]
pub struct Bump {
    cells: Pages<Cell>,
    next: usize,
}

impl Bump {
    /// Room for `cells`.
    #[must_use]
    pub fn new(cells: usize) -> Self {
        Bump { cells: Pages::new(cells), next: 0 }
    }

    /// Allocates a chain of `count` objects, or as many as there is room for; returns how many.
    pub fn allocate(&mut self, count: usize) -> usize {
        let (mut last, mut done) = (0, 0);
        while done < count {
            let Some(cell) = self.cells.get_mut(self.next) else { break };
            *cell = object(last, done as u64);
            last = self.next as u64;
            self.next += 1;
            done += 1;
        }
        done
    }
}

/// Cells with a bitmap of those that are allocated, and one of those that were found alive.
#[derive(Debug)]
pub struct Cursor {
    cells: Pages<Cell>,
    allocated: Pages<u64>,
    marked: Pages<u64>,
    word: usize,
}

impl Cursor {
    /// Of `cells` cells every second one, at random, is taken; all are taken but not yet swept, if `unswept`.
    #[must_use]
    pub fn half_empty(cells: usize, unswept: bool) -> Self {
        let mut random = SplitMix64::new(1);
        let words = cells / 64;
        let mut cursor = Cursor {
            cells: Pages::new(words * 64),
            allocated: Pages::new(words),
            marked: Pages::new(words),
            word: 0,
        };
        for word in 0..words {
            cursor.marked[word] = random.next_u64();
            cursor.allocated[word] = if unswept { !0 } else { cursor.marked[word] };
        }
        cursor
    }

    /// Allocates a chain of `count` objects, or as many as there are holes; returns how many.
    pub fn allocate(&mut self, count: usize) -> usize {
        let (mut last, mut done) = (0, 0);
        while done < count {
            let Some(taken) = self.allocated.get_mut(self.word) else { break };
            let mut free = !*taken;
            while free != 0 && done < count {
                let cell = self.word * 64 + free.trailing_zeros() as usize;
                free &= free - 1;
                self.cells[cell] = object(last, done as u64);
                last = cell as u64;
                done += 1;
            }
            *taken = !free;
            self.word += usize::from(free == 0);
        }
        done
    }

    /// Sweeps the next `words` words: for heaps that are swept a little at each safepoint.
    pub fn sweep(&mut self, words: std::ops::Range<usize>) {
        let end = words.end.min(self.allocated.len());
        let words = words.start.min(end)..end;
        for (allocated, marked) in self.allocated[words.clone()].iter_mut().zip(&mut self.marked[words]) {
            *allocated &= *marked;
            *marked = 0;
        }
    }
}

/// Cells from a `malloc`.
#[derive(Debug)]
pub struct Aged<M: Malloc> {
    cells: Vec<Allocated<M>>,
}

impl<M: Malloc> Aged<M> {
    /// `cells` cells, of which every second one, at random, has been given back, in random order.
    #[must_use]
    pub fn half_empty(cells: usize) -> Self {
        let mut random = SplitMix64::new(1);
        let all = (0..cells).map(|i| Allocated::new(object(0, i as u64))).collect();
        let mut cells: Vec<_> = shuffle(all, &mut random);
        cells.truncate(cells.len() / 2);
        // What is to come is not to wait for room in the list.
        cells.reserve(cells.len());
        Aged { cells }
    }

    /// Allocates `count` more.
    pub fn allocate(&mut self, count: usize) -> usize {
        for payload in 0..count {
            self.cells.push(Allocated::new(object(payload as u64, payload as u64)));
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::super::System;
    use super::*;

    #[test]
    fn bump_allocation_ends_with_the_room() {
        let mut bump = Bump::new(100);
        assert_eq!((bump.allocate(60), bump.allocate(60)), (60, 40));
        assert_eq!(bump.cells[59], [1, 0, 58, 0, 0, 59]);
    }

    #[test]
    fn the_cursor_fills_each_hole_once() {
        for unswept in [false, true] {
            let mut heap = Cursor::half_empty(6_400, unswept);
            heap.sweep(0..1_000);
            let holes: usize = heap.allocated.iter().map(|word| word.count_zeros() as usize).sum();
            assert!((2_900..3_500).contains(&holes), "{holes}");
            assert_eq!(heap.allocate(1_000), 1_000);
            assert_eq!(heap.allocate(9_999), holes - 1_000);
            assert!(heap.allocated.iter().all(|&word| word == !0));
            assert_eq!(heap.cells.iter().filter(|cell| cell[0] == 1).count(), holes);
        }
    }

    #[test]
    fn malloc_fills_a_half_empty_heap() {
        let mut heap = Aged::<System>::half_empty(1_000);
        assert_eq!((heap.cells.len(), heap.allocate(250), heap.cells.len()), (500, 250, 750));
    }
}
