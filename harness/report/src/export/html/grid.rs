//! The tables of the page: one model for all of them, so that one piece of template shows all.

use super::representative;
use crate::record::{Cell, RunRecord, Status};
use crate::summary::{ContestSummary, Standing, Summary, SummaryRow};
use crate::table::{rate_interval, ratio_interval};
use crate::units;

/// A table: rows by collector, in groups by workload.
pub(super) struct Grid {
    /// The name in the page.
    pub(super) id: &'static str,
    /// What it shows, for those who do not see it.
    pub(super) caption: &'static str,
    /// The columns after the collector's.
    pub(super) columns: Vec<Column>,
    /// The rows, by workload.
    pub(super) groups: Vec<Group>,
}

/// A column.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// What it means.
    pub(super) hint: &'static str,
    /// Whether it holds words, which stand to the left, and not numbers.
    pub(super) words: bool,
}

/// A column of numbers.
const fn numbers(title: &'static str, hint: &'static str) -> Column {
    Column { title, hint, words: false }
}

/// A column of words.
const fn words(title: &'static str, hint: &'static str) -> Column {
    Column { title, hint, words: true }
}

/// The rows of one workload at one size.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) rows: Vec<Row>,
}

/// The row of one collector.
pub(super) struct Row {
    pub(super) collector: String,
    pub(super) data: Vec<Datum>,
}

/// One number or word.
pub(super) struct Datum {
    pub(super) text: String,
    /// What to sort by; words have nothing.
    pub(super) key: String,
    /// How it is coloured, beside what it says: `good`, `fair`, `bad`, `none` or nothing.
    pub(super) tone: &'static str,
    /// Why it is missing.
    pub(super) reason: String,
    /// The length of a bar behind it, in percent.
    pub(super) bar: Option<u32>,
}

impl Datum {
    fn words(text: impl Into<String>, tone: &'static str) -> Self {
        Self { text: text.into(), key: String::new(), tone, reason: String::new(), bar: None }
    }

    /// A number, or a dash and the reason why there is none.
    fn number<T>(
        value: Option<T>,
        text: impl Fn(T) -> String,
        key: impl Fn(&T) -> f64,
        reason: Option<&str>,
    ) -> Self {
        match value {
            Some(value) => {
                let key = key(&value).to_string();
                Self { key, ..Self::words(text(value), "") }
            }
            None => Self { reason: reason.unwrap_or_default().to_owned(), ..Self::words("–", "none") },
        }
    }

    fn count(value: Option<u64>, text: fn(u64) -> String, reason: Option<&str>) -> Self {
        Self::number(value, text, |value| *value as f64, reason)
    }

    fn share(value: Option<f64>, reason: Option<&str>) -> Self {
        Self::number(value, units::percent, |share| *share, reason)
    }
}

fn grouped(summary: &Summary, row: impl Fn(&SummaryRow) -> Vec<Datum>) -> Vec<Group> {
    let group = |rows: Vec<&SummaryRow>| Group {
        label: summary.label(rows[0]),
        rows: rows.into_iter().map(|r| Row { collector: r.collector.clone(), data: row(r) }).collect(),
    };
    summary.groups().into_iter().map(group).collect()
}

fn tone(row: &SummaryRow) -> &'static str {
    match row.status {
        _ if row.freed_while_reachable.is_some_and(|objects| objects > 0) => "bad",
        Status::Ok if row.leaks() == Some(true) => "bad",
        Status::Ok => "good",
        Status::LeakedAsExpected | Status::Interrupted | Status::TimedOut | Status::HeapLimit => "fair",
        Status::Failed | Status::Crashed => "bad",
    }
}

/// The main table.
pub(super) fn results(summary: &Summary) -> Grid {
    let data = |row: &SummaryRow| {
        let why = |field: &str| row.absent.get(field).map(String::as_str);
        let speed = row.ops_per_second;
        let interval = speed.as_ref().and_then(rate_interval);
        let mut relative = Datum::number(
            row.relative_to_fastest,
            |ratio| units::ratio(ratio.value),
            |ratio| ratio.value,
            why("relative_to_fastest"),
        );
        relative.bar =
            row.relative_to_fastest.map(|ratio| (ratio.value * 100.0).clamp(0.0, 100.0).round() as u32);
        vec![
            Datum::words(row.outcome.clone(), tone(row)),
            Datum::count(row.leaked, units::count, why("leaked")),
            Datum::count(row.pause_max_ns, units::duration, why("pause_max_ns")),
            Datum::count(row.pause_p99_ns, units::duration, why("pause_p99_ns")),
            Datum::number(speed, |s| units::rate(s.value), |s| s.value, why("ops_per_second")),
            match interval {
                Some(text) => Datum::words(text, "soft"),
                None => Datum::number(
                    None::<f64>,
                    units::rate,
                    |_| 0.0,
                    why("ops_per_second.interval").or(why("ops_per_second")),
                ),
            },
            relative,
            Datum::share(row.collector_share, why("collector_share")),
        ]
    };
    Grid {
        id: "results",
        caption: "Every collector on every workload",
        columns: vec![
            words("outcome", "how the worst process ended"),
            numbers("leaked", "objects left that nobody could reach, after a full collection"),
            numbers("longest pause", "of any process"),
            numbers("p99 pause", "99 of 100 pauses are not longer; the median over processes"),
            numbers("throughput", "operations per second, the median over processes"),
            numbers("95 % interval", "of the throughput, over processes"),
            numbers("of fastest", "throughput over that of the fastest row of the workload, paired by round"),
            numbers("collector time", "share of wall time in which the mutator waited"),
        ],
        groups: grouped(summary, data),
    }
}

/// The A/A control: one group for all workloads.
pub(super) fn controls(summary: &Summary) -> Grid {
    let row = |row: &SummaryRow| {
        let estimate = row.ratio.as_ref().map(|ratio| ratio.estimate);
        let (text, tone) = match row.control_holds {
            Some(true) => ("1 lies in the interval", "good"),
            Some(false) => ("1 does not lie in the interval", "bad"),
            None => ("no interval", "fair"),
        };
        let data = vec![
            Datum::number(
                estimate,
                |e| units::ratio(e.value),
                |e| e.value,
                row.absent.get("ratio").map(String::as_str),
            ),
            Datum::words(
                estimate.as_ref().and_then(ratio_interval).unwrap_or_else(|| "–".to_owned()),
                "soft",
            ),
            Datum::words(text, tone),
        ];
        Row { collector: format!("{} on {}", row.collector, summary.label(row)), data }
    };
    Grid {
        id: "control-table",
        caption: "The A/A control: each collector against itself",
        columns: vec![
            numbers("ratio", "throughput of the second over the first"),
            numbers("95 % interval", "of the ratio"),
            words("verdict", "1 must lie in the interval"),
        ],
        groups: vec![Group { label: String::new(), rows: summary.controls().map(row).collect() }],
    }
}

/// The contests: one group for each.
pub(super) fn contests(contests: &[ContestSummary<'_>]) -> Grid {
    let data = |standing: &Standing| {
        let row = &standing.row;
        let why = |field: &str| row.absent.get(field).map(String::as_str);
        let (speed, ratio) = (row.ops_per_second, row.ratio.as_ref().map(|ratio| ratio.estimate));
        let interval = |text: Option<String>, reason: Option<&str>| match text {
            Some(text) => Datum::words(text, "soft"),
            None => Datum::number(None::<f64>, units::rate, |_| 0.0, reason),
        };
        vec![
            Datum::words(standing.whose(), "soft"),
            Datum::number(speed, |s| units::rate(s.value), |s| s.value, why("ops_per_second")),
            interval(
                speed.as_ref().and_then(rate_interval),
                why("ops_per_second.interval").or(why("ops_per_second")),
            ),
            Datum::number(ratio, |r| units::ratio(r.value), |r| r.value, why("ratio")),
            interval(
                ratio.as_ref().and_then(ratio_interval),
                why("ratio.estimate.interval").or(why("ratio")),
            ),
            Datum::number(standing.cpu_ns_per_op, units::per_operation, |ns| *ns, why("ops_per_second")),
            Datum::words(standing.outcome(), tone(row)),
        ]
    };
    let row = |standing: &Standing| Row { collector: standing.row.collector.clone(), data: data(standing) };
    let group = |contest: &ContestSummary<'_>| Group {
        label: contest.title(),
        rows: contest.standings.iter().map(row).collect(),
    };
    Grid {
        id: "contest-table",
        caption: "Our collectors and other people's on the same programs",
        columns: vec![
            words("whose", "one of this run's collectors, or a peer"),
            numbers("throughput", "operations per second of wall time, the median over processes"),
            numbers("95 % interval", "of the throughput, over processes"),
            numbers("ratio", "throughput over that of the contest's reference, paired by round"),
            numbers("95 % interval", "of the ratio"),
            numbers(
                "processor per op",
                "processor time of all threads for one operation, the median over processes",
            ),
            words("outcome", "how the worst process ended"),
        ],
        groups: contests.iter().map(group).collect(),
    }
}

/// Why a row has no such part: the cell's own words, else the row's outcome.
fn reason(cell: Option<&Cell>, row: &SummaryRow, field: &str) -> String {
    let whole = field.split('.').next().unwrap_or(field);
    match cell {
        Some(cell) => {
            let stated = cell.absent.get(field).or_else(|| cell.absent.get(whole));
            stated.cloned().unwrap_or_else(|| "the record does not say why".to_owned())
        }
        None => format!("no process finished: {}", row.outcome),
    }
}

/// Pauses and utilisation.
pub(super) fn pauses(record: &RunRecord, summary: &Summary) -> Grid {
    const WINDOWS: [u64; 3] = [1_000_000, 10_000_000, 100_000_000];
    let data = |row: &SummaryRow| {
        let cell = representative(record, row);
        let why = reason(cell, row, "pause_ns");
        let totals = cell.and_then(|cell| cell.pause_ns.as_ref());
        let mut data = vec![Datum::count(totals.map(|t| t.count), units::count, Some(&why))];
        let lengths = [
            totals.map(|t| t.total),
            totals.map(|t| t.p50),
            totals.map(|t| t.p99),
            totals.map(|t| t.p999),
            totals.map(|t| t.max),
        ];
        data.extend(lengths.map(|length| Datum::count(length, units::duration, Some(&why))));
        let why = reason(cell, row, "mmu");
        data.extend(WINDOWS.map(|window| {
            let point = cell.and_then(|cell| cell.mmu.iter().find(|point| point.window_ns == window));
            Datum::share(point.map(|point| point.utilisation), Some(&why))
        }));
        data
    };
    Grid {
        id: "pause-table",
        caption: "Pauses and minimum mutator utilisation",
        columns: vec![
            numbers("pauses", "how many"),
            numbers("total", "all together"),
            numbers("p50", "the median pause"),
            numbers("p99", "99 of 100 are not longer"),
            numbers("p99.9", "999 of 1000 are not longer"),
            numbers("max", "the longest"),
            numbers("MMU 1 ms", "the least share of any window of 1 ms that the mutator got"),
            numbers("MMU 10 ms", "the same for 10 ms"),
            numbers("MMU 100 ms", "the same for 100 ms"),
        ],
        groups: grouped(summary, data),
    }
}

/// Latency, simple and metered.
pub(super) fn latency(record: &RunRecord, summary: &Summary) -> Grid {
    let data = |row: &SummaryRow| {
        let cell = representative(record, row);
        let why = reason(cell, row, "latency_ns");
        let l = cell.and_then(|cell| cell.latency_ns.as_ref());
        [
            l.map(|l| l.p50),
            l.map(|l| l.p99),
            l.map(|l| l.p999),
            l.map(|l| l.max),
            l.and_then(|l| l.metered_p50),
            l.and_then(|l| l.metered_p99),
            l.map(|l| l.metered_p999),
            l.and_then(|l| l.metered_max),
        ]
        .map(|ns| Datum::count(ns, units::duration, Some(&why)))
        .into()
    };
    Grid {
        id: "latency-table",
        caption: "Latency of requests of about 50 µs",
        columns: vec![
            numbers("p50", "simple: from start to end"),
            numbers("p99", "simple"),
            numbers("p99.9", "simple"),
            numbers("max", "simple"),
            numbers("metered p50", "had requests arrived evenly"),
            numbers("metered p99", "had requests arrived evenly"),
            numbers("metered p99.9", "had requests arrived evenly"),
            numbers("metered max", "had requests arrived evenly"),
        ],
        groups: grouped(summary, data),
    }
}

/// What the oracle found.
pub(super) fn leaks(record: &RunRecord, summary: &Summary) -> Grid {
    let data = |row: &SummaryRow| {
        let cell = representative(record, row);
        let leaks = cell.and_then(|cell| cell.leaks.as_ref());
        let why = |field: &str| reason(cell, row, field);
        let detection = leaks.and_then(|leaks| leaks.detection_latency_ns.as_ref());
        let mut freed = Datum::count(
            leaks.map(|l| l.freed_while_reachable),
            units::count,
            Some(&why("leaks.freed_while_reachable")),
        );
        if leaks.is_some_and(|leaks| leaks.freed_while_reachable > 0) {
            freed.tone = "bad";
        }
        vec![
            Datum::count(leaks.map(|l| l.allocated), units::count, Some(&why("leaks"))),
            Datum::count(leaks.map(|l| l.reachable), units::count, Some(&why("leaks"))),
            Datum::count(leaks.map(|l| l.leaked), units::count, Some(&why("leaks"))),
            Datum::count(
                leaks.and_then(|l| l.leaked_in_cycles),
                units::count,
                Some(&why("leaks.leaked_in_cycles")),
            ),
            freed,
            Datum::share(leaks.and_then(|l| l.precision), Some(&why("leaks.precision"))),
            Datum::share(leaks.and_then(|l| l.recall), Some(&why("leaks.recall"))),
            Datum::count(detection.map(|d| d.p50), units::duration, Some(&why("leaks.detection_latency_ns"))),
            Datum::count(detection.map(|d| d.p99), units::duration, Some(&why("leaks.detection_latency_ns"))),
        ]
    };
    Grid {
        id: "leak-table",
        caption: "What the oracle found after a full collection",
        columns: vec![
            numbers("allocated", "objects in all"),
            numbers("reachable", "objects the mutator could still reach"),
            numbers("leaked", "objects that existed and that nobody could reach"),
            numbers("in cycles", "of these, in a cycle or held by one"),
            numbers("freed in use", "objects freed although they could be reached: must be 0"),
            numbers("precision", "of what was called garbage, the share that was"),
            numbers("recall", "of what was garbage, the share that was found"),
            numbers("detected p50", "from unreachable to freed"),
            numbers("detected p99", "from unreachable to freed"),
        ],
        groups: grouped(summary, data),
    }
}

/// Memory and CPU time.
pub(super) fn memory(record: &RunRecord, summary: &Summary) -> Grid {
    let data = |row: &SummaryRow| {
        let cell = representative(record, row);
        let size = |get: fn(&Cell) -> Option<u64>, field: &str| {
            Datum::count(cell.and_then(get), units::bytes, Some(&reason(cell, row, field)))
        };
        vec![
            size(|c| c.memory.allocated_bytes, "memory.allocated_bytes"),
            size(|c| c.memory.live_bytes, "memory.live_bytes"),
            size(|c| c.memory.peak_bytes, "memory.peak_bytes"),
            size(|c| c.memory.floating_peak_bytes, "memory.floating_peak_bytes"),
            size(|c| c.memory.retired_bytes, "memory.retired_bytes"),
            size(|c| c.memory.rss_peak_bytes, "memory.rss_peak_bytes"),
            Datum::count(cell.and_then(|c| c.wall_ns), units::duration, Some(&reason(cell, row, "wall_ns"))),
            Datum::count(cell.and_then(|c| c.cpu_ns), units::duration, Some(&reason(cell, row, "cpu_ns"))),
        ]
    };
    Grid {
        id: "memory-table",
        caption: "Memory and processor time",
        columns: vec![
            numbers("allocated", "everything that was ever allocated"),
            numbers("live", "left after the last full collection"),
            numbers("peak", "the most in use at a time"),
            numbers("floating", "the most that was dead and not found yet"),
            numbers("retired", "the most that was replaced and waited for readers"),
            numbers("peak RSS", "resident set of the process"),
            numbers("wall time", "of the measured part"),
            numbers("CPU time", "of all threads"),
        ],
        groups: grouped(summary, data),
    }
}
