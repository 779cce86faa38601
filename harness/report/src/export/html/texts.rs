//! The sentences and lists around the tables: title, environment, conditions, methods, how to cite.

use crate::record::RunRecord;
use crate::statistics::Method;
use crate::summary::{ContestSummary, Summary};
use crate::units;
use crate::verdict::Verdict;

/// A name and a value, in a list.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// A part of a sentence.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) text: String,
    /// Whether it is the name of a collector.
    pub(super) name: bool,
}

/// The verdict, with the names of the collectors set apart.
pub(super) struct Answers {
    pub(super) leaks: Vec<Part>,
    pub(super) pauses: Vec<Part>,
    pub(super) speed: Vec<Part>,
}

impl Answers {
    pub(super) fn new(verdict: &Verdict, collectors: &[&str]) -> Self {
        let parts = |text| parts(text, collectors);
        Self { leaks: parts(&verdict.leaks), pauses: parts(&verdict.pauses), speed: parts(&verdict.speed) }
    }
}

/// Cuts a sentence at its spaces; a word that is a collector's name, but for punctuation after it, is one part.
fn parts(text: &str, collectors: &[&str]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut push = |text: &str, name: bool| match parts.last_mut() {
        Some(last) if last.name == name => last.text.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part { text: text.to_owned(), name }),
    };
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', ',', '.', ';', ':']);
        if collectors.contains(&bare) {
            push(bare, true);
            push(&word[bare.len()..], false);
        } else {
            push(word, false);
        }
    }
    parts
}

/// The day of the run, as far as the record tells.
fn day(record: &RunRecord) -> &str {
    let started = record.environment.started.as_str();
    let date = started.split(['T', ' ']).next().unwrap_or_default();
    if date.is_empty() { "an unknown day" } else { date }
}

/// The title of the window.
pub(super) fn title(record: &RunRecord) -> String {
    format!("Cyclade run of {}", day(record))
}

/// What was run, in one line.
pub(super) fn opening(record: &RunRecord) -> String {
    let plan = &record.plan;
    format!(
        "{} on {}: {}, measured on {} on {}.",
        units::counted(plan.collectors.len() as u64, "collector"),
        units::counted(plan.workloads.len() as u64, "workload"),
        units::counted(record.cells.len() as u64, "process"),
        day(record),
        or_unknown(&record.environment.cpu)
    )
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "an unknown machine" } else { text }
}

/// The environment, in a list.
pub(super) fn facts(record: &RunRecord) -> Vec<Fact> {
    let environment = &record.environment;
    let absent = |field: &str| {
        let reason = environment.absent.get(field).map_or("the record does not say why", String::as_str);
        format!("not recorded: {reason}")
    };
    let mut facts = vec![
        Fact { name: "Processor", value: environment.cpu.clone() },
        Fact { name: "Logical cores", value: environment.cores.to_string() },
        Fact {
            name: "Memory",
            value: environment.memory_bytes.map_or_else(|| absent("memory_bytes"), units::bytes),
        },
        Fact { name: "System", value: environment.os.clone() },
        Fact { name: "Kernel", value: environment.kernel.clone() },
        Fact { name: "Compiler", value: environment.rustc.clone() },
        Fact { name: "Cyclade", value: environment.version.clone() },
        Fact { name: "Commit", value: environment.commit.clone().unwrap_or_else(|| absent("commit")) },
        Fact { name: "Pages", value: environment.page_mode.name().to_owned() },
        Fact { name: "Started", value: environment.started.clone() },
    ];
    if let Some(clock) = &environment.clock {
        let mut value = clock.source.clone().unwrap_or_else(|| "unnamed".to_owned());
        if let Some(cost) = clock.read_ns {
            value += &format!(", {} per reading", units::duration(cost.max(0.0).round() as u64));
        }
        facts.push(Fact { name: "Clock", value });
    }
    facts
}

/// Under what conditions the mutators ran: scope length, time to safepoint, limits, noise.
pub(super) fn conditions(record: &RunRecord) -> Vec<String> {
    let cells = || record.cells.iter();
    let mut conditions = Vec::new();
    let scopes = || cells().filter_map(|cell| cell.scope_ops);
    if let (Some(least), Some(most)) = (scopes().min(), scopes().max()) {
        let length = if least == most {
            units::count(least)
        } else {
            format!("{} to {}", units::count(least), units::count(most))
        };
        conditions.push(format!("Scopes of {length} operations: nothing is collected inside one."));
    }
    if let Some(longest) =
        cells().filter_map(|cell| cell.time_to_safepoint_ns.as_ref()).map(|time| time.max).max()
    {
        let p99 =
            cells().filter_map(|cell| Some(cell.time_to_safepoint_ns.as_ref()?.p99)).max().unwrap_or(longest);
        conditions.push(format!(
            "Time to safepoint: p99 at most {} in any cell, the longest {}.",
            units::duration(p99),
            units::duration(longest)
        ));
    }
    let plan = &record.plan;
    let limit = plan
        .heap_limit_bytes
        .map_or("no heap limit".to_owned(), |limit| format!("a heap limit of {}", units::bytes(limit)));
    let timeout = plan
        .timeout_ns
        .map_or("no time limit".to_owned(), |limit| format!("a time limit of {}", units::duration(limit)));
    conditions.push(format!(
        "Each cell had {limit} and {timeout}, in a process of its own; rounds were interleaved."
    ));
    let foreign = cells().filter_map(|cell| cell.noise.as_ref()?.foreign_cpu).max_by(f64::total_cmp);
    let hiccup = cells().filter_map(|cell| cell.noise.as_ref()?.hiccup_max_ns).max();
    match (foreign, hiccup) {
        (None, None) => conditions.push("How busy the machine was otherwise was not recorded.".to_owned()),
        (foreign, hiccup) => {
            let foreign = foreign.map(|share| {
                format!("other processes took at most {} of the CPU time", units::percent(share))
            });
            let hiccup = hiccup.map(|ns| {
                format!("a thread that only reads the clock was stopped for at most {}", units::duration(ns))
            });
            let told: Vec<String> = foreign.into_iter().chain(hiccup).collect();
            conditions.push(format!("Meanwhile {}.", told.join("; ")));
        }
    }
    conditions
}

/// The sources of the methods that this page's intervals come from.
pub(super) fn methods(summary: &Summary, contests: &[ContestSummary<'_>]) -> Vec<&'static str> {
    let standings = || contests.iter().flat_map(|contest| &contest.standings).map(|standing| &standing.row);
    let used = |method: Method| {
        summary.rows.iter().chain(standings()).any(|row| {
            let estimates =
                [row.ops_per_second, row.relative_to_fastest, row.ratio.as_ref().map(|ratio| ratio.estimate)];
            estimates
                .into_iter()
                .flatten()
                .any(|e| e.interval.is_some_and(|interval| interval.method == method))
        })
    };
    [Method::StudentLog, Method::Rank]
        .into_iter()
        .filter(|method| used(*method))
        .map(Method::citation)
        .collect()
}

/// How to name this run in a text.
pub(super) fn citation(record: &RunRecord) -> String {
    let environment = &record.environment;
    let commit = environment.commit.as_ref().map_or(String::new(), |commit| format!(", commit {commit}"));
    format!(
        "The Cyclade developers. Cyclade {}{commit}: run of {}, seed {}, on {} ({}). Run record cyclade.run/1.",
        environment.version,
        environment.started,
        record.plan.seed,
        or_unknown(&environment.cpu),
        environment.os
    )
}

/// The same for BibTeX.
pub(super) fn bibtex(record: &RunRecord) -> String {
    let clean = |text: &str| -> String {
        text.chars()
            .filter(|c| !matches!(c, '{' | '}' | '\\' | '"' | '%' | '#' | '$' | '&' | '~' | '^'))
            .collect()
    };
    let environment = &record.environment;
    let day = clean(day(record));
    let year = day.split('-').next().filter(|year| year.len() == 4).unwrap_or("n.d.").to_owned();
    let key: String = day.chars().filter(char::is_ascii_digit).collect();
    format!(
        "@misc{{cyclade-{key}-{seed},\n  author = {{{{The Cyclade developers}}}},\n  title  = {{Cyclade {version}: what it \
         costs to get rid of circular references}},\n  year   = {{{year}}},\n  note   = {{Run record of {started}, seed \
         {seed}, on {cpu}}}\n}}",
        seed = record.plan.seed,
        version = clean(&environment.version),
        started = clean(&environment.started),
        cpu = clean(or_unknown(&environment.cpu)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_set_apart_and_no_text_is_lost() {
        let text = "null and mark-sweep leak. Not known for nullable: null, a b.";
        let parts = parts(text, &["null", "mark-sweep"]);
        assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<String>(), text);
        let names: Vec<_> = parts.iter().filter(|part| part.name).map(|part| part.text.as_str()).collect();
        assert_eq!(names, ["null", "mark-sweep", "null"]);
    }
}
