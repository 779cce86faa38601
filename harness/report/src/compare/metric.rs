//! The numbers that are compared, and which direction is good.

use serde::Serialize;

use crate::record::Cell;
use crate::units;

/// A number that two records are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// How the processes ended.
    Outcome,
    /// Operations per second: the only one of which more is better.
    Throughput,
    /// The longest pause of a process.
    PauseMax,
    /// The 99th percentile of a process's pauses.
    PauseP99,
    /// The 99.9th percentile of simple latency.
    LatencyP999,
    /// The 99.9th percentile of metered latency.
    MeteredP999,
    /// The resident set at its largest.
    RssPeak,
    /// Objects leaked: must not grow at all.
    Leaked,
}

impl Metric {
    /// Those that are measured in a cell, the most important first.
    pub const MEASURED: [Metric; 7] = [
        Metric::Throughput,
        Metric::Leaked,
        Metric::PauseMax,
        Metric::PauseP99,
        Metric::LatencyP999,
        Metric::MeteredP999,
        Metric::RssPeak,
    ];

    /// What tables call it.
    pub fn title(self) -> &'static str {
        match self {
            Metric::Outcome => "outcome",
            Metric::Throughput => "throughput",
            Metric::PauseMax => "longest pause",
            Metric::PauseP99 => "p99 pause",
            Metric::LatencyP999 => "p99.9 latency",
            Metric::MeteredP999 => "p99.9 metered latency",
            Metric::RssPeak => "peak RSS",
            Metric::Leaked => "leaked objects",
        }
    }

    /// Whether more is better.
    pub fn more_is_better(self) -> bool {
        self == Metric::Throughput
    }

    /// Whether it is a count that must not grow, instead of a measurement with noise.
    pub fn is_exact(self) -> bool {
        self == Metric::Leaked
    }

    /// This number of a cell; `None` if it has none, and for outcomes.
    pub(super) fn of(self, cell: &Cell) -> Option<f64> {
        let whole = match self {
            Metric::Outcome => return None,
            Metric::Throughput => return cell.ops_per_second,
            Metric::PauseMax => cell.pause_ns.as_ref()?.max,
            Metric::PauseP99 => cell.pause_ns.as_ref()?.p99,
            Metric::LatencyP999 => cell.latency_ns.as_ref()?.p999,
            Metric::MeteredP999 => cell.latency_ns.as_ref()?.metered_p999,
            Metric::RssPeak => cell.memory.rss_peak_bytes?,
            Metric::Leaked => cell.leaks.as_ref()?.leaked,
        };
        Some(whole as f64)
    }

    /// The number with its unit.
    pub(super) fn show(self, value: f64) -> String {
        let whole = value.max(0.0).round() as u64;
        match self {
            Metric::Throughput => units::rate(value),
            Metric::RssPeak => units::bytes(whole),
            Metric::Leaked | Metric::Outcome => units::count(whole),
            _ => units::duration(whole),
        }
    }
}
