//! Writing an edge, again and again: it refers now to one object and now to another. Nobody marks meanwhile.

use super::Manual;
use crate::clock::{Reading, time};
use crate::contest::{Contestant, Workload};
use crate::control::writing::{COUNT, OFF, ON, STORE, Writing};
use crate::ours::Node;
use cyclade_concurrent::Concurrent;
use cyclade_core::Heap;
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;
use std::hint::black_box;

/// The workload.
pub const WRITE: &str = "write";

fn writes<C: Manual>(count: u64, report: &dyn Fn(Reading)) {
    let mut heap = Heap::<C>::new(C::manual());
    let owner = heap.mutate(|mc| {
        let owner = mc.alloc(Node::new(0));
        for i in 1..3 {
            Node::point(mc, owner, i, Some(mc.alloc(Node::new(i as u64))));
        }
        mc.root(owner)
    });
    heap.mutate(|mc| {
        let owner = owner.get(mc);
        let of = |i: usize| owner.target(i).expect("set above");
        let targets = [of(1), of(2)];
        let spent = time(|| {
            for i in 0..count {
                Node::point(mc, black_box(owner), 0, Some(targets[(i & 1) as usize]));
            }
        });
        report(spent.into());
    });
}

fn ours<C: Manual>() -> Contestant {
    Contestant::new(C::NAME, writes::<C>).ours()
}

pub(super) fn workloads() -> Vec<Workload> {
    let control = |name, run| Contestant::new(name, run).control();
    vec![Workload {
        name: WRITE,
        operation: "edge changed from one object to another",
        size: 20_000_000,
        rounds: 11,
        reference: STORE,
        figures: &[],
        contestants: vec![
            ours::<Null>(),
            ours::<RefCount>(),
            ours::<TrialDeletion>(),
            ours::<MarkSweep>(),
            ours::<Concurrent>(),
            control(STORE, |count, report| report(time(|| Writing::new(false).store(count)).into())),
            control(OFF, |count, report| report(time(|| Writing::new(false).barrier(count)).into())),
            control(ON, |count, report| report(time(|| Writing::new(true).barrier(count)).into())),
            control(COUNT, |count, report| report(time(|| Writing::new(false).counted(count)).into())),
        ],
    }]
}
