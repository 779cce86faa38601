//! Entering and leaving a scope in which nothing is done, and the same with a black box inside: what the loop itself costs.

use super::Manual;
use crate::clock::time;
use crate::contest::{Contestant, Workload};
use cyclade_concurrent::Concurrent;
use cyclade_core::Heap;
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;
use std::hint::black_box;

/// The workload.
pub const SCOPE: &str = "scope";

/// As tables print it.
const LOOP: &str = "control: empty loop";

fn ours<C: Manual>() -> Contestant {
    Contestant::new(C::NAME, |count, report| {
        let mut heap = Heap::<C>::new(C::manual());
        let spent = time(|| {
            for _ in 0..count {
                heap.mutate(|mc| _ = black_box(mc));
            }
        });
        report(spent.into());
    })
    .ours()
}

pub(super) fn workload() -> Workload {
    Workload {
        name: SCOPE,
        operation: "scope entered and left, with nothing done inside",
        size: 20_000_000,
        rounds: 11,
        reference: LOOP,
        figures: &[],
        contestants: vec![
            ours::<Null>(),
            ours::<RefCount>(),
            ours::<TrialDeletion>(),
            ours::<MarkSweep>(),
            ours::<Concurrent>(),
            Contestant::new(LOOP, |count, report| {
                let heap = ();
                report(time(|| (0..count).for_each(|_| _ = black_box(&heap))).into());
            })
            .control(),
        ],
    }
}
