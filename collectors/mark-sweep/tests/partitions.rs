//! Marking in partitions: graphs large enough that several threads take part.

use cyclade_mark_sweep::{Config, Edges, Gc, Heap, MarkSweep, Mutator, Options, Root, Slot, Trace, Tracer};
use rayon::ThreadPoolBuilder;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, Once};
use std::thread::ThreadId;

#[derive(Trace)]
struct Node<'gc> {
    edges: [Slot<'gc, Node<'gc>>; 3],
    watched: Watched<'gc>,
}

/// Notes who traces it, and panics when the countdown ends.
struct Watched<'gc>(Slot<'gc, Node<'gc>>);

static TRACERS: Mutex<Option<HashSet<ThreadId>>> = Mutex::new(None);
static COUNTDOWN: AtomicI64 = AtomicI64::new(i64::MAX);
static JOINS: AtomicBool = AtomicBool::new(false);
/// Tests of this file use what is above.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

// SAFETY: visits the one edge; that it may panic first is what a test is about.
unsafe impl Trace for Watched<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(tracers) = TRACERS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).as_mut() {
            tracers.insert(std::thread::current().id());
        }
        assert!(COUNTDOWN.fetch_sub(1, Relaxed) != 0, "traced");
        if JOINS.load(Relaxed) {
            // While it waits for the other half, the thread may take over another partition.
            rayon::join(|| (), || ());
        }
        self.0.trace(tracer);
    }
}

/// A generator of numbers (Steele, Lea and Flood 2014), so that a failure can be repeated.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// `count` nodes, each with edges to any of them, in a list that its caller roots or drops.
fn tangle<'gc>(mc: &Mutator<'gc, MarkSweep>, count: usize, seed: u64) -> Gc<'gc, Vec<Gc<'gc, Node<'gc>>>> {
    let mut state = seed;
    let node = || Node { edges: [const { Slot::empty() }; 3], watched: Watched(Slot::empty()) };
    let nodes: Vec<_> = (0..count).map(|_| mc.alloc(node())).collect();
    for at in &nodes {
        for edge in 0..3 {
            let to = nodes[next(&mut state) as usize % count];
            at.set(mc, |n| &n.edges[edge], Some(to));
        }
        at.set(mc, |n| &n.watched.0, Some(nodes[next(&mut state) as usize % count]));
    }
    mc.alloc(nodes)
}

type Tangle = Root<Vec<Gc<'static, Node<'static>>>>;

/// A heap with a tangle of `live` nodes that is kept, and one of `dead` nodes that is not.
fn heap(live: usize, dead: usize) -> (Heap, Tangle) {
    let collector = Options { parallel: true, automatic: false, ..Options::default() };
    let mut heap = Heap::new(Config { collector, ..Config::default() });
    let kept = heap.mutate(|mc| {
        tangle(mc, dead, 1);
        mc.root(tangle(mc, live, 2))
    });
    (heap, kept)
}

/// Four threads for all tests of this file, whatever the machine has, and what is above for one test at a time.
fn pool() -> MutexGuard<'static, ()> {
    static POOL: Once = Once::new();
    POOL.call_once(|| {
        ThreadPoolBuilder::new().num_threads(4).build_global().expect("nobody has made the pool")
    });
    ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[test]
fn all_threads_of_the_pool_trace_a_large_graph_and_exactly_what_is_reachable_is_kept() {
    let _pool = pool();
    let (mut heap, kept) = heap(200_000, 100_000);
    let census = heap.census();
    *TRACERS.lock().unwrap() = Some(HashSet::new());
    let collection = heap.collect();
    let tracers = TRACERS.lock().unwrap().take().expect("set above");
    assert_eq!(collection.freed, census.unreachable);
    assert_eq!(heap.len(), census.reachable);
    assert_eq!(tracers.len(), 4, "a partition for each thread of the pool");
    assert!(!tracers.contains(&std::thread::current().id()));
    drop(kept);
    heap.collect();
    assert_eq!(heap.len(), 0);
}

#[test]
fn chain_that_crosses_partitions_all_the_time_is_kept_and_freed() {
    let _pool = pool();
    let collector = Options { parallel: true, automatic: false, ..Options::default() };
    let mut heap = Heap::new(Config { collector, ..Config::default() });
    let head = heap.mutate(|mc| {
        let node =
            |_| mc.alloc(Node { edges: [const { Slot::empty() }; 3], watched: Watched(Slot::empty()) });
        let nodes: Vec<_> = (0..300_000).map(node).collect();
        // From block to block, and so from partition to partition, with each step.
        let chain: Vec<_> = (0..3_000).flat_map(|i| nodes[i..].iter().step_by(3_000)).collect();
        for pair in chain.windows(2) {
            pair[0].set(mc, |n| &n.edges[0], Some(*pair[1]));
            pair[0].set(mc, |n| &n.edges[1], Some(*pair[1]));
        }
        mc.root(*chain[0])
    });
    assert_eq!(heap.collect().freed, 0);
    assert_eq!(heap.len(), 300_000);
    drop(head);
    assert_eq!(heap.collect().freed, 300_000);
}

#[test]
fn a_panic_on_a_thread_of_the_pool_leaves_no_marks_that_would_hide_live_objects() {
    let _pool = pool();
    let (mut heap, kept) = heap(100_000, 0);
    let live = heap.census().reachable;
    for traced_before in [10, 20_000, live as i64 - 2] {
        COUNTDOWN.store(traced_before, Relaxed);
        assert!(catch_unwind(AssertUnwindSafe(|| heap.collect())).is_err());
        COUNTDOWN.store(i64::MAX, Relaxed);
        heap.collect();
        assert_eq!(heap.len(), live);
    }
    drop(kept);
}

#[test]
fn a_trace_that_uses_the_pool_itself_marks_the_same() {
    let _pool = pool();
    let (mut heap, kept) = heap(50_000, 50_000);
    let census = heap.census();
    JOINS.store(true, Relaxed);
    let collection = heap.collect();
    JOINS.store(false, Relaxed);
    assert_eq!((collection.freed, heap.len()), (census.unreachable, census.reachable));
    drop(kept);
}
