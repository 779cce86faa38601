//! `cyclade completions SHELL`.

use crate::cli::{Cli, Completions};
use crate::exit::Exit;
use crate::output;
use clap::CommandFactory;

pub(crate) fn run(args: Completions, as_json: bool) -> Result<(), Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cyclade", &mut script);
    let script = String::from_utf8_lossy(&script);
    if as_json {
        let shell = args.shell.to_string();
        return output::json(&serde_json::json!({ "shell": shell, "script": script }));
    }
    output::print(&script)
}
