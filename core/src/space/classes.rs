//! Size classes: which cell a value of a given size gets.
//!
//! Cells are multiples of 16 bytes: every multiple up to 256, then as many equal parts of a block as fit, about eight steps
//! for each doubling, up to half a block. Larger objects get blocks of their own.

use super::arena::{BLOCK_BYTES, GRANULE};
use crate::object::HEADER_BYTES;

/// Cell sizes in bytes, ascending.
pub(crate) const CELLS: [u32; CLASSES] = cells();
/// Number of size classes.
pub(crate) const CLASSES: usize = 48;
/// Values with their header above this get blocks of their own.
pub(crate) const LARGEST_CELL: usize = CELLS[CLASSES - 1] as usize;
/// Words of bitmap for one block, a bit for each granule.
pub(crate) const WORDS: usize = BLOCK_BYTES / GRANULE / 64;

/// No two cells start in the same granule.
const SMALLEST: usize = GRANULE;
/// Cells are multiples of this.
const STEP: usize = GRANULE / 2;
const EVERY_MULTIPLE_TO: usize = 256;

const _: () = assert!(CELLS[CLASSES - 1] as usize == BLOCK_BYTES / 2);
const _: () = assert!(HEADER_BYTES == STEP);

const fn cells() -> [u32; CLASSES] {
    let mut cells = [0; CLASSES];
    let mut n = 0;
    let mut size = SMALLEST;
    while size <= EVERY_MULTIPLE_TO {
        cells[n] = size as u32;
        n += 1;
        size += STEP;
    }
    // From here on a class is "so many to a block": sizes that waste nothing at the block's end.
    let mut parts = BLOCK_BYTES / EVERY_MULTIPLE_TO;
    while parts > 2 {
        parts = if parts > 8 { parts - parts / 8 - (parts % 8 > 4) as usize } else { parts - 1 };
        cells[n] = (BLOCK_BYTES / parts / STEP * STEP) as u32;
        n += 1;
    }
    assert!(n == CLASSES);
    cells
}

/// Class of every number of steps up to the largest cell.
static CLASS_OF: [u8; LARGEST_CELL / STEP + 1] = {
    let mut table = [0; LARGEST_CELL / STEP + 1];
    let mut class = 0;
    let mut steps = 0;
    while steps < table.len() {
        while (CELLS[class] as usize) < steps * STEP {
            class += 1;
        }
        table[steps] = class as u8;
        steps += 1;
    }
    table
};

/// As [`class_of`], at compile time.
pub(crate) const fn class_of_type(bytes: usize) -> Option<usize> {
    let mut class = 0;
    while class < CLASSES {
        if CELLS[class] as usize >= bytes {
            return Some(class);
        }
        class += 1;
    }
    None
}

/// The class whose cell holds `bytes` (header included), or `None` if the object is large.
#[inline]
pub(crate) fn class_of(bytes: usize) -> Option<usize> {
    CLASS_OF.get(bytes.div_ceil(STEP)).map(|&class| usize::from(class))
}

/// A block's bitmap for each class.
type Bitmaps = [[u64; WORDS]; CLASSES];

/// The granules in which a cell starts.
pub(crate) static STARTS: Bitmaps = bitmaps(false);

/// Those of them in whose middle it starts.
pub(crate) static MIDDLES: Bitmaps = bitmaps(true);

const fn bitmaps(only_middles: bool) -> Bitmaps {
    let mut bitmaps = [[0; WORDS]; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        let cell = CELLS[class] as usize;
        let mut start = 0;
        while start + cell <= BLOCK_BYTES {
            if !only_middles || start % GRANULE != 0 {
                let granule = start / GRANULE;
                bitmaps[class][granule / 64] |= 1 << (granule % 64);
            }
            start += cell;
        }
        class += 1;
    }
    bitmaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_gets_the_smallest_cell_that_holds_it() {
        for bytes in 1..=LARGEST_CELL {
            let class = class_of(bytes).expect("a cell");
            assert_eq!(class_of_type(bytes), Some(class));
            assert!(CELLS[class] as usize >= bytes, "{bytes} bytes in a cell of {}", CELLS[class]);
            assert!(class == 0 || (CELLS[class - 1] as usize) < bytes.next_multiple_of(STEP));
        }
        assert_eq!(class_of(LARGEST_CELL + 1), None);
        assert_eq!(class_of(usize::MAX), None);
    }

    #[test]
    fn classes_ascend_and_waste_at_most_a_seventh() {
        for pair in CELLS.windows(2) {
            assert!(pair[0] < pair[1]);
            assert!(pair[1] <= 256 || pair[0] >= 8192 || pair[1] - pair[0] <= pair[1] / 6, "{pair:?}");
        }
    }

    #[test]
    fn start_bits_are_the_multiples_of_the_cell_that_fit() {
        for (class, starts) in STARTS.iter().enumerate() {
            let count: u32 = starts.iter().map(|w| w.count_ones()).sum();
            assert_eq!(count as usize, BLOCK_BYTES / CELLS[class] as usize);
        }
    }
}
