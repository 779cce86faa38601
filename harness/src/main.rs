//! `cyclade`: compares garbage collectors on circular references.
//!
//! The tree is the program: `commands/` has one file per command, `cell/` measures one combination of collector and workload in a
//! process of its own, `collectors` is where static dispatch ends. Everything that is not measuring or talking lives in the
//! libraries beside: `report`, `workloads`, `heapgraph`, and the collectors. `contest/` is where other people's collectors come in.

mod cell;
mod cli;
mod collectors;
mod commands;
mod contest;
mod demo;
mod exit;
mod interrupt;
mod machine;
mod names;
mod output;
mod progress;
mod scenario;
mod verify;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.report(),
    }
}
