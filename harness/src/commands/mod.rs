//! The commands, one file each.

mod compare;
mod completions;
mod demo;
mod list;
mod man;
mod matrix;
mod record_python;
mod replay;
mod report;
mod run;
mod scenario;
mod verify_python;

use crate::cli::{Cli, Command, OPENING};
use crate::exit::Exit;
use crate::{cell, output};

/// Does what was asked for.
pub(crate) fn run(cli: Cli) -> Result<(), Exit> {
    let json = cli.json;
    match cli.command {
        None if json => {
            output::json(&serde_json::json!({ "version": env!("CARGO_PKG_VERSION"), "about": OPENING }))
        }
        None => output::print(OPENING),
        Some(Command::Run(args)) => run::run(args, json),
        Some(Command::Replay(args)) => replay::run(args, json),
        Some(Command::RecordPython(args)) => record_python::run(args, json),
        Some(Command::Compare(args)) => compare::run(args, json),
        Some(Command::Report(args)) => report::run(args, json),
        Some(Command::List) => list::run(json),
        Some(Command::Completions(args)) => completions::run(args, json),
        Some(Command::Man) => man::run(json),
        Some(Command::Cell) => cell::child::run(),
        Some(Command::Demo(args)) => demo::run(args, json),
        Some(Command::Scenario(args)) => scenario::run(args, json),
        Some(Command::VerifyPython(args)) => verify_python::run(args, json),
    }
}
