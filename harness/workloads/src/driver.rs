//! Runs a workload and watches: rounds, requests, retries, the end.

use crate::audit::{Audit, audit};
use crate::bench::Bench;
use crate::clock::PauseAt;
use crate::floating;
use crate::registry;
use crate::workload::{Params, Stop, Workload};
use cyclade_core::{Collector, Config, Stats};
use std::fmt;

/// What requests are aimed at: an operation of 20 ns cannot be timed singly.
const REQUEST_NS: u64 = 50_000;

/// The number of operations in a request is adjusted after each of the first ones, and then stays.
const CALIBRATIONS: u32 = 16;

/// What a round of a collector that leaks counts for at least, in bytes: a graph of one object would otherwise be built, and its heap
/// stopped, millions of times, and every pause takes memory too.
const LEAST_LEAK: u64 = 1 << 10;

/// Where a run is; the caller may want to read other clocks there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Set-up is done; the measured part begins after this.
    Begin,
    /// The measured part has just ended; the audit comes next.
    End,
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestAt {
    /// From the start of the measured part.
    pub start_ns: u64,
    /// Likewise.
    pub end_ns: u64,
}

/// What was seen in the measured part.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// Operations done.
    pub ops: u64,
    /// Rounds done.
    pub rounds: u64,
    /// Length of the measured part.
    pub wall_ns: u64,
    /// Every request.
    pub requests: Vec<RequestAt>,
    /// Operations per request, after calibration.
    pub request_ops: u64,
    /// Most operations in one scope.
    pub scope_ops: u64,
    /// Every pause.
    pub pauses: Vec<PauseAt>,
    /// How long scopes lasted: what a request for a safepoint may have to wait. A sample.
    pub scopes_ns: Vec<u64>,
    /// Objects allocated, set-up included.
    pub allocated: u64,
    /// From unreachable to freed, and objects allocated meanwhile. A sample.
    pub deaths: Vec<(u64, u64)>,
    /// The most bytes of retired buffers that were seen.
    pub retired_peak_bytes: u64,
    /// The most bytes of floating garbage, looked for after the measured part; `None` if the collector has none, or no cycle ended.
    pub floating_peak_bytes: Option<u64>,
    /// Collections in the measured part, and what they found and freed.
    pub collections: (u64, u64, u64),
    /// Did the heap's size settle? Only where the workload claims a steady state and the collector frees cycles.
    pub stable: Option<bool>,
}

/// A run: what was seen, how it ended, and what the oracle said.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was seen, up to the stop if there was one.
    pub observation: Observation,
    /// Why it stopped early.
    pub stopped: Option<Stop>,
    /// The oracle's verdict; `None` if the run stopped early.
    pub audit: Option<Audit>,
    /// The heap's figures at the end of the measured part.
    pub stats: Stats,
}

/// A workload of this name does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown workload `{}`", self.0)
    }
}

impl std::error::Error for Unknown {}

/// Runs the workload of this name on a new heap.
///
/// # Errors
/// If there is no such workload.
pub fn run_named<C: Collector>(
    name: &str,
    params: &Params,
    at: &mut dyn FnMut(Moment),
) -> Result<Report, Unknown> {
    registry::run::<C>(name, params, at).ok_or_else(|| Unknown(name.to_owned()))
}

/// Runs a workload on a new heap: set-up, measured part, audit.
pub fn run<C: Collector, W: Workload>(params: &Params, at: &mut dyn FnMut(Moment)) -> Report {
    let mut bench: Bench<C> = Bench::new(Config { heap_limit: params.heap_limit, ..Config::default() });
    let mut workload = match W::set_up(&mut bench, params) {
        Ok(workload) => workload,
        Err(stop) => {
            let observation = Observation { allocated: bench.allocated(), ..Observation::default() };
            let stats = bench.heap.stats();
            return Report { observation, stopped: Some(stop), audit: None, stats };
        }
    };
    let before = bench.heap.stats();
    at(Moment::Begin);
    bench.begin();
    let mut loops = Loop::new::<C, W>();
    let mut stopped = loops.rounds(&mut bench, &mut workload, params).err();
    let wall_ns = bench.clock.now();
    at(Moment::End);
    bench.clock.keep(&mut bench.heap);
    bench.heap.record_pauses(false);
    let stats = bench.heap.stats();
    let mut observation = loops.seen;
    observation.wall_ns = wall_ns;
    observation.pauses = bench.clock.take_pauses();
    observation.scopes_ns = bench.take_scope_lengths();
    observation.allocated = bench.allocated();
    observation.deaths = bench.take_deaths();
    observation.stable = loops.sizes.filter(|_| stopped.is_none()).and_then(|sizes| sizes.settled());
    observation.collections = (
        (stats.collections - before.collections) as u64,
        (stats.unreachable - before.unreachable) as u64,
        (stats.freed_by_collections - before.freed_by_collections) as u64,
    );
    if C::PLAN.concurrent && stopped.is_none() {
        match floating::peak_bytes(&mut bench, &mut workload, params) {
            Ok(peak) => observation.floating_peak_bytes = peak,
            Err(stop) => stopped = Some(stop),
        }
    }
    let audit = stopped.is_none().then(|| audit(&mut bench, workload.reachable()));
    Report { observation, stopped, audit, stats }
}

/// The loop over rounds and requests.
struct Loop {
    seen: Observation,
    leaks: bool,
    sizes: Option<Sizes>,
}

impl Loop {
    fn new<C: Collector, W: Workload>() -> Self {
        let scope_ops = W::INFO.scope_ops;
        let seen = Observation { scope_ops, request_ops: scope_ops, ..Observation::default() };
        let leaks = !C::PLAN.frees_cycles;
        Loop { seen, leaks, sizes: (W::INFO.steady && !leaks).then(Sizes::default) }
    }

    fn rounds<C: Collector, W: Workload>(
        &mut self,
        bench: &mut Bench<C>,
        workload: &mut W,
        params: &Params,
    ) -> Result<(), Stop> {
        let budget_ns = params.budget.as_nanos() as u64;
        let started_with = bench.heap.stats().allocated_bytes;
        // How many rounds a collector that leaks may do: known after the first one.
        let mut most_rounds = u64::MAX;
        let mut calibrations = 0;
        let mut position = 0;
        let mut start_ns = bench.clock.now();
        loop {
            let round = workload.round();
            let mut left = self.seen.request_ops;
            let mut ended = false;
            while left > 0 && !ended {
                let ops = left.min(self.seen.scope_ops).min(round - position);
                attempt(bench, workload, position..position + ops)?;
                position += ops;
                left -= ops;
                self.seen.ops += ops;
                ended = position == round;
            }
            let end_ns = bench.clock.now();
            self.seen.requests.push(RequestAt { start_ns, end_ns });
            if calibrations < CALIBRATIONS && left == 0 {
                calibrations += 1;
                self.calibrate(end_ns.saturating_sub(start_ns));
            }
            if C::PLAN.concurrent || self.seen.requests.len() % 64 == 1 {
                let stats = bench.heap.stats();
                self.seen.retired_peak_bytes = self.seen.retired_peak_bytes.max(stats.retired_bytes as u64);
                if let Some(sizes) = &mut self.sizes {
                    sizes.note(end_ns, stats.used_bytes);
                }
            }
            if ended {
                position = 0;
                self.seen.rounds += 1;
                if self.leaks && self.seen.rounds == 1 {
                    let bytes = bench.heap.stats().allocated_bytes - started_with + workload.boxed_bytes();
                    most_rounds = (params.leak_cap as u64 / bytes.max(LEAST_LEAK)).max(1);
                }
                let over = if self.leaks {
                    params.budget.is_zero() || self.seen.rounds >= most_rounds
                } else {
                    end_ns >= budget_ns
                };
                if over {
                    return Ok(());
                }
            }
            start_ns = end_ns;
        }
    }

    /// Brings the next requests nearer to [`REQUEST_NS`], by a factor of 4 at most.
    fn calibrate(&mut self, took_ns: u64) {
        let now = self.seen.request_ops;
        let wanted = (now as u128 * u128::from(REQUEST_NS) / u128::from(took_ns.max(1))) as u64;
        let wanted = wanted.clamp(now / 4, now * 4).max(1);
        // Whole scopes, where a request holds several.
        let scope = self.seen.scope_ops;
        self.seen.request_ops = if wanted > scope { wanted / scope * scope } else { wanted };
    }
}

/// Does the operations; without memory, collects fully and does them once more.
pub(crate) fn attempt<C: Collector, W: Workload>(
    bench: &mut Bench<C>,
    workload: &mut W,
    operations: std::ops::Range<u64>,
) -> Result<(), Stop> {
    match workload.operate(bench, operations.clone()) {
        Err(Stop::Memory(_)) => {
            bench.heap.collect();
            workload.operate(bench, operations)
        }
        other => other,
    }
}

/// The heap's size over time, for the flag of *cyclotron*: is it still growing?
#[derive(Clone, Debug, Default)]
struct Sizes {
    samples: Vec<(u64, usize)>,
}

impl Sizes {
    fn note(&mut self, at_ns: u64, bytes: usize) {
        self.samples.push((at_ns, bytes));
    }

    /// The peak of the last quarter is at most a quarter above that of the quarter before.
    fn settled(&self) -> Option<bool> {
        if self.samples.len() < 16 {
            return None;
        }
        let end = self.samples.last()?.0;
        let peak = |from: u64, to: u64| {
            self.samples.iter().filter(|(at, _)| from <= *at && *at <= to).map(|(_, bytes)| *bytes).max()
        };
        let (before, last) = (peak(end / 2, end / 4 * 3)?, peak(end / 4 * 3, end)?);
        Some(last as f64 <= before as f64 * 1.25)
    }
}
