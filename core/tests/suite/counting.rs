//! The smallest collector that frees at all: what the core's own tests run on.

use cyclade_core::{
    Barrier, Collection, Collector, Counts, Graph, Heap, Object, Plan, Reason, Safepoint, TypeInfo,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Counts references, and frees what has none.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    counts: Counts,
    /// Addresses for `Graph::find`, which only a collector can call, and how many of them were objects.
    pub(crate) probes: RefCell<Vec<usize>>,
    pub(crate) found: Cell<usize>,
    /// Lives as long as the heap's own memory.
    _inside: Rc<()>,
}

// SAFETY: K1 to K3: an object is freed only when its count is 0 outside of scopes, and the counts are right (N1). K4 to K7:
// barriers only count; there are no marks and no threads.
unsafe impl Collector for Counting {
    const NAME: &'static str = "counting";
    const PLAN: Plan = Plan {
        frees_cycles: false,
        frees: true,
        counts: true,
        concurrent: false,
        barrier: Barrier::Counting,
    };
    /// Kept by the heap, so that its other owners can tell when the heap's memory has been freed.
    type Options = Rc<()>;

    fn new(inside: &Rc<()>) -> Self {
        Counting { _inside: Rc::clone(inside), ..Counting::default() }
    }
    fn born(&self, _: &Graph, object: Object, info: &'static TypeInfo) {
        self.counts.born(object, info);
    }
    fn write(&self, _: &Graph, _: Object, old: Option<Object>, new: Option<Object>) {
        self.counts.write(old, new);
    }
    fn log(&self, _: &Graph, owner: Object) {
        self.counts.remove_edges(owner);
    }
    fn unlog(&self, _: &Graph, owner: Object) {
        self.counts.add_edges(owner);
    }
    fn retain(&self, _: &Graph, object: Object) {
        self.counts.increment(object);
    }
    fn release(&self, _: &Graph, object: Object) {
        self.counts.decrement(object);
    }
    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        self.counts.drain(safepoint);
    }
    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        self.counts.drain(safepoint);
        let graph = safepoint.graph();
        self.found
            .set(self.probes.take().into_iter().filter(|&address| graph.find(address).is_some()).count());
        Collection::default()
    }
    fn ref_count(&self, _: &Graph, object: Object) -> Option<usize> {
        Some(Counts::count(object))
    }
    fn check(&self, graph: &Graph) {
        self.counts.check(graph);
    }
}

/// A heap under zeal.
pub(crate) fn heap() -> Heap<Counting> {
    heap_around(&Rc::new(()))
}

/// A heap under zeal that owns a share of `inside` for as long as its own memory is there.
pub(crate) fn heap_around(inside: &Rc<()>) -> Heap<Counting> {
    let zeal = Some(Default::default());
    Heap::new(cyclade_core::Config { zeal, collector: Rc::clone(inside), ..Default::default() })
}
