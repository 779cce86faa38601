//! The result as JSON: every figure of every round.

use crate::load;
use crate::markdown::ratio;
use cyclade_benches::contest::Side;
use cyclade_benches::contest::evaluate::{Outcome, Verdict};
use cyclade_benches::contest::measured::{Measured, Rounds};
use cyclade_benches::contest::targets::CPU;
use cyclade_report::statistics::Estimate;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Table<'a> {
    machine: String,
    allocator: &'static str,
    workloads: Vec<Workload<'a>>,
    targets: Vec<Target<'a>>,
}

#[derive(Serialize)]
struct Workload<'a> {
    name: &'a str,
    operation: &'a str,
    size: u64,
    rounds: u32,
    attempts: u32,
    interrupted: bool,
    foreign_cpu_share: Option<f64>,
    quiet: bool,
    reference: &'a str,
    contestants: Vec<Contestant<'a>>,
}

#[derive(Serialize)]
struct Contestant<'a> {
    name: &'a str,
    side: &'static str,
    leaks: bool,
    frees_cycles: bool,
    /// Why there are no figures.
    failed: Option<&'a str>,
    /// Round by round: times in nanoseconds for one operation, or as the figure is defined.
    figures: BTreeMap<&'a str, Vec<f64>>,
    /// Processor time through that of the reference.
    ratio: Option<Estimate>,
}

#[derive(Serialize)]
struct Target<'a> {
    about: &'a str,
    workload: &'a str,
    whose: &'a str,
    at_most: f64,
    measured: Option<Estimate>,
    verdict: &'static str,
    why: Option<&'a str>,
    quiet: bool,
}

/// Everything that was measured so far.
pub(crate) fn text(results: &[Measured], outcomes: &[Outcome]) -> Result<String, String> {
    let table = Table {
        machine: load::machine(),
        allocator: "system",
        workloads: results.iter().map(workload).collect(),
        targets: outcomes.iter().map(target).collect(),
    };
    let text = serde_json::to_string_pretty(&table).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

fn workload(result: &Measured) -> Workload<'_> {
    let w = &result.workload;
    let mut contestants: Vec<_> = w
        .contestants
        .iter()
        .zip(&result.rounds)
        .map(|(c, rounds)| Contestant {
            name: c.name,
            side: match c.side {
                Side::Ours => "ours",
                Side::Peer => "peer",
                Side::Control => "control",
            },
            leaks: c.leaks,
            frees_cycles: c.frees_cycles,
            ..figures(result, rounds)
        })
        .collect();
    contestants.push(Contestant { name: w.reference, side: "again", ..figures(result, &result.again) });
    Workload {
        name: w.name,
        operation: w.operation,
        size: w.size,
        rounds: w.rounds,
        attempts: result.attempts,
        interrupted: result.interrupted,
        foreign_cpu_share: result.foreign,
        quiet: result.is_quiet(),
        reference: w.reference,
        contestants,
    }
}

fn figures<'a>(result: &'a Measured, rounds: &'a Rounds) -> Contestant<'a> {
    let names = rounds.iter().flatten().flat_map(|round| round.keys());
    let figures: BTreeMap<&str, Vec<f64>> =
        names.filter_map(|name| Some((name.as_str(), result.of(rounds, name)?))).collect();
    let reference = result.values(result.workload.reference, CPU);
    let ratio = figures.get(CPU).zip(reference).and_then(|(times, reference)| ratio(times, &reference));
    Contestant {
        name: "",
        side: "",
        leaks: false,
        frees_cycles: false,
        failed: rounds.as_ref().err().map(String::as_str),
        figures,
        ratio,
    }
}

fn target(outcome: &Outcome) -> Target<'_> {
    Target {
        about: outcome.target.about,
        workload: &outcome.workload,
        whose: &outcome.sides,
        at_most: outcome.target.at_most,
        measured: outcome.estimate,
        verdict: outcome.verdict.word(),
        why: match &outcome.verdict {
            Verdict::Inconclusive(why) => Some(why),
            _ => None,
        },
        quiet: outcome.quiet,
    }
}
