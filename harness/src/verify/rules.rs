//! Versions and their rules: with which settings the heap is compared, and what no setting imitates.

use cyclade_core::Config;
use cyclade_trial_deletion::{Options, Order, TrialDeletion};
use serde_json::Value;

/// The heap's settings for an interpreter of this version, and the order that is asked for; collecting by itself is off, as it is when a
/// program starts. `Err` says why there are none.
pub(crate) fn settings(version: [u32; 3], order: Order) -> Result<Config<TrialDeletion>, String> {
    let options = Options::python(version).map_err(|error| error.to_string())?;
    let collector = Options { automatic: false, order, ..options };
    Ok(Config { collector, ..Config::default() })
}

/// Something in which a version differs and that the collector does not imitate: programs that show it are not compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exception {
    /// What it is called.
    pub(crate) name: &'static str,
    first: [u32; 2],
    last: [u32; 2],
    shows: fn(&Value) -> bool,
}

static EXCEPTIONS: &[Exception] = &[
    Exception {
        name: "before 3.11 every instance has a dictionary from its first attribute on",
        first: [3, 6],
        last: [3, 10],
        shows: |program| makes(program, "inst"),
    },
    Exception {
        name: "before 3.8 deaths nested 50 deep wait for one of a built-in container, and a list's are done twice (bpo-35983)",
        first: [3, 6],
        last: [3, 7],
        shows: |program| objects(program) >= 50,
    },
    Exception {
        name: "3.6 makes a tuple to call a collection callback with, which a full collection counts",
        first: [3, 6],
        last: [3, 6],
        shows: |program| has(program, "gc_callbacks") && makes_while_collecting(program),
    },
    Exception {
        name: "in 3.13 the dictionary of an instance holds no values of its own, and is not collected",
        first: [3, 13],
        last: [3, 13],
        shows: |program| has(program, "materialise"),
    },
    Exception {
        name: "3.13 makes a tuple for each weakly referenced object that dies, which a full collection counts",
        first: [3, 13],
        last: [3, 13],
        shows: |program| has(program, "enable") && has(program, "weakref") && makes_while_collecting(program),
    },
];

fn operations(program: &Value) -> impl Iterator<Item = &Value> {
    program["ops"].as_array().into_iter().flatten()
}

/// The actions of all finalizers and callbacks.
fn actions(program: &Value) -> impl Iterator<Item = &Value> {
    let lists = operations(program).flat_map(|op| [&op["finalizer"], &op["callback"]]);
    lists.filter_map(Value::as_array).flatten()
}

/// Does the program have this operation?
fn has(program: &Value, name: &str) -> bool {
    operations(program).any(|op| op["op"] == name)
}

/// Do finalizers or callbacks make objects?
fn makes_while_collecting(program: &Value) -> bool {
    actions(program).any(|action| action["do"] == "new")
}

/// How many objects the program can make.
fn objects(program: &Value) -> u64 {
    let made = |maker: &Value| match maker["op"].as_str().or(maker["do"].as_str()) {
        Some("new" | "weakref") => 1,
        Some("chain") => maker["n"].as_u64().unwrap_or(0),
        _ => 0,
    };
    operations(program).chain(actions(program)).map(made).sum()
}

/// Does the program make an object of this kind?
fn makes(program: &Value, kind: &str) -> bool {
    operations(program).chain(actions(program)).any(|maker| maker["kind"] == kind)
}

/// The exception that the program would show on an interpreter of this version.
pub(crate) fn exception(version: [u32; 3], program: &Value) -> Option<&'static Exception> {
    let version = [version[0], version[1]];
    EXCEPTIONS.iter().find(|exception| {
        exception.first <= version && version <= exception.last && (exception.shows)(program)
    })
}
