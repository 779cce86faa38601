//! Reference counting, right or with a mistake: the third reference to an object is not counted.

use cyclade_core::{
    Barrier, Collection, Collector, Counts, Graph, Object, Plan, Reason, Safepoint, TypeInfo,
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Counting<const LOSES: bool> {
    counts: Counts,
}

impl<const LOSES: bool> Counting<LOSES> {
    fn increment(&self, object: Object) {
        if !(LOSES && Counts::count(object) == 2) {
            self.counts.increment(object);
        }
    }
}

// SAFETY: as `RefCount`'s, unless `LOSES`: then K2 is broken on purpose, in a process of its own (`main.rs`).
unsafe impl<const LOSES: bool> Collector for Counting<LOSES> {
    const NAME: &'static str = if LOSES { "loses-a-count" } else { "sound-counting" };
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
