//! A full collection of a ring of 100,000 objects that nobody refers to. Time per collection; the ring is built anew for each,
//! untimed. (Under `refcount` and `null` it stays: there is nothing to measure.)

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use cyclade_benches::ours::Node;
use cyclade_core::{Collector, Heap, Root};
use std::time::{Duration, Instant};

const RING: u64 = 100_000;

fn ring<C: Collector>(heap: &mut Heap<C>) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let first = mc.alloc(Node::new(0));
        let mut last = first;
        for payload in 1..RING {
            let node = mc.alloc(Node::new(payload));
            Node::point(mc, last, 0, Some(node));
            Node::point(mc, node, 1, Some(last));
            last = node;
        }
        Node::point(mc, last, 0, Some(first));
        mc.root(first)
    })
}

fn collection<C: Collector>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function(C::NAME, |b| {
        let mut heap = Heap::<C>::default();
        b.iter_custom(|times| {
            let mut sum = Duration::ZERO;
            for _ in 0..times {
                drop(ring(&mut heap));
                let start = Instant::now();
                let collection = heap.collect();
                sum += start.elapsed();
                assert_eq!(collection.freed, RING as usize);
            }
            sum
        });
    });
}

pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dead ring");
    group.throughput(criterion::Throughput::Elements(RING));
    collection::<cyclade_trial_deletion::TrialDeletion>(&mut group);
    collection::<cyclade_mark_sweep::MarkSweep>(&mut group);
    collection::<cyclade_concurrent::Concurrent>(&mut group);
    group.finish();
}
