//! Settings: thresholds, whether collections start by themselves, when full ones do, and whose rules hold.

use std::fmt;

/// Settings of a trial-deletion heap. The defaults are CPython 3.11's, but for [`Order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A generation is due for collection when its count is *above* its threshold: allocations less frees for generation 0,
    /// collections of the next younger generation for the others. With 0 for the first, no collection starts by itself.
    pub thresholds: [u32; 3],
    /// Do collections start by themselves? (Can be changed at run time.)
    pub automatic: bool,
    /// Whose rules hold.
    pub rules: Rules,
    /// When a collection that starts by itself is a full one.
    pub full: Full,
    /// How much of CPython's order is kept where it costs something.
    pub order: Order,
}

/// How much of CPython's order is kept where it costs something: that of survivors, and that of deaths which nobody watches.
///
/// Finalizers and weak callbacks run in the same order under either policy, but for one thing: those of what a collection finds dead run in list order, and
/// the list's order is what survivors have made of it. It can be asked for, too: [`generation`](crate::TrialDeletion::generation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Survivors of a full collection keep their places in the list. Then it need not follow the list: it marks from the roots and tries the rest, in
    /// order of address, which is several times faster where objects do not lie in memory in the order of the list.
    ///
    /// Where no object of the heap has ever had a finalizer and nothing is weakly referenced, all edges of a dead object are dropped before anything
    /// dies by it, and no deaths are put off for being nested too deep. Only the `Drop` of payloads could tell; freeing takes a third less.
    #[default]
    Kept,
    /// As CPython leaves survivors: what was set aside and turned out to be reachable goes to the end, in the order in which it was reached. And as it lets
    /// objects die, whoever watches: one edge after the other. What [`Options::python`] selects, and what is proven against the real one.
    Python,
}

/// When a collection that starts by itself is a full one (of generation 2).
///
/// A full collection looks at everything, so it should be rare; but only a full one finds a dead cycle that has become old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Full {
    /// As CPython up to 3.13: when the count of generation 2 is above its threshold (by default, after 11 collections of generation 1, each of
    /// them after 11 of generation 0), and as many objects as a quarter of those that the last one left have come to generation 2 since
    /// then. That bounds the work, and not the memory: a heap that does not grow, or that replaces its objects one by one, has full
    /// collections at a rate that depends on its size, and old garbage lies for as long.
    #[default]
    Quarter,
    /// When there are `percent` per cent more tracked objects than the last full collection left, and `minimum` at least: then garbage of all
    /// generations is never more than `percent` per cent of what is alive, plus `minimum`, and a heap in which counting frees all that dies has no
    /// full collection at all. The younger generations are collected as CPython does.
    Growth {
        /// How much the heap may grow.
        percent: u32,
        /// A heap is not worth a full collection before it has grown by so many objects.
        minimum: usize,
    },
}

impl Full {
    /// Growth by one half, and by 10,000 objects at least.
    pub const GROWTH: Full = Full::Growth { percent: 50, minimum: 10_000 };
}

/// There are no rules for this version of CPython.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVersion(pub [u32; 3]);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "there are rules for CPython up to 3.13, and none for {major}.{minor}.{patch}")?;
        if (major, minor) == (3, 14) && patch < 5 {
            f.write_str(" (3.14.0 to 3.14.4 have an incremental collector)")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownVersion {}

impl Options {
    /// The settings with which CPython of this version starts.
    ///
    /// # Errors
    /// If there are no rules for the version.
    pub fn python(version: [u32; 3]) -> Result<Options, UnknownVersion> {
        let rules = Rules::of_python(version)?;
        let first = if rules < Rules::Since313 { 700 } else { 2000 };
        Ok(Options { thresholds: [first, 10, 10], rules, order: Order::Python, ..Options::default() })
    }
}

impl Rules {
    /// The rules of a version: `[3, 11, 7]`.
    ///
    /// # Errors
    /// If there are none for it.
    pub fn of_python(version: [u32; 3]) -> Result<Rules, UnknownVersion> {
        match version {
            [2, ..] | [3, 0..=3, _] => Ok(Rules::Before34),
            [3, 4..=6, _] | [3, 7, 0..=5] => Ok(Rules::Since34),
            [3, 7, _] => Ok(Rules::Since376),
            [3, 8, _] => Ok(Rules::Since38),
            [3, 9..=11, _] => Ok(Rules::Since39),
            [3, 12, _] => Ok(Rules::Since312),
            [3, 13, _] => Ok(Rules::Since313),
            _ => Err(UnknownVersion(version)),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            thresholds: [700, 10, 10],
            automatic: true,
            rules: Rules::default(),
            full: Full::default(),
            order: Order::default(),
        }
    }
}

/// The rules of a range of CPython versions, in what programs can observe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rules {
    /// Up to 3.3: a dead cycle with a finalizer is uncollectable and goes to [`garbage`](crate::TrialDeletion::garbage).
    Before34,
    /// 3.4 to 3.7.5: finalizers run once before anything is freed (PEP 442). If one resurrects anything, the whole set is kept, and counted as if it
    /// had been freed.
    Since34,
    /// 3.7.6 to the end of 3.7: as before, but then nothing is counted (bpo-38379).
    Since376,
    /// 3.8: moreover, weak references that are garbage themselves are emptied before anything runs (bpo-38006).
    Since38,
    /// 3.9 to 3.11: only what was resurrected, and what it reaches, is kept.
    #[default]
    Since39,
    /// 3.12: an automatic collection waits for the next safe point, where the new objects are part of it.
    Since312,
    /// 3.13: as 3.12, but deaths are put off only when they are nested 9,948 deep, where earlier versions did so at 50, and only until no more than 9,897
    /// are nested. (Its first threshold is 2000: [`Options::python`] sets it.)
    Since313,
}
