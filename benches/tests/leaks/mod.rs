//! What all leak tests do: objects that own a box each, and dhat counts the boxes, to the block.
//!
//! The blocks of a heap are mapped, so dhat does not see the objects; it sees what they own. It gives totals only, and a heap has
//! tables of its own in the global allocator. So the same program runs twice, once with boxes and once without, and what one run has
//! allocated more than the other, at the same place, is boxes. A collector with a thread of its own may hold a few small blocks more in one
//! run than in the other; a box is far larger than all of these together, so one box too many or too few always shows. A run
//! before, which is not counted, makes what is made once in a process.

use cyclade_core::{Collector, Heap, Mutator, Root, Slot, Trace};
use dhat::HeapStats;

/// Bytes of a box: larger than all tables of a heap of this size, and a prime, as no table is.
const SIZE: usize = 65_539;

const LIVE: usize = 10;
const ACYCLIC: usize = 20;
const PAIRS: usize = 30;
const SELVES: usize = 5;
const IN_CYCLES: usize = 2 * PAIRS + SELVES;

#[derive(Trace)]
struct Owner<'gc> {
    next: Slot<'gc, Owner<'gc>>,
    _box: Option<Box<[u8; SIZE]>>,
}

impl Owner<'_> {
    fn new(boxed: bool) -> Self {
        Owner { next: Slot::empty(), _box: boxed.then(|| Box::new([7; SIZE])) }
    }
}

/// Bytes that were allocated, at three places of the program.
struct Readings {
    /// Everything has been made; one chain is rooted; collected.
    rooted: usize,
    /// The root has gone; collected.
    unrooted: usize,
    /// The heap has gone.
    dropped: usize,
}

fn chain<C: Collector>(mc: &Mutator<'_, C>, length: usize, boxed: bool) -> Root<Owner<'static>> {
    let first = mc.alloc(Owner::new(boxed));
    let mut last = first;
    for _ in 1..length {
        let next = mc.alloc(Owner::new(boxed));
        last.set(mc, |n| &n.next, Some(next));
        last = next;
    }
    mc.root(first)
}

fn allocated_bytes() -> usize {
    HeapStats::get().curr_bytes
}

fn program<C: Collector>(boxed: bool) -> Readings {
    let mut heap = Heap::<C>::default();
    let root = heap.mutate(|mc| {
        drop(chain(mc, ACYCLIC, boxed));
        for _ in 0..PAIRS {
            let (a, b) = (mc.alloc(Owner::new(boxed)), mc.alloc(Owner::new(boxed)));
            a.set(mc, |n| &n.next, Some(b));
            b.set(mc, |n| &n.next, Some(a));
        }
        for _ in 0..SELVES {
            let own = mc.alloc(Owner::new(boxed));
            own.set(mc, |n| &n.next, Some(own));
        }
        chain(mc, LIVE, boxed)
    });
    heap.collect();
    let rooted = allocated_bytes();
    drop(root);
    heap.collect();
    let unrooted = allocated_bytes();
    drop(heap);
    Readings { rooted, unrooted, dropped: allocated_bytes() }
}

/// Runs the program and asserts how many boxes are left at each place. The only test of its process: dhat allows one profiler.
pub(crate) fn check<C: Collector>() {
    let _profiler = dhat::Profiler::builder().testing().build();
    program::<C>(true);
    let (with, without) = (program::<C>(true), program::<C>(false));
    let assert_boxes = |at: fn(&Readings) -> usize, boxes: usize| {
        // The nearest number of boxes, whatever small blocks come on top.
        let found = (at(&with) + SIZE / 2).saturating_sub(at(&without)) / SIZE;
        dhat::assert_eq!(found, boxes);
    };
    let plan = C::PLAN;
    let cycles = if plan.frees_cycles { 0 } else { IN_CYCLES };
    let acyclic = |objects| if plan.frees { 0 } else { objects };
    assert_boxes(|r| r.rooted, LIVE + cycles + acyclic(ACYCLIC));
    assert_boxes(|r| r.unrooted, cycles + acyclic(ACYCLIC + LIVE));
    assert_boxes(|r| r.dropped, 0);
}
