//! Two records against each other: did anything get worse?
//!
//! Records are not interleaved with each other, so the intervals are those of unpaired ratios, and whatever changed
//! between the runs (heat, neighbours, a kernel) counts as a difference. What differs in the environment and the plan is
//! therefore listed first. The verdict on each number:
//!
//! * **worse** (a regression): worse by more than the threshold, and the 95 % interval of the ratio excludes 1;
//! * **better**: the same in the other direction;
//! * **small**: the interval excludes 1, but the difference is within the threshold;
//! * **alike**: the interval contains 1;
//! * without an interval (fewer than three processes on a side) the ratio alone decides: throughput by the threshold,
//!   everything else only if it doubled, since the tail of a single process is hardly repeatable;
//! * counts that must not grow (leaked objects, objects freed in use) and outcomes are judged exactly.
//!
//! One in 20 intervals misses 1 by chance: of a hundred alike numbers five look different, which is what the threshold is
//! for.

mod metric;
mod note;
mod render;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::record::{Cell, RunRecord};
use crate::statistics::{Estimate, median, unpaired_ratio};
use crate::summary::{Summary, SummaryRow};

pub use metric::Metric;
pub use note::Note;
pub use render::render;

/// What became of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A regression beyond the threshold.
    Worse,
    /// An improvement beyond the threshold.
    Better,
    /// A difference that is shown, and within the threshold.
    Small,
    /// No difference is shown.
    Alike,
}

/// One number of one row, before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The collector.
    pub collector: String,
    /// The workload.
    pub workload: String,
    /// Its size.
    pub size: u64,
    /// Which number.
    pub metric: Metric,
    /// The number in the first record: the median over processes; text for outcomes.
    pub before: String,
    /// The number in the second record.
    pub after: String,
    /// Second over first, with its interval; `null` where no ratio can be taken.
    pub ratio: Option<Estimate>,
    /// The verdict.
    pub change: Change,
}

/// Two records, number by number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// How much worse something may be: 0.05 means 5 %.
    pub threshold: f64,
    /// What differs between the runs beside the numbers, or is missing on a side.
    pub notes: Vec<Note>,
    /// The numbers, in the order of the first record.
    pub differences: Vec<Difference>,
}

type Place<'a> = (&'a str, &'a str, u64);

impl Comparison {
    /// Compares the second record with the first.
    ///
    /// ```
    /// use cyclade_report::{Cell, Comparison, RunRecord, Status};
    /// use cyclade_report::record::{Environment, Plan};
    ///
    /// let record = |speeds: [f64; 3]| {
    ///     let mut record = RunRecord::new(Environment::default(), Plan::default());
    ///     for (repeat, speed) in speeds.into_iter().enumerate() {
    ///         let mut cell = Cell::new("mark-sweep", "tree", 1_000, repeat as u32, Status::Ok);
    ///         cell.ops_per_second = Some(speed);
    ///         record.cells.push(cell);
    ///     }
    ///     record
    /// };
    /// let (before, after) = (record([100.0, 101.0, 99.0]), record([80.0, 81.0, 79.0]));
    /// assert!(Comparison::between(&before, &after, 0.05).has_regression());
    /// assert!(!Comparison::between(&before, &after, 0.30).has_regression());
    /// assert!(!Comparison::between(&before, &before, 0.0).has_regression());
    /// ```
    pub fn between(before: &RunRecord, after: &RunRecord, threshold: f64) -> Self {
        let threshold = threshold.max(0.0);
        let (first, second) = (Summary::from_record(before), Summary::from_record(after));
        let (first_cells, second_cells) = (finished(before), finished(after));
        let mut notes = note::between(before, after);
        let mut differences = Vec::new();
        let none = Vec::new();
        for row in first.measured() {
            let place = place(row);
            let Some(other) = second.measured().find(|other| self::place(other) == place) else {
                notes.push(Note::OnlyBefore { row: name(row) });
                continue;
            };
            differences.extend(outcome(row, other));
            if row.finished == 0 || other.finished == 0 {
                continue;
            }
            let cells = (first_cells.get(&place).unwrap_or(&none), second_cells.get(&place).unwrap_or(&none));
            for metric in Metric::MEASURED {
                differences.extend(measured(row, metric, cells.0, cells.1, threshold));
            }
        }
        for row in second.measured() {
            if !first.measured().any(|other| place(other) == place(row)) {
                notes.push(Note::OnlyAfter { row: name(row) });
            }
        }
        if differences.iter().any(|d| d.ratio.is_some_and(|ratio| ratio.interval.is_none())) {
            notes.push(Note::NoInterval);
        }
        Self { threshold, notes, differences }
    }

    /// Whether anything is worse: what an exit code is for.
    pub fn has_regression(&self) -> bool {
        self.regressions().next().is_some()
    }

    /// What is worse.
    pub fn regressions(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| difference.change == Change::Worse)
    }
}

fn place(row: &SummaryRow) -> Place<'_> {
    (&row.collector, &row.workload, row.size)
}

fn name(row: &SummaryRow) -> String {
    format!("{} on {} at size {}", row.collector, row.workload, row.size)
}

fn finished(record: &RunRecord) -> BTreeMap<Place<'_>, Vec<&Cell>> {
    let mut cells: BTreeMap<Place<'_>, Vec<&Cell>> = BTreeMap::new();
    for cell in record.cells.iter().filter(|cell| cell.control.is_none() && cell.status.finished()) {
        cells.entry((&cell.collector, &cell.workload, cell.size)).or_default().push(cell);
    }
    cells
}

/// How the processes ended, where that differs in kind: more or fewer of them finished, or something was freed in use.
fn outcome(before: &SummaryRow, after: &SummaryRow) -> Option<Difference> {
    let badness = |row: &SummaryRow| {
        let unfinished = f64::from(row.processes - row.finished) / f64::from(row.processes.max(1));
        (row.freed_while_reachable.unwrap_or(0) > 0, unfinished)
    };
    let change = if badness(after) > badness(before) {
        Change::Worse
    } else if badness(after) < badness(before) {
        Change::Better
    } else if before.outcome != after.outcome && before.finished == 0 {
        Change::Small
    } else {
        return None;
    };
    Some(difference(before, Metric::Outcome, before.outcome.clone(), after.outcome.clone(), None, change))
}

/// One number of a row that finished on both sides. `None` where a side does not have it.
fn measured(
    row: &SummaryRow,
    metric: Metric,
    before: &[&Cell],
    after: &[&Cell],
    threshold: f64,
) -> Option<Difference> {
    let samples = |cells: &[&Cell]| {
        cells.iter().filter_map(|cell| metric.of(cell)).filter(|v| v.is_finite()).collect::<Vec<_>>()
    };
    let (first, second) = (samples(before), samples(after));
    let (from, to) = (median(&first)?, median(&second)?);
    let ratio = unpaired_ratio(&second, &first);
    let change = if metric.is_exact() {
        exact(first, second)
    } else {
        match ratio {
            Some(ratio) => judge(metric, &ratio, threshold),
            // A zero on a side: there is no ratio, but growing from nothing is beyond any threshold.
            None if from == 0.0 && to > 0.0 => Change::Worse,
            None if to == 0.0 && from > 0.0 => Change::Better,
            None => Change::Alike,
        }
    };
    Some(difference(row, metric, metric.show(from), metric.show(to), ratio, change))
}

/// Counts that must not grow: the worst process counts.
fn exact(before: Vec<f64>, after: Vec<f64>) -> Change {
    let most = |samples: Vec<f64>| samples.into_iter().fold(0.0, f64::max);
    let (before, after) = (most(before), most(after));
    match after.total_cmp(&before) {
        std::cmp::Ordering::Greater => Change::Worse,
        std::cmp::Ordering::Less => Change::Better,
        std::cmp::Ordering::Equal => Change::Alike,
    }
}

/// The rules above, on the ratio after / before.
fn judge(metric: Metric, ratio: &Estimate, threshold: f64) -> Change {
    // Above 1 is worse, whatever the metric.
    let worse = if metric.more_is_better() { 1.0 / ratio.value } else { ratio.value };
    let limit = match ratio.interval {
        Some(interval) if interval.contains(1.0) => return Change::Alike,
        Some(_) => 1.0 + threshold,
        None if metric == Metric::Throughput => 1.0 + threshold,
        None => (1.0 + threshold).max(2.0),
    };
    match ratio.interval {
        _ if worse > limit => Change::Worse,
        _ if 1.0 / worse > limit => Change::Better,
        Some(_) => Change::Small,
        None => Change::Alike,
    }
}

fn difference(
    row: &SummaryRow,
    metric: Metric,
    before: String,
    after: String,
    ratio: Option<Estimate>,
    change: Change,
) -> Difference {
    Difference {
        collector: row.collector.clone(),
        workload: row.workload.clone(),
        size: row.size,
        metric,
        before,
        after,
        ratio,
        change,
    }
}
