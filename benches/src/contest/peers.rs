//! The workloads that published crates run too.

use super::{Contestant, Workload};
use crate::clock::Reading;
use crate::control;
use crate::graph::Graph;
use crate::ours::Ours;
use crate::peers::{BaconRajan, ByHand, Dumpster, GcArena, GcModule, RustCc, RustGc, Strong};
use crate::python::{self, NAME as CPYTHON};
use crate::subject::{DeadRing, DoublyLinked, Live, Pairs};
use crate::workload;
use cyclade_concurrent::Concurrent;
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;

fn pairs<S: Pairs>() -> Contestant {
    Contestant::of::<S>(|size, report| {
        let mut subject = S::new();
        report(workload::pairs(&mut subject, size).into());
    })
}

fn doubly_linked<S: DoublyLinked>() -> Contestant {
    Contestant::of::<S>(|size, report| {
        let mut subject = S::new();
        report(workload::doubly_linked(&mut subject, size).into());
    })
}

fn live<S: Live>() -> Contestant {
    Contestant::of::<S>(|size, report| {
        let mut subject = S::new();
        report(workload::live(&mut subject, &Graph::random(size as usize, workload::SEED)).into());
    })
}

fn dead_ring<S: DeadRing>() -> Contestant {
    Contestant::of::<S>(|size, report| report(workload::dead_ring(&mut S::new(), size, false).into()))
}

fn shuffled_ring<S: DeadRing>() -> Contestant {
    Contestant::of::<S>(|size, report| report(workload::dead_ring(&mut S::new(), size, true).into()))
}

fn python(run: fn(u64, &dyn Fn(Reading))) -> Contestant {
    Contestant { frees_cycles: true, ..Contestant::new(CPYTHON, run) }
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
            figures: &[],
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
                python(|size, report| report(python::pairs(size).into())),
            ],
        },
        Workload {
            name: "doubly-linked",
            operation: "oldest of 10,000 entries of a doubly linked list replaced by a new one",
            size: 200_000,
            rounds: 15,
            reference: "Rc/Weak by hand",
            figures: &[],
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
            figures: &[],
            contestants: vec![
                dead_ring::<Ours<TrialDeletion>>().ours(),
                dead_ring::<Ours<MarkSweep>>().ours(),
                dead_ring::<Ours<Concurrent>>().ours(),
                dead_ring::<control::TrialDeletion<2, 5>>().control(),
                python(|size, report| report(python::dead_ring(size, false).into())),
            ],
        },
        Workload {
            name: "shuffled ring",
            operation: "object of a dead ring of 1,000,000, linked in random order, found and freed",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: CPYTHON,
            figures: &[],
            contestants: vec![
                shuffled_ring::<Ours<TrialDeletion>>().ours(),
                shuffled_ring::<Ours<MarkSweep>>().ours(),
                shuffled_ring::<Ours<Concurrent>>().ours(),
                shuffled_ring::<control::TrialDeletion<2, 5>>().control(),
                python(|size, report| report(python::dead_ring(size, true).into())),
            ],
        },
        Workload {
            name: "live",
            operation: "live object of a random graph with 3 edges each, in a full collection",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: "gc",
            figures: &[],
            contestants: vec![
                live::<Ours<TrialDeletion>>().ours(),
                live::<Ours<MarkSweep>>().ours(),
                live::<Ours<Concurrent>>().ours(),
                live::<GcModule>(),
                live::<RustGc>(),
                live::<GcArena>(),
                live::<control::TrialDeletion<3, 6>>().control(),
                python(|size, report| report(python::live(size).into())),
            ],
        },
    ]
}
