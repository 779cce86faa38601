//! Tracing must not panic (rule 3 of `Trace`). If it does all the same, on whichever thread, the cycle is given up, everything lives
//! on, and the panic comes out where the owner's thread has a safepoint.

use cyclade_concurrent::{Branded, Config, Edges, Heap, Managed, Options, Phase, Root, Slot, Trace, Tracer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

struct Bomb {
    lit: Arc<AtomicBool>,
}

// SAFETY: no edges; it breaks rule 3 on purpose, which this collector survives.
unsafe impl Trace for Bomb {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, _: &mut Tracer<'_>) {
        assert!(!self.lit.load(Relaxed), "the bomb goes off");
    }
}

impl Managed for Bomb {
    type At<'gc> = Bomb;
}

impl Branded<'_> for Bomb {
    type Static = Bomb;
}

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    bomb: Slot<'gc, Bomb>,
}

fn heap_with_a_bomb(concurrent: bool) -> (Heap, Root<Node<'static>>, Arc<AtomicBool>) {
    let options = Options { automatic: false, concurrent, ..Options::default() };
    let mut heap = Heap::new(Config { collector: options, ..Config::default() });
    let lit = Arc::new(AtomicBool::new(true));
    let root = heap.mutate(|mc| {
        let bomb = mc.alloc(Bomb { lit: Arc::clone(&lit) });
        let tail = mc.alloc(Node { next: Slot::empty(), bomb: Slot::to(bomb) });
        mc.root(mc.alloc(Node { next: Slot::to(tail), bomb: Slot::empty() }))
    });
    (heap, root, lit)
}

fn message(result: Result<(), Box<dyn std::any::Any + Send>>) -> String {
    result.expect_err("it must panic").downcast_ref::<&str>().map_or_else(String::new, ToString::to_string)
}

#[test]
fn a_panic_of_the_marker_comes_out_at_a_safepoint_and_harms_nothing() {
    for concurrent in [true, false] {
        let (mut heap, root, lit) = heap_with_a_bomb(concurrent);
        heap.collector().request_cycle();
        let out = catch_unwind(AssertUnwindSafe(|| {
            loop {
                heap.mutate(|_| {});
            }
        }));
        assert!(message(out.map(|_: ()| ())).contains("the bomb goes off"));
        assert_eq!(heap.collector().phase(), Phase::Idle);
        assert_eq!(heap.len(), 3);
        lit.store(false, Relaxed);
        heap.mutate(|mc| _ = mc.alloc(Node { next: Slot::empty(), bomb: Slot::empty() }));
        assert_eq!(heap.collect().unreachable, 1);
        drop(root);
        assert_eq!(heap.collect().unreachable, 3);
    }
}

#[test]
fn a_panic_in_an_explicit_collection_harms_nothing() {
    let (mut heap, root, lit) = heap_with_a_bomb(true);
    let out = catch_unwind(AssertUnwindSafe(|| _ = heap.collect()));
    assert!(message(out).contains("the bomb goes off"));
    lit.store(false, Relaxed);
    assert_eq!(heap.collect().unreachable, 0);
    drop(root);
    assert_eq!(heap.collect().unreachable, 3);
}
