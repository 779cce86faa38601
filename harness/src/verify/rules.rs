//! Versions and their rules.

use cyclade_core::Config;
use cyclade_trial_deletion::TrialDeletion;
use serde_json::Value;

/// The rules that the collector follows when it is compared with an interpreter of this version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The versions, for people.
    pub(crate) versions: &'static str,
    first: [u32; 2],
    last: [u32; 2],
    settings: fn() -> Config<TrialDeletion>,
}

impl Rules {
    /// The heap's settings, collecting by itself being off.
    pub(crate) fn settings(&self) -> Config<TrialDeletion> {
        (self.settings)()
    }
}

fn plain() -> Config<TrialDeletion> {
    let collector = cyclade_trial_deletion::Options { automatic: false, ..Default::default() };
    Config { collector, ..Config::default() }
}

/// All versions that are compared.
static ALL: &[Rules] = &[Rules { versions: "3.9 to 3.11", first: [3, 9], last: [3, 11], settings: plain }];

/// The rules of a version, if there are any here.
pub(crate) fn of(version: [u32; 3]) -> Option<&'static Rules> {
    let version = [version[0], version[1]];
    ALL.iter().find(|rules| rules.first <= version && version <= rules.last)
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

static EXCEPTIONS: &[Exception] = &[Exception {
    name: "before 3.11 every instance has a dictionary from its first attribute on",
    first: [3, 6],
    last: [3, 10],
    shows: |program| makes(program, "inst"),
}, Exception {
    name: "3.13 makes a tuple for each weakly referenced object that dies, which a full collection counts",
    first: [3, 13],
    last: [3, 13],
    shows: |program| has(program, "enable") && has(program, "weakref") && actions(program).any(|action| action["do"] == "new"),
}];

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
