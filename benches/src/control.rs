//! Controls: the smallest program that does only the unavoidable work, for the same graphs as the subjects.
//!
//! No types, no lists, no order, no weak references, no finalizers: cells of the same size as ours in one array, edges as addresses in them, a
//! scratch word for each in a side array.

use crate::graph::RandomGraph;
use crate::subject::{DeadRing, Live, Subject};

/// As tables print it.
pub const NAME: &str = "control: side array";

/// So far ahead cells are fetched.
const AHEAD: usize = 16;

/// What a cell with `N` edges looks like: a header of two words, the edges, one word of payload.
#[derive(Clone, Debug)]
#[repr(C)]
struct Cell<const N: usize> {
    _type: u64,
    count: u64,
    edges: [u32; N],
    _rest: [u32; N],
    _payload: u64,
}

/// Trial deletion in address order: counts into the side array, subtract, mark from what is left, give the rest back by clearing its bits.
#[derive(Debug)]
pub struct TrialDeletion<const N: usize> {
    cells: Vec<Cell<N>>,
    scratch: Vec<u32>,
    allocated: Vec<u64>,
    queue: Vec<u32>,
}

impl<const N: usize> TrialDeletion<N> {
    fn build(&mut self, links: &[[u32; N]]) {
        self.cells = links
            .iter()
            .map(|&edges| Cell { _type: 0, count: 0, edges, _rest: [0; N], _payload: 0 })
            .collect();
        for links in links {
            for &target in links {
                self.cells[target as usize].count += 1;
            }
        }
        self.allocated = vec![!0; links.len().div_ceil(64)];
    }
}

/// A live cell that has been found.
const FOUND: u32 = u32::MAX;

impl<const N: usize> Subject for TrialDeletion<N> {
    const NAME: &'static str = NAME;

    fn new() -> Self {
        TrialDeletion { cells: Vec::new(), scratch: Vec::new(), allocated: Vec::new(), queue: Vec::new() }
    }

    fn collect(&mut self) {
        let TrialDeletion { cells, scratch, allocated, queue } = self;
        scratch.clear();
        scratch.extend(cells.iter().map(|cell| cell.count as u32));
        for cell in cells.iter() {
            for &target in &cell.edges {
                scratch[target as usize] -= 1;
            }
        }
        queue.clear();
        for (i, held) in scratch.iter_mut().enumerate() {
            if *held != 0 {
                *held = FOUND;
                queue.push(i as u32);
            }
        }
        let mut next = 0;
        while let Some(&cell) = queue.get(next) {
            if let Some(&ahead) = queue.get(next + AHEAD) {
                prefetch(&cells[ahead as usize]);
            }
            next += 1;
            for &target in &cells[cell as usize].edges {
                let held = &mut scratch[target as usize];
                if *held != FOUND {
                    *held = FOUND;
                    queue.push(target);
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

impl DeadRing for TrialDeletion<2> {
    fn leave_ring(&mut self, links: &[[u32; 2]]) {
        self.build(links);
        self.cells[0].count += 1;
        self.collect();
        self.cells[0].count -= 1;
    }
}

impl Live for TrialDeletion<3> {
    fn grow(&mut self, graph: &RandomGraph) {
        self.build(&graph.targets);
        self.cells[0].count += 1;
    }
}

/// Asks for both ends of a cell.
#[allow(unsafe_code, reason = "a prefetch is a hint, and there is no safe function for it")]
fn prefetch<T>(cell: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch is a hint: it may name any address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = std::ptr::from_ref(cell).cast::<i8>();
        _mm_prefetch::<_MM_HINT_T0>(start);
        _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(size_of::<T>() - 1));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = cell;
}
