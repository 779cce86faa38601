//! The three questions that bring people here, each answered in a sentence or two: which collector leaks, which stops the
//! world and for how long, which is fastest.
//!
//! The sentences claim no more than the record shows: a collector is called faster only if the interval of the ratio
//! excludes 1, speed is compared only over workloads that every candidate finished, and one that leaks does not win.

use std::collections::BTreeMap;

use crate::record::RunRecord;
use crate::statistics::{Estimate, geometric_mean, paired_ratio};
use crate::summary::{Summary, SummaryRow};
use crate::units;

/// The answers, as plain sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which leaks?
    pub leaks: String,
    /// Which stops the world, and for how long?
    pub pauses: String,
    /// Which is fastest?
    pub speed: String,
}

impl Verdict {
    /// Reads the answers out of a record.
    pub fn from_record(record: &RunRecord) -> Self {
        Self::from_summary(record, &Summary::from_record(record))
    }

    /// The same, where the summary is at hand.
    pub fn from_summary(record: &RunRecord, summary: &Summary) -> Self {
        Self { leaks: leaks(summary), pauses: pauses(record, summary), speed: speed(record, summary) }
    }
}

fn rows<'a>(summary: &'a Summary, collector: &str) -> impl Iterator<Item = &'a SummaryRow> {
    summary.measured().filter(move |row| row.collector == collector)
}

/// `true` and `false` if the oracle looked, `None` if it never did.
fn leaky(summary: &Summary, collector: &str) -> Option<bool> {
    rows(summary, collector).filter_map(SummaryRow::leaks).reduce(|a, b| a || b)
}

fn leaks(summary: &Summary) -> String {
    let (mut leaking, mut clean, mut unknown, mut unsound) = (vec![], vec![], vec![], vec![]);
    for collector in summary.collectors() {
        let freed: u64 =
            rows(summary, collector).filter_map(|row| row.freed_while_reachable).max().unwrap_or(0);
        if freed > 0 {
            unsound.push(format!("{collector} ({})", units::counted(freed, "object")));
        }
        match leaky(summary, collector) {
            Some(true) => leaking.push(collector),
            Some(false) => clean.push(collector),
            None => unknown.push(collector),
        }
    }
    let mut sentences = Vec::new();
    if !unsound.is_empty() {
        sentences.push(format!("Freed objects that were still in use: {}.", units::list(&unsound)));
    }
    if !leaking.is_empty() {
        let verb = if leaking.len() == 1 { "leaks" } else { "leak" };
        let worst = leaking
            .iter()
            .flat_map(|collector| rows(summary, collector))
            .filter_map(|row| Some((row.leaked? as f64 / row.allocated.filter(|all| *all > 0)? as f64, row)))
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        let extent = worst.map_or(String::new(), |(share, row)| {
            format!(
                ", up to {} of all objects ({} on {})",
                units::percent(share),
                row.collector,
                summary.label(row)
            )
        });
        sentences.push(format!("{} {verb}{extent}.", units::list(&leaking)));
    }
    if !clean.is_empty() {
        sentences.push(format!("{} left nothing behind.", units::list(&clean)));
    }
    if !unknown.is_empty() {
        sentences.push(format!("Not known for {}: no process finished with a count.", units::list(&unknown)));
    }
    join(sentences)
}

fn pauses(record: &RunRecord, summary: &Summary) -> String {
    let (mut stopping, mut never, mut unknown) = (vec![], vec![], vec![]);
    for collector in summary.collectors() {
        let longest = rows(summary, collector)
            .filter_map(|row| Some((row.pause_max_ns?, row)))
            .max_by_key(|(max, _)| *max);
        match longest {
            Some((0, _)) => never.push(collector),
            Some((max, row)) => stopping.push((max, collector, summary.label(row))),
            None => unknown.push(collector),
        }
    }
    stopping.sort_by_key(|(max, ..)| std::cmp::Reverse(*max));
    let mut sentences = Vec::new();
    if !stopping.is_empty() {
        let each: Vec<String> = stopping
            .iter()
            .map(|(max, collector, workload)| format!("{collector} {} ({workload})", units::duration(*max)))
            .collect();
        sentences.push(format!("Longest pause of each: {}.", each.join(", ")));
    }
    if !never.is_empty() {
        let verb = if never.len() == 1 { "has" } else { "have" };
        sentences.push(format!("{} {verb} no pauses.", units::list(&never)));
    }
    if !unknown.is_empty() {
        sentences.push(format!("Not known for {}.", units::list(&unknown)));
    }
    let hiccup = record.cells.iter().filter_map(|cell| cell.noise.as_ref()?.hiccup_max_ns).max();
    if let Some(hiccup) = hiccup.filter(|hiccup| stopping.iter().any(|(max, ..)| max <= hiccup)) {
        let hiccup = units::duration(hiccup);
        sentences.push(format!("The machine alone stops a thread for up to {hiccup}; less says nothing."));
    }
    join(sentences)
}

fn speed(record: &RunRecord, summary: &Summary) -> String {
    let collectors = summary.collectors();
    let (leaking, clean): (Vec<&str>, Vec<&str>) =
        collectors.into_iter().partition(|collector| leaky(summary, collector) == Some(true));
    let clean: Vec<&str> =
        clean.into_iter().filter(|c| rows(summary, c).any(|row| row.ops_per_second.is_some())).collect();
    let Some(first) = clean.first() else {
        return "No collector that leaks nothing finished, so none is called the fastest.".to_owned();
    };
    let shared = shared_workloads(summary, &clean);
    if shared.is_empty() {
        return format!(
            "No workload was finished by all of {}, so none is called the fastest.",
            units::list(&clean)
        );
    }
    // Each against the first one, then ranked: a geometric mean does not depend on which one that is.
    let mut ranked: Vec<(&str, f64)> = clean
        .iter()
        .filter_map(|collector| Some((*collector, over_workloads(record, &shared, collector, first)?.value)))
        .collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let over = format!("over {} (geometric mean)", units::counted(shared.len() as u64, "workload"));
    let mut sentences = Vec::new();
    match ranked[..] {
        [] => sentences
            .push("No two collectors finished the same round, so none is called the fastest.".to_owned()),
        [(only, _)] => {
            sentences.push(format!("{only} is the only one that leaks nothing, so there is no race."))
        }
        [(fastest, _), (next, _), ..] => {
            let ratio = over_workloads(record, &shared, fastest, next);
            sentences.push(match ratio.and_then(|ratio| Some((ratio, ratio.interval?))) {
                Some((ratio, interval)) if interval.contains(1.0) => format!(
                    "Of those that leak nothing, {fastest} and {next} lead, and this run cannot tell them apart: {} {over}.",
                    estimate(&ratio)
                ),
                Some((ratio, _)) => format!(
                    "Of those that leak nothing, {fastest} is the fastest: {} the throughput of {next}, the next, {over}.",
                    estimate(&ratio)
                ),
                None => format!(
                    "Of those that leak nothing, {fastest} had the highest throughput {over}, but with fewer than three \
                     processes that is no result."
                ),
            });
        }
    }
    if let (Some((fastest, _)), false) = (ranked.first(), leaking.is_empty()) {
        let others: Vec<String> = leaking
            .iter()
            .filter_map(|collector| {
                let shared: Vec<_> = shared_workloads(summary, &[collector, fastest]);
                let ratio = over_workloads(record, &shared, collector, fastest)?;
                Some(format!("{collector}, which leaks, {}", estimate(&ratio)))
            })
            .collect();
        if !others.is_empty() {
            sentences.push(format!("For comparison, where both finished: {} of it.", others.join("; ")));
        }
    }
    join(sentences)
}

/// Workloads and sizes that all of these collectors have a throughput for.
fn shared_workloads<'a>(summary: &'a Summary, collectors: &[&str]) -> Vec<(&'a str, u64)> {
    let mut counts: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    for row in summary.measured() {
        if row.ops_per_second.is_some() && collectors.contains(&row.collector.as_str()) {
            *counts.entry((&row.workload, row.size)).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count == collectors.len()).map(|(place, _)| place).collect()
}

/// The throughputs of two collectors in one round, by workload and size.
type Round<'a> = BTreeMap<(&'a str, u64), [Option<f64>; 2]>;

/// The throughput of one collector over that of another: per round the geometric mean over workloads, then paired by
/// round. Rounds that lack a cell on either side are left out.
fn over_workloads(record: &RunRecord, workloads: &[(&str, u64)], one: &str, other: &str) -> Option<Estimate> {
    let mut rounds: BTreeMap<u32, Round<'_>> = BTreeMap::new();
    for cell in record.cells.iter().filter(|cell| cell.control.is_none() && cell.status.finished()) {
        let place = (cell.workload.as_str(), cell.size);
        if !workloads.contains(&place) {
            continue;
        }
        for (side, name) in [one, other].into_iter().enumerate() {
            if cell.collector == name {
                rounds.entry(cell.repeat).or_default().entry(place).or_default()[side] = cell.ops_per_second;
            }
        }
    }
    let pairs: Vec<(f64, f64)> = rounds
        .values()
        .filter(|round| round.len() == workloads.len())
        .filter_map(|round| {
            let side = |side: usize| {
                let speeds: Option<Vec<f64>> = round.values().map(|pair| pair[side]).collect();
                geometric_mean(&speeds?)
            };
            Some((side(0)?, side(1)?))
        })
        .collect();
    paired_ratio(&pairs)
}

/// A ratio with its interval: `1.8× (1.7× to 1.9×)`.
fn estimate(estimate: &Estimate) -> String {
    match &estimate.interval {
        Some(interval) => format!(
            "{} ({} to {})",
            units::ratio(estimate.value),
            units::ratio(interval.low),
            units::ratio(interval.high)
        ),
        None => units::ratio(estimate.value),
    }
}

fn join(sentences: Vec<String>) -> String {
    if sentences.is_empty() { "Nothing was measured.".to_owned() } else { sentences.join(" ") }
}
