//! Allocating an object of 48 bytes (header included), in a new heap and in an aged one. Time per object.
//!
//! *fresh*: into a heap that has never held anything; what the system takes for new pages is part of it. *aged*: into a heap of 400,000
//! objects of which every second one, at random, has died and been swept: the free cells are holes. Ageing takes a quarter of a second, so a sample
//! of criterion's may be one allocation: the first one after that, in a cold cache and with buffers that have to grow anew. Hence an aged heap is
//! used until half of its holes are, by as many samples as it takes, and its first scopes are not measured.

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use cyclade_benches::ours::Node;
use cyclade_core::{Collector, Gc, Heap, Root};
use cyclade_report::statistics::SplitMix64;
use std::time::{Duration, Instant};

/// Objects allocated in one scope: scopes are short.
const SCOPE: u64 = 100;

/// Objects of the aged heap, half of which survive.
const AGED: usize = 400_000;

/// Objects that are allocated in an aged heap before anything is measured.
const WARM: u64 = 10 * SCOPE;

fn allocate<C: Collector>(heap: &mut Heap<C>, count: u64) -> Duration {
    let start = Instant::now();
    let mut done = 0;
    while done < count {
        heap.mutate(|mc| {
            // A chain, so that counting collectors keep what they count until the scope's end.
            let mut last = None;
            for payload in done..count.min(done + SCOPE) {
                let node = mc.alloc(Node::new(payload));
                Node::point(mc, node, 0, last);
                last = Some(node);
            }
        });
        done += SCOPE;
    }
    start.elapsed()
}

fn fresh<C: Collector>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function(C::NAME, |b| b.iter_custom(|count| allocate(&mut Heap::<C>::default(), count)));
}

/// A heap with holes, and what keeps the rest alive.
fn aged<C: Collector>() -> (Heap<C>, Root<Vec<Gc<'static, Node<'static>>>>) {
    let mut heap = Heap::<C>::default();
    let mut random = SplitMix64::new(1);
    let kept = heap.mutate(|mc| {
        let mut kept = Vec::new();
        for payload in 0..AGED as u64 {
            let node = mc.alloc(Node::new(payload));
            if random.below(2) == 0 {
                kept.push(node);
            }
        }
        mc.root(mc.alloc(kept))
    });
    heap.collect();
    (heap, kept)
}

fn into_holes<C: Collector>(group: &mut BenchmarkGroup<'_, WallTime>) {
    // From one sample to the next.
    let mut heap = None;
    let mut left = 0;
    group.bench_function(C::NAME, |b| {
        b.iter_custom(|count| {
            let mut time = Duration::ZERO;
            let mut due = count;
            while due > 0 {
                if left == 0 {
                    let (heap, _) = heap.insert(aged::<C>());
                    allocate(heap, WARM);
                    left = AGED as u64 / 4;
                }
                let Some((heap, _kept)) = &mut heap else { break };
                let part = due.min(left);
                time += allocate(heap, part);
                due -= part;
                left -= part;
            }
            time
        });
    });
}

pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("allocation, fresh");
    fresh::<cyclade_null::Null>(&mut group);
    fresh::<cyclade_refcount::RefCount>(&mut group);
    fresh::<cyclade_trial_deletion::TrialDeletion>(&mut group);
    fresh::<cyclade_mark_sweep::MarkSweep>(&mut group);
    fresh::<cyclade_concurrent::Concurrent>(&mut group);
    group.finish();
    let mut group = criterion.benchmark_group("allocation, aged");
    into_holes::<cyclade_refcount::RefCount>(&mut group);
    into_holes::<cyclade_trial_deletion::TrialDeletion>(&mut group);
    into_holes::<cyclade_mark_sweep::MarkSweep>(&mut group);
    into_holes::<cyclade_concurrent::Concurrent>(&mut group);
    group.finish();
}
