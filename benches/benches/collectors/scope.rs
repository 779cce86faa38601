//! Entering and leaving a scope in which nothing is done. Time per scope.

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use cyclade_core::{Collector, Heap};
use std::hint::black_box;

fn scope<C: Collector>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function(C::NAME, |b| {
        let mut heap = Heap::<C>::default();
        b.iter(|| heap.mutate(|mc| _ = black_box(mc)));
    });
}

pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scope");
    scope::<cyclade_null::Null>(&mut group);
    scope::<cyclade_refcount::RefCount>(&mut group);
    scope::<cyclade_trial_deletion::TrialDeletion>(&mut group);
    scope::<cyclade_mark_sweep::MarkSweep>(&mut group);
    scope::<cyclade_concurrent::Concurrent>(&mut group);
    group.finish();
}
