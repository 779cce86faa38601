//! `cyclade record-python -- SCRIPT`: the object graph of a real program.

use crate::cli::RecordPython;
use crate::exit::Exit;
use crate::{interrupt, output};
use cyclade_heapgraph::record::{self, RecordError, RecordOptions};
use cyclade_report::units;
use std::path::PathBuf;

pub(crate) fn run(args: RecordPython, as_json: bool) -> Result<(), Exit> {
    let Some((script, rest)) = args.script.split_first() else {
        return Err(Exit::usage("no script was named; write it behind two dashes: record-python -- app.py"));
    };
    let script = PathBuf::from(script);
    let out = args.out.unwrap_or_else(|| {
        let name = script.file_stem().unwrap_or(script.as_os_str());
        PathBuf::from(name).with_extension("heap")
    });
    let mut options = RecordOptions::new(script, out);
    options.args = rest.to_vec();
    options.python = args.python;
    options.force = args.force;
    options.at = args.at;
    options.new_only = args.new_only;
    options.gc_only = args.gc_only;
    // What is printed as JSON must be all that is printed there.
    options.output_to_stderr = as_json;
    // A terminal's Ctrl-C is the program's too. It ends by it, and is recorded; unless it does not, or takes too long.
    interrupt::listen_twice();
    options.stop = Some(interrupt::insisted);
    let recording = record::python(&options).map_err(|error| match error {
        _ if interrupt::asked() => {
            eprintln!("cyclade: interrupted: {error}");
            Exit::interrupted()
        }
        RecordError::OutputExists { .. } => {
            Exit::usage(format_args!("{error}; use --force, or another --out"))
        }
        RecordError::NoPython { .. } | RecordError::NoScript { .. } | RecordError::Io { .. } => {
            Exit::usage(error)
        }
        _ => Exit::failed(error),
    })?;
    if as_json {
        output::json(&serde_json::json!({
            "file": recording.output,
            "nodes": recording.nodes,
            "edges": recording.edges,
            "python": recording.python,
            "exit_code": recording.status.code(),
            "interrupted": interrupt::asked(),
        }))?;
    } else {
        // Standard output is the recorded program's.
        eprintln!(
            "recorded {} and {} of Python {} in {}",
            units::counted(recording.nodes as u64, "object"),
            units::counted(recording.edges as u64, "edge"),
            recording.python,
            recording.output.display()
        );
        eprintln!("cyclade replay {}  frees it on every collector", recording.output.display());
    }
    if interrupt::asked() {
        return Err(Exit::interrupted());
    }
    match recording.status.code() {
        Some(0) => Ok(()),
        code => Err(Exit::code(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))),
    }
}
