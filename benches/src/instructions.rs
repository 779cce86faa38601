//! The gate on instruction counts: what is compared with what, and when it fails.
//!
//! Time is noise on a shared machine, instructions are not: the same program executes the same ones again, to a fraction of a per cent. They say nothing of caches,
//! so they are no substitute for the tables; they tell at once when a path has become longer.

use std::collections::BTreeMap;

/// Instructions for one iteration, by case.
pub type Counts = BTreeMap<String, f64>;

/// A case may rise by so much.
pub const TOLERANCE: f64 = 0.05;

/// What has become of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// By this factor, within the tolerance.
    Same(f64),
    /// Fewer instructions, by more than the tolerance: the baseline should be renewed, or what was won may be lost unseen.
    Fell(f64),
    /// More instructions, by more than the tolerance.
    Rose(f64),
    /// The baseline does not know it.
    New,
    /// Only the baseline knows it.
    Gone,
}

impl Change {
    /// Does it stop a change from landing? A rise does, and a baseline of other cases.
    #[must_use]
    pub fn fails(self) -> bool {
        matches!(self, Change::Rose(_) | Change::New | Change::Gone)
    }

    /// For a table.
    #[must_use]
    pub fn words(self) -> String {
        let percent = |factor: f64| format!("{:+.1} %", (factor - 1.0) * 100.0);
        match self {
            Change::Same(factor) => percent(factor),
            Change::Fell(factor) => format!("{}, fewer: renew the baseline", percent(factor)),
            Change::Rose(factor) => format!("{}, **more**", percent(factor)),
            Change::New => "not in the baseline".to_owned(),
            Change::Gone => "only in the baseline".to_owned(),
        }
    }
}

/// Every case of either, with what has become of it.
#[must_use]
pub fn changes<'a>(baseline: &'a Counts, counted: &'a Counts) -> BTreeMap<&'a str, Change> {
    let known = counted.iter().map(|(name, &now)| {
        let change = baseline.get(name).map_or(Change::New, |&before| match now / before {
            factor if factor > 1.0 + TOLERANCE => Change::Rose(factor),
            factor if factor < 1.0 - TOLERANCE => Change::Fell(factor),
            factor => Change::Same(factor),
        });
        (name.as_str(), change)
    });
    let gone = baseline.keys().filter(|name| !counted.contains_key(*name));
    known.chain(gone.map(|name| (name.as_str(), Change::Gone))).collect()
}

/// What one iteration takes, from the counts of a program that does `iterations` of them and of one that does twice as many: so that starting, and building what the
/// iterations work on, drops out.
#[must_use]
pub fn each(once: u64, twice: u64, iterations: u64) -> f64 {
    twice.saturating_sub(once) as f64 / iterations as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, f64)]) -> Counts {
        of.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
    }

    #[test]
    fn a_rise_above_the_tolerance_fails_and_a_smaller_one_does_not() {
        let before = counts(&[("a", 100.0), ("b", 100.0), ("c", 100.0)]);
        let now = counts(&[("a", 105.1), ("b", 104.9), ("c", 94.0)]);
        let changes = changes(&before, &now);
        assert_eq!(changes["a"], Change::Rose(105.1 / 100.0));
        assert_eq!(changes["b"], Change::Same(104.9 / 100.0));
        assert_eq!(changes["c"], Change::Fell(94.0 / 100.0));
        assert_eq!(["a", "b", "c"].map(|name| changes[name].fails()), [true, false, false]);
        assert_eq!(changes["a"].words(), "+5.1 %, **more**");
    }

    #[test]
    fn a_case_that_only_one_side_knows_fails() {
        let (before, now) = (counts(&[("old", 1.0)]), counts(&[("new", 1.0)]));
        let changes = changes(&before, &now);
        assert_eq!((changes["old"], changes["new"]), (Change::Gone, Change::New));
        assert!(changes.values().all(|change| change.fails()));
    }

    #[test]
    fn what_comes_before_the_iterations_drops_out() {
        assert_eq!(each(1_000 + 7 * 10, 1_000 + 7 * 20, 10), 7.0);
    }
}
