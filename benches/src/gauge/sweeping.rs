//! A full collection of a heap in which everything has died, and nothing has a drop function: all that is left to do is sweeping. It is the second one: the
//! first is the first to touch the pages of the mark bits.

use super::Manual;
use crate::clock::time;
use crate::contest::{Contestant, Workload};
use crate::control::sweeping::{NAME, Sweeping};
use crate::ours::Node;
use cyclade_concurrent::Concurrent;
use cyclade_core::Heap;
use cyclade_mark_sweep::MarkSweep;
use std::hint::black_box;

/// The workload.
pub const SWEEP: &str = "sweep";

fn ours<C: Manual>() -> Contestant {
    Contestant::new(C::NAME, |objects, report| {
        let mut heap = Heap::<C>::new(C::manual());
        let mut fill_and_collect = || {
            for _ in 0..objects / 1_000 {
                heap.mutate(|mc| {
                    for payload in 0..1_000 {
                        mc.alloc(Node::new(payload));
                    }
                });
            }
            time(|| _ = heap.collect())
        };
        fill_and_collect();
        report(fill_and_collect().into());
    })
    .ours()
}

pub(super) fn workloads() -> Vec<Workload> {
    vec![Workload {
        name: SWEEP,
        operation: "dead object without a drop function, in a full collection",
        size: 10_000_000,
        rounds: 7,
        reference: NAME,
        figures: &[],
        contestants: vec![
            ours::<MarkSweep>(),
            ours::<Concurrent>(),
            Contestant::new(NAME, |objects, report| {
                let mut heap = Sweeping::new(objects as usize);
                heap.sweep();
                heap.fill();
                report(time(|| _ = black_box(heap.sweep())).into());
            })
            .control(),
        ],
    }]
}
