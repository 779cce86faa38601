//! Every workload on every collector, small: what the oracle finds at the end is what the workload's own book says.

use cyclade_core::Collector;
use cyclade_heapgraph::{Builder, HeapGraph};
use cyclade_workloads::driver::{self, Report};
use cyclade_workloads::{Audit, GraphInput, Params, Stop, all};
use std::sync::Arc;
use std::time::Duration;

/// A ring with a tail, two roots, nodes of many shapes.
fn graph() -> HeapGraph {
    let mut builder = Builder::new();
    for i in 0..60u32 {
        builder.node("node", 16 + i * 40);
    }
    for i in 0..40u32 {
        builder.edge(i, (i + 1) % 40);
        for k in 0..i % 12 {
            builder.edge(i, 40 + k);
        }
    }
    for i in 41..59u32 {
        builder.edge(i, i + 1);
    }
    builder.root(5);
    builder.root(45);
    builder.finish()
}

fn params() -> Params {
    Params {
        size: 500,
        budget: Duration::ZERO,
        graph: Some(GraphInput::new(Arc::new(graph()))),
        ..Params::default()
    }
}

fn run<C: Collector>(workload: &str, params: &Params) -> Report {
    driver::run_named::<C>(workload, params, &mut |_| {}).unwrap()
}

fn every_workload<C: Collector>(mut judge: impl FnMut(&str, &Audit)) {
    for info in all() {
        let report = run::<C>(info.name, &params());
        assert_eq!(report.stopped, None, "{} on {}", C::NAME, info.name);
        let audit = report.audit.unwrap();
        assert_eq!(audit.wrong, None, "{} on {}", C::NAME, info.name);
        assert!(audit.allocated > 0 && report.observation.ops > 0, "{}", info.name);
        judge(info.name, &audit);
    }
}

#[test]
fn collectors_that_free_cycles_leave_nothing_behind() {
    every_workload::<cyclade_trial_deletion::TrialDeletion>(|name, audit| {
        assert_eq!(audit.leaked, 0, "{name}")
    });
    every_workload::<cyclade_mark_sweep::MarkSweep>(|name, audit| assert_eq!(audit.leaked, 0, "{name}"));
    every_workload::<cyclade_concurrent::Concurrent>(|name, audit| assert_eq!(audit.leaked, 0, "{name}"));
}

#[test]
fn counting_leaks_exactly_what_cycles_hold() {
    every_workload::<cyclade_refcount::RefCount>(|name, audit| {
        assert_eq!(audit.leaked, audit.leaked_in_cycles, "{name}");
        let clean = ["doubly-linked", "acyclic", "deep"].contains(&name);
        assert_eq!(audit.leaked == 0, clean, "{name}");
    });
}

#[test]
fn null_leaks_all_that_is_garbage() {
    every_workload::<cyclade_null::Null>(|name, audit| {
        assert_eq!(audit.leaked, audit.allocated - audit.reachable, "{name}");
        assert!(audit.recall.is_none_or(|recall| recall == 0.0), "{name}");
    });
}

#[test]
fn a_workload_without_memory_says_so_and_one_whose_garbage_can_go_goes_on() {
    let limited = |limit| Params { size: 50_000, heap_limit: Some(limit), ..params() };
    for info in all().iter().filter(|info| info.name != "replay") {
        let report = run::<cyclade_null::Null>(info.name, &limited(1 << 20));
        assert!(matches!(report.stopped, Some(Stop::Memory(_))), "{}", info.name);
    }
    for name in ["pairs", "self", "frames", "acyclic"] {
        let report = run::<cyclade_mark_sweep::MarkSweep>(name, &limited(1 << 20));
        assert_eq!(report.stopped, None, "{name}");
    }
}

#[test]
fn replay_agrees_with_the_recorded_graph_at_every_step() {
    let params = params();
    let report = run::<cyclade_mark_sweep::MarkSweep>("replay", &params);
    assert_eq!(report.stopped, None);
    let steps = params.graph.unwrap().steps();
    assert_eq!(steps.len(), 10);
    assert!(steps.iter().all(|step| step.reachable == step.expected && step.unreachable == 0));
    assert!(steps[0].expected > steps[9].expected);
}

/// Replays one object of this size, held from outside.
fn replay_one(size: u32, heap_limit: Option<usize>) -> Report {
    let mut builder = Builder::new();
    builder.node("node", size);
    builder.root(0);
    let graph = Some(GraphInput::new(Arc::new(builder.finish())));
    let budget = Duration::from_millis(1);
    run::<cyclade_null::Null>("replay", &Params { budget, leak_cap: 1 << 20, heap_limit, graph, ..params() })
}

#[test]
fn a_collector_that_leaks_repeats_a_tiny_graph_a_thousand_times_and_not_a_million() {
    let report = replay_one(0, None);
    assert_eq!((report.stopped, report.observation.rounds), (None, 1024));
}

#[test]
fn payload_in_boxes_counts_against_the_cap_on_leaks_and_the_heap_limit() {
    let report = replay_one(300 << 10, None);
    assert_eq!((report.stopped, report.observation.rounds), (None, 3));
    let report = replay_one(300 << 10, Some(256 << 10));
    assert!(matches!(report.stopped, Some(Stop::Memory(_))), "{:?}", report.stopped);
}

#[test]
fn floating_garbage_is_looked_for_where_there_can_be_some() {
    let seen = run::<cyclade_concurrent::Concurrent>("replay", &params()).observation;
    assert_eq!(seen.floating_peak_bytes, Some(0), "replay collects explicitly, and nothing dies meanwhile");
    let seen = run::<cyclade_mark_sweep::MarkSweep>("replay", &params()).observation;
    assert_eq!(seen.floating_peak_bytes, None);
}

#[test]
fn requests_cover_the_measured_part_without_gaps() {
    // One round allocates more than it takes to make a collection due, however slow the machine is.
    let params = Params { size: 200_000, budget: Duration::from_millis(20), ..params() };
    let seen = run::<cyclade_mark_sweep::MarkSweep>("pairs", &params).observation;
    for pair in seen.requests.windows(2) {
        assert_eq!(pair[0].end_ns, pair[1].start_ns);
    }
    assert!(seen.requests.len() > 2 && seen.ops == seen.rounds * 100_000);
    assert!(!seen.scopes_ns.is_empty() && !seen.deaths.is_empty() && seen.collections.0 > 0);
}

#[test]
fn unknown_workloads_are_an_error() {
    let error = driver::run_named::<cyclade_null::Null>("pears", &params(), &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "unknown workload `pears`");
}
