//! The result as Markdown.

use crate::load;
use crate::measure::{Measured, Times};
use cyclade_benches::contest::{TARGETS, Target};
use cyclade_report::statistics::{Estimate, median, paired_ratio};
use std::fmt::Write;

/// More than this share of the machine in other hands, and the figures of a workload are marked.
const QUIET: f64 = 0.03;

/// Everything that was measured.
pub(crate) fn markdown(results: &[Measured<'_>]) -> String {
    let mut text = String::new();
    _ = writeln!(
        text,
        "Machine: {}. Allocator: the system's, for all. Times are processor time.",
        load::machine()
    );
    for result in results {
        workload(&mut text, result);
    }
    targets(&mut text, results);
    text
}

fn workload(text: &mut String, result: &Measured<'_>) {
    let w = result.workload;
    let reference = result.of(w.reference);
    _ = writeln!(text, "\n### {}\n", w.name);
    _ = writeln!(
        text,
        "One operation: {}. {} operations a process, {} processes each.",
        w.operation, w.size, w.rounds
    );
    _ = writeln!(text, "{}\n", load_note(result.foreign));
    _ = writeln!(text, "| | ns per operation | ÷ {} | 95 % interval |\n|---|---:|---:|---|", w.reference);
    for (contestant, times) in w.contestants.iter().zip(&result.times) {
        let name =
            if contestant.ours { format!("**{}**", contestant.name) } else { contestant.name.to_owned() };
        _ = writeln!(text, "| {name} | {} |", cells(times, reference));
    }
    _ = writeln!(text, "| *A/A: {} again* | {} |", w.reference, cells(&result.control, reference));
    let control = result.control.as_ref().ok().zip(reference).and_then(|(c, r)| ratio(c, r));
    if control.and_then(|c| c.interval).is_some_and(|interval| !interval.contains(1.0)) {
        _ = writeln!(text, "\nThe interval of the A/A control does not contain 1: do not trust this table.");
    }
}

fn load_note(foreign: Option<f64>) -> String {
    match foreign {
        Some(share) if share <= QUIET => {
            format!("Other processes took {:.1} % of the machine.", share * 100.0)
        }
        Some(share) => format!(
            "Other processes took {:.1} % of the machine: it was **not quiet**, so compare ratios only.",
            share * 100.0
        ),
        None => "How much of the machine other processes took is not known.".to_owned(),
    }
}

fn cells(times: &Times, reference: Option<&Vec<f64>>) -> String {
    match times {
        Ok(times) => {
            let middle = median(times).map_or("—".to_owned(), |value| format!("{value:.1}"));
            let ratio = reference.and_then(|reference| ratio(times, reference));
            match ratio {
                Some(ratio) => format!("{middle} | {:.2} | {}", ratio.value, interval(&ratio)),
                None => format!("{middle} | — | —"),
            }
        }
        Err(why) => format!("{why} | — | —"),
    }
}

fn interval(ratio: &Estimate) -> String {
    ratio.interval.map_or("—".to_owned(), |i| format!("{:.2} to {:.2}", i.low, i.high))
}

/// Both in the order of rounds.
fn ratio(times: &[f64], reference: &[f64]) -> Option<Estimate> {
    let pairs: Vec<_> = times.iter().copied().zip(reference.iter().copied()).collect();
    paired_ratio(&pairs)
}

fn targets(text: &mut String, results: &[Measured<'_>]) {
    _ = writeln!(text, "\n### Targets\n");
    _ = writeln!(
        text,
        "| workload | ours ÷ peer | at most | measured | 95 % interval | |\n|---|---|---:|---:|---|---|"
    );
    for Target { workload, collector, peer, at_most } in TARGETS {
        let Some(result) = results.iter().find(|r| r.workload.name == workload) else { continue };
        let measured = result.of(collector).zip(result.of(peer)).and_then(|(ours, peer)| ratio(ours, peer));
        let (value, interval, verdict) = match measured {
            Some(m) => {
                let verdict = match m.interval {
                    Some(interval) if interval.high <= at_most => "reached",
                    Some(interval) if interval.low > at_most => "**missed**",
                    _ => "not settled",
                };
                (format!("{:.2}", m.value), interval(&m), verdict)
            }
            None => ("—".to_owned(), "—".to_owned(), "not measured"),
        };
        _ = writeln!(
            text,
            "| {workload} | {collector} ÷ {peer} | {at_most:.3} | {value} | {interval} | {verdict} |"
        );
    }
}
