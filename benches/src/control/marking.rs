//! Control (a): marks everything that node 0 of a graph reaches.
//!
//! Breadth-first; a bitmap on the side; the bit is tested and set before a cell is queued, so that each cell is fetched once; the first and the last byte
//! of a cell are prefetched when it is 16 from the head of the queue.

use super::pages::Pages;
use super::{AHEAD, Cell, EDGES, prefetch};
use crate::graph::Graph;
use crate::subject::{Grow, Live, Subject};

/// As tables print it.
pub const NAME: &str = "control: marking";

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
    fn marking_leaves_out_what_is_not_reachable() {
        let mut marking = Marking::new();
        marking.grow(&Graph { targets: vec![[1, 1, 1], [0, 1, 0], [0, 1, 2]] });
        assert_eq!((marking.mark(), marking.bits[0]), (2, 0b011));
    }
}
