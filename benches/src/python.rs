//! The real CPython, as a subject: the same workloads in Python, timed by the interpreter itself.
//!
//! Its objects are of classes with `__slots__`, one for each edge and, where ours have a payload that is read, one for that: the nearest thing that Python has
//! to a struct. `python3` is taken from the path. Starting it and building is not timed unless building is what a workload measures.

use crate::clock::{Reading, Spent};
use crate::workload::{BUILD, COLLECT, ENTRIES, FIRST, GROUP, HICCUP, LENGTH, LEVELS, LONGEST, NODES, SEED};
use std::process::Command;
use std::time::Duration;

/// As tables print it.
pub const NAME: &str = "CPython";

const SCRIPT: &str = include_str!("python.py");

type Report<'a> = &'a dyn Fn(Reading);

/// As [`workload::pairs`](crate::workload::pairs), with automatic collection as the interpreter has it.
pub fn pairs(count: u64, report: Report<'_>) {
    report(run("pairs", &[count], &[]));
}

/// As [`workload::rings`](crate::workload::rings).
pub fn ring(count: u64, report: Report<'_>) {
    report(run("built_ring", &[count], &[BUILD, COLLECT]));
}

/// As [`workload::trees`](crate::workload::trees).
pub fn tree(count: u64, report: Report<'_>) {
    report(run("trees", &[count, NODES, u64::from(LEVELS)], &[]));
}

/// As [`workload::doubly_linked`](crate::workload::doubly_linked).
pub fn doubly_linked(count: u64, report: Report<'_>) {
    report(run("doubly_linked", &[count, ENTRIES, GROUP], &[LONGEST, HICCUP]));
}

/// As [`workload::acyclic`](crate::workload::acyclic).
pub fn acyclic(count: u64, report: Report<'_>) {
    report(run("acyclic", &[count, LENGTH, GROUP], &[LONGEST, HICCUP]));
}

/// As [`workload::deep`](crate::workload::deep).
pub fn deep(count: u64, report: Report<'_>) {
    report(run("deep", &[count], &[BUILD, COLLECT]));
}

/// As [`workload::live`](crate::workload::live), on a graph of the same shape.
pub fn live(count: u64, report: Report<'_>) {
    report(run("live", &[count], &[FIRST]));
}

/// As [`workload::churn`](crate::workload::churn), with half as many live objects as operations.
pub fn churn(count: u64, report: Report<'_>) {
    report(run("churn", &[count, GROUP], &[LONGEST, HICCUP]));
}

/// As [`workload::dead_ring`](crate::workload::dead_ring).
#[must_use]
pub fn dead_ring(count: u64, shuffled: bool) -> Spent {
    run(if shuffled { "shuffled_ring" } else { "dead_ring" }, &[count], &[]).spent
}

/// The interpreter's version, if there is one.
#[must_use]
pub fn version() -> Option<String> {
    let output =
        Command::new("python3").args(["-c", "import sys; print(sys.version.split()[0])"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The script prints time on the wall and processor time, then the figures that are named.
///
/// # Panics
/// If there is no interpreter, or it fails: the parent makes it a row of its table.
fn run(workload: &str, numbers: &[u64], figures: &[&'static str]) -> Reading {
    let numbers = numbers.iter().chain(&[SEED]).map(u64::to_string);
    let output = Command::new("python3").args(["-c", SCRIPT, workload]).args(numbers).output();
    let output = output.unwrap_or_else(|error| panic!("python3 cannot be started: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Option<Vec<u64>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
    match numbers.as_deref() {
        Some([wall, cpu, rest @ ..]) if rest.len() == figures.len() => {
            let spent = Spent { wall: Duration::from_nanos(*wall), cpu: Duration::from_nanos(*cpu) };
            let named = figures.iter().zip(rest);
            named.fold(spent.into(), |reading: Reading, (name, &value)| reading.with(name, value as f64))
        }
        _ => panic!("python3 failed: {}", String::from_utf8_lossy(&output.stderr)),
    }
}
