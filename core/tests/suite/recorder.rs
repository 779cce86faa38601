//! A collector that reads the edges of each object when it is born, by the same means as every collector, and does nothing else.

use cyclade_core::{
    Barrier, Collection, Collector, Gc, Graph, Heap, Mutator, Object, ObjectId, Plan, Safepoint, Scanner,
    TypeInfo,
};
use std::cell::RefCell;

#[derive(Default)]
pub(super) struct Recorder {
    /// The targets of each object's edges, in order of birth.
    edges: RefCell<Vec<Vec<ObjectId>>>,
}

// SAFETY: K1 to K7 hold for a collector that frees nothing, marks nothing and runs nothing.
unsafe impl Collector for Recorder {
    const NAME: &'static str = "recorder";
    const PLAN: Plan =
        Plan { frees_cycles: false, frees: false, counts: false, concurrent: false, barrier: Barrier::None };
    type Options = ();

    fn new((): &()) -> Self {
        Recorder::default()
    }

    fn born(&self, _: &Graph, object: Object, _: &'static TypeInfo) {
        let mut targets = Vec::new();
        Scanner::new().edges(object, |target| targets.push(target.id()));
        self.edges.borrow_mut().push(targets);
    }

    fn collect(&self, _: &Safepoint<'_, Self>) -> Collection {
        Collection::default()
    }
}

/// Allocates leaves, then what `make` makes of them, and asserts that its edges are `expected`, in this order.
#[track_caller]
pub(super) fn assert_edges(
    expected: &[usize],
    make: impl for<'gc> FnOnce(&Mutator<'gc, Recorder>, &dyn Fn(usize) -> Gc<'gc, u64>),
) {
    let mut heap = Heap::<Recorder>::default();
    let leaves = heap.mutate(|mc| {
        let leaves: Vec<Gc<'_, u64>> = (0..8).map(|leaf| mc.alloc(leaf)).collect();
        make(mc, &|leaf| leaves[leaf]);
        leaves.iter().map(|leaf| leaf.id()).collect::<Vec<_>>()
    });
    let found = heap.collector().edges.borrow();
    let found = found.last().expect("`make` allocates");
    let expected: Vec<ObjectId> = expected.iter().map(|&leaf| leaves[leaf]).collect();
    assert_eq!(*found, expected);
}
