//! The real CPython, as a subject: the same workloads in Python, timed by the interpreter itself.
//!
//! Its objects are of a class with `__slots__`, two of them (three in the random graph): the nearest thing that Python has to a struct.
//! `python3` is taken from the path. Starting it and building is not timed, collecting and freeing is.

use crate::clock::Spent;
use crate::workload::SEED;
use std::process::Command;
use std::time::Duration;

/// As tables print it.
pub const NAME: &str = "CPython";

const SCRIPT: &str = include_str!("python.py");

/// As [`workload::pairs`](crate::workload::pairs), with automatic collection as the interpreter has it.
#[must_use]
pub fn pairs(count: u64) -> Spent {
    run("pairs", count)
}

/// As [`workload::dead_ring`](crate::workload::dead_ring).
#[must_use]
pub fn dead_ring(count: u64, shuffled: bool) -> Spent {
    run(if shuffled { "shuffled_ring" } else { "dead_ring" }, count)
}

/// As [`workload::live`](crate::workload::live), on a graph of the same shape.
#[must_use]
pub fn live(count: u64) -> Spent {
    run("live", count)
}

/// The interpreter's version, if there is one.
#[must_use]
pub fn version() -> Option<String> {
    let output =
        Command::new("python3").args(["-c", "import sys; print(sys.version.split()[0])"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// # Panics
/// If there is no interpreter, or it fails: the parent makes it a row of its table.
fn run(workload: &str, count: u64) -> Spent {
    let arguments = ["-c", SCRIPT, workload, &count.to_string(), &SEED.to_string()];
    let output = Command::new("python3").args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("python3 cannot be started: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(|word| word.parse().map(Duration::from_nanos));
    match (numbers.next(), numbers.next()) {
        (Some(Ok(wall)), Some(Ok(cpu))) => Spent { wall, cpu },
        _ => panic!("python3 failed: {}", String::from_utf8_lossy(&output.stderr)),
    }
}
