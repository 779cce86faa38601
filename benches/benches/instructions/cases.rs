//! The cases: small programs whose instructions are counted. None has a second thread, and none depends on time or chance.

use cyclade_benches::gauge::Manual;
use cyclade_benches::graph::{Graph, ring};
use cyclade_benches::ours::{Node, Ours};
use cyclade_benches::subject::{Acyclic, DeadRing, DoublyLinked, Grow, Pairs, Subject, Tree};
use cyclade_concurrent::Concurrent;
use cyclade_core::{Collector, Config, Gc, Heap, Root};
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;
use std::hint::black_box;

/// One of them.
pub(crate) struct Case {
    /// As the table prints it.
    pub(crate) name: &'static str,
    /// Iterations of the shorter one of two runs.
    pub(crate) iterations: u64,
    /// Does so many.
    pub(crate) run: fn(u64),
}

/// All of them.
pub(crate) const CASES: &[Case] = &[
    Case { name: "scope: mark-sweep", iterations: 10_000, run: scopes::<MarkSweep> },
    Case { name: "scope: trial-deletion", iterations: 10_000, run: scopes::<TrialDeletion> },
    Case { name: "allocation: null", iterations: 10_000, run: allocate::<Null> },
    Case { name: "allocation: mark-sweep", iterations: 10_000, run: allocate::<MarkSweep> },
    Case { name: "allocation into holes: mark-sweep", iterations: 4_000, run: into_holes },
    Case { name: "pair: refcount", iterations: 5_000, run: pairs::<RefCount> },
    Case { name: "pair: trial-deletion", iterations: 10_000, run: pairs::<TrialDeletion> },
    Case { name: "write: refcount", iterations: 10_000, run: writes::<RefCount> },
    Case { name: "write: concurrent, nobody marks", iterations: 10_000, run: writes::<Concurrent> },
    Case { name: "doubly linked: refcount", iterations: 5_000, run: doubly_linked::<RefCount> },
    Case { name: "list of 10: refcount", iterations: 1_000, run: lists::<RefCount> },
    Case { name: "tree of 341: mark-sweep", iterations: 50, run: trees::<MarkSweep> },
    Case { name: "collection of 5,000 live: mark-sweep", iterations: 5, run: collections::<MarkSweep> },
    Case { name: "collection of 5,000 live: concurrent", iterations: 5, run: marked_in_the_pause },
    Case {
        name: "collection of 5,000 live: trial-deletion",
        iterations: 5,
        run: collections::<TrialDeletion>,
    },
    Case { name: "dead ring of 1,000: trial-deletion", iterations: 5, run: dead_rings::<TrialDeletion> },
    Case { name: "dead ring of 1,000: mark-sweep", iterations: 5, run: dead_rings::<MarkSweep> },
];

fn scopes<C: Manual>(iterations: u64) {
    let mut heap = Heap::<C>::new(C::manual());
    for _ in 0..iterations {
        heap.mutate(|mc| _ = black_box(mc));
    }
}

/// Objects of a scope.
const SCOPE: u64 = 1_000;

fn chains<C: Collector>(heap: &mut Heap<C>, objects: u64) {
    for _ in 0..objects / SCOPE {
        let chain = heap.mutate(|mc| {
            let last = (0..SCOPE).fold(None, |last, payload| Some(mc.alloc(Node::linked(last, payload))));
            last.map(|last| mc.root(last))
        });
        // Kept: what becomes of it is not what is counted.
        std::mem::forget(chain);
    }
}

fn allocate<C: Manual>(iterations: u64) {
    chains(&mut Heap::<C>::new(C::manual()), iterations);
}

fn into_holes(iterations: u64) {
    let mut heap = Heap::<MarkSweep>::new(MarkSweep::manual());
    let _kept: Root<Vec<Gc<'static, Node<'static>>>> = heap.mutate(|mc| {
        let all: Vec<_> = (0..40_000).map(|payload| mc.alloc(Node::new(payload))).collect();
        mc.root(mc.alloc(all.into_iter().step_by(2).collect::<Vec<_>>()))
    });
    heap.collect();
    chains(&mut heap, iterations);
}

fn pairs<C: Collector>(iterations: u64) {
    let mut ours = Ours::<C>::new();
    (0..iterations).for_each(|payload| ours.pair(payload));
}

fn writes<C: Manual>(iterations: u64) {
    let mut heap = Heap::<C>::new(C::manual());
    let owner = heap.mutate(|mc| {
        let owner = mc.alloc(Node::new(0));
        (1..3).for_each(|i| Node::point(mc, owner, i, Some(mc.alloc(Node::new(0)))));
        mc.root(owner)
    });
    heap.mutate(|mc| {
        let owner = owner.get(mc);
        for i in 0..iterations {
            Node::point(mc, black_box(owner), 0, owner.target(1 + (i & 1) as usize));
        }
    });
}

fn doubly_linked<C: Collector>(iterations: u64) {
    let mut ours = Ours::<C>::new();
    (0..100).for_each(|payload| ours.insert(payload));
    for payload in 0..iterations {
        black_box(ours.replace(payload));
    }
}

fn lists<C: Collector>(iterations: u64) {
    let mut ours = Ours::<C>::new();
    (0..iterations).for_each(|_| ours.list(10));
}

fn trees<C: Collector>(iterations: u64) {
    let mut ours = Ours::<C>::new();
    (0..iterations).for_each(|_| ours.tree(5));
}

fn collect_all<C: Collector>(mut ours: Ours<C>, iterations: u64) {
    ours.grow(&Graph::random(5_000, 1));
    // The first one makes what the others use again.
    ours.collect();
    (0..iterations).for_each(|_| ours.collect());
}

fn collections<C: Manual>(iterations: u64) {
    collect_all(Ours::<C>::with(C::manual()), iterations);
}

fn marked_in_the_pause(iterations: u64) {
    let collector = cyclade_concurrent::Options { concurrent: false, automatic: false, ..Default::default() };
    collect_all(Ours::<Concurrent>::with(Config { collector, ..Config::default() }), iterations);
}

fn dead_rings<C: Manual>(iterations: u64) {
    let links = ring(1_000, None);
    let mut ours = Ours::<C>::with(C::manual());
    for _ in 0..iterations {
        ours.leave_ring(&links);
        ours.collect();
    }
}
