//! Reference counting, right or with a mistake: the third reference to an object is not counted.

use crate::mistake::Mistake;
use cyclade_core::{
    Barrier, Collection, Collector, Counts, Graph, Object, Plan, Reason, Safepoint, TypeInfo,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    counts: Counts,
}

impl Counting {
    fn increment(&self, object: Object) {
        if !(Counts::count(object) == 2 && Mistake::LosesACount.is_made()) {
            self.counts.increment(object);
        }
    }
}

// SAFETY: as `RefCount`'s, unless it loses a count: then K2 is broken on purpose, in a process of its own (`main.rs`).
unsafe impl Collector for Counting {
    const NAME: &'static str = "counting";
    const PLAN: Plan = Plan {
        frees_cycles: false,
        frees: true,
        counts: true,
        concurrent: false,
        barrier: Barrier::Counting,
    };
    type Options = ();

    fn new((): &()) -> Self {
        Counting::default()
    }

    fn born(&self, _: &Graph, object: Object, info: &'static TypeInfo) {
        self.counts.born(object, info);
    }

    fn write(&self, _: &Graph, _: Object, old: Option<Object>, new: Option<Object>) {
        new.into_iter().for_each(|new| self.increment(new));
        old.into_iter().for_each(|old| self.counts.decrement(old));
    }

    fn log(&self, _: &Graph, owner: Object) {
        self.counts.remove_edges(owner);
    }

    fn unlog(&self, _: &Graph, owner: Object) {
        self.counts.add_edges(owner);
    }

    fn retain(&self, _: &Graph, object: Object) {
        self.increment(object);
    }

    fn release(&self, _: &Graph, object: Object) {
        self.counts.decrement(object);
    }

    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        self.counts.drain(safepoint);
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        self.counts.drain(safepoint);
        Collection::default()
    }

    fn ref_count(&self, _: &Graph, object: Object) -> Option<usize> {
        Some(Counts::count(object))
    }

    fn check(&self, graph: &Graph) {
        self.counts.check(graph);
    }
}
