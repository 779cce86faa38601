//! Our collectors, one thing at a time, each beside the [control](crate::control) that does only the unavoidable part of it.
//!
//! | gauge | what is measured | control |
//! |---|---|---|
//! | [`marking`] | a full collection of a graph that is all alive | (a), (c) |
//! | [`allocation`] | allocation into empty blocks, into holes, into a heap that is being swept | (b) |
//! | [`sweeping`] | a full collection of a heap that is all dead | (d) |
//! | [`writing`] | writing an edge | (e) |
//! | [`scopes`] | entering and leaving a scope | |
//! | [`memory`] | memory of objects at rest | |
//!
//! All but the first run with automatic collection off, so that a figure is of one thing.

pub mod allocation;
pub mod marking;
pub mod memory;
pub mod scopes;
pub mod sweeping;
pub mod writing;

use crate::contest::Workload;
use cyclade_concurrent::Concurrent;
use cyclade_core::{Collector, Config};
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;

/// A collector of ours, without collections that start by themselves.
pub trait Manual: Collector {
    /// Settings.
    #[must_use]
    fn manual() -> Config<Self> {
        Config::default()
    }
}

impl Manual for Null {}

impl Manual for RefCount {}

impl Manual for TrialDeletion {
    fn manual() -> Config<Self> {
        let collector = cyclade_trial_deletion::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

impl Manual for MarkSweep {
    fn manual() -> Config<Self> {
        let collector = cyclade_mark_sweep::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

impl Manual for Concurrent {
    fn manual() -> Config<Self> {
        let collector = cyclade_concurrent::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

/// Every gauge.
#[must_use]
pub fn workloads() -> Vec<Workload> {
    let mut all = marking::workloads();
    all.extend(allocation::workloads());
    all.extend(sweeping::workloads());
    all.extend(writing::workloads());
    all.extend([scopes::workload(), memory::workload()]);
    all
}
