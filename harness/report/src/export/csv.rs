//! `cells.csv`: one line per process, for spreadsheets and data frames. RFC 4180, UTF-8, line breaks as Unix has them.
//!
//! Columns are named after the record's fields, parts joined by a dot. What is absent is an empty field. The pauses
//! themselves, the curves and the distribution are left to `run.json`.

use std::fmt::Display;

use crate::record::{Cell, Percentiles, RunRecord};

/// The file's name.
pub const FILE: &str = "cells.csv";

/// A column: its name, and how a cell fills it.
type Column = (&'static str, fn(&Cell) -> Option<String>);

/// The text of an optional value.
fn some(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn safepoint(cell: &Cell, get: fn(&Percentiles) -> u64) -> Option<String> {
    some(cell.time_to_safepoint_ns.as_ref().map(get))
}

fn detection(cell: &Cell, get: fn(&Percentiles) -> u64) -> Option<String> {
    some(cell.leaks.as_ref().and_then(|leaks| leaks.detection_latency_ns.as_ref()).map(get))
}

/// Every column, in order. New ones go to the end, so that old scripts keep working.
const COLUMNS: &[Column] = &[
    ("collector", |c| Some(c.collector.clone())),
    ("workload", |c| Some(c.workload.clone())),
    ("size", |c| Some(c.size.to_string())),
    ("seed", |c| Some(c.seed.to_string())),
    ("repeat", |c| Some(c.repeat.to_string())),
    ("control", |c| c.control.map(|control| control.name().to_owned())),
    ("status", |c| Some(c.status.name().to_owned())),
    ("heap_limit_bytes", |c| some(c.heap_limit_bytes)),
    ("scope_ops", |c| some(c.scope_ops)),
    ("time_to_safepoint_ns.p50", |c| safepoint(c, |p| p.p50)),
    ("time_to_safepoint_ns.p99", |c| safepoint(c, |p| p.p99)),
    ("time_to_safepoint_ns.max", |c| safepoint(c, |p| p.max)),
    ("ops", |c| some(c.ops)),
    ("wall_ns", |c| some(c.wall_ns)),
    ("cpu_ns", |c| some(c.cpu_ns)),
    ("mutator_ns", |c| some(c.mutator_ns)),
    ("collector_ns", |c| some(c.collector_ns)),
    ("ops_per_second", |c| some(c.ops_per_second)),
    ("pause_ns.count", |c| some(c.pause_ns.as_ref().map(|p| p.count))),
    ("pause_ns.total", |c| some(c.pause_ns.as_ref().map(|p| p.total))),
    ("pause_ns.p50", |c| some(c.pause_ns.as_ref().map(|p| p.p50))),
    ("pause_ns.p99", |c| some(c.pause_ns.as_ref().map(|p| p.p99))),
    ("pause_ns.p999", |c| some(c.pause_ns.as_ref().map(|p| p.p999))),
    ("pause_ns.max", |c| some(c.pause_ns.as_ref().map(|p| p.max))),
    ("latency_ns.p50", |c| some(c.latency_ns.as_ref().map(|l| l.p50))),
    ("latency_ns.p99", |c| some(c.latency_ns.as_ref().map(|l| l.p99))),
    ("latency_ns.p999", |c| some(c.latency_ns.as_ref().map(|l| l.p999))),
    ("latency_ns.max", |c| some(c.latency_ns.as_ref().map(|l| l.max))),
    ("latency_ns.metered_p999", |c| some(c.latency_ns.as_ref().map(|l| l.metered_p999))),
    ("memory.allocated_bytes", |c| some(c.memory.allocated_bytes)),
    ("memory.live_bytes", |c| some(c.memory.live_bytes)),
    ("memory.peak_bytes", |c| some(c.memory.peak_bytes)),
    ("memory.floating_peak_bytes", |c| some(c.memory.floating_peak_bytes)),
    ("memory.retired_bytes", |c| some(c.memory.retired_bytes)),
    ("memory.rss_peak_bytes", |c| some(c.memory.rss_peak_bytes)),
    ("leaks.allocated", |c| some(c.leaks.as_ref().map(|l| l.allocated))),
    ("leaks.reachable", |c| some(c.leaks.as_ref().map(|l| l.reachable))),
    ("leaks.leaked", |c| some(c.leaks.as_ref().map(|l| l.leaked))),
    ("leaks.leaked_in_cycles", |c| some(c.leaks.as_ref().and_then(|l| l.leaked_in_cycles))),
    ("leaks.freed_while_reachable", |c| some(c.leaks.as_ref().map(|l| l.freed_while_reachable))),
    ("leaks.precision", |c| some(c.leaks.as_ref().and_then(|l| l.precision))),
    ("leaks.recall", |c| some(c.leaks.as_ref().and_then(|l| l.recall))),
    ("leaks.detection_latency_ns.p50", |c| detection(c, |p| p.p50)),
    ("leaks.detection_latency_ns.p99", |c| detection(c, |p| p.p99)),
    ("leaks.detection_latency_ns.max", |c| detection(c, |p| p.max)),
    ("collections.count", |c| some(c.collections.as_ref().map(|x| x.count))),
    ("collections.unreachable", |c| some(c.collections.as_ref().map(|x| x.unreachable))),
    ("collections.freed", |c| some(c.collections.as_ref().map(|x| x.freed))),
    ("noise.foreign_cpu", |c| some(c.noise.as_ref().and_then(|n| n.foreign_cpu))),
    ("noise.hiccup_max_ns", |c| some(c.noise.as_ref().and_then(|n| n.hiccup_max_ns))),
    ("detail", |c| c.detail.clone()),
    ("signal", |c| some(c.signal)),
    ("exit_code", |c| some(c.exit_code)),
    ("process", |c| some(c.process)),
    ("stable", |c| some(c.stable)),
];

/// The header and one line per cell.
pub fn render(record: &RunRecord) -> String {
    let mut text = String::new();
    line(&mut text, COLUMNS.iter().map(|(name, _)| (*name).to_owned()));
    for cell in &record.cells {
        line(&mut text, COLUMNS.iter().map(|(_, value)| value(cell).unwrap_or_default()));
    }
    text
}

fn line(text: &mut String, fields: impl Iterator<Item = String>) {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            text.push(',');
        }
        if field.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&field);
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Environment, Plan, Status};

    #[test]
    fn absent_numbers_are_empty_and_text_is_quoted_where_it_must_be() {
        let mut record = RunRecord::new(Environment::default(), Plan::default());
        let mut cell = Cell::new("null", "pairs", 7, 0, Status::Failed);
        cell.detail = Some("said \"no\", twice\n".into());
        record.cells.push(cell);
        let text = render(&record);
        let (header, rest) = text.split_once('\n').unwrap();
        assert!(header.starts_with("collector,workload,size,seed,repeat,control,status,"));
        assert!(rest.starts_with("null,pairs,7,0,0,,failed,,,"), "{rest}");
        assert!(rest.ends_with(",\"said \"\"no\"\", twice\n\",,,,\n"), "{rest}");
        assert!(!header.split(',').any(|name| header.split(',').filter(|other| *other == name).count() > 1));
    }
}
