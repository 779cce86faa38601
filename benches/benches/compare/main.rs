//! All collectors and all peers against each other, in one run: prints a Markdown table and writes it to a file.
//!
//! ```text
//! cargo bench -p cyclade-benches --bench compare -- [--rounds N] [--workload NAME] [--out FILE]
//! ```
//!
//! Every measurement is a process of its own: this program calls itself, so that nobody inherits somebody else's heap, and a crash is
//! a row of the table. What is measured is processor time, of all the process' threads: on a machine with neighbours, time on the wall says more
//! about them. Contestants take turns, in an order that is drawn anew for each round, and ratios are taken within a
//! round: what is slow for a while (heat, neighbours) hits both sides. The reference runs twice per round under two names; the ratio of the
//! two is the A/A control, whose interval must contain 1.

mod arguments;
mod load;
mod measure;
mod table;

use arguments::{Arguments, Job};
use cyclade_benches::contest::{self, Workload};
use cyclade_benches::workload::Spent;
use cyclade_benches::{Contestant, big_stack};
use std::fs::File;
use std::io::Write;
use std::process::ExitCode;

/// The same allocator for everybody.
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;

fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)) {
        Ok(Job::One { workload, contestant, size }) => one(&workload, &contestant, size),
        Ok(Job::All(arguments)) => all(&arguments),
        Err(problem) => fail(&problem),
    }
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("compare: {problem}");
    ExitCode::from(2)
}

/// The child's part: one measurement, printed as nanoseconds of processor time.
fn one(workload: &str, contestant: &str, size: u64) -> ExitCode {
    let workloads = contest::workloads();
    let found = workloads
        .iter()
        .filter(|w| w.name == workload)
        .flat_map(|w| &w.contestants)
        .find(|c| c.name == contestant);
    let Some(&Contestant { run, .. }) = found else {
        return fail(&format!("no `{contestant}` in workload `{workload}`"));
    };
    big_stack::run(move || {
        run(size, &|spent: Spent| {
            println!("{}", spent.cpu.as_nanos());
            // Without taking the subject down: that is not measured, and some peers take long over it.
            std::process::exit(0)
        });
    });
    ExitCode::FAILURE
}

/// The parent's part: all rounds, the table, the file.
fn all(arguments: &Arguments) -> ExitCode {
    // Before anything is measured.
    let mut out = match arguments.out.as_ref().map(File::create).transpose() {
        Ok(out) => out,
        Err(error) => {
            let name = arguments.out.as_deref().unwrap_or(std::path::Path::new("")).display();
            return fail(&format!("cannot write `{name}`: {error}"));
        }
    };
    let workloads: Vec<Workload> = contest::workloads()
        .into_iter()
        .filter(|w| arguments.workload.as_ref().is_none_or(|name| name == w.name))
        .map(|w| arguments.fit(w))
        .collect();
    if workloads.is_empty() {
        let names: Vec<_> = contest::workloads().iter().map(|w| w.name).collect();
        return fail(&format!("no such workload; there are {}", names.join(", ")));
    }
    let results: Vec<_> = workloads.iter().map(measure::rounds).collect();
    let text = table::markdown(&results);
    print!("{text}");
    if let Some(Err(error)) = out.as_mut().map(|out| out.write_all(text.as_bytes())) {
        return fail(&format!("the table could not be written: {error}"));
    }
    ExitCode::SUCCESS
}
