//! Control (e): what writing an edge costs at least. The edge of one cell refers now to one cell and now to another.
//!
//! A plain store; with a flag to look at, as a snapshot-at-the-beginning barrier does while nobody marks; with that barrier while somebody marks; with
//! counts up and down.

use super::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

/// As tables print it.
pub const STORE: &str = "control: plain store";
/// As tables print it.
pub const OFF: &str = "control: snapshot barrier, off";
/// As tables print it.
pub const ON: &str = "control: snapshot barrier, on";
/// As tables print it.
pub const COUNT: &str = "control: count up and down";

/// Four cells: the first one's first edge is written, the next two are its targets. (The last is there so that a mask keeps an index in bounds.)
#[derive(Debug)]
pub struct Writing {
    cells: [Cell; 4],
    marking: AtomicBool,
    marked: u64,
    grey: Vec<u64>,
    zero: Vec<u64>,
}

/// The count, in a cell.
const HELD: usize = 1;
/// The edge, in a cell.
const EDGE: usize = 2;
/// So many cells are handed to the marker at once.
const BUFFER: usize = 1024;

impl Writing {
    /// With a marker at work, or none.
    #[must_use]
    pub fn new(marking: bool) -> Self {
        let mut cells = [[0; 6]; 4];
        cells[0][EDGE] = 1;
        // One from elsewhere each, as ours are held by other edges; one by the edge.
        cells[1][HELD] = 2;
        cells[2][HELD] = 1;
        Writing {
            cells,
            marking: AtomicBool::new(marking),
            marked: 0,
            grey: Vec::with_capacity(BUFFER),
            zero: Vec::new(),
        }
    }

    /// `count` writes, each by `write`, which is told the target.
    #[inline]
    fn times(&mut self, count: u64, write: impl Fn(&mut Self, u64)) {
        for i in 0..count {
            write(black_box(&mut *self), 1 + (i & 1));
        }
    }

    /// Plain stores.
    pub fn store(&mut self, count: u64) {
        self.times(count, |this, target| this.cells[0][EDGE] = target);
    }

    /// Stores behind a snapshot barrier, which is on if a marker is at work.
    pub fn barrier(&mut self, count: u64) {
        self.times(count, |this, target| {
            if this.marking.load(Ordering::Relaxed) {
                this.shade();
            }
            this.cells[0][EDGE] = target;
        });
    }

    /// Keeps the old target for the marker, once.
    #[inline(never)]
    fn shade(&mut self) {
        let old = self.cells[0][EDGE];
        if self.marked & (1 << old) == 0 {
            self.marked |= 1 << old;
            if self.grey.len() == BUFFER {
                self.grey.clear();
            }
            self.grey.push(old);
        }
    }

    /// Stores that count.
    pub fn counted(&mut self, count: u64) {
        self.times(count, |this, target| {
            let cells = &mut this.cells;
            cells[target as usize & 3][HELD] += 1;
            let old = std::mem::replace(&mut cells[0][EDGE], target) as usize & 3;
            cells[old][HELD] -= 1;
            if cells[old][HELD] == 0 {
                this.zero.push(old as u64);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_edge_at_the_end() {
        let mut writing = Writing::new(false);
        writing.counted(4);
        assert_eq!((writing.cells[0][EDGE], writing.cells[1][HELD], writing.cells[2][HELD]), (2, 1, 2));
        assert!(writing.zero.is_empty());
    }

    #[test]
    fn the_barrier_keeps_each_old_target_once_and_only_while_marking() {
        let mut off = Writing::new(false);
        off.barrier(10);
        assert!(off.grey.is_empty());
        let mut on = Writing::new(true);
        on.barrier(10);
        assert_eq!(on.grey, [1, 2]);
    }
}
