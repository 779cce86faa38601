//! What our tracing collectors need for a collection counts in the peak. (Not asked of every collector: its queues are its own affair.)

use cyclade_concurrent::Concurrent;
use cyclade_core::{Collector, Config, Heap, Slot, Trace};
use cyclade_mark_sweep::MarkSweep;
use cyclade_trial_deletion::{Order, TrialDeletion};

/// Objects that wait at the same time.
const WIDE: usize = 20_000;

#[derive(Trace)]
struct Link<'gc> {
    next: Slot<'gc, Link<'gc>>,
}

/// Of a row of objects that are traced one after the other, most wait in a queue: that is memory too.
fn queue_counts<C: Collector>(collector: C::Options) {
    let mut heap = Heap::<C>::new(Config { collector, ..Config::default() });
    let row = heap.mutate(|mc| {
        let links: Vec<_> = (0..WIDE).map(|_| mc.alloc(Link { next: Slot::empty() })).collect();
        mc.root(mc.alloc_slice(links.into_iter().map(Slot::to)))
    });
    heap.collect();
    let stats = heap.stats();
    let most = stats.used_bytes + WIDE / 2 * size_of::<usize>();
    assert!(stats.peak_bytes >= most, "a peak of {} bytes, and {most} were there", stats.peak_bytes);
    assert!(heap.contains(row.id()));
}

#[test]
fn what_mark_sweep_queues_counts_in_the_peak() {
    for parallel in [false, true] {
        queue_counts::<MarkSweep>(cyclade_mark_sweep::Options { parallel, ..Default::default() });
    }
}

#[test]
fn what_the_concurrent_marker_queues_counts_in_the_peak() {
    for concurrent in [false, true] {
        queue_counts::<Concurrent>(cyclade_concurrent::Options { concurrent, ..Default::default() });
    }
}

#[test]
fn what_trial_deletion_queues_counts_in_the_peak() {
    for order in [Order::Kept, Order::Python] {
        queue_counts::<TrialDeletion>(cyclade_trial_deletion::Options { order, ..Default::default() });
    }
}
