//! What a reader must know before believing a number, and what would help.
//!
//! Like hyperfine's warnings, each is a variant with the facts, and its text knows what the run already did.

use std::fmt;

use crate::record::{PageMode, RunRecord};
use crate::statistics::{Estimate, LEAST_SAMPLES};
use crate::summary::Summary;
use crate::units;

/// More of the machine's CPU time than this, taken by others, and a timing is in doubt.
pub const FOREIGN_CPU_LIMIT: f64 = 0.03;

/// A clock whose reading costs more than this, in nanoseconds, disturbs what it measures.
pub const CLOCK_READ_LIMIT_NS: f64 = 200.0;

/// Something that makes the numbers of a run worth less.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// A collector freed what was still in use: nothing else that it measured matters.
    FreedWhileReachable {
        /// The collector.
        collector: String,
        /// On which workload.
        workload: String,
        /// How many objects.
        objects: u64,
    },
    /// Cells that did not finish.
    Unfinished {
        /// How many did not.
        cells: usize,
        /// How many there are.
        of: usize,
    },
    /// The run was a quick look.
    Quick,
    /// Rows without an interval, since too few processes finished.
    FewProcesses {
        /// How many rows.
        rows: usize,
        /// What the plan asked for.
        repeat: u32,
    },
    /// No A/A control was run.
    NoControl,
    /// A collector differs from itself.
    ControlOff {
        /// The collector.
        collector: String,
        /// On which workload.
        workload: String,
        /// Its ratio to itself.
        ratio: Estimate,
        /// How many controls there were in all.
        controls: usize,
    },
    /// Other processes took CPU time meanwhile.
    ForeignCpu {
        /// In how many cells more than the limit.
        cells: usize,
        /// The most in any cell: a share of 1.
        worst: f64,
        /// That cell.
        place: String,
    },
    /// The machine stops threads for longer than a collector does.
    Hiccups {
        /// The longest hiccup.
        hiccup_ns: u64,
        /// Rows whose longest pause is not longer.
        rows: usize,
    },
    /// The clock steps back, or is slow to read.
    UnstableClock {
        /// What is wrong with it.
        problem: String,
    },
    /// No huge pages.
    SmallPages,
    /// Workloads that did not reach a steady state.
    NotSteady {
        /// How many cells.
        cells: usize,
    },
    /// Numbers are missing and the record does not say why.
    Unexplained {
        /// How many cells.
        cells: usize,
        /// One of the fields.
        field: String,
    },
}

impl Warning {
    /// Everything that is worth a warning, the worst first.
    pub fn from_record(record: &RunRecord) -> Vec<Warning> {
        Self::from_summary(record, &Summary::from_record(record))
    }

    /// The same, where the summary is at hand.
    pub fn from_summary(record: &RunRecord, summary: &Summary) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for row in &summary.rows {
            if let Some(objects) = row.freed_while_reachable.filter(|objects| *objects > 0) {
                warnings.push(Warning::FreedWhileReachable {
                    collector: row.collector.clone(),
                    workload: summary.label(row),
                    objects,
                });
            }
        }
        let unfinished = record.cells.iter().filter(|cell| !cell.status.finished()).count();
        if unfinished > 0 {
            warnings.push(Warning::Unfinished { cells: unfinished, of: record.cells.len() });
        }
        if record.plan.quick {
            warnings.push(Warning::Quick);
        }
        let few = summary
            .measured()
            .filter(|row| row.finished > 0 && (row.finished as usize) < LEAST_SAMPLES)
            .count();
        if few > 0 {
            warnings.push(Warning::FewProcesses { rows: few, repeat: record.plan.repeat });
        }
        control(summary, &mut warnings);
        noise(record, summary, &mut warnings);
        environment(record, &mut warnings);
        let unsteady = record.cells.iter().filter(|cell| cell.stable == Some(false)).count();
        if unsteady > 0 {
            warnings.push(Warning::NotSteady { cells: unsteady });
        }
        let unexplained: Vec<_> =
            record.cells.iter().filter_map(|c| c.unexplained().first().copied()).collect();
        if let Some(field) = unexplained.first() {
            warnings.push(Warning::Unexplained { cells: unexplained.len(), field: (*field).to_owned() });
        }
        warnings
    }
}

fn control(summary: &Summary, warnings: &mut Vec<Warning>) {
    let controls = summary.controls().count();
    if controls == 0 && summary.rows.iter().any(|row| row.finished > 0) {
        warnings.push(Warning::NoControl);
    }
    for row in summary.controls().filter(|row| row.control_holds == Some(false)) {
        if let Some(ratio) = &row.ratio {
            warnings.push(Warning::ControlOff {
                collector: row.collector.clone(),
                workload: summary.label(row),
                ratio: ratio.estimate,
                controls,
            });
        }
    }
}

fn noise(record: &RunRecord, summary: &Summary, warnings: &mut Vec<Warning>) {
    let noisy = || {
        record.cells.iter().filter_map(|cell| {
            let foreign = cell.noise.as_ref()?.foreign_cpu?;
            (foreign > FOREIGN_CPU_LIMIT).then_some((foreign, cell))
        })
    };
    if let Some((worst, cell)) = noisy().max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        let place = format!("{} on {}, repeat {}", cell.collector, cell.workload, cell.repeat);
        warnings.push(Warning::ForeignCpu { cells: noisy().count(), worst, place });
    }
    let hiccups = record.cells.iter().filter_map(|cell| cell.noise.as_ref()?.hiccup_max_ns);
    if let Some(hiccup_ns) = hiccups.max() {
        let rows =
            summary.measured().filter(|row| row.pause_max_ns.is_some_and(|max| 0 < max && max <= hiccup_ns));
        let rows = rows.count();
        if rows > 0 {
            warnings.push(Warning::Hiccups { hiccup_ns, rows });
        }
    }
}

fn environment(record: &RunRecord, warnings: &mut Vec<Warning>) {
    if let Some(clock) = &record.environment.clock {
        let name = clock.source.as_deref().unwrap_or("the clock");
        let problem = if clock.steps_back > 0 {
            Some(format!("{name} went backwards {} times", units::count(clock.steps_back)))
        } else {
            clock
                .read_ns
                .filter(|cost| *cost > CLOCK_READ_LIMIT_NS)
                .map(|cost| format!("reading {name} costs {}", units::duration(cost.round() as u64)))
        };
        warnings.extend(problem.map(|problem| Warning::UnstableClock { problem }));
    }
    if record.environment.page_mode == PageMode::Small {
        warnings.push(Warning::SmallPages);
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::FreedWhileReachable { collector, workload, objects } => write!(
                f,
                "{collector} freed {} on {workload} that the mutator could still reach. This corrupts memory: none of its \
                 other numbers mean anything. Please report it with the seed.",
                units::counted(*objects, "object")
            ),
            Warning::Unfinished { cells, of } => {
                write!(f, "{cells} of {} did not finish. They are in the table with the reason.", units::counted(*of as u64, "cell"))
            }
            Warning::Quick => f.write_str(
                "This was a quick look (--quick): short runs and small sizes. Do not cite it; leave the flag out to measure.",
            ),
            Warning::FewProcesses { rows, repeat } => {
                write!(f, "{} without an interval: fewer than {LEAST_SAMPLES} processes finished. ", units::counted(*rows as u64, "row"))?;
                if (*repeat as usize) < LEAST_SAMPLES {
                    write!(f, "Use --repeat 5 or more; this run used {repeat}.")
                } else {
                    write!(f, "The plan had {repeat} per row; see the outcomes for what stopped the others.")
                }
            }
            Warning::NoControl => f.write_str(
                "No A/A control: nothing tells what difference this run could have seen. Do not cite its ratios.",
            ),
            Warning::ControlOff { collector, workload, ratio, controls } => {
                write!(f, "{collector} differs from itself on {workload}: {}", units::ratio(ratio.value))?;
                if let Some(interval) = &ratio.interval {
                    write!(f, " ({} to {})", units::ratio(interval.low), units::ratio(interval.high))?;
                }
                f.write_str(", and 1 is not in the interval. Differences of this size on that workload are not results. ")?;
                if *controls > 1 {
                    write!(f, "Of {controls} controls, one in 20 fails by chance. ")?;
                }
                f.write_str("More processes (--repeat) and a quieter machine help.")
            }
            Warning::ForeignCpu { cells, worst, place } => write!(
                f,
                "Other processes took more than {} of the CPU time in {}, up to {} ({place}). Close other programs, or \
                 measure on a machine of its own.",
                units::percent(FOREIGN_CPU_LIMIT),
                units::counted(*cells as u64, "cell"),
                units::percent(*worst)
            ),
            Warning::Hiccups { hiccup_ns, rows } => write!(
                f,
                "The machine itself stopped a thread for up to {}. The longest pause of {} is not longer than that: such \
                 pauses need not be the collector's.",
                units::duration(*hiccup_ns),
                units::counted(*rows as u64, "row")
            ),
            Warning::UnstableClock { problem } => write!(
                f,
                "Unstable clock: {problem}. Short pauses and latencies are in doubt; on Linux, see \
                 /sys/devices/system/clocksource/clocksource0/available_clocksource."
            ),
            Warning::SmallPages => f.write_str(
                "No huge pages: the first touch of memory costs about five times more, for every collector. On Linux, \
                 set /sys/kernel/mm/transparent_hugepage/enabled to madvise.",
            ),
            Warning::NotSteady { cells } => write!(
                f,
                "{} did not reach a steady state: throughput still changed at the end. Run longer, or with a larger size.",
                units::counted(*cells as u64, "cell")
            ),
            Warning::Unexplained { cells, field } => write!(
                f,
                "{} without a number and without a reason (for example {field}). The program that wrote this record should state one.",
                units::counted(*cells as u64, "cell")
            ),
        }
    }
}
