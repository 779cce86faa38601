//! Control (c): trial deletion over a side array, in address order: counts into the side array, subtract, mark from what is left, give the rest
//! back by clearing its bits. A byte in the side array is enough, as it is for ours.

use super::pages::Pages;
use super::{AHEAD, prefetch};
use crate::graph::Graph;
use crate::subject::{DeadRing, Grow, Live, Subject};

/// As tables print it.
pub const NAME: &str = "control: side array";

/// Cells with `N` edges, of `WORDS` words: a header of two (type and count), the edges, one of payload.
#[derive(Debug)]
pub struct TrialDeletion<const N: usize, const WORDS: usize> {
    cells: Pages<[u64; WORDS]>,
    scratch: Pages<u8>,
    allocated: Pages<u64>,
    queue: Pages<u32>,
}

/// Where a cell has its count.
const COUNT: usize = 1;

/// Where its edges begin.
const EDGES: usize = 2;

impl<const N: usize, const WORDS: usize> TrialDeletion<N, WORDS> {
    const FITS: () = assert!(WORDS == EDGES + N + 1);

    fn build(&mut self, links: &[[u32; N]]) {
        let () = Self::FITS;
        *self = TrialDeletion {
            cells: Pages::new(links.len()),
            scratch: Pages::new(links.len()),
            allocated: Pages::new(links.len().div_ceil(64)),
            queue: Pages::new(links.len()),
        };
        for (i, links) in links.iter().enumerate() {
            for (edge, &target) in links.iter().enumerate() {
                self.cells[i][EDGES + edge] = u64::from(target);
                self.cells[target as usize][COUNT] += 1;
            }
        }
        // One more from outside, and no count is taken for a mark.
        let most = self.cells.iter().map(|cell| cell[COUNT]).max().unwrap_or(0);
        assert!(most + 1 < u64::from(FOUND), "a count of {most} needs more than a byte");
        self.allocated.fill(!0);
    }

    /// How many cells are allocated.
    #[must_use]
    pub fn allocated(&self) -> usize {
        let bits: usize = self.allocated.iter().map(|word| word.count_ones() as usize).sum();
        // Those of the last word behind the last cell.
        bits.min(self.cells.len())
    }
}

/// A live cell that has been found.
const FOUND: u8 = u8::MAX;

impl<const N: usize, const WORDS: usize> Subject for TrialDeletion<N, WORDS> {
    const NAME: &'static str = NAME;

    fn new() -> Self {
        TrialDeletion {
            cells: Pages::new(0),
            scratch: Pages::new(0),
            allocated: Pages::new(0),
            queue: Pages::new(0),
        }
    }

    fn collect(&mut self) {
        let (cells, scratch) = (&*self.cells, &mut *self.scratch);
        let (allocated, queue) = (&mut *self.allocated, &mut *self.queue);
        for (held, cell) in scratch.iter_mut().zip(cells) {
            *held = cell[COUNT] as u8;
        }
        for cell in cells {
            for &target in &cell[EDGES..EDGES + N] {
                scratch[target as usize] -= 1;
            }
        }
        let mut tail = 0;
        for (i, held) in scratch.iter_mut().enumerate() {
            if *held != 0 {
                *held = FOUND;
                queue[tail] = i as u32;
                tail += 1;
            }
        }
        let mut head = 0;
        while head < tail {
            if head + AHEAD < tail {
                prefetch(&cells[queue[head + AHEAD] as usize]);
            }
            let cell = &cells[queue[head] as usize];
            head += 1;
            for &target in &cell[EDGES..EDGES + N] {
                let held = &mut scratch[target as usize];
                if *held != FOUND {
                    *held = FOUND;
                    queue[tail] = target as u32;
                    tail += 1;
                }
            }
        }
        for (word, held) in allocated.iter_mut().zip(scratch.chunks(64)) {
            let mut found = 0;
            for (bit, &held) in held.iter().enumerate() {
                found |= u64::from(held == FOUND) << bit;
            }
            *word &= found;
        }
    }
}

impl DeadRing for TrialDeletion<2, 5> {
    fn leave_ring(&mut self, links: &[[u32; 2]]) {
        self.build(links);
        self.cells[0][COUNT] += 1;
        self.collect();
        self.cells[0][COUNT] -= 1;
    }
}

impl Live for TrialDeletion<3, 6> {}

impl Grow for TrialDeletion<3, 6> {
    fn grow(&mut self, graph: &Graph) {
        self.build(&graph.targets);
        self.cells[0][COUNT] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ring;

    #[test]
    fn a_dead_ring_is_given_back_and_a_live_graph_is_not() {
        let mut dead = TrialDeletion::<2, 5>::new();
        dead.leave_ring(&ring(1_000, Some(7)));
        assert_eq!(dead.allocated(), 1_000);
        dead.collect();
        assert_eq!(dead.allocated(), 0);
        let mut live = TrialDeletion::<3, 6>::new();
        live.grow(&Graph::random(1_000, 7));
        live.collect();
        assert_eq!(live.allocated(), 1_000);
    }
}
