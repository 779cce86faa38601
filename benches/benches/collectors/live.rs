//! A full collection of a random graph of 1,000,000 objects with three edges each, all of it live. Time per collection; the
//! graph is built anew for each, untimed.

use criterion::{BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};
use cyclade_benches::graph::Graph;
use cyclade_benches::ours::Ours;
use cyclade_benches::peers::{GcArena, GcModule, RustGc};
use cyclade_benches::subject::Live;
use cyclade_benches::workload;

fn bench<S: Live>(group: &mut BenchmarkGroup<'_, WallTime>, graph: &Graph) {
    group.bench_function(S::NAME, |b| {
        b.iter_custom(|times| (0..times).map(|_| workload::live(&mut S::new(), graph).spent.wall).sum());
    });
}

pub(crate) fn all(criterion: &mut Criterion) {
    let graph = Graph::random(workload::OBJECTS, workload::SEED);
    let mut group = criterion.benchmark_group("live");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    bench::<Ours<cyclade_trial_deletion::TrialDeletion>>(&mut group, &graph);
    bench::<Ours<cyclade_mark_sweep::MarkSweep>>(&mut group, &graph);
    bench::<Ours<cyclade_concurrent::Concurrent>>(&mut group, &graph);
    bench::<GcModule>(&mut group, &graph);
    bench::<RustGc>(&mut group, &graph);
    bench::<GcArena>(&mut group, &graph);
    group.finish();
}
