//! Control (d): a sweep is `allocated &= marked`, and the marks are cleared.

use super::pages::Pages;

/// As tables print it.
pub const NAME: &str = "control: sweeping";

/// The bitmaps of a heap.
#[derive(Debug)]
pub struct Sweeping {
    allocated: Pages<u64>,
    marked: Pages<u64>,
}

impl Sweeping {
    /// `objects` objects, all of them dead.
    #[must_use]
    pub fn new(objects: usize) -> Self {
        let words = objects.div_ceil(64);
        let mut sweeping = Sweeping { allocated: Pages::new(words), marked: Pages::new(words) };
        sweeping.fill();
        sweeping
    }

    /// As many objects once more, all of them dead.
    pub fn fill(&mut self) {
        self.allocated.fill(!0);
    }

    /// Sweeps; returns whether anything is left.
    pub fn sweep(&mut self) -> bool {
        let mut left = 0;
        for (allocated, marked) in self.allocated.iter_mut().zip(self.marked.iter_mut()) {
            *allocated &= *marked;
            *marked = 0;
            left |= *allocated;
        }
        left != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_left_and_its_mark_is_not() {
        let mut sweeping = Sweeping::new(1_000);
        sweeping.marked[3] = 0b101;
        assert!(sweeping.sweep());
        assert_eq!((sweeping.allocated[3], sweeping.marked[3], sweeping.allocated[4]), (0b101, 0, 0));
        assert!(!sweeping.sweep());
    }
}
