//! Writing an edge. Time per write.
//!
//! *same*: the edge already refers to the target. *other*: it refers now to one object and now to another.

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use cyclade_benches::ours::Node;
use cyclade_core::{Collector, Heap};
use std::hint::black_box;
use std::time::Instant;

fn writes<C: Collector>(group: &mut BenchmarkGroup<'_, WallTime>, targets: usize) {
    group.bench_function(C::NAME, |b| {
        let mut heap = Heap::<C>::default();
        let owner = heap.mutate(|mc| {
            let owner = mc.alloc(Node::new(0));
            for i in 1..3 {
                Node::point(mc, owner, i, Some(mc.alloc(Node::new(i as u64))));
            }
            mc.root(owner)
        });
        b.iter_custom(|count| {
            heap.mutate(|mc| {
                let owner = owner.get(mc);
                let of = |i: usize| owner.target(i).expect("set above");
                let targets = [of(1), of(targets)];
                let start = Instant::now();
                for i in 0..count {
                    Node::point(mc, black_box(owner), 0, Some(targets[(i & 1) as usize]));
                }
                start.elapsed()
            })
        });
    });
}

fn group(criterion: &mut Criterion, name: &str, targets: usize) {
    let mut group = criterion.benchmark_group(name);
    writes::<cyclade_null::Null>(&mut group, targets);
    writes::<cyclade_refcount::RefCount>(&mut group, targets);
    writes::<cyclade_trial_deletion::TrialDeletion>(&mut group, targets);
    writes::<cyclade_mark_sweep::MarkSweep>(&mut group, targets);
    writes::<cyclade_concurrent::Concurrent>(&mut group, targets);
    group.finish();
}

pub(crate) fn all(criterion: &mut Criterion) {
    group(criterion, "barrier, same", 1);
    group(criterion, "barrier, other", 2);
}
