//! The one table of commands and flags: help, manual page and completions are all made from it.

use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// What no arguments at all print: the program in one screen.
pub(crate) const OPENING: &str = "\
cyclade answers one question with evidence: what does it cost to get rid of circular references?

It runs the same programs over interchangeable garbage collectors (none at all, reference counting, CPython's
trial deletion, mark-sweep, concurrent marking) and measures what leaks, how long the program stands still,
and how fast it is. Every number has a control beside it; every leak is judged by an oracle that knows no
collector.

  cyclade demo                  the story that every tutorial tells, on each collector and on your python3
  cyclade run                   the main job: all collectors, all workloads; a table, a report page, the data
  cyclade run --quick           the same in seconds, for a first look
  cyclade list                  the collectors and workloads, and what a size and an operation is

  cyclade record-python -- app.py     record the object graph of a real Python program ...
  cyclade replay app.heap             ... and let every collector free it
  cyclade scenario FILE --check       small programs with what the real CPython did, checked
  cyclade verify-python               random programs on your own python3 and on trial deletion: no difference
  cyclade compare A B                 two runs: what became slower, with confidence intervals

Every command has --help, and --json for machines.
";

/// Compares garbage collectors on circular references: leaks, pauses, throughput.
#[derive(Parser, Debug)]
#[command(name = "cyclade", version, about, before_long_help = OPENING, max_term_width = 110)]
pub(crate) struct Cli {
    /// Machine-readable output on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// The tutorial's story on each collector, and beside it on this machine's python3
    Demo(Demo),
    /// The main job: collectors × workloads, each cell in a process of its own
    Run(Run),
    /// Frees the object graph of a real program on each collector, root by root
    Replay(Replay),
    /// Runs scenario files: small programs with what the real CPython did
    Scenario(Scenario),
    /// Random programs on this machine's real interpreters and on trial deletion: no difference
    VerifyPython(VerifyPython),
    /// Runs a Python program and records its object graph for `replay`
    RecordPython(RecordPython),
    /// Compares two run records; exit code 1 if the second one is worse
    Compare(Compare),
    /// Renders a run record again, without measuring
    Report(Report),
    /// Lists collectors and workloads
    List,
    /// Prints completions for a shell
    Completions(Completions),
    /// Prints the manual page
    Man,
    /// Measures one cell: how `run` calls itself, job on standard input, cell on standard output
    #[command(hide = true)]
    Cell,
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Only these collectors, separated by commas
    #[arg(long, value_name = "NAMES")]
    pub(crate) collector: Vec<String>,
}

/// What `run` and `replay` have in common.
#[derive(Args, Debug, Clone)]
pub(crate) struct Measuring {
    /// Only these collectors, separated by commas
    #[arg(long, value_name = "NAMES")]
    pub(crate) collector: Vec<String>,
    /// Processes per cell; below 3 there is no confidence interval [default: 3]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) repeat: Option<String>,
    /// Where all random choices start
    #[arg(long, value_name = "N", default_value = "42", allow_negative_numbers = true)]
    pub(crate) seed: String,
    /// A quick look: small sizes, short runs; not to be cited
    #[arg(long)]
    pub(crate) quick: bool,
    /// A cell is stopped after this long: 500ms, 10s, 2m [default: 60s, 10m beyond a million objects]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) timeout: Option<String>,
    /// What a cell's heap may take: 512MiB, 2GiB [default: 2GiB, more for larger sizes]
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub(crate) heap_limit: Option<String>,
    /// Where the results go [default: cyclade-run-TIME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace results that are already there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Only these workloads, separated by commas
    #[arg(long, value_name = "NAMES")]
    pub(crate) workload: Vec<String>,
    /// The size of every workload, up to 10,000,000 [default: each workload's own, see `cyclade list`]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) size: Option<String>,
    /// Also measure other crates' collectors, and ours on the programs that all can run: pairs, doubly-linked, live
    #[arg(long)]
    pub(crate) peers: bool,
    #[command(flatten)]
    pub(crate) measuring: Measuring,
}

#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A HEAPGRF1 file, a V8 heap snapshot, or an edge list; compressed with gzip or not
    pub(crate) file: PathBuf,
    /// The roots, where the file names none or others are wanted: all, first, a number, in-degree-zero
    #[arg(long, value_name = "CHOICE", allow_negative_numbers = true)]
    pub(crate) roots: Option<String>,
    #[command(flatten)]
    pub(crate) measuring: Measuring,
}

#[derive(Args, Debug)]
pub(crate) struct Scenario {
    /// A scenario file
    pub(crate) file: PathBuf,
    /// Only these collectors, separated by commas [default: trial-deletion]
    #[arg(long, value_name = "NAMES")]
    pub(crate) collector: Vec<String>,
    /// Compare with the expectations in the file; exit code 1 if there is any difference
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyPython {
    /// How many programs on each interpreter
    #[arg(long, value_name = "N", default_value = "2000", allow_negative_numbers = true)]
    pub(crate) programs: String,
    /// Where all random choices start [default: another one each time; it is printed]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: Option<String>,
    /// Only the program of this number
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) only: Option<String>,
    /// In which order full collections leave survivors: `python`, or `kept`, as a heap does that is asked for nothing
    #[arg(long, value_name = "ORDER", default_value = "python")]
    pub(crate) order: String,
    /// Only this interpreter [default: each python3 in the search path, and those of pyenv]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct RecordPython {
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "SCRIPT")]
    pub(crate) script: Vec<OsString>,
    /// The file to write [default: the script's name with `.heap`]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// The interpreter [default: python3]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) python: Option<PathBuf>,
    /// Record when this function is first called (FUNCTION or MODULE:FUNCTION) instead of at the end
    #[arg(long, value_name = "FUNCTION")]
    pub(crate) at: Option<String>,
    /// Leave out what existed before the program started
    #[arg(long)]
    pub(crate) new_only: bool,
    /// Leave out what the cycle collector does not know, such as strings and numbers
    #[arg(long)]
    pub(crate) gc_only: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// The first run record: run.json, or the directory it is in
    pub(crate) before: PathBuf,
    /// The second one
    pub(crate) after: PathBuf,
    /// How much worse is a regression: 5% or 0.05
    #[arg(long, value_name = "SHARE", default_value = "5%", allow_negative_numbers = true)]
    pub(crate) threshold: String,
}

#[derive(Args, Debug)]
pub(crate) struct Report {
    /// A run record: run.json, or the directory it is in
    pub(crate) run: PathBuf,
    /// Where to [default: where the record is]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace files that are already there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
