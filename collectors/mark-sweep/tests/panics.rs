//! A `Trace` by hand that panics breaks its contract; the heap must stay whole nevertheless, and a heap on a rayon thread must mark alone.

use cyclade_mark_sweep::{Config, Edges, Heap, Options, Root, Slot, Trace, Tracer};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static PANICS_LEFT: Cell<u32> = const { Cell::new(0) };
}

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    mine: Mine,
    number: u64,
    /// Makes the derive trace the field above.
    list: Vec<Slot<'gc, Node<'gc>>>,
    trap: Trap<'gc>,
}

struct Mine;

/// Panics when traced, as long as the thread has panics left.
struct Trap<'gc>(Slot<'gc, Node<'gc>>);

// SAFETY: visits the one edge; that it may panic first is what this test is about.
unsafe impl Trace for Trap<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let left = PANICS_LEFT.get();
        if left > 0 {
            PANICS_LEFT.set(left - 1);
            panic!("traced");
        }
        self.0.trace(tracer);
    }
}

fn chain(heap: &mut Heap) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let mut head = None;
        for number in 0..100 {
            let next = head.map_or_else(Slot::empty, Slot::to);
            let trap = Trap(head.map_or_else(Slot::empty, Slot::to));
            head = Some(mc.alloc(Node { next, mine: Mine, number, list: Vec::new(), trap }));
        }
        mc.root(head.expect("a hundred nodes"))
    })
}

#[test]
fn a_panic_while_marking_leaves_no_marks_that_would_hide_live_objects() {
    let mut heap = Heap::default();
    let root = chain(&mut heap);
    for panics in 1..4 {
        PANICS_LEFT.set(panics);
        assert!(catch_unwind(AssertUnwindSafe(|| heap.collect())).is_err());
        PANICS_LEFT.set(0);
        assert_eq!(heap.collect().unreachable, 0);
        assert_eq!(heap.len(), 100);
    }
    heap.mutate(|mc| {
        let (mut node, mut sum) = (Some(root.get(mc)), 0);
        while let Some(at) = node {
            let Node { next, mine: Mine, number, list, trap: _ } = at.as_ref();
            assert!(list.is_empty());
            sum += number;
            node = next.get();
        }
        assert_eq!(sum, 4950);
    });
}

#[test]
fn a_heap_on_a_thread_of_a_pool_marks_on_that_thread() {
    let live = rayon::scope(|_| {
        let options = Options { parallel: true, ..Options::default() };
        let mut heap = Heap::new(Config { collector: options, ..Config::default() });
        let root = chain(&mut heap);
        // On the owner's thread this would panic: the traps of other threads are not set.
        PANICS_LEFT.set(1);
        assert!(rayon::current_thread_index().is_some());
        assert!(catch_unwind(AssertUnwindSafe(|| heap.collect())).is_err());
        PANICS_LEFT.set(0);
        heap.collect();
        drop(root);
        heap.len()
    });
    assert_eq!(live, 100);
}
