//! One row of the summary, and how it is made from the cells of its processes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome;
use crate::record::{Cell, Control, Status};
use crate::statistics::{Estimate, LEAST_SAMPLES, median, median_estimate, paired_ratio};

/// One collector on one workload at one size, over all its processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryRow {
    /// The collector's name.
    pub collector: String,
    /// The workload's name.
    pub workload: String,
    /// The workload's size.
    pub size: u64,
    /// `"a/a"` for the row of a control.
    pub control: Option<Control>,
    /// Processes that were started.
    pub processes: u32,
    /// Processes whose workload ran to its end; only they count for the numbers below.
    pub finished: u32,
    /// The worst status of any process.
    pub status: Status,
    /// The outcome in words: `leaks 2,000 of 2,000`, `timed out after 10 s`, `crashed: signal 11 (1 of 5)`.
    pub outcome: String,
    /// Throughput: the median over processes.
    pub ops_per_second: Option<Estimate>,
    /// Throughput over that of the reference, or, in a control, over that of the same collector the first time.
    pub ratio: Option<Ratio>,
    /// Throughput over that of the fastest row of the same workload and size.
    pub relative_to_fastest: Option<Estimate>,
    /// In a control: whether the interval of the ratio contains 1. `null` if there is no interval.
    pub control_holds: Option<bool>,
    /// The longest pause of any process.
    pub pause_max_ns: Option<u64>,
    /// The 99th percentile of pauses: the median over processes.
    pub pause_p99_ns: Option<u64>,
    /// The 99.9th percentile of simple latency: the median over processes.
    pub latency_p999_ns: Option<u64>,
    /// The 99.9th percentile of metered latency: the median over processes.
    pub metered_p999_ns: Option<u64>,
    /// The share of wall time in which the mutator waited for the collector: the median over processes.
    pub collector_share: Option<f64>,
    /// The largest resident set of any process.
    pub rss_peak_bytes: Option<u64>,
    /// Leaked objects of the process that leaked most.
    pub leaked: Option<u64>,
    /// Objects that process allocated.
    pub allocated: Option<u64>,
    /// Objects freed although the mutator could reach them, in the worst process. Anything but 0 is a bug.
    pub freed_while_reachable: Option<u64>,
    /// Why a field is `null`: field → reason.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
}

/// A throughput over another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ratio {
    /// The collector that it is taken against.
    pub against: String,
    /// How many times as fast; above 1 is faster.
    pub estimate: Estimate,
}

impl SummaryRow {
    /// Sums up cells that differ in nothing but the round. `reference` is `None` in the reference's own row.
    pub(super) fn from_cells(
        cells: &[&Cell],
        reference: Option<(&str, &[&Cell])>,
        fastest: &[&Cell],
    ) -> Self {
        let first = cells[0];
        let done: Vec<&Cell> = finished(cells).collect();
        let speeds: Vec<f64> = done.iter().filter_map(|cell| cell.ops_per_second).collect();
        let ops_per_second = median_estimate(&speeds);
        let leakiest = done.iter().filter_map(|cell| cell.leaks.as_ref()).max_by_key(|leaks| leaks.leaked);
        let ratio = reference.and_then(|(against, others)| {
            Some(Ratio { against: against.to_owned(), estimate: paired_ratio(&pairs(cells, others))? })
        });
        let middle = |get: fn(&Cell) -> Option<u64>| {
            let values: Vec<f64> = done.iter().filter_map(|cell| get(cell)).map(|ns| ns as f64).collect();
            median(&values).map(|ns| ns.round() as u64)
        };
        let largest = |get: fn(&Cell) -> Option<u64>| done.iter().filter_map(|cell| get(cell)).max();
        let shares: Vec<f64> = done.iter().filter_map(|cell| share(cell)).collect();

        let mut row = Self {
            collector: first.collector.clone(),
            workload: first.workload.clone(),
            size: first.size,
            control: first.control,
            processes: cells.len() as u32,
            finished: done.len() as u32,
            status: cells.iter().map(|cell| cell.status).max().unwrap_or(Status::Ok),
            outcome: outcome::words(cells),
            control_holds: ratio
                .as_ref()
                .filter(|_| first.control.is_some())
                .and_then(|ratio| ratio.estimate.interval)
                .map(|interval| interval.contains(1.0)),
            relative_to_fastest: paired_ratio(&pairs(cells, fastest)),
            pause_max_ns: largest(|cell| Some(cell.pause_ns.as_ref()?.max)),
            pause_p99_ns: middle(|cell| Some(cell.pause_ns.as_ref()?.p99)),
            latency_p999_ns: middle(|cell| Some(cell.latency_ns.as_ref()?.p999)),
            metered_p999_ns: middle(|cell| Some(cell.latency_ns.as_ref()?.metered_p999)),
            collector_share: median(&shares),
            rss_peak_bytes: largest(|cell| cell.memory.rss_peak_bytes),
            leaked: leakiest.map(|leaks| leaks.leaked),
            allocated: leakiest.map(|leaks| leaks.allocated),
            freed_while_reachable: cells
                .iter()
                .filter_map(|cell| Some(cell.leaks.as_ref()?.freed_while_reachable))
                .max(),
            ops_per_second,
            ratio,
            absent: BTreeMap::new(),
        };
        row.state_absences(&done, reference.is_none());
        row
    }

    /// Whether this row stands for a collector that left garbage behind. `None` if nobody looked.
    pub fn leaks(&self) -> Option<bool> {
        self.leaked.map(|leaked| leaked > 0)
    }

    fn state_absences(&mut self, done: &[&Cell], is_reference: bool) {
        let nothing = (self.finished == 0).then(|| format!("no process finished: {}", self.outcome));
        let mut absent = BTreeMap::new();
        let mut state = |field: &str, present: bool, source: &str, otherwise: &str| {
            if !present {
                let stated = done.iter().find_map(|cell| {
                    let whole = source.split('.').next().unwrap_or(source);
                    cell.absent.get(source).or_else(|| cell.absent.get(whole)).cloned()
                });
                let reason = nothing.clone().or(stated).unwrap_or_else(|| otherwise.to_owned());
                absent.insert(field.to_owned(), reason);
            }
        };
        let unstated = "the record does not say why";
        state("ops_per_second", self.ops_per_second.is_some(), "ops_per_second", unstated);
        let few = format!(
            "{} finished; an interval needs {LEAST_SAMPLES}",
            crate::units::counted(u64::from(self.finished), "process")
        );
        if let Some(estimate) = &self.ops_per_second {
            state("ops_per_second.interval", estimate.interval.is_some(), "", &few);
        }
        let no_ratio = if is_reference { "this is the reference" } else { "the reference did not finish" };
        state("ratio", self.ratio.is_some(), "", no_ratio);
        if let Some(ratio) = &self.ratio {
            state("ratio.estimate.interval", ratio.estimate.interval.is_some(), "", &few);
        }
        state("relative_to_fastest", self.relative_to_fastest.is_some(), "", "no round that both finished");
        if self.control.is_some() {
            state("control_holds", self.control_holds.is_some(), "", &few);
        }
        state("pause_max_ns", self.pause_max_ns.is_some(), "pause_ns", unstated);
        state("pause_p99_ns", self.pause_p99_ns.is_some(), "pause_ns", unstated);
        state("latency_p999_ns", self.latency_p999_ns.is_some(), "latency_ns", unstated);
        state("metered_p999_ns", self.metered_p999_ns.is_some(), "latency_ns", unstated);
        state("collector_share", self.collector_share.is_some(), "collector_ns", unstated);
        state("rss_peak_bytes", self.rss_peak_bytes.is_some(), "memory.rss_peak_bytes", unstated);
        state("leaked", self.leaked.is_some(), "leaks", unstated);
        state("allocated", self.allocated.is_some(), "leaks", unstated);
        state("freed_while_reachable", self.freed_while_reachable.is_some(), "leaks", unstated);
        self.absent = absent;
    }
}

fn finished<'a>(cells: &[&'a Cell]) -> impl Iterator<Item = &'a Cell> {
    cells.iter().copied().filter(|cell| cell.status.finished())
}

/// The speed that decides which row is the fastest; negative if none finished.
pub(super) fn median_speed(cells: &[&Cell]) -> f64 {
    let speeds: Vec<f64> = finished(cells).filter_map(|cell| cell.ops_per_second).collect();
    median(&speeds).unwrap_or(-1.0)
}

/// Throughputs of the same round, where both finished.
fn pairs(cells: &[&Cell], others: &[&Cell]) -> Vec<(f64, f64)> {
    finished(cells)
        .filter_map(|cell| {
            let other = finished(others).find(|other| other.repeat == cell.repeat)?;
            Some((cell.ops_per_second?, other.ops_per_second?))
        })
        .collect()
}

/// The collector's share of wall time.
fn share(cell: &Cell) -> Option<f64> {
    let wall = cell.wall_ns.filter(|wall| *wall > 0)?;
    Some((cell.collector_ns? as f64 / wall as f64).min(1.0))
}
