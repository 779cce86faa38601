//! The workloads that published crates run too.

use super::{Contestant, Figure, Unit, Workload};
use crate::clock::Reading;
use crate::control;
use crate::graph::Graph;
use crate::ours::Ours;
use crate::peers::{
    BaconRajan, Bump, ByHand, Dumpster, GcArena, GcModule, JrsonnetGcModule, RustCc, RustGc, SafeGc, Strong,
};
#[cfg(feature = "more-peers")]
use crate::peers::{BoaGc, DumpsterSync, Shredder};
use crate::python::{self, NAME as CPYTHON};
use crate::subject::{Acyclic, Churn, DeadRing, Deep, DoublyLinked, Live, Pairs, Ring, Subject, Tree};
use crate::workload::{self, BUILD, COLLECT, FIRST, HICCUP, LONGEST, SEED};
use cyclade_concurrent::Concurrent;
use cyclade_core::Collector;
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;

/// Building and collecting, both parts shown.
const PARTS: &[Figure] = &[
    Figure { name: BUILD, unit: Unit::EachNanoseconds },
    Figure { name: COLLECT, unit: Unit::EachNanoseconds },
];

/// How long it stood still.
const PAUSE: &[Figure] =
    &[Figure { name: LONGEST, unit: Unit::Milliseconds }, Figure { name: HICCUP, unit: Unit::Milliseconds }];

type Run = fn(u64, &dyn Fn(Reading));

/// A contestant, for a workload that is a function of the subject.
macro_rules! contestant {
    ($run:path) => {
        Contestant::of::<S>(|size, report| report($run(&mut S::new(), size).into()))
    };
}

fn pairs<S: Pairs>() -> Contestant {
    contestant!(workload::pairs)
}

fn ring<S: Ring>() -> Contestant {
    contestant!(workload::rings)
}

fn tree<S: Tree>() -> Contestant {
    contestant!(workload::trees)
}

fn doubly_linked<S: DoublyLinked>() -> Contestant {
    contestant!(workload::doubly_linked)
}

fn acyclic<S: Acyclic>() -> Contestant {
    contestant!(workload::acyclic)
}

fn deep<S: Deep>() -> Contestant {
    contestant!(workload::deep)
}

fn live<S: Live>() -> Contestant {
    Contestant::of::<S>(|size, report| {
        report(workload::live(&mut S::new(), &Graph::random(size as usize, SEED)));
    })
}

fn dead_ring<S: DeadRing>() -> Contestant {
    Contestant::of::<S>(|size, report| report(workload::dead_ring(&mut S::new(), size, false).into()))
}

fn shuffled_ring<S: DeadRing>() -> Contestant {
    Contestant::of::<S>(|size, report| report(workload::dead_ring(&mut S::new(), size, true).into()))
}

/// As many operations as would replace every satellite four times.
fn churn<S: Churn>() -> Contestant {
    Contestant::of::<S>(|size, report| report(workload::churn(&mut S::new(), size / 2, size)))
}

fn python(run: Run) -> Contestant {
    Contestant { frees_cycles: true, ..Contestant::new(CPYTHON, run) }
}

/// The contestants of a workload: `ours` and `peers` by the function that makes them, then CPython. Of ours, counting leaks what the workload leaves in cycles
/// if there are `cycles`.
macro_rules! contestants {
    ($of:ident, cycles: $cycles:literal, [$($peer:ident),*], python: $python:expr) => {{
        let mut all = vec![
            $of::<Ours<Null>>().ours().leaks(),
            $of::<Ours<RefCount>>().ours(),
            $of::<Ours<TrialDeletion>>().ours(),
            $of::<Ours<MarkSweep>>().ours(),
            $of::<Ours<Concurrent>>().ours(),
        ];
        all.extend([$($of::<$peer>()),*]);
        #[cfg(feature = "more-peers")]
        all.extend([$of::<DumpsterSync>(), $of::<BoaGc>(), $of::<Shredder>()]);
        all.push(python($python));
        if $cycles {
            for contestant in &mut all {
                contestant.leaks |= [RefCount::NAME, Strong::NAME].contains(&contestant.name);
            }
        }
        all
    }};
}

/// Those of ours and of others whose full collection looks at every object.
fn live_contestants() -> Vec<Contestant> {
    vec![
        live::<Ours<TrialDeletion>>().ours(),
        live::<Ours<MarkSweep>>().ours(),
        live::<Ours<Concurrent>>().ours(),
        live::<GcModule>(),
        live::<JrsonnetGcModule>(),
        live::<RustGc>(),
        live::<GcArena>(),
        live::<SafeGc>(),
        #[cfg(feature = "more-peers")]
        live::<BoaGc>(),
        #[cfg(feature = "more-peers")]
        live::<Shredder>(),
        python(python::live),
        live::<control::TrialDeletion<3, 6>>().control(),
        live::<control::marking::Marking>().control(),
    ]
}

fn live_workload(name: &'static str, size: u64) -> Workload {
    Workload {
        name,
        operation: "live object of a random graph with 3 edges each, in the second full collection",
        size,
        rounds: 5,
        reference: "gc",
        figures: &[Figure { name: FIRST, unit: Unit::EachNanoseconds }],
        contestants: live_contestants(),
    }
}

fn churn_workload(name: &'static str, size: u64, rounds: u32) -> Workload {
    Workload {
        name,
        operation: "satellite of a node of a random graph, half as many objects as there are operations, replaced: the old one is a dead cycle",
        size,
        rounds,
        reference: "gc-arena",
        figures: PAUSE,
        contestants: contestants!(
            churn,
            cycles: true,
            [
                RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan
            ],
            python: python::churn
        ),
    }
}

/// Every workload, as it is measured for the documentation.
#[must_use]
pub fn workloads() -> Vec<Workload> {
    let mut all = vec![
        Workload {
            name: "pairs",
            operation: "pair of objects that refer to each other, made and dropped; reclaimed by whoever can",
            size: 200_000,
            rounds: 11,
            reference: "gc-arena",
            figures: &[],
            contestants: contestants!(
                pairs,
                cycles: true,
                [
                    RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan, Strong,
                    ByHand, Bump
                ],
                python: python::pairs
            ),
        },
        Workload {
            name: "ring",
            operation: "object of a ring of 1,000,000, built, let go of and collected",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: "gc-arena",
            figures: PARTS,
            contestants: contestants!(
                ring,
                cycles: true,
                [
                    RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan, Strong,
                    ByHand, Bump
                ],
                python: python::ring
            ),
        },
        Workload {
            name: "tree",
            operation: "node of a tree of 341 whose children refer to their parents, made and dropped",
            size: 1_000 * workload::NODES,
            rounds: 7,
            reference: "gc-arena",
            figures: &[],
            contestants: contestants!(
                tree,
                cycles: true,
                [
                    RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan, Strong,
                    ByHand, Bump
                ],
                python: python::tree
            ),
        },
        live_workload("live 1e5", 100_000),
        live_workload("live", workload::OBJECTS as u64),
        churn_workload("churn 1e5", 200_000, 7),
        churn_workload("churn 1e6", 2_000_000, 3),
        Workload {
            name: "doubly-linked",
            operation: "oldest of 10,000 entries of a doubly linked list replaced by a new one",
            size: 200_000,
            rounds: 11,
            reference: "Rc/Weak by hand",
            figures: PAUSE,
            contestants: contestants!(
                doubly_linked,
                cycles: false,
                [
                    RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan, Strong,
                    ByHand
                ],
                python: python::doubly_linked
            ),
        },
        Workload {
            name: "acyclic",
            operation: "object of a singly linked list of 10, made and dropped",
            size: 500_000,
            rounds: 11,
            reference: "Rc, strong",
            figures: PAUSE,
            contestants: contestants!(
                acyclic,
                cycles: false,
                [
                    RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan, Strong,
                    ByHand, Bump
                ],
                python: python::acyclic
            ),
        },
        Workload {
            name: "deep",
            operation: "object of a singly linked list of 1,000,000, built, let go of and collected",
            size: workload::OBJECTS as u64,
            rounds: 7,
            reference: "gc-arena",
            figures: PARTS,
            contestants: contestants!(
                deep,
                cycles: false,
                [
                    RustCc, Dumpster, GcModule, JrsonnetGcModule, RustGc, GcArena, SafeGc, BaconRajan, Strong,
                    ByHand, Bump
                ],
                python: python::deep
            ),
        },
    ];
    all.extend(dead_rings());
    all
}

/// Rings that are as old as anything gets, for those whose full collection finds them wherever they lie.
fn dead_rings() -> [Workload; 2] {
    let ring = |name, operation, contestants| Workload {
        name,
        operation,
        size: workload::OBJECTS as u64,
        rounds: 7,
        reference: CPYTHON,
        figures: &[],
        contestants,
    };
    [
        ring(
            "dead ring",
            "object of a dead ring of 1,000,000, in memory in the order in which it is linked, found and freed",
            vec![
                dead_ring::<Ours<TrialDeletion>>().ours(),
                dead_ring::<Ours<MarkSweep>>().ours(),
                dead_ring::<Ours<Concurrent>>().ours(),
                python(|size, report| report(python::dead_ring(size, false).into())),
                dead_ring::<control::TrialDeletion<2, 5>>().control(),
            ],
        ),
        ring(
            "shuffled ring",
            "object of a dead ring of 1,000,000, linked in random order, found and freed",
            vec![
                shuffled_ring::<Ours<TrialDeletion>>().ours(),
                shuffled_ring::<Ours<MarkSweep>>().ours(),
                shuffled_ring::<Ours<Concurrent>>().ours(),
                python(|size, report| report(python::dead_ring(size, true).into())),
                shuffled_ring::<control::TrialDeletion<2, 5>>().control(),
            ],
        ),
    ]
}
