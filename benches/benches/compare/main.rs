//! All collectors and all peers against each other, and each thing that a collector does against its control, in one run: prints tables, and writes
//! them as Markdown and as JSON.
//!
//! ```text
//! cargo bench -p cyclade-benches --bench compare -- [--only WORKLOAD] [--rounds N] [--attempts N] [--out FILE.md|DIRECTORY] [--json FILE] [--force]
//! ```
//!
//! Every measurement is a process of its own: this program calls itself, so that nobody inherits somebody else's heap, and a crash is
//! a row of the table. What is measured is processor time, of all the process' threads: on a machine with neighbours, time on the wall says more
//! about them. Contestants take turns, in an order that is drawn anew for each round, and ratios are taken within a
//! round: what is slow for a while (heat, neighbours) hits both sides. The reference runs twice per round under two names; the ratio of the
//! two is the A/A control, whose interval must contain 1. While other processes take more than 3 % of the machine, a workload is measured again, up to
//! `--attempts` times; one that never got quiet says so. Ctrl-C keeps what has been measured.

mod allocators;
mod arguments;
mod child;
mod files;
mod interrupt;
mod json;
mod load;
mod markdown;
mod measure;

use arguments::{Arguments, Job};
use cyclade_benches::contest::{self, Workload, evaluate, targets};
use files::Files;
use std::process::ExitCode;

/// The same allocator for everybody.
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;

fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)) {
        Ok(Job::One { workload, contestant, size }) => child::run(workloads(), &workload, &contestant, size),
        Ok(Job::List) => {
            workloads().iter().for_each(|workload| println!("{}", workload.name));
            ExitCode::SUCCESS
        }
        Ok(Job::All(arguments)) => all(&arguments).unwrap_or_else(|problem| fail(&problem)),
        Err(problem) => fail(&problem),
    }
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("compare: {problem}");
    ExitCode::from(2)
}

fn workloads() -> Vec<Workload> {
    let mut all = contest::workloads();
    allocators::join(&mut all);
    all
}

/// The parent's part: all rounds, the tables, the files.
fn all(arguments: &Arguments) -> Result<ExitCode, String> {
    let workloads = arguments.choose(workloads())?;
    let files = Files::new(arguments)?;
    interrupt::watch();
    let mut results = Vec::new();
    let mut outcomes = Vec::new();
    for workload in &workloads {
        results.push(measure::workload(workload, arguments.attempts));
        outcomes = evaluate::outcomes(targets::targets(&workloads), &results);
        files.write(&results, &outcomes)?;
        if interrupt::asked() {
            break;
        }
    }
    print!("{}", markdown::text(&results, &outcomes));
    files.tell();
    Ok(if interrupt::asked() { ExitCode::from(130) } else { ExitCode::SUCCESS })
}
