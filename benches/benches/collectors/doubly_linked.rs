//! The oldest of 10,000 entries of a doubly linked list replaced by a new one. Time per replacement.

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use cyclade_benches::ours::Ours;
use cyclade_benches::peers::{BaconRajan, ByHand, Dumpster, GcArena, GcModule, RustCc, RustGc, Strong};
use cyclade_benches::subject::DoublyLinked;
use cyclade_benches::workload;

fn bench<S: DoublyLinked>(group: &mut BenchmarkGroup<'_, WallTime>) {
    group.bench_function(S::NAME, |b| {
        b.iter_custom(|times| workload::doubly_linked(&mut S::new(), times).spent.wall)
    });
}

pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("doubly-linked");
    bench::<Ours<cyclade_null::Null>>(&mut group);
    bench::<Ours<cyclade_refcount::RefCount>>(&mut group);
    bench::<Ours<cyclade_trial_deletion::TrialDeletion>>(&mut group);
    bench::<Ours<cyclade_mark_sweep::MarkSweep>>(&mut group);
    bench::<Ours<cyclade_concurrent::Concurrent>>(&mut group);
    bench::<RustCc>(&mut group);
    bench::<Dumpster>(&mut group);
    bench::<GcModule>(&mut group);
    bench::<RustGc>(&mut group);
    bench::<GcArena>(&mut group);
    bench::<BaconRajan>(&mut group);
    bench::<Strong>(&mut group);
    bench::<ByHand>(&mut group);
    group.finish();
}
