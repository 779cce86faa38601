//! Recording the object graph of a Python program, on the Python that is installed here.
//!
//! The program runs as it would by itself: same arguments, standard input and output, exit status. A recorder that this
//! crate carries (`record_python.py`) runs it as `__main__`, and writes the graph once the program's last line has run, an
//! exception or `sys.exit` has ended it, or a function of your choice is first called.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::Duration;

use crate::error::ReadError;
use crate::graph::HeapGraph;

/// The recorder: Python's side of this module.
const RECORDER: &str = include_str!("record_python.py");

/// How often it is looked whether the program has ended, where somebody may want to stop it.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What to record, and where to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordOptions {
    /// The interpreter: CPython 3.6 or later, 3.6 to 3.13 being tried. If none is given, the `python3` in the search path.
    pub python: Option<PathBuf>,
    /// The program: a Python source file.
    pub script: PathBuf,
    /// The program's arguments.
    pub args: Vec<OsString>,
    /// The `HEAPGRF1` file to write. It appears when it is complete, or not at all.
    pub output: PathBuf,
    /// Whether `output` may be replaced if it exists.
    pub force: bool,
    /// Record when the function of this name (`function`, or `module:function`) is first called in the main thread; the
    /// program then goes on. Otherwise at its end.
    pub at: Option<String>,
    /// Leave out what existed before the program started, most of the interpreter that is; references from there count as
    /// external.
    pub new_only: bool,
    /// Leave out what the cycle collector does not know, such as strings and numbers.
    pub gc_only: bool,
    /// What the file says about the program. If nothing is given: the script's file name.
    pub workload: Option<String>,
    /// Lead what the program prints to standard error, so that standard output is the caller's alone.
    pub output_to_stderr: bool,
    /// Asked again and again while the program runs: is it to be killed, and nothing recorded? Without this it has all the time that it
    /// takes.
    pub stop: Option<fn() -> bool>,
}

impl RecordOptions {
    /// Records this program, without arguments, at its end, to this file, which must not exist.
    pub fn new(script: impl Into<PathBuf>, output: impl Into<PathBuf>) -> RecordOptions {
        RecordOptions {
            python: None,
            script: script.into(),
            args: Vec::new(),
            output: output.into(),
            force: false,
            at: None,
            new_only: false,
            gc_only: false,
            workload: None,
            output_to_stderr: false,
            stop: None,
        }
    }
}

/// What was recorded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recording {
    /// The file.
    pub output: PathBuf,
    /// Its nodes.
    pub nodes: usize,
    /// Its edges.
    pub edges: usize,
    /// Version of the Python that ran the program.
    pub python: String,
    /// How the program ended. It may have failed, which does not keep its graph from being recorded.
    pub status: ExitStatus,
}

/// Why nothing was recorded. Messages are for people and say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no such interpreter.
    #[error("no Python found: `{}` cannot be started ({source}); install CPython 3.6 or later, or name one", python.display())]
    NoPython {
        /// What was to be started.
        python: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
    /// There is no such program.
    #[error("{}: there is no such Python file", script.display())]
    NoScript {
        /// The program.
        script: PathBuf,
    },
    /// The output exists.
    #[error("{} exists and is not overwritten without being told so", output.display())]
    OutputExists {
        /// The file.
        output: PathBuf,
    },
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program ran, and recording failed.
    #[error("{}: {reason}", script.display())]
    Failed {
        /// The program.
        script: PathBuf,
        /// What the recorder says.
        reason: String,
        /// How the program ended.
        status: ExitStatus,
    },
    /// The process ended before anything was recorded.
    #[error(
        "{}: `{}` ended ({status}) before anything was recorded: by a signal, by os._exit, or because it is no \
         CPython 3.6 or later",
        script.display(), python.display()
    )]
    NotReached {
        /// The program.
        script: PathBuf,
        /// The interpreter.
        python: PathBuf,
        /// How it ended.
        status: ExitStatus,
    },
    /// The caller asked for an end ([`RecordOptions::stop`]).
    #[error("{}: killed before it was recorded, as was asked for", script.display())]
    Stopped {
        /// The program.
        script: PathBuf,
    },
    /// What was recorded is no graph: a bug.
    #[error("the recorded graph is not valid, which is a bug: {0}")]
    Invalid(#[from] ReadError),
}

/// Runs a Python program and records its object graph.
///
/// Standard input, output (unless [`RecordOptions::output_to_stderr`]) and error are the program's own. Cost: the program, and some 6 to 13 seconds and 150 to 380 MB in
/// its process per million objects, newer versions being faster; while a function is waited for ([`RecordOptions::at`]), each call of a function costs more.
///
/// ```no_run
/// use cyclade_heapgraph::HeapGraph;
/// use cyclade_heapgraph::record::{self, RecordOptions};
///
/// let recording = record::python(&RecordOptions::new("app.py", "app.heap"))?;
/// let graph = HeapGraph::open(&recording.output)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If there is no Python, no such program, the output exists, or nothing was recorded. A program that fails is no error, see
/// [`Recording::status`].
pub fn python(options: &RecordOptions) -> Result<Recording, RecordError> {
    let script = &options.script;
    if !script.is_file() {
        return Err(RecordError::NoScript { script: script.clone() });
    }
    let output = &options.output;
    let exists = || RecordError::OutputExists { output: output.clone() };
    if !options.force && output.symlink_metadata().is_ok() {
        return Err(exists());
    }
    // Written beside the output, so that it appears there by a single step.
    let folder = match output.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let graph_file = temporary(folder).map_err(at(folder))?;
    let own_folder = tempfile::tempdir().map_err(at(&std::env::temp_dir()))?;
    let recorder = own_folder.path().join("record_python.py");
    std::fs::write(&recorder, RECORDER).map_err(at(&recorder))?;
    let report = own_folder.path().join("report");

    let python = options
        .python
        .clone()
        .unwrap_or_else(|| PathBuf::from(if cfg!(windows) { "python" } else { "python3" }));
    let mut modes = Vec::new();
    modes.extend(options.new_only.then_some("new_only"));
    modes.extend(options.gc_only.then_some("gc_only"));
    let workload = options.workload.as_ref().map(OsStr::new).or(script.file_name()).unwrap_or_default();
    let mut command = Command::new(&python);
    command
        .arg(&recorder)
        .arg(graph_file.path())
        .arg(&report)
        .arg(options.at.as_deref().unwrap_or(""))
        .arg(modes.join(","))
        .arg(workload)
        .arg(script)
        .args(&options.args);
    if options.output_to_stderr {
        command.stdout(io::stderr());
    }
    let child = command.spawn();
    let child = child.map_err(|source| RecordError::NoPython { python: python.clone(), source })?;
    let Some(status) = wait(child, options.stop).map_err(at(&python))? else {
        return Err(RecordError::Stopped { script: script.clone() });
    };

    let report = std::fs::read_to_string(&report).unwrap_or_default();
    if let Some(reason) = report.strip_prefix("error ") {
        let reason = reason.lines().next().unwrap_or_default().to_owned();
        return Err(RecordError::Failed { script: script.clone(), reason, status });
    }
    if !report.starts_with("ok ") {
        return Err(RecordError::NotReached { script: script.clone(), python, status });
    }
    let graph = HeapGraph::open(graph_file.path())?;
    let kept = if options.force { graph_file.persist(output) } else { graph_file.persist_noclobber(output) };
    kept.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => exists(),
        _ => at(output)(error.error),
    })?;
    Ok(Recording {
        output: output.clone(),
        nodes: graph.n(),
        edges: graph.m(),
        python: graph.source().python.clone(),
        status,
    })
}

/// How the program ended; nothing if it was killed because `stop` said so.
fn wait(mut child: Child, stop: Option<fn() -> bool>) -> io::Result<Option<ExitStatus>> {
    let Some(stop) = stop else { return child.wait().map(Some) };
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if stop() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// An empty file in this folder which goes away again if it is not kept.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".recording-").suffix(".heap.tmp");
    // As any file that a program writes, not for the owner's eyes only.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    |source| RecordError::Io { path, source }
}
