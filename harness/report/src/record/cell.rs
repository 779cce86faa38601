//! One cell: one collector on one workload at one size, in a process of its own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Collections, Control, Latency, Leaks, Memory, Noise, Pause, PauseTotals, Percentiles, Status, Utilisation,
};

/// What one process measured, or how far it came.
///
/// Cells of the same workload, size and `repeat` ran close to each other in time: ratios are taken between those.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// The collector's name.
    pub collector: String,
    /// The workload's name.
    pub workload: String,
    /// The workload's size.
    pub size: u64,
    /// The seed that this cell's random choices came from.
    pub seed: u64,
    /// The round, from 0: cells of one round belong together.
    pub repeat: u32,
    /// `"a/a"` for the second of two equal cells, else `null`.
    pub control: Option<Control>,
    /// How the process ended.
    pub status: Status,
    /// What the status alone does not say: an error message, a panic message. (Added to the contract.)
    #[serde(default)]
    pub detail: Option<String>,
    /// The signal that ended the process. (Added.)
    #[serde(default)]
    pub signal: Option<i32>,
    /// The exit code, where it was not 0. (Added.)
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// When the cell would be stopped, in nanoseconds; `null` means never. (Added.)
    #[serde(default)]
    pub timeout_ns: Option<u64>,
    /// The position of this process in the order in which the run started them, from 0. (Added.)
    #[serde(default)]
    pub process: Option<u32>,
    /// Whether the workload reached a steady state (the flag of *cyclotron*). (Added.)
    #[serde(default)]
    pub stable: Option<bool>,
    /// The heap limit, in bytes; `null` means no limit.
    pub heap_limit_bytes: Option<u64>,
    /// Operations per mutator scope: nothing is collected inside one.
    pub scope_ops: Option<u64>,
    /// From the request for a safepoint to the safepoint.
    pub time_to_safepoint_ns: Option<Percentiles>,
    /// Operations done.
    pub ops: Option<u64>,
    /// Wall time of the measured part.
    pub wall_ns: Option<u64>,
    /// CPU time of the process, all threads, in the measured part.
    pub cpu_ns: Option<u64>,
    /// Wall time in which the mutator could run.
    pub mutator_ns: Option<u64>,
    /// Wall time in which the mutator's thread worked for the collector: the pauses.
    pub collector_ns: Option<u64>,
    /// `ops` per second of `wall_ns`.
    pub ops_per_second: Option<f64>,
    /// Every pause. An empty list means that there was none, unless `absent` says something else.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// The pauses in numbers.
    pub pause_ns: Option<PauseTotals>,
    /// Latency of requests of about 50 µs, simple and metered.
    pub latency_ns: Option<Latency>,
    /// Minimum mutator utilisation, by window.
    #[serde(default)]
    pub mmu: Vec<Utilisation>,
    /// Bounded mutator utilisation, by window. (Added.)
    #[serde(default)]
    pub bmu: Vec<Utilisation>,
    /// What the heap took.
    #[serde(default)]
    pub memory: Memory,
    /// What the oracle found after the last full collection.
    pub leaks: Option<Leaks>,
    /// What the collector did.
    pub collections: Option<Collections>,
    /// What else went on in the machine meanwhile.
    pub noise: Option<Noise>,
    /// Why a field is `null` or empty: field (`memory.retired_bytes`) → reason.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl Cell {
    /// A cell in which nothing has been measured yet.
    pub fn new(
        collector: impl Into<String>,
        workload: impl Into<String>,
        size: u64,
        repeat: u32,
        status: Status,
    ) -> Self {
        Self {
            collector: collector.into(),
            workload: workload.into(),
            size,
            seed: 0,
            repeat,
            control: None,
            status,
            detail: None,
            signal: None,
            exit_code: None,
            timeout_ns: None,
            process: None,
            stable: None,
            heap_limit_bytes: None,
            scope_ops: None,
            time_to_safepoint_ns: None,
            ops: None,
            wall_ns: None,
            cpu_ns: None,
            mutator_ns: None,
            collector_ns: None,
            ops_per_second: None,
            pauses: Vec::new(),
            pause_ns: None,
            latency_ns: None,
            mmu: Vec::new(),
            bmu: Vec::new(),
            memory: Memory::default(),
            leaks: None,
            collections: None,
            noise: None,
            absent: BTreeMap::new(),
            extra: BTreeMap::new(),
        }
    }

    /// States why a field is missing.
    pub fn mark_absent(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.absent.insert(field.into(), reason.into());
    }

    /// The measurements that this cell does not have, by the names that `absent` uses.
    ///
    /// Lists count as missing only while nothing else was measured either: an empty list of pauses in a cell with
    /// totals is a result. `null` limits are not missing, they mean that there is none.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        let mut check = |name, present: bool| {
            if !present {
                missing.push(name);
            }
        };
        check("scope_ops", self.scope_ops.is_some());
        check("time_to_safepoint_ns", self.time_to_safepoint_ns.is_some());
        check("ops", self.ops.is_some());
        check("wall_ns", self.wall_ns.is_some());
        check("cpu_ns", self.cpu_ns.is_some());
        check("mutator_ns", self.mutator_ns.is_some());
        check("collector_ns", self.collector_ns.is_some());
        check("ops_per_second", self.ops_per_second.is_some());
        check("pauses", !self.pauses.is_empty() || self.pause_ns.is_some());
        check("pause_ns", self.pause_ns.is_some());
        check("latency_ns", self.latency_ns.is_some());
        check("mmu", !self.mmu.is_empty());
        check("memory.allocated_bytes", self.memory.allocated_bytes.is_some());
        check("memory.live_bytes", self.memory.live_bytes.is_some());
        check("memory.peak_bytes", self.memory.peak_bytes.is_some());
        check("memory.floating_peak_bytes", self.memory.floating_peak_bytes.is_some());
        check("memory.retired_bytes", self.memory.retired_bytes.is_some());
        check("memory.rss_peak_bytes", self.memory.rss_peak_bytes.is_some());
        check("leaks", self.leaks.is_some());
        if let Some(leaks) = &self.leaks {
            check("leaks.precision", leaks.precision.is_some());
            check("leaks.recall", leaks.recall.is_some());
            check("leaks.leaked_in_cycles", leaks.leaked_in_cycles.is_some());
            check("leaks.detection_latency_ns", leaks.detection_latency_ns.is_some());
        }
        check("collections", self.collections.is_some());
        check("noise", self.noise.is_some());
        missing
    }

    /// The missing measurements for which no reason is stated.
    pub fn unexplained(&self) -> Vec<&'static str> {
        let mut missing = self.missing();
        missing.retain(|name| {
            let whole = name.split('.').next().unwrap_or(name);
            !self.absent.contains_key(*name) && !self.absent.contains_key(whole)
        });
        missing
    }

    /// States `reason` for every missing measurement that has none.
    pub fn explain_absences(&mut self, reason: &str) {
        for name in self.unexplained() {
            self.mark_absent(name, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_that_is_missing_without_a_reason_is_found() {
        let mut cell = Cell::new("null", "pairs", 10, 0, Status::Crashed);
        assert!(cell.unexplained().contains(&"latency_ns"));
        cell.mark_absent("latency_ns", "the workload has no requests");
        assert!(!cell.unexplained().contains(&"latency_ns"));
        cell.explain_absences("the process crashed");
        assert_eq!(cell.unexplained(), Vec::<&str>::new());
        assert_eq!(cell.absent["latency_ns"], "the workload has no requests");
        assert_eq!(cell.absent["ops"], "the process crashed");
    }

    #[test]
    fn a_reason_for_a_whole_part_covers_its_fields() {
        let mut cell = Cell::new("null", "pairs", 10, 0, Status::Ok);
        cell.mark_absent("memory", "a peer that does not tell");
        assert!(!cell.unexplained().iter().any(|name| name.starts_with("memory.")));
    }

    #[test]
    fn no_pauses_beside_totals_is_a_result() {
        let mut cell = Cell::new("null", "pairs", 10, 0, Status::Ok);
        cell.pause_ns = Some(PauseTotals::default());
        assert!(!cell.missing().contains(&"pauses"));
    }

    #[test]
    fn every_field_of_the_contract_is_written_even_where_it_is_null() {
        let json = serde_json::to_value(Cell::new("null", "pairs", 10, 0, Status::Ok)).unwrap();
        for name in [
            "collector workload size seed repeat control status heap_limit_bytes scope_ops time_to_safepoint_ns",
            "ops wall_ns cpu_ns mutator_ns collector_ns ops_per_second pauses pause_ns latency_ns mmu memory",
            "leaks collections noise absent",
        ]
        .iter()
        .flat_map(|line| line.split(' '))
        {
            assert!(json.get(name).is_some(), "{name} is not written");
        }
    }
}
