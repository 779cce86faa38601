//! From what was observed to the cell of a run record: every field filled, or absent for a reason that is stated.

use super::job::Job;
use crate::machine::{self, Usage};
use cyclade_core::Plan;
use cyclade_report::record::{
    Cell, Collections, Latency, Leaks, Memory, Noise, Pause, PauseTotals, Percentiles, Status, Utilisation,
};
use cyclade_report::statistics::{Request, Timeline, windows};
use cyclade_workloads::driver::Report;
use cyclade_workloads::{ReplayStep, Stop};
use serde_json::json;

/// So many pauses are listed one by one; of more, the longest. Totals, percentiles and utilisation are of all.
const MOST_PAUSES: usize = 1_000;

/// What was read off the machine around a run.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) begin: Option<Usage>,
    pub(crate) end: Option<Usage>,
    pub(crate) whole: Option<(Usage, Usage)>,
    pub(crate) hiccup_ns: u64,
}

/// Fills a cell.
pub(crate) fn cell(
    job: &Job,
    plan: Plan,
    report: Report,
    around: &Around,
    steps: Option<Vec<ReplayStep>>,
) -> Cell {
    let mut cell = job.cell(Status::Ok);
    status(&mut cell, plan, &report);
    let measured = around.begin.is_some();
    if measured {
        figures(&mut cell, plan, &report, around);
    }
    leaks(&mut cell, plan, &report);
    cell.memory = Memory {
        allocated_bytes: Some(report.stats.allocated_bytes),
        live_bytes: report.audit.as_ref().map(|audit| audit.live_bytes),
        peak_bytes: Some(report.stats.peak_bytes as u64),
        floating_peak_bytes: report.observation.floating_peak_bytes,
        retired_bytes: plan.concurrent.then_some(report.observation.retired_peak_bytes),
        rss_peak_bytes: machine::rss_peak_bytes(),
    };
    if let Some(steps) = steps {
        let steps: Vec<_> = steps
            .iter()
            .map(|step| {
                json!({
                    "roots": step.roots,
                    "expected": step.expected,
                    "reachable": step.reachable,
                    "unreachable": step.unreachable,
                    "held_by_cycles": step.held_by_cycles,
                })
            })
            .collect();
        cell.extra.insert("replay_steps".to_owned(), steps.into());
    }
    reasons(&mut cell, plan, measured);
    cell
}

fn status(cell: &mut Cell, plan: Plan, report: &Report) {
    let wrong = report.audit.as_ref().and_then(|audit| audit.wrong.clone());
    let leaked = report.audit.as_ref().is_some_and(|audit| audit.leaked > 0);
    (cell.status, cell.detail) = match (&report.stopped, wrong) {
        (Some(Stop::Memory(error)), _) => (Status::HeapLimit, Some(error.to_string())),
        (Some(Stop::Wrong(what)), _) => (Status::Failed, Some(what.clone())),
        (None, Some(wrong)) => (Status::Failed, Some(wrong)),
        (None, None) if leaked && !plan.frees_cycles => (Status::LeakedAsExpected, None),
        (None, None) => (Status::Ok, None),
    };
}

fn figures(cell: &mut Cell, plan: Plan, report: &Report, around: &Around) {
    let seen = &report.observation;
    let paused: u64 = seen.pauses.iter().map(|pause| pause.duration_ns).sum();
    cell.scope_ops = Some(seen.scope_ops);
    cell.time_to_safepoint_ns = Percentiles::from_samples(seen.scopes_ns.clone());
    cell.ops = Some(seen.ops);
    cell.wall_ns = Some(seen.wall_ns);
    cell.cpu_ns = around.begin.zip(around.end).and_then(|(begin, end)| end.own_cpu_ns_since(&begin));
    cell.collector_ns = Some(paused.min(seen.wall_ns));
    cell.mutator_ns = Some(seen.wall_ns.saturating_sub(paused));
    cell.ops_per_second = (seen.wall_ns > 0).then(|| seen.ops as f64 * 1e9 / seen.wall_ns as f64);
    cell.stable = seen.stable;
    let timeline = Timeline::new(seen.pauses.iter().map(|p| (p.start_ns, p.duration_ns)), seen.wall_ns);
    for window_ns in windows(seen.wall_ns) {
        let point = |utilisation| Utilisation { window_ns, utilisation };
        cell.mmu.extend(timeline.mmu(window_ns).map(point));
        cell.bmu.extend(timeline.bmu(window_ns).map(point));
    }
    let mut collections = Collections {
        count: seen.collections.0,
        unreachable: seen.collections.1,
        freed: seen.collections.2,
        ..Collections::default()
    };
    let mut pauses: Vec<Pause> = seen
        .pauses
        .iter()
        .map(|pause| Pause {
            start_ns: pause.start_ns,
            duration_ns: pause.duration_ns,
            kind: pause.kind.to_owned(),
        })
        .collect();
    for pause in &pauses {
        *collections.by_kind.entry(pause.kind.clone()).or_default() += 1;
    }
    cell.collections = Some(collections);
    cell.pause_ns = Some(PauseTotals::from_pauses(&pauses));
    if pauses.len() > MOST_PAUSES {
        cell.extra.insert("pauses_left_out".to_owned(), (pauses.len() - MOST_PAUSES).into());
        pauses.sort_unstable_by_key(|pause| std::cmp::Reverse(pause.duration_ns));
        pauses.truncate(MOST_PAUSES);
        pauses.sort_unstable_by_key(|pause| pause.start_ns);
    }
    cell.pauses = pauses;
    let requests: Vec<Request> =
        seen.requests.iter().map(|r| Request { start_ns: r.start_ns, end_ns: r.end_ns }).collect();
    cell.latency_ns = Latency::from_requests(&requests);
    cell.extra.insert("request_ops".to_owned(), seen.request_ops.into());
    cell.extra.insert("rounds".to_owned(), seen.rounds.into());
    let foreign_cpu = around.whole.as_ref().and_then(|(first, last)| last.foreign_since(first));
    cell.noise = Some(Noise { foreign_cpu, hiccup_max_ns: Some(around.hiccup_ns) });
    if foreign_cpu.is_none() {
        cell.mark_absent("noise.foreign_cpu", machine::NO_FOREIGN_CPU);
    }
    let _ = plan;
}

fn leaks(cell: &mut Cell, plan: Plan, report: &Report) {
    let Some(audit) = &report.audit else { return };
    let (ns, allocations): (Vec<u64>, Vec<u64>) = report.observation.deaths.iter().copied().unzip();
    cell.leaks = Some(Leaks {
        allocated: audit.allocated,
        reachable: audit.reachable,
        leaked: audit.leaked,
        leaked_in_cycles: Some(audit.leaked_in_cycles),
        freed_while_reachable: audit.freed_while_reachable,
        precision: audit.precision,
        recall: audit.recall,
        detection_latency_ns: Percentiles::from_samples(ns),
        detection_latency_allocations: Percentiles::from_samples(allocations),
    });
    cell.mark_absent("leaks.precision", "nothing was freed");
    cell.mark_absent("leaks.recall", "nothing became garbage");
    let reason = if plan.frees {
        "none of the structures that were followed (a sample) was freed during the measured part"
    } else {
        "this collector frees nothing"
    };
    cell.mark_absent("leaks.detection_latency_ns", reason);
}

/// States why what is missing is missing, and nothing else.
fn reasons(cell: &mut Cell, plan: Plan, measured: bool) {
    let floating = if plan.concurrent {
        "no cycle ended in the rounds after the measured part, in which floating garbage is looked for"
    } else {
        "only a collector that marks beside the mutator has floating garbage"
    };
    cell.mark_absent("memory.floating_peak_bytes", floating);
    cell.mark_absent(
        "memory.retired_bytes",
        "only a collector that marks beside the mutator retires buffers",
    );
    cell.mark_absent("memory.rss_peak_bytes", "this system does not tell");
    cell.mark_absent("cpu_ns", "this system does not tell");
    cell.mark_absent("mmu", "the measured part was too short for any window");
    cell.mark_absent("time_to_safepoint_ns", "no scope was sampled");
    let missing = cell.missing();
    let kept = |name: &str| missing.contains(&name) || name == "noise.foreign_cpu";
    cell.absent.retain(|name, _| kept(name));
    let rest = match cell.status {
        Status::HeapLimit if !measured => "memory ran out while the workload was being set up",
        Status::HeapLimit => "memory ran out; the oracle judges complete runs only",
        Status::Failed => "the run stopped early; see the detail",
        _ => "not measured",
    };
    cell.explain_absences(rest);
}
