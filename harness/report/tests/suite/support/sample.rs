//! A made-up record that looks like a real one: five collectors and a peer, five workloads, and most of what can go wrong.
//!
//! Deterministic, so that snapshots of it mean something. The numbers are plausible, and invented.

use std::sync::LazyLock;

use cyclade_report::RunRecord;
use cyclade_report::record::*;
use cyclade_report::statistics::{Request, SplitMix64, Timeline, windows};

const MS: u64 = 1_000_000;

/// How one collector behaves in this made-up world.
struct Manner {
    name: &'static str,
    /// Operations per second, as a multiple of `null`.
    speed: f64,
    /// Nanoseconds between pauses; 0 for none.
    every: u64,
    /// Length of a pause, in nanoseconds, on a heap of normal size.
    pause: u64,
    kinds: &'static [&'static str],
    frees_cycles: bool,
}

const MANNERS: [Manner; 6] = [
    Manner { name: "null", speed: 1.0, every: 0, pause: 0, kinds: &[], frees_cycles: false },
    Manner { name: "refcount", speed: 0.81, every: 0, pause: 0, kinds: &[], frees_cycles: false },
    Manner {
        name: "trial-deletion",
        speed: 0.42,
        every: 4 * MS,
        pause: 210_000,
        kinds: &["young", "young", "middle", "full"],
        frees_cycles: true,
    },
    Manner {
        name: "mark-sweep",
        speed: 0.66,
        every: 40 * MS,
        pause: 6 * MS,
        kinds: &["full"],
        frees_cycles: true,
    },
    Manner {
        name: "concurrent",
        speed: 0.64,
        every: 25 * MS,
        pause: 38_000,
        kinds: &["initial-mark", "remark"],
        frees_cycles: true,
    },
    Manner { name: "peer:dumpster", speed: 0.12, every: 0, pause: 0, kinds: &[], frees_cycles: true },
];

/// Workload, operations per second of `null`, share of objects that die in cycles, factor on pauses.
const WORKLOADS: [(&str, f64, f64, f64); 5] = [
    ("pairs", 31.0e6, 1.0, 0.6),
    ("tree", 12.4e6, 0.85, 1.0),
    ("live", 4.8e6, 0.4, 6.0),
    ("acyclic", 44.0e6, 0.0, 0.5),
    ("hub", 2.1e6, 0.9, 2.2),
];

/// The record.
pub(crate) fn record() -> RunRecord {
    static RECORD: LazyLock<RunRecord> = LazyLock::new(invent);
    RECORD.clone()
}

fn invent() -> RunRecord {
    let collectors = MANNERS.iter().map(|manner| manner.name.to_owned()).collect();
    let environment = Environment {
        cpu: "Example CPU 9000 (made up)".into(),
        cores: 8,
        memory_bytes: Some(32 << 30),
        os: "Debian GNU/Linux 12".into(),
        kernel: "6.1.0-28-amd64".into(),
        rustc: "rustc 1.95.0".into(),
        version: "0.1.0".into(),
        commit: None,
        page_mode: PageMode::Huge,
        started: "2026-05-01T12:00:00Z".into(),
        clock: Some(Clock { source: Some("tsc".into()), read_ns: Some(21.0), steps_back: 0 }),
        absent: [("commit".to_owned(), "built from a published crate, not from a checkout".to_owned())]
            .into(),
        extra: Default::default(),
    };
    let plan = Plan {
        collectors,
        workloads: WORKLOADS.iter().map(|workload| workload.0.to_owned()).collect(),
        sizes: vec![100_000],
        repeat: 5,
        seed: 42,
        timeout_ns: Some(60_000 * MS),
        heap_limit_bytes: Some(256 << 20),
        reference: Some("null".into()),
        ..Plan::default()
    };
    let mut record = RunRecord::new(environment, plan);
    let mut random = SplitMix64::new(42);
    let mut process = 0;
    for repeat in 0..5 {
        for workload in &WORKLOADS {
            let round = 1.0 + 0.02 * (random.unit() - 0.5); // what hits a whole round
            for manner in &MANNERS {
                record.cells.push(cell(manner, workload, repeat, round, None, process, &mut random));
                process += 1;
            }
            let control = Some(Control::SameAgainstSame);
            record.cells.push(cell(&MANNERS[3], workload, repeat, round, control, process, &mut random));
            process += 1;
        }
    }
    record.summarise();
    record
}

fn cell(
    manner: &Manner,
    &(workload, base, dying, stretch): &(&str, f64, f64, f64),
    repeat: u32,
    round: f64,
    control: Option<Control>,
    process: u32,
    random: &mut SplitMix64,
) -> Cell {
    let mut cell = Cell::new(manner.name, workload, 100_000, repeat, Status::Ok);
    (cell.control, cell.process, cell.seed) = (control, Some(process), 42 + u64::from(repeat));
    (cell.heap_limit_bytes, cell.timeout_ns, cell.scope_ops) = (Some(256 << 20), Some(60_000 * MS), Some(64));
    if (manner.name, workload) == ("null", "live") {
        cell.status = Status::HeapLimit;
        cell.explain_absences("the cell reached its heap limit");
        return cell;
    }
    if (manner.name, workload) == ("peer:dumpster", "hub") {
        cell.status = Status::TimedOut;
        cell.explain_absences("the cell was stopped before it reported");
        return cell;
    }
    if (manner.name, workload, repeat) == ("peer:dumpster", "tree", 3) {
        (cell.status, cell.signal) = (Status::Crashed, Some(11));
        cell.explain_absences("the process died without a report");
        return cell;
    }
    let wall = 1_000 * MS;
    let pauses = pauses(manner, stretch, wall, random);
    let paused: u64 = pauses.iter().map(|pause| pause.duration_ns).sum();
    let speed = base * manner.speed * round * (1.0 + 0.012 * (random.unit() - 0.5));
    let ops = (speed * wall as f64 / 1e9) as u64;
    cell.ops = Some(ops);
    (cell.wall_ns, cell.cpu_ns) = (Some(wall), Some(wall + paused / 3));
    (cell.mutator_ns, cell.collector_ns) = (Some(wall - paused), Some(paused));
    cell.ops_per_second = Some(ops as f64 / wall as f64 * 1e9);
    cell.time_to_safepoint_ns = Some(Percentiles { p50: 410, p99: 1_900, max: 6_200 });
    let timeline = Timeline::new(pauses.iter().map(|p| (p.start_ns, p.duration_ns)), wall);
    for window_ns in windows(wall) {
        let points = [(&mut cell.mmu, timeline.mmu(window_ns)), (&mut cell.bmu, timeline.bmu(window_ns))];
        for (curve, utilisation) in points {
            curve.extend(utilisation.map(|utilisation| Utilisation { window_ns, utilisation }));
        }
    }
    cell.latency_ns = Latency::from_requests(&requests(&pauses, wall, random));
    let peer = manner.name.starts_with("peer:");
    if peer {
        (cell.collector_ns, cell.mutator_ns) = (None, None);
        (cell.mmu, cell.bmu) = (vec![], vec![]);
    } else {
        cell.pause_ns = Some(PauseTotals::from_pauses(&pauses));
        cell.pauses = pauses;
    }
    let allocated = 100_000;
    let unreachable = (allocated as f64 * dying) as u64;
    let leaked = if manner.frees_cycles { 0 } else { unreachable };
    if leaked > 0 {
        cell.status = Status::LeakedAsExpected;
    }
    cell.leaks = Some(Leaks {
        allocated,
        reachable: allocated - unreachable,
        leaked,
        leaked_in_cycles: (!peer).then_some(leaked),
        freed_while_reachable: 0,
        precision: (manner.frees_cycles && unreachable > 0).then_some(1.0),
        recall: (unreachable > 0).then_some(if manner.frees_cycles { 1.0 } else { 0.0 }),
        detection_latency_ns: manner.frees_cycles.then_some(Percentiles {
            p50: 2 * MS,
            p99: 19 * MS,
            max: 31 * MS,
        }),
        detection_latency_allocations: None,
    });
    cell.collections = Some(Collections {
        count: cell.pauses.len() as u64,
        unreachable: unreachable - leaked,
        freed: unreachable - leaked,
        ..Collections::default()
    });
    cell.memory = Memory {
        allocated_bytes: Some(allocated * 48),
        live_bytes: Some((allocated - unreachable + leaked) * 48),
        peak_bytes: Some(allocated * 40),
        floating_peak_bytes: (manner.name == "concurrent").then_some(310_000),
        retired_bytes: (manner.name == "concurrent").then_some(88_000),
        rss_peak_bytes: Some((20 << 20) + leaked * 48),
    };
    let foreign = if (repeat, workload, manner.name) == (2, "tree", "concurrent") { 0.061 } else { 0.004 };
    cell.noise = Some(Noise { foreign_cpu: Some(foreign), hiccup_max_ns: Some(46_000) });
    for field in ["pause_ns", "pauses", "mmu", "collector_ns", "mutator_ns"] {
        cell.mark_absent(field, "a peer's collector cannot be watched from outside");
    }
    cell.mark_absent("leaks.precision", "the collector called nothing garbage");
    cell.mark_absent("leaks.recall", "the workload makes no garbage");
    cell.mark_absent("leaks.detection_latency_ns", "this collector does not detect cycles");
    cell.mark_absent("leaks.leaked_in_cycles", "the oracle does not see into a peer's heap");
    cell.mark_absent("memory.floating_peak_bytes", "only a concurrent collector has floating garbage");
    cell.mark_absent("memory.retired_bytes", "only the concurrent collector retires buffers");
    let missing = cell.missing();
    cell.absent.retain(|name, _| missing.contains(&name.as_str()));
    cell
}

fn pauses(manner: &Manner, stretch: f64, wall: u64, random: &mut SplitMix64) -> Vec<Pause> {
    let mut pauses = Vec::new();
    let mut at = manner.every;
    while manner.every > 0 && at < wall {
        let kind = manner.kinds[random.below(manner.kinds.len())];
        let weight = match kind {
            "middle" => 2.5,
            "full" if manner.kinds.len() > 1 => 9.0,
            _ => 1.0,
        };
        // Pauses of the concurrent collector do not depend on the heap.
        let stretch = if manner.name == "concurrent" { 1.0 } else { stretch };
        let length = manner.pause as f64 * weight * stretch * (0.7 + 0.6 * random.unit());
        let duration_ns = (length as u64).min(wall - at);
        pauses.push(Pause { start_ns: at, duration_ns, kind: kind.to_owned() });
        at += duration_ns + (manner.every as f64 * (0.6 + 0.8 * random.unit())) as u64;
    }
    pauses
}

/// Requests of about 50 µs, back to back, that stand still while there is a pause.
fn requests(pauses: &[Pause], wall: u64, random: &mut SplitMix64) -> Vec<Request> {
    let (mut requests, mut now, mut next) = (Vec::new(), 0, 0);
    while now < wall {
        let start_ns = now;
        now += 42_000 + random.below(16_000) as u64;
        while let Some(pause) = pauses.get(next).filter(|pause| pause.start_ns < now) {
            now += pause.duration_ns;
            next += 1;
        }
        requests.push(Request { start_ns, end_ns: now });
    }
    requests
}
