//! The result as Markdown.

use crate::load;
use cyclade_benches::contest::evaluate::{Outcome, Verdict};
use cyclade_benches::contest::measured::{Measured, QUIET, Rounds};
use cyclade_benches::contest::targets::CPU;
use cyclade_benches::contest::{Side, Unit};
use cyclade_report::statistics::{Estimate, median, paired_ratio};
use std::fmt::Write;

/// Everything that was measured so far.
pub(crate) fn text(results: &[Measured], outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    _ = writeln!(
        text,
        "Machine: {}. Allocator: the system's, for all. Times are processor time.",
        load::machine()
    );
    for result in results {
        workload(&mut text, result);
    }
    targets(&mut text, outcomes);
    text
}

/// One workload's table.
pub(crate) fn workload(text: &mut String, result: &Measured) {
    let w = &result.workload;
    let reference = result.values(w.reference, CPU);
    _ = writeln!(text, "\n### {}\n", w.name);
    _ = writeln!(
        text,
        "One operation: {}. {} operations a process, {} processes each.",
        w.operation, w.size, w.rounds
    );
    if result.interrupted {
        _ = writeln!(text, "**Interrupted**: not all of them were run.");
    }
    _ = writeln!(text, "{}\n", load_note(result));
    _ = write!(text, "| | ns per operation | ÷ {} | 95 % interval |", w.reference);
    for figure in w.figures {
        let unit = match figure.unit {
            Unit::EachNanoseconds => ", ns per operation",
            Unit::Milliseconds => ", ms",
            Unit::Bytes => " per operation",
            Unit::Factor => "",
        };
        _ = write!(text, " {}{unit} |", figure.name);
    }
    _ = writeln!(text, "\n|---|---:|---:|---|{}", "---:|".repeat(w.figures.len()));
    for (contestant, rounds) in w.contestants.iter().zip(&result.rounds) {
        let name = match contestant.side {
            Side::Ours => format!("**{}**", contestant.name),
            Side::Peer | Side::Control => contestant.name.to_owned(),
        };
        row(text, result, &name, rounds, reference.as_ref());
    }
    row(text, result, &format!("*A/A: {} again*", w.reference), &result.again, reference.as_ref());
    let again = result.of(&result.again, CPU).zip(reference).and_then(|(again, r)| ratio(&again, &r));
    if again.and_then(|again| again.interval).is_some_and(|interval| !interval.contains(1.0)) {
        _ = writeln!(text, "\nThe interval of the A/A control does not contain 1: do not trust this table.");
    }
}

fn load_note(result: &Measured) -> String {
    let tries = match result.attempts {
        1 => String::new(),
        n => format!(" It was measured {n} times; this is the quietest."),
    };
    match result.foreign {
        Some(share) if share <= QUIET => {
            format!("Other processes took {:.1} % of the machine.{tries}", share * 100.0)
        }
        Some(share) => format!(
            "Other processes took {:.1} % of the machine: it was **not quiet**.{tries}",
            share * 100.0
        ),
        None => "How much of the machine other processes took is not known.".to_owned(),
    }
}

fn row(text: &mut String, result: &Measured, name: &str, rounds: &Rounds, reference: Option<&Vec<f64>>) {
    _ = write!(text, "| {name} |");
    if let Err(why) = rounds {
        _ = write!(text, " {why} | — | — |");
    } else {
        // A figure without a time of its own has none.
        let times = result.of(rounds, CPU).filter(|times| times.iter().any(|&time| time > 0.0));
        let middle = times.as_ref().and_then(|times| median(times));
        _ = write!(text, " {} |", middle.map_or("—".to_owned(), number));
        match times.zip(reference).and_then(|(times, reference)| ratio(&times, reference)) {
            Some(ratio) => _ = write!(text, " {} | {} |", number(ratio.value), interval(&ratio)),
            None => _ = write!(text, " — | — |"),
        }
    }
    for figure in result.workload.figures {
        let middle = result.of(rounds, figure.name).and_then(|values| median(&values));
        _ = write!(text, " {} |", middle.map_or("—".to_owned(), number));
    }
    _ = writeln!(text);
}

/// With as many digits as are worth reading.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 || v == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

fn interval(estimate: &Estimate) -> String {
    estimate.interval.map_or("—".to_owned(), |i| format!("{} to {}", number(i.low), number(i.high)))
}

/// Both in the order of rounds.
pub(crate) fn ratio(times: &[f64], reference: &[f64]) -> Option<Estimate> {
    let pairs: Vec<_> = times.iter().copied().zip(reference.iter().copied()).collect();
    paired_ratio(&pairs)
}

/// The table of targets, those of one kind together.
pub(crate) fn targets(text: &mut String, outcomes: &[Outcome]) {
    if outcomes.is_empty() {
        return;
    }
    _ = writeln!(text, "\n### Targets\n");
    _ = writeln!(
        text,
        "| what | workload | whose | at most | measured | 95 % interval | |\n|---|---|---|---:|---:|---|---|"
    );
    for outcome in outcomes {
        let (value, interval) = match &outcome.estimate {
            Some(estimate) => (number(estimate.value), interval(estimate)),
            None => ("—".to_owned(), "—".to_owned()),
        };
        let verdict = match &outcome.verdict {
            Verdict::Missed => "**missed**".to_owned(),
            Verdict::Inconclusive(why) => format!("inconclusive: {why}"),
            other => other.word().to_owned(),
        };
        let noise = if outcome.quiet { "" } else { ", not quiet" };
        let about = outcome.target.about;
        let (workload, sides, at_most) = (&outcome.workload, &outcome.sides, number(outcome.target.at_most));
        _ = writeln!(
            text,
            "| {about} | {workload} | {sides} | {at_most} | {value} | {interval} | {verdict}{noise} |"
        );
    }
    let count = |verdict: fn(&Verdict) -> bool| outcomes.iter().filter(|o| verdict(&o.verdict)).count();
    _ = writeln!(
        text,
        "\n{} targets: {} reached, {} missed, {} not settled, {} inconclusive, {} not measured.",
        outcomes.len(),
        count(|v| *v == Verdict::Reached),
        count(|v| *v == Verdict::Missed),
        count(|v| *v == Verdict::NotSettled),
        count(|v| matches!(v, Verdict::Inconclusive(_))),
        count(|v| *v == Verdict::NotMeasured),
    );
}
