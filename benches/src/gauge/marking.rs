//! A full collection of a graph of which all is alive: the second one after it has been built, and those after that until a few million objects have been
//! looked at.

use super::Manual;
use crate::clock::{Reading, time};
use crate::contest::{Contestant, Figure, Unit, Workload};
use crate::control::{
    self,
    marking::{self, Marking},
    threads,
};
use crate::graph::Graph;
use crate::ours::Ours;
use crate::subject::{Grow, Live, Subject};
use crate::workload::SEED;
use cyclade_concurrent::Concurrent;
use cyclade_core::Config;
use cyclade_mark_sweep::{MarkSweep, Options};
use cyclade_trial_deletion::TrialDeletion;

/// Our mark-sweep with rayon's pool, which has two threads in a bench.
pub const TWO_THREADS: &str = "mark-sweep, two threads";

/// The figure of [`threads::NAME`] and [`marking::TWO_HALVES`].
pub const SCALING: &str = "scaling";

/// Collections that are measured look at so many objects at least.
const LEAST: u64 = 4_000_000;

/// Which graph.
trait Shape {
    fn graph(nodes: usize) -> Graph;
}

enum Random {}
enum Shuffled {}
enum Ordered {}

impl Shape for Random {
    fn graph(nodes: usize) -> Graph {
        Graph::random(nodes, SEED)
    }
}

impl Shape for Shuffled {
    fn graph(nodes: usize) -> Graph {
        Graph::shuffled(nodes, SEED)
    }
}

impl Shape for Ordered {
    fn graph(nodes: usize) -> Graph {
        Graph::ordered(nodes)
    }
}

/// Collections of the graph, measured; their sum for one collection.
fn collections<G: Shape, S: Live>(mut subject: S, nodes: u64, report: &dyn Fn(Reading)) {
    subject.grow(&G::graph(nodes as usize));
    subject.collect();
    let times = LEAST.div_ceil(nodes) as u32;
    let mut spent = time(|| (0..times).for_each(|_| subject.collect()));
    spent.wall /= times;
    spent.cpu /= times;
    report(spent.into());
}

fn ours<G: Shape, C: Manual>() -> Contestant {
    Contestant::new(C::NAME, |nodes, report| {
        collections::<G, _>(Ours::<C>::with(C::manual()), nodes, report);
    })
    .ours()
}

fn parallel<G: Shape>() -> Contestant {
    Contestant::new(TWO_THREADS, |nodes, report| {
        let collector = Options { parallel: true, automatic: false, ..Options::default() };
        collections::<G, _>(
            Ours::<MarkSweep>::with(Config { collector, ..Config::default() }),
            nodes,
            report,
        );
    })
    .ours()
}

fn control<G: Shape, S: Live>() -> Contestant {
    Contestant::new(S::NAME, |nodes, report| collections::<G, _>(S::new(), nodes, report)).control()
}

fn workload<G: Shape>(name: &'static str, size: u64) -> Workload {
    Workload {
        name,
        operation: "live object, of 48 bytes with 3 edges, in a full collection",
        size,
        rounds: if size > 1_000_000 { 5 } else { 7 },
        reference: Marking::NAME,
        figures: &[Figure { name: SCALING, unit: Unit::Factor }],
        contestants: vec![
            ours::<G, MarkSweep>(),
            parallel::<G>(),
            ours::<G, Concurrent>(),
            ours::<G, TrialDeletion>(),
            control::<G, Marking>(),
            control::<G, control::TrialDeletion<3, 6>>(),
            Contestant::new(threads::NAME, |nodes, report| {
                // About as long as the parallel mark takes.
                let scaling = threads::scaling(4 * nodes.max(LEAST));
                report(Reading::default().with(SCALING, scaling));
            })
            .control(),
            Contestant::new(marking::TWO_HALVES, |nodes, report| {
                let mut halves = [(); 2].map(|()| Marking::new());
                halves.iter_mut().for_each(|half| half.grow(&G::graph(nodes as usize / 2)));
                let times = (4 * LEAST).div_ceil(nodes) as u32;
                report(Reading::default().with(SCALING, marking::scaling(&mut halves, times)));
            })
            .control(),
        ],
    }
}

pub(super) fn workloads() -> Vec<Workload> {
    vec![
        workload::<Random>("mark random 1e5", 100_000),
        workload::<Random>("mark random 1e6", 1_000_000),
        workload::<Random>("mark random 1e7", 10_000_000),
        workload::<Shuffled>("mark shuffled 1e6", 1_000_000),
        workload::<Shuffled>("mark shuffled 1e7", 10_000_000),
        workload::<Ordered>("mark in order 1e6", 1_000_000),
    ]
}
