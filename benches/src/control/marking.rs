//! Control (a): marks everything that node 0 of a graph reaches.
//!
//! Breadth-first; a bitmap on the side; the bit is tested and set before a cell is queued, so that each cell is fetched once; the first and the last byte
//! of a cell are prefetched when it is 16 from the head of the queue.
//!
//! [`scaling`] is how much faster two threads are that have nothing to do with each other: no collector's two threads can gain more.

use super::pages::Pages;
use super::{AHEAD, Cell, EDGES, prefetch};
use crate::graph::Graph;
use crate::subject::{Grow, Live, Subject};
use std::time::Instant;

/// As tables print it.
pub const NAME: &str = "control: marking";

/// As tables print [`scaling`].
pub const TWO_HALVES: &str = "control: two threads of marking";

/// A graph to mark.
#[derive(Debug)]
pub struct Marking {
    cells: Pages<Cell>,
    bits: Pages<u64>,
    queue: Pages<u32>,
}

impl Marking {
    /// Clears all bits, marks; returns how many cells were reached.
    pub fn mark(&mut self) -> usize {
        let (cells, bits, queue) = (&*self.cells, &mut *self.bits, &mut *self.queue);
        if cells.is_empty() {
            return 0;
        }
        bits.fill(0);
        bits[0] = 1;
        queue[0] = 0;
        let (mut head, mut tail) = (0, 1);
        while head < tail {
            if head + AHEAD < tail {
                prefetch(&cells[queue[head + AHEAD] as usize]);
            }
            let cell = &cells[queue[head] as usize];
            head += 1;
            for &target in &cell[EDGES] {
                let (word, bit) = (&mut bits[target as usize / 64], 1 << (target % 64));
                if *word & bit == 0 {
                    *word |= bit;
                    queue[tail] = target as u32;
                    tail += 1;
                }
            }
        }
        tail
    }
}

/// By how much two graphs are marked sooner, `times` times, by two threads, each its own, than by one: 2 if neither is in the other's way.
#[must_use]
pub fn scaling(halves: &mut [Marking; 2], times: u32) -> f64 {
    let mark = |half: &mut Marking| {
        for _ in 0..times {
            std::hint::black_box(half.mark());
        }
    };
    // For the first time.
    halves.iter_mut().for_each(|half| _ = half.mark());
    let start = Instant::now();
    halves.iter_mut().for_each(mark);
    let one = start.elapsed();
    let start = Instant::now();
    let [first, second] = halves;
    std::thread::scope(|scope| {
        scope.spawn(|| mark(first));
        mark(second);
    });
    one.as_secs_f64() / start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE)
}

impl Subject for Marking {
    const NAME: &'static str = NAME;

    fn new() -> Self {
        Marking { cells: Pages::new(0), bits: Pages::new(0), queue: Pages::new(0) }
    }

    fn collect(&mut self) {
        std::hint::black_box(self.mark());
    }
}

impl Live for Marking {}

impl Grow for Marking {
    fn grow(&mut self, graph: &Graph) {
        let nodes = graph.len();
        *self = Marking {
            cells: Pages::new(nodes),
            bits: Pages::new(nodes.div_ceil(64)),
            queue: Pages::new(nodes),
        };
        for (cell, targets) in self.cells.iter_mut().zip(&graph.targets) {
            cell[EDGES].copy_from_slice(&targets.map(u64::from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marking_reaches_every_cell_of_a_connected_graph_each_time() {
        let mut marking = Marking::new();
        marking.grow(&Graph::random(10_000, 7));
        assert_eq!((marking.mark(), marking.mark()), (10_000, 10_000));
    }

    #[test]
    fn two_halves_are_marked_by_one_thread_and_by_two() {
        let mut halves = [7, 8].map(|seed| {
            let mut half = Marking::new();
            half.grow(&Graph::random(10_000, seed));
            half
        });
        assert!(scaling(&mut halves, 2) > 0.0);
        assert!(halves.iter_mut().all(|half| half.bits[0] == !0 && half.mark() == 10_000));
    }

    #[test]
    fn marking_leaves_out_what_is_not_reachable() {
        let mut marking = Marking::new();
        marking.grow(&Graph { targets: vec![[1, 1, 1], [0, 1, 0], [0, 1, 2]] });
        assert_eq!((marking.mark(), marking.bits[0]), (2, 0b011));
    }
}
