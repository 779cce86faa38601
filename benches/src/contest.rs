//! Who takes part in which workload, and what we set out to reach.
//!
//! [`peers`] are the workloads that published crates run too; [`gauge`]s are one thing each, beside its control. [`targets`] says what is compared
//! with what, [`evaluate`] what came out.

pub mod evaluate;
pub mod measured;
pub mod peers;
pub mod targets;

use crate::clock::Reading;
use crate::gauge;
use crate::subject::Subject;

/// What a contestant is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// One of our collectors.
    Ours,
    /// Somebody else's, or what a programmer writes without one.
    Peer,
    /// Only the unavoidable work.
    Control,
}

/// One subject in one workload.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    /// The subject's name.
    pub name: &'static str,
    /// Whose it is.
    pub side: Side,
    /// Does it free cycles that nothing else refers to, wherever they come from?
    pub frees_cycles: bool,
    /// Does it leave behind what the workload lets go of, by design?
    pub leaks: bool,
    /// Runs the workload at this size in a fresh subject, and hands on what was measured while the subject still stands.
    pub run: fn(u64, &dyn Fn(Reading)),
}

impl Contestant {
    /// A peer that frees no cycles and leaks nothing.
    #[must_use]
    pub fn new(name: &'static str, run: fn(u64, &dyn Fn(Reading))) -> Self {
        Contestant { name, side: Side::Peer, frees_cycles: false, leaks: false, run }
    }

    pub(crate) fn of<S: Subject>(run: fn(u64, &dyn Fn(Reading))) -> Self {
        Contestant { frees_cycles: S::FREES_CYCLES, ..Self::new(S::NAME, run) }
    }

    pub(crate) fn ours(self) -> Self {
        Contestant { side: Side::Ours, ..self }
    }

    pub(crate) fn control(self) -> Self {
        Contestant { side: Side::Control, ..self }
    }

    pub(crate) fn leaks(self) -> Self {
        Contestant { leaks: true, ..self }
    }
}

/// How a figure is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds of all operations: printed for one.
    EachNanoseconds,
    /// Nanoseconds, printed as milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// How many times.
    Factor,
}

/// A figure besides the time of all of it.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// As tables print it.
    pub name: &'static str,
    /// How it is to be read.
    pub unit: Unit,
}

/// A workload with all who take part in it.
#[derive(Clone, Debug)]
pub struct Workload {
    /// As tables print it.
    pub name: &'static str,
    /// What one operation is.
    pub operation: &'static str,
    /// Operations in one measurement.
    pub size: u64,
    /// How often each contestant is measured.
    pub rounds: u32,
    /// Whom the others are compared with.
    pub reference: &'static str,
    /// What else is measured. Not everybody has every figure.
    pub figures: &'static [Figure],
    /// Our collectors first, then the peers, then controls.
    pub contestants: Vec<Contestant>,
}

/// Those that `cyclade run --peers` runs too: a few, and none that takes long.
#[must_use]
pub fn brief() -> Vec<Workload> {
    let order = ["pairs", "doubly-linked", "live"];
    let mut brief = peers::workloads();
    brief.retain(|workload| order.contains(&workload.name));
    brief.sort_by_key(|workload| order.iter().position(|&name| name == workload.name));
    brief
}

/// Every workload, as it is measured for the documentation.
#[must_use]
pub fn workloads() -> Vec<Workload> {
    let mut all = gauge::workloads();
    all.extend(peers::workloads());
    all
}
