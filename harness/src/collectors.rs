//! The collectors that can be chosen by name: one line each. `dyn` begins here: each entry holds functions that were made for
//! its collector.

use crate::demo::{self, Story, Storyteller};
use crate::scenario::{self, Observed, Scenario, Subject};
use cyclade_concurrent::Concurrent;
use cyclade_core::{Config, Plan};
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::{Rules, TrialDeletion};
use cyclade_workloads::Params;
use cyclade_workloads::driver::{self, Moment, Report, Unknown};

/// Runs the named workload, telling of the moments that count.
type Measure = fn(&str, &Params, &mut dyn FnMut(Moment)) -> Result<Report, Unknown>;

/// One collector.
pub(crate) struct Entry {
    /// The name by which people choose it.
    pub(crate) name: &'static str,
    /// What it is, in a line.
    pub(crate) about: &'static str,
    /// What it can do.
    pub(crate) plan: Plan,
    /// Runs a workload on it.
    pub(crate) measure: Measure,
    /// Tells the tutorial's story.
    pub(crate) demo: fn() -> Story,
    /// Runs a scenario.
    pub(crate) scenario: fn(&Scenario) -> Observed,
}

const fn entry<C: Storyteller + Subject>(about: &'static str) -> Entry {
    Entry {
        name: C::NAME,
        about,
        plan: C::PLAN,
        measure: driver::run_named::<C>,
        demo: demo::tell::<C>,
        scenario: scenario::perform::<C>,
    }
}

/// All collectors, in the order in which tables show them.
pub(crate) static ALL: &[Entry] = &[
    entry::<Null>("never frees: the floor that others are measured from"),
    entry::<RefCount>("counts only: cycles leak, by definition"),
    entry::<TrialDeletion>("counts, and CPython's generational cycle detection"),
    entry::<MarkSweep>("stops the world, marks, sweeps lazily"),
    entry::<Concurrent>("marks a snapshot on another thread while the program runs"),
];

/// The collector of this name.
pub(crate) fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}

/// Bytes after which the demo's heaps collect by themselves, so that a story of some thousand objects sees it.
const EARLY: u64 = 64 << 10;

impl Storyteller for Null {}

impl Storyteller for RefCount {}

impl Storyteller for TrialDeletion {
    fn manual() -> Config<Self> {
        let collector = cyclade_trial_deletion::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }

    fn automatic() -> Option<Config<Self>> {
        Some(Config::default())
    }

    fn rules() -> Option<[(&'static str, Config<Self>); 2]> {
        let with = |rules| {
            let collector = cyclade_trial_deletion::Options { automatic: false, rules, ..Default::default() };
            Config { collector, ..Config::default() }
        };
        Some([
            ("finalizers before 3.4", with(Rules::Before34)),
            ("finalizers since 3.4", with(Rules::default())),
        ])
    }
}

impl Storyteller for MarkSweep {
    fn manual() -> Config<Self> {
        let collector = cyclade_mark_sweep::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }

    fn automatic() -> Option<Config<Self>> {
        let collector = cyclade_mark_sweep::Options { min_bytes: EARLY, ..Default::default() };
        Some(Config { collector, ..Config::default() })
    }
}

impl Storyteller for Concurrent {
    fn manual() -> Config<Self> {
        let collector = cyclade_concurrent::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }

    fn automatic() -> Option<Config<Self>> {
        let collector = cyclade_concurrent::Options { min_bytes: EARLY, ..Default::default() };
        Some(Config { collector, ..Config::default() })
    }
}
