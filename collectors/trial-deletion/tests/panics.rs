//! A panic in somebody's `Trace` (which breaks its promises) must not break the heap: the trial is abandoned, everything is kept.

use cyclade_trial_deletion::{
    Branded, Config, Edges, Heap, Managed, Options, Order, Slot, Trace, Tracer, Zeal,
};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// After so many more calls, `trace` panics.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

struct Touchy<'gc> {
    next: Slot<'gc, Touchy<'gc>>,
    other: Slot<'gc, Touchy<'gc>>,
}

// SAFETY: visits its two edges; it panics, against rule 3, which is what is tried out here.
unsafe impl Trace for Touchy<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let left = LEFT.get();
        assert!(left > 0, "trace panics");
        LEFT.set(left - 1);
        self.next.trace(tracer);
        self.other.trace(tracer);
    }
}

impl Managed for Touchy<'static> {
    type At<'gc> = Touchy<'gc>;
}

impl<'gc> Branded<'gc> for Touchy<'gc> {
    type Static = Touchy<'static>;
}

#[test]
fn a_trial_that_panics_anywhere_keeps_all_and_the_next_one_finds_the_dead() {
    // 10 objects are traced in the subtraction, 5 live ones in the separation, 5 dead ones when they are cleared.
    panics_everywhere(Order::Python, 20);
    // 5 live ones are marked, 5 dead ones balanced, and these are then cleared, since one refers to a live one.
    panics_everywhere(Order::Kept, 15);
}

fn panics_everywhere(order: Order, traced: usize) {
    for panics_at in 0..traced {
        LEFT.set(usize::MAX);
        let collector = Options { order, ..Options::default() };
        let zeal = Some(Zeal { collect_every: 0 });
        let mut heap = Heap::new(Config { zeal, collector, ..Config::default() });
        let ring = |heap: &mut Heap| {
            heap.mutate(|mc| {
                let node = || mc.alloc(Touchy { next: Slot::empty(), other: Slot::empty() });
                let nodes: Vec<_> = (0..5).map(|_| node()).collect();
                (0..5).for_each(|i| nodes[i].set(mc, |n| &n.next, Some(nodes[(i + 1) % 5])));
                mc.root(nodes[0])
            })
        };
        let (live, dead) = (ring(&mut heap), ring(&mut heap));
        heap.mutate(|mc| dead.get(mc).set(mc, |n| &n.other, Some(live.get(mc))));
        drop(dead);
        // Zeal's oracle traces all objects before the collection begins.
        LEFT.set(10 + panics_at);
        let caught = catch_unwind(AssertUnwindSafe(|| heap.collect()));
        LEFT.set(usize::MAX);
        assert!(caught.is_err(), "trace was called {panics_at} times and did not panic");
        assert_eq!(heap.len(), 10);
        heap.mutate(|_| ());
        assert_eq!((heap.collect().unreachable, heap.len()), (5, 5));
        drop(live);
        assert_eq!((heap.collect().unreachable, heap.len()), (5, 0));
    }
}
