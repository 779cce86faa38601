//! An incremental snapshot-at-the-beginning marker for one thread, small enough to be read at once; and three ways to get it wrong.
//!
//! A cycle begins at a safepoint with the roots; each further safepoint scans two grey objects; when none is left, what is
//! white is swept. New objects are born black, and the deletion barrier greys what an edge is taken away from (Yuasa 1990).

use crate::mistake::Mistake;
use cyclade_core::{
    Barrier, CellStack, Collection, Collector, Graph, Object, PauseKind, Plan, Reason, Safepoint, Scanner,
};
use std::cell::{Cell, RefCell};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Incremental {
    grey: CellStack<Object>,
    marking: Cell<bool>,
    scanner: RefCell<Scanner>,
}

impl Incremental {
    fn shade(&self, graph: &Graph, object: Object) {
        if graph.mark(object) {
            self.grey.push(object);
        }
    }

    fn begin(&self, graph: &Graph) {
        graph.set_born_marked(true);
        self.marking.set(true);
        let mut roots = Vec::new();
        graph.for_each_root(|object, _| roots.push(object));
        if roots.len() > 3 && Mistake::ForgetsARoot.is_made() {
            roots.pop();
        }
        roots.into_iter().for_each(|object| self.shade(graph, object));
    }

    /// Scans up to `objects` grey ones; true if none is left.
    fn advance(&self, graph: &Graph, objects: usize) -> bool {
        for _ in 0..objects {
            let Some(object) = self.grey.len().checked_sub(1).and_then(|top| self.grey.get(top)) else {
                return true;
            };
            // It stays grey until its edges are known: tracing may panic.
            let mut targets = Vec::new();
            self.scanner.borrow_mut().edges(object, |target| targets.push(target));
            self.grey.pop();
            targets.into_iter().for_each(|target| self.shade(graph, target));
        }
        self.grey.is_empty()
    }

    /// From the beginning to the end, whatever was under way.
    fn full(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        let graph = safepoint.graph();
        safepoint.sweep_all();
        self.restart(graph);
        let resurrected = self.finalize(safepoint);
        Collection { resurrected, ..self.sweep(safepoint) }
    }

    fn restart(&self, graph: &Graph) {
        self.abandon(graph);
        self.begin(graph);
        self.advance(graph, usize::MAX);
    }

    fn abandon(&self, graph: &Graph) {
        self.grey.clear();
        self.marking.set(false);
        graph.set_born_marked(false);
        graph.clear_marks();
    }

    fn is_doomed(safepoint: &Safepoint<'_, Self>, object: Object) -> bool {
        !Graph::is_marked(object) && safepoint.must_finalize(object)
    }

    /// Runs the finalizers of the white, and marks again. Returns how many came back.
    fn finalize(&self, safepoint: &Safepoint<'_, Self>) -> usize {
        let graph = safepoint.graph();
        let (dead, rest): (Vec<_>, Vec<_>) =
            graph.finalizable().take().into_iter().partition(|&object| Self::is_doomed(safepoint, object));
        graph.finalizable().append(rest.into_iter().filter(|&object| Graph::is_marked(object)).collect());
        if dead.is_empty() {
            return 0;
        }
        let mut white = Vec::new();
        graph.objects(|object| {
            if !Graph::is_marked(object) {
                white.push(object);
            }
        });
        white.iter().for_each(|&object| safepoint.clear_weak(object));
        self.abandon(graph);
        dead.into_iter().for_each(|object| safepoint.finalize(object));
        safepoint.release_pending();
        self.restart(graph);
        // What finalizers have cut loose with a finalizer of its own waits for the next collection.
        let waiting = graph.finalizable().take();
        waiting.iter().for_each(|&object| self.shade(graph, object));
        graph.finalizable().append(waiting);
        self.advance(graph, usize::MAX);
        white.into_iter().filter(|&object| Graph::is_marked(object)).count()
    }

    fn sweep(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        let graph = safepoint.graph();
        self.marking.set(false);
        let mut dead = 0;
        graph.objects(|object| dead += usize::from(!Graph::is_marked(object)));
        graph.begin_sweep();
        if !Mistake::FreesLate.is_made() {
            safepoint.sweep_all();
        }
        Collection { unreachable: dead, freed: dead, ..Collection::default() }
    }
}

// SAFETY: K1: grey objects are marked, and dropped from the stack before a sweep. K2, K3: with the barrier, everything reachable at the
// beginning of the cycle, and everything younger, is marked when it ends. K4: barriers only mark. K5: the sweep clears marks. K6: no
// thread. With a mistake the promises are broken on purpose: such collectors run in processes of their own (`main.rs`).
unsafe impl Collector for Incremental {
    const NAME: &'static str = "incremental";
    const PLAN: Plan = Plan {
        frees_cycles: true,
        frees: true,
        counts: false,
        concurrent: false,
        barrier: Barrier::Deletion,
    };
    type Options = ();

    fn new((): &()) -> Self {
        Incremental::default()
    }

    fn write(&self, graph: &Graph, _: Object, old: Option<Object>, _: Option<Object>) {
        if self.marking.get() && !Mistake::MissingBarrier.is_made() {
            old.into_iter().for_each(|old| self.shade(graph, old));
        }
    }

    fn log(&self, graph: &Graph, owner: Object) {
        if self.marking.get() && !Mistake::MissingBarrier.is_made() {
            self.scanner.borrow_mut().edges(owner, |target| self.shade(graph, target));
        }
    }

    fn upgraded(&self, graph: &Graph, object: Object) {
        if self.marking.get() {
            self.shade(graph, object);
        }
    }

    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        let graph = safepoint.graph();
        safepoint.sweep_all();
        if !self.marking.get() {
            self.begin(graph);
        } else if self.advance(graph, 2) {
            let waiting = graph.finalizable();
            let doomed = |i| waiting.get(i).is_some_and(|object| Self::is_doomed(safepoint, object));
            if (0..waiting.len()).any(doomed) {
                safepoint.collect_by(PauseKind::Full, || self.full(safepoint));
            } else {
                // No finalizer is due: what is white goes.
                let kept = waiting.take().into_iter().filter(|&object| Graph::is_marked(object)).collect();
                waiting.append(kept);
                safepoint.collect_by(PauseKind::Full, || self.sweep(safepoint));
            }
        }
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        self.full(safepoint)
    }
}
