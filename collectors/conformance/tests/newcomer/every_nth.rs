//! Marks and sweeps at every n-th safepoint.

use cyclade_core::{Barrier, Collection, Collector, Graph, MarkQueue, Object, PauseKind, Plan, Reason};
use cyclade_core::{Safepoint, Scanner};
use std::cell::Cell;

/// At which safepoints to collect.
#[derive(Clone, Copy, Debug)]
pub struct Nth(pub u32);

impl Default for Nth {
    fn default() -> Self {
        Nth(100)
    }
}

/// A mark-sweep collector that is triggered by counting safepoints.
#[derive(Debug)]
pub struct EveryNth {
    n: Nth,
    safepoints: Cell<u32>,
}

/// Step 1: marks what the roots, and `more`, reach.
fn mark(graph: &Graph, more: &[Object]) {
    let _marking = graph.marking(); // takes the marks back if somebody's `Trace` panics (K5)
    let mut grey = MarkQueue::new(|object| graph.mark(object));
    graph.for_each_root(|object, _| grey.reach(object));
    more.iter().for_each(|&object| grey.reach(object));
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| grey.reach(target));
    }
}

/// Step 2: runs the finalizers of unmarked objects, and marks again. Returns how many objects came back.
fn finalize(safepoint: &Safepoint<'_, EveryNth>) -> usize {
    let graph = safepoint.graph();
    let (marked, unmarked): (Vec<_>, Vec<_>) =
        graph.finalizable().take().into_iter().partition(|&object| Graph::is_marked(object));
    graph.finalizable().append(marked);
    let dying: Vec<_> = unmarked.into_iter().filter(|&object| safepoint.must_finalize(object)).collect();
    if dying.is_empty() {
        return 0;
    }
    let mut unreachable = Vec::new();
    graph.objects(|object| unreachable.extend((!Graph::is_marked(object)).then_some(object)));
    unreachable.iter().for_each(|&object| safepoint.clear_weak(object));
    graph.clear_marks(); // user code comes next, and allocates (K5)
    dying.iter().for_each(|&object| safepoint.finalize(object));
    safepoint.release_pending();
    mark(graph, &[]);
    // What finalizers have made, or cut loose, and has a finalizer itself: for the next collection.
    let waiting = graph.finalizable().take();
    let late: Vec<_> = waiting.iter().copied().filter(|&object| !Graph::is_marked(object)).collect();
    mark(graph, &late);
    graph.finalizable().append(waiting);
    unreachable.into_iter().filter(|&object| Graph::is_marked(object)).count()
}

// SAFETY: K1: the finalizable objects, the only ones kept, are marked when the sweep begins. K2: `mark` reaches what the roots reach, and
// the world is stopped. K3: the rest is unreachable; the sweep empties weak cells. K4: there is no barrier. K5: the sweep clears the
// marks. K6: there is no thread.
unsafe impl Collector for EveryNth {
    const NAME: &'static str = "every-nth";
    const PLAN: Plan =
        Plan { frees_cycles: true, frees: true, counts: false, concurrent: false, barrier: Barrier::None };
    type Options = Nth;

    fn new(n: &Nth) -> Self {
        EveryNth { n: *n, safepoints: Cell::new(0) }
    }

    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        self.safepoints.set(self.safepoints.get() + 1);
        if self.safepoints.get() >= self.n.0 {
            self.safepoints.set(0);
            safepoint.collect_by(PauseKind::Full, || self.collect(safepoint));
        }
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        let graph = safepoint.graph();
        mark(graph, &[]);
        let resurrected = finalize(safepoint);
        let marked = graph.marked();
        graph.begin_sweep(); // Step 3: what is not marked is dead from here on
        safepoint.sweep_all();
        Collection {
            unreachable: marked.dead,
            freed: marked.dead,
            resurrected,
            bytes_freed: marked.dead_bytes,
            ..Collection::default()
        }
    }
}
