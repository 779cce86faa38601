//! When to collect, and which generation: counts, thresholds, the quarter rule.
//!
//! Generation 0 counts allocations less frees, the others count collections of the next younger one. The oldest generation whose count
//! is above its threshold is collected, with all younger ones. The last one is spared while few objects have come to it: a full
//! collection looks at everything, so it waits until the newcomers are a quarter of what the last one found alive
//! (von Löwis, 2008). That makes the work of full collections proportional to the number of allocations.

use crate::Collection;
use crate::options::{Full, Options, Rules};
use std::cell::Cell;

/// What the collections of one generation have done since the heap was made: an element of CPython's `gc.get_stats()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GenerationStats {
    /// Number of collections.
    pub collections: usize,
    /// Unreachable objects that they found, less the uncollectable.
    pub collected: usize,
    /// Unreachable objects that could not be freed.
    pub uncollectable: usize,
}

/// The bookkeeping of one heap's generations.
#[derive(Debug)]
pub(crate) struct Generations {
    rules: Rules,
    full: Full,
    automatic: Cell<bool>,
    collecting: Cell<bool>,
    /// A collection starts by itself when the count of generation 0 is above this: its threshold, or `u32::MAX` as long as none may.
    limit: Cell<u32>,
    thresholds: [Cell<u32>; 3],
    counts: [Cell<u32>; 3],
    /// Objects that have come to generation 2 since the last full collection.
    pending: Cell<usize>,
    /// Objects that the last full collection found alive.
    total: Cell<usize>,
    /// What the collections of each generation have done.
    stats: [Cell<GenerationStats>; 3],
    /// The generation that is being collected, or was last.
    current: Cell<usize>,
    /// Allocations that the count of generation 0 does not contain yet, since their scope has not ended.
    births: Cell<u32>,
    /// Entries of generation 0 in front of this index have joined; those behind were allocated in the open scope.
    joined: Cell<usize>,
}

impl Generations {
    pub(crate) fn new(options: &Options) -> Self {
        let generations = Generations {
            rules: options.rules,
            full: options.full,
            automatic: Cell::new(options.automatic),
            collecting: Cell::new(false),
            limit: Cell::new(u32::MAX),
            thresholds: options.thresholds.map(Cell::new),
            counts: [const { Cell::new(0) }; 3],
            pending: Cell::new(0),
            total: Cell::new(0),
            stats: Default::default(),
            current: Cell::new(0),
            births: Cell::new(0),
            joined: Cell::new(0),
        };
        generations.set_limit();
        generations
    }

    fn set_limit(&self) {
        let threshold = self.thresholds[0].get();
        let may = threshold != 0 && self.automatic.get() && !self.collecting.get();
        self.limit.set(if may { threshold } else { u32::MAX });
    }

    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    pub(crate) fn set_automatic(&self, on: bool) {
        self.automatic.set(on);
        self.set_limit();
    }

    pub(crate) fn is_automatic(&self) -> bool {
        self.automatic.get()
    }

    pub(crate) fn set_thresholds(&self, thresholds: [u32; 3]) {
        for (cell, value) in self.thresholds.iter().zip(thresholds) {
            cell.set(value);
        }
        self.set_limit();
    }

    pub(crate) fn thresholds(&self) -> [u32; 3] {
        self.thresholds.each_ref().map(Cell::get)
    }

    pub(crate) fn counts(&self) -> [u32; 3] {
        self.counts.each_ref().map(Cell::get)
    }

    pub(crate) fn reset_counts(&self) {
        self.counts.iter().for_each(|count| count.set(0));
    }

    // ---- births and deaths ----

    /// An object has been allocated in the open scope.
    #[inline]
    pub(crate) fn birth(&self) {
        self.births.set(self.births.get() + 1);
    }

    /// Allocations that wait to be counted.
    #[inline]
    pub(crate) fn births(&self) -> u32 {
        self.births.get()
    }

    pub(crate) fn take_births(&self) -> u32 {
        self.births.take()
    }

    /// See the field.
    #[inline]
    pub(crate) fn joined(&self) -> usize {
        self.joined.get()
    }

    #[inline]
    pub(crate) fn set_joined(&self, end: usize) {
        self.joined.set(end);
    }

    /// The count of generation 0 goes up.
    #[inline]
    pub(crate) fn raise(&self, births: u32) {
        self.counts[0].set(self.counts[0].get().saturating_add(births));
    }

    /// Objects have been freed; the count of generation 0 goes down, not below 0.
    #[inline]
    pub(crate) fn lower(&self, deaths: usize) {
        let count = self.counts[0].get();
        self.counts[0].set(count.saturating_sub(u32::try_from(deaths).unwrap_or(u32::MAX)));
    }

    /// Objects have died in the scope in which they were born: they never join, and are not counted.
    #[inline]
    pub(crate) fn stillbirths(&self, objects: u32) {
        self.births.set(self.births.get().saturating_sub(objects));
    }

    // ---- collections ----

    /// So many more may be counted before a collection starts by itself.
    #[inline]
    pub(crate) fn room(&self) -> u32 {
        self.limit.get().saturating_sub(self.counts[0].get())
    }

    /// May a collection start by itself, if `births` more objects are counted?
    #[inline]
    pub(crate) fn is_due_after(&self, births: u32) -> bool {
        self.counts[0].get().saturating_add(births) > self.limit.get()
    }

    /// The generation that an automatic collection takes: the oldest whose count is above its threshold, where the last one must
    /// also pass the quarter rule. Where growth decides, the last one is taken if there are more than so many objects, of `tracked`.
    pub(crate) fn choice(&self, tracked: impl FnOnce() -> usize) -> Option<usize> {
        let above = |g: usize| self.counts[g].get() > self.thresholds[g].get();
        let full = match self.full {
            Full::Quarter => above(2) && self.pending.get() >= self.total.get() / 4,
            Full::Growth { percent, minimum } => {
                let total = self.total.get();
                let more = (total / 100).saturating_mul(percent as usize);
                tracked() > total.saturating_add(more.max(minimum))
            }
        };
        if full { Some(2) } else { (0..2).rev().find(|&g| above(g)) }
    }

    /// Is a collection under way?
    pub(crate) fn is_busy(&self) -> bool {
        self.collecting.get()
    }

    /// From here until the result is dropped no collection starts by itself.
    pub(crate) fn busy(&self) -> Busy<'_> {
        let before = self.collecting.replace(true);
        self.set_limit();
        Busy { generations: self, before }
    }

    /// A collection of `generation` begins.
    pub(crate) fn begin(&self, generation: usize) {
        if let Some(older) = self.counts.get(generation + 1) {
            older.set(older.get() + 1);
        }
        self.counts[..=generation].iter().for_each(|count| count.set(0));
    }

    /// A collection of `generation` has been asked for, or chosen.
    pub(crate) fn announce(&self, generation: usize) {
        self.current.set(generation);
    }

    /// The generation that is being collected, or was last.
    pub(crate) fn current(&self) -> usize {
        self.current.get()
    }

    /// What the collections of each generation have done.
    pub(crate) fn stats(&self) -> [GenerationStats; 3] {
        self.stats.each_ref().map(Cell::get)
    }

    /// A collection of `generation` has ended.
    pub(crate) fn note(&self, generation: usize, collection: &Collection) {
        let stats = self.stats[generation].get();
        self.stats[generation].set(GenerationStats {
            collections: stats.collections + 1,
            collected: stats.collected + collection.unreachable - collection.uncollectable,
            uncollectable: stats.uncollectable + collection.uncollectable,
        });
    }

    /// A collection of `generation` has found so many objects reachable.
    pub(crate) fn survived(&self, generation: usize, objects: usize) {
        match generation {
            0 => {}
            1 => self.pending.set(self.pending.get() + objects),
            _ => {
                self.pending.set(0);
                self.total.set(objects);
            }
        }
    }
}

/// A collection is under way.
pub(crate) struct Busy<'a> {
    generations: &'a Generations,
    before: bool,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.generations.collecting.set(self.before);
        self.generations.set_limit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_generation_above_its_threshold_is_chosen() {
        let generations = Generations::new(&Options { thresholds: [2, 1, 1], ..Options::default() });
        generations.raise(2);
        assert!(!generations.is_due_after(0), "the count must be above the threshold, not at it");
        assert!(generations.is_due_after(1));
        generations.raise(1);
        assert_eq!(generations.choice(|| 0), Some(0));
        generations.begin(0);
        generations.begin(0);
        assert_eq!(generations.counts(), [0, 2, 0]);
        assert_eq!(generations.choice(|| 0), Some(1));
    }

    #[test]
    fn growth_decides_on_full_collections_if_asked_to() {
        let full = Full::Growth { percent: 50, minimum: 10 };
        let generations = Generations::new(&Options { thresholds: [1, 9, 0], full, ..Options::default() });
        generations.raise(2);
        generations.survived(2, 1000);
        assert_eq!(generations.choice(|| 1500), Some(0));
        assert_eq!(generations.choice(|| 1501), Some(2));
        generations.survived(2, 4);
        assert_eq!(generations.choice(|| 14), Some(0), "it has not grown by the minimum");
        assert_eq!(generations.choice(|| 15), Some(2));
    }

    #[test]
    fn full_collection_waits_for_a_quarter() {
        let generations = Generations::new(&Options { thresholds: [0, 0, 0], ..Options::default() });
        generations.survived(2, 11);
        generations.begin(1);
        generations.survived(1, 1);
        assert_eq!(generations.choice(|| 0), None, "1 < 11 / 4 = 2");
        generations.begin(0);
        assert_eq!(generations.choice(|| 0), Some(1), "generation 1 is looked at instead");
        generations.survived(1, 1);
        assert_eq!(generations.choice(|| 0), Some(2));
    }
}
