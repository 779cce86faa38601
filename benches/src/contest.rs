//! Who takes part in which workload.

use crate::control;
use crate::graph::RandomGraph;
use crate::ours::Ours;
use crate::peers::{BaconRajan, ByHand, Dumpster, GcArena, GcModule, RustCc, RustGc, Strong};
use crate::python::{self, NAME as CPYTHON};
use crate::subject::{DeadRing, DoublyLinked, Live, Pairs, Subject};
use crate::workload::{self, Spent};
use cyclade_concurrent::Concurrent;
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;

/// One subject in one workload.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    /// The subject's name.
    pub name: &'static str,
    /// Is it one of our collectors?
    pub ours: bool,
    /// Does it leave behind what the workload lets go of, by design?
    pub leaks: bool,
    /// Runs the workload at this size in a fresh subject, and hands on what the measured part took while the subject still
    /// stands.
    pub run: fn(u64, &dyn Fn(Spent)),
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
    /// Our collectors first, then the peers.
    pub contestants: Vec<Contestant>,
}

/// A ratio that a collector of ours must not exceed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The workload's name.
    pub workload: &'static str,
    /// Our collector.
    pub collector: &'static str,
    /// The peer it is compared with.
    pub peer: &'static str,
    /// Our time through the peer's: at most this.
    pub at_most: f64,
}

/// What we set out to reach.
pub const TARGETS: [Target; 10] = [
    Target { workload: "pairs", collector: "mark-sweep", peer: "gc-arena", at_most: 1.0 },
    Target { workload: "pairs", collector: "trial-deletion", peer: "gcmodule", at_most: 0.5 },
    Target { workload: "doubly-linked", collector: "refcount", peer: "Rc/Weak by hand", at_most: 1.3 },
    Target { workload: "live", collector: "mark-sweep", peer: "gc", at_most: 0.5 },
    Target { workload: "pairs", collector: "trial-deletion", peer: CPYTHON, at_most: 1.0 / 8.0 },
    Target { workload: "dead ring", collector: "trial-deletion", peer: CPYTHON, at_most: 1.0 / 12.0 },
    Target { workload: "shuffled ring", collector: "trial-deletion", peer: CPYTHON, at_most: 1.0 / 40.0 },
    Target { workload: "live", collector: "trial-deletion", peer: CPYTHON, at_most: 1.0 / 8.0 },
    Target { workload: "dead ring", collector: "trial-deletion", peer: control::NAME, at_most: 1.6 },
    Target { workload: "live", collector: "trial-deletion", peer: control::NAME, at_most: 1.3 },
];

fn pairs<S: Pairs>() -> Contestant {
    contestant::<S>(|size, report| {
        let mut subject = S::new();
        report(workload::pairs(&mut subject, size));
    })
}

fn doubly_linked<S: DoublyLinked>() -> Contestant {
    contestant::<S>(|size, report| {
        let mut subject = S::new();
        report(workload::doubly_linked(&mut subject, size));
    })
}

fn live<S: Live>() -> Contestant {
    contestant::<S>(|size, report| {
        let mut subject = S::new();
        report(workload::live(&mut subject, &RandomGraph::new(size as usize, workload::SEED)));
    })
}

fn dead_ring<S: DeadRing>() -> Contestant {
    contestant::<S>(|size, report| report(workload::dead_ring(&mut S::new(), size, false)))
}

fn shuffled_ring<S: DeadRing>() -> Contestant {
    contestant::<S>(|size, report| report(workload::dead_ring(&mut S::new(), size, true)))
}

fn contestant<S: Subject>(run: fn(u64, &dyn Fn(Spent))) -> Contestant {
    Contestant { name: S::NAME, ours: false, leaks: false, run }
}

impl Contestant {
    fn ours(self) -> Self {
        Contestant { ours: true, ..self }
    }

    fn leaks(self) -> Self {
        Contestant { leaks: true, ..self }
    }
}

/// Every workload, as it is measured for the documentation.
#[must_use]
pub fn workloads() -> Vec<Workload> {
    vec![
        Workload {
            name: "pairs",
            operation: "pair of objects that refer to each other, made and dropped; reclaimed by whoever can",
            size: 200_000,
            rounds: 15,
            reference: "gc-arena",
            contestants: vec![
                pairs::<Ours<Null>>().ours().leaks(),
                pairs::<Ours<RefCount>>().ours().leaks(),
                pairs::<Ours<TrialDeletion>>().ours(),
                pairs::<Ours<MarkSweep>>().ours(),
                pairs::<Ours<Concurrent>>().ours(),
                pairs::<RustCc>(),
                pairs::<Dumpster>(),
                pairs::<GcModule>(),
                pairs::<RustGc>(),
                pairs::<GcArena>(),
                pairs::<BaconRajan>(),
                pairs::<Strong>().leaks(),
                pairs::<ByHand>(),
                Contestant {
                    name: CPYTHON,
                    ours: false,
                    leaks: false,
                    run: |size, report| report(python::pairs(size)),
                },
            ],
        },
        Workload {
            name: "doubly-linked",
            operation: "oldest of 10,000 entries of a doubly linked list replaced by a new one",
            size: 200_000,
            rounds: 15,
            reference: "Rc/Weak by hand",
            contestants: vec![
                doubly_linked::<Ours<Null>>().ours().leaks(),
                doubly_linked::<Ours<RefCount>>().ours(),
                doubly_linked::<Ours<TrialDeletion>>().ours(),
                doubly_linked::<Ours<MarkSweep>>().ours(),
                doubly_linked::<Ours<Concurrent>>().ours(),
                doubly_linked::<RustCc>(),
                doubly_linked::<Dumpster>(),
                doubly_linked::<GcModule>(),
                doubly_linked::<RustGc>(),
                doubly_linked::<GcArena>(),
                doubly_linked::<BaconRajan>(),
                doubly_linked::<Strong>(),
                doubly_linked::<ByHand>(),
            ],
        },
        Workload {
            name: "dead ring",
            operation: "object of a dead ring of 1,000,000, in memory in the order in which it is linked, found and freed",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: CPYTHON,
            contestants: vec![
                dead_ring::<Ours<TrialDeletion>>().ours(),
                dead_ring::<Ours<MarkSweep>>().ours(),
                dead_ring::<Ours<Concurrent>>().ours(),
                dead_ring::<control::TrialDeletion<2>>(),
                Contestant {
                    name: CPYTHON,
                    ours: false,
                    leaks: false,
                    run: |size, report| report(python::dead_ring(size, false)),
                },
            ],
        },
        Workload {
            name: "shuffled ring",
            operation: "object of a dead ring of 1,000,000, linked in random order, found and freed",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: CPYTHON,
            contestants: vec![
                shuffled_ring::<Ours<TrialDeletion>>().ours(),
                shuffled_ring::<Ours<MarkSweep>>().ours(),
                shuffled_ring::<Ours<Concurrent>>().ours(),
                shuffled_ring::<control::TrialDeletion<2>>(),
                Contestant {
                    name: CPYTHON,
                    ours: false,
                    leaks: false,
                    run: |size, report| report(python::dead_ring(size, true)),
                },
            ],
        },
        Workload {
            name: "live",
            operation: "live object of a random graph with 3 edges each, in a full collection",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: "gc",
            contestants: vec![
                live::<Ours<TrialDeletion>>().ours(),
                live::<Ours<MarkSweep>>().ours(),
                live::<Ours<Concurrent>>().ours(),
                live::<GcModule>(),
                live::<RustGc>(),
                live::<GcArena>(),
                live::<control::TrialDeletion<3>>(),
                Contestant {
                    name: CPYTHON,
                    ours: false,
                    leaks: false,
                    run: |size, report| report(python::live(size)),
                },
            ],
        },
    ]
}
