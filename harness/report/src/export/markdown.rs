//! `summary.md`: the table as GitHub renders it, for issues, pull requests and papers' appendices.

use std::fmt::Write;

use crate::record::RunRecord;
use crate::summary::{ContestSummary, Summary};
use crate::table::{rate_interval, ratio_interval};
use crate::units;
use crate::verdict::Verdict;
use crate::warning::Warning;

/// The file's name.
pub const FILE: &str = "summary.md";

/// The summary as Markdown.
pub fn render(record: &RunRecord) -> String {
    let summary = Summary::from_record(record);
    let mut text = String::from("# Cyclade run\n\n");
    // Writing into a string cannot fail.
    let _ = opening(&mut text, record, &summary)
        .and_then(|()| results(&mut text, &summary))
        .and_then(|()| contests(&mut text, record))
        .and_then(|()| closing(&mut text, record, &summary));
    text
}

fn opening(text: &mut String, record: &RunRecord, summary: &Summary) -> std::fmt::Result {
    let environment = &record.environment;
    writeln!(
        text,
        "{} · {}, {} · {}, {} · cyclade {}, {} · seed {}\n",
        escape(&environment.started),
        escape(&environment.cpu),
        units::counted(u64::from(environment.cores), "core"),
        escape(&environment.os),
        escape(&environment.kernel),
        escape(&environment.version),
        escape(&environment.rustc),
        record.plan.seed
    )?;
    let verdict = Verdict::from_summary(record, summary);
    writeln!(text, "- **Leaks.** {}", escape(&verdict.leaks))?;
    writeln!(text, "- **Pauses.** {}", escape(&verdict.pauses))?;
    writeln!(text, "- **Speed.** {}\n", escape(&verdict.speed))
}

fn results(text: &mut String, summary: &Summary) -> std::fmt::Result {
    writeln!(
        text,
        "| workload | collector | leaked | longest pause | p99 pause | throughput | 95 % interval | of fastest | collector time | outcome |"
    )?;
    writeln!(text, "|---|---|---:|---:|---:|---:|---:|---:|---:|---|")?;
    for row in summary.measured() {
        let dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        let fields = [
            escape(&summary.label(row)),
            escape(&row.collector),
            dash(row.leaked.map(units::count)),
            dash(row.pause_max_ns.map(units::duration)),
            dash(row.pause_p99_ns.map(units::duration)),
            dash(row.ops_per_second.map(|speed| units::rate(speed.value))),
            dash(row.ops_per_second.as_ref().and_then(rate_interval)),
            dash(row.relative_to_fastest.map(|ratio| units::ratio(ratio.value))),
            dash(row.collector_share.map(units::percent)),
            escape(&row.outcome),
        ];
        writeln!(text, "| {} |", fields.join(" | "))?;
    }
    if summary.controls().next().is_some() {
        writeln!(text, "\nA/A control, each against itself; 1 must lie in the interval:\n")?;
        writeln!(text, "| workload | collector | ratio | 95 % interval | holds |\n|---|---|---:|---:|---|")?;
        for row in summary.controls() {
            let ratio = row.ratio.as_ref().map(|ratio| ratio.estimate);
            writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                escape(&summary.label(row)),
                escape(&row.collector),
                ratio.map_or("–".to_owned(), |ratio| units::ratio(ratio.value)),
                ratio.as_ref().and_then(ratio_interval).unwrap_or_else(|| "–".to_owned()),
                match row.control_holds {
                    Some(true) => "yes",
                    Some(false) => "**no**",
                    None => "no interval",
                }
            )?;
        }
    }
    Ok(())
}

fn contests(text: &mut String, record: &RunRecord) -> std::fmt::Result {
    let contests = ContestSummary::all(record);
    if contests.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n## Against other people's collectors\n")?;
    writeln!(text, "On programs that all of them can run. These are not the workloads of the table above.")?;
    for contest in &contests {
        writeln!(text, "\n{}.\n", escape(&contest.title()))?;
        writeln!(
            text,
            "| collector | | throughput | 95 % interval | ratio | 95 % interval | processor per op | outcome |"
        )?;
        writeln!(text, "|---|---|---:|---:|---:|---:|---:|---|")?;
        for standing in &contest.standings {
            let row = &standing.row;
            let dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
            let ratio = row.ratio.as_ref().map(|ratio| ratio.estimate);
            let fields = [
                escape(&row.collector),
                standing.whose().to_owned(),
                dash(row.ops_per_second.map(|speed| units::rate(speed.value))),
                dash(row.ops_per_second.as_ref().and_then(rate_interval)),
                dash(ratio.map(|ratio| units::ratio(ratio.value))),
                dash(ratio.as_ref().and_then(ratio_interval)),
                dash(standing.cpu_ns_per_op.map(units::per_operation)),
                escape(standing.outcome()),
            ];
            writeln!(text, "| {} |", fields.join(" | "))?;
        }
    }
    Ok(())
}

fn closing(text: &mut String, record: &RunRecord, summary: &Summary) -> std::fmt::Result {
    let warnings = Warning::from_summary(record, summary);
    if !warnings.is_empty() {
        writeln!(text, "\n## Before you believe it\n")?;
        for warning in warnings {
            writeln!(text, "- {}", escape(&warning.to_string()))?;
        }
    }
    let command = record.plan.reproduce().replace("```", "");
    writeln!(text, "\n## Again\n\n```sh\n{command}\n```")
}

/// Text from outside, so that it stays text: on one line, in its cell of a table, without markup.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_break_out_of_its_cell() {
        assert_eq!(escape("a|b\n<img src=x> *x* `y`"), "a\\|b &lt;img src=x> \\*x\\* \\`y\\`");
    }
}
