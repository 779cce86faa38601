//! Ten million objects in a chain and in a ring, two or more edges each, on a stack of 8 MiB.
//!
//! Nothing may recurse along edges: freeing, tracing, collecting, dropping the heap, counting, finalizing, printing. Under zeal, where
//! every collection searches the whole heap several times, 50,000 objects on a stack of 256 KiB say the same: five bytes for each.

use crate::mode::Mode;
use cyclade_core::{Collector, Gc, GcVec, Heap, Mutator, Root, Slot, Trace};
use std::sync::{Mutex, PoisonError};

/// Two edges and nothing to drop.
#[derive(Debug, Trace)]
struct Slim<'gc> {
    next: Slot<'gc, Slim<'gc>>,
    back: Slot<'gc, Slim<'gc>>,
}

/// The same, with something to drop, and edges behind a pointer.
#[derive(Debug, Trace)]
struct Wide<'gc> {
    list: GcVec<'gc, Wide<'gc>>,
    back: Slot<'gc, Wide<'gc>>,
}

/// One at a time: each needs about a gigabyte.
fn deeply<R: Send>(mode: Mode, work: impl FnOnce(usize) -> R + Send) -> R {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (stack, objects) = if mode.is_zeal() { (256 << 10, 50_000) } else { (8 << 20, 10_000_000) };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, || work(objects));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread: {error}"),
        }
    })
}

/// Runs `step` on a growing structure in scopes of 100,000, the way a program should.
fn grow<C: Collector, T: cyclade_core::Managed>(
    heap: &mut Heap<C>,
    mut tip: Root<T>,
    objects: usize,
    step: impl for<'gc> Fn(&Mutator<'gc, C>, Gc<'gc, T::At<'gc>>) -> Gc<'gc, T::At<'gc>>,
) -> Root<T> {
    let mut left = objects;
    while left > 0 {
        let batch = left.min(100_000);
        tip = heap.mutate(|mc| {
            let mut at = tip.get(mc);
            for _ in 0..batch {
                at = step(mc, at);
            }
            mc.root(at)
        });
        left -= batch;
    }
    tip
}

/// A chain, tip first: each object refers to its neighbour and to the neighbour's neighbour. No cycle.
fn chain<C: Collector>(heap: &mut Heap<C>, objects: usize) -> Root<Slim<'static>> {
    let first = heap.mutate(|mc| mc.root(mc.alloc(Slim { next: Slot::empty(), back: Slot::empty() })));
    grow(heap, first, objects - 1, |mc, tip| {
        let second = tip.next.get().map_or_else(Slot::empty, Slot::to);
        mc.alloc(Slim { next: Slot::to(tip), back: second })
    })
}

/// A ring in both directions. Returns a root of one object.
fn ring<C: Collector>(heap: &mut Heap<C>, objects: usize) -> Root<Slim<'static>> {
    let first = heap.mutate(|mc| mc.root(mc.alloc(Slim { next: Slot::empty(), back: Slot::empty() })));
    let last = grow(heap, first.clone(), objects - 1, |mc, tip| {
        let new = mc.alloc(Slim { next: Slot::empty(), back: Slot::to(tip) });
        tip.set(mc, |n| &n.next, Some(new));
        new
    });
    heap.mutate(|mc| {
        let (first, last) = (first.get(mc), last.get(mc));
        last.set(mc, |n| &n.next, Some(first));
        first.set(mc, |n| &n.back, Some(last));
    });
    first
}

/// Things that must not depend on the depth: cloning and dropping handles, counting, printing.
fn look<C: Collector>(heap: &Heap<C>, root: &Root<Slim<'static>>, references: usize) {
    let twin = root.clone();
    assert_eq!(heap.ref_count(root.id()), C::PLAN.counts.then_some(references + 1));
    drop(twin);
    assert_eq!(heap.ref_count(root.id()), C::PLAN.counts.then_some(references));
    assert!(format!("{root:?} {heap:?}").len() < 2000, "printing walks the graph");
}

/// A chain is traced by the oracle, kept by a collection, and freed when its root goes.
pub fn chain_is_traced_kept_and_freed<C: Collector>(mode: Mode) {
    deeply(mode, |objects| {
        let mut heap = mode.heap::<C>();
        let root = chain(&mut heap, objects);
        look(&heap, &root, 1);
        heap.mutate(|mc| assert!(format!("{:?} {:?}", root.get(mc), *root.get(mc)).len() < 400));
        heap.collect();
        assert_eq!(heap.census().reachable, objects);
        drop(root);
        assert_eq!(heap.len(), if C::PLAN.counts { 0 } else { objects });
        heap.collect();
        assert_eq!(heap.len(), if C::PLAN.frees { 0 } else { objects });
    });
}

/// A ring is kept by a collection, then found dead by the oracle, and freed by a collection.
pub fn ring_is_traced_kept_and_freed<C: Collector>(mode: Mode) {
    deeply(mode, |objects| {
        let mut heap = mode.heap::<C>();
        let root = ring(&mut heap, objects);
        look(&heap, &root, 3);
        heap.collect();
        assert_eq!(heap.len(), objects);
        drop(root);
        let census = heap.census();
        assert_eq!((census.reachable, census.in_dead_cycles), (0, objects));
        let found = heap.collect();
        assert_eq!(found.freed, if C::PLAN.frees_cycles { objects } else { 0 });
        assert_eq!(heap.len(), objects - found.freed);
    });
}

/// A heap with a live ring is dropped.
pub fn heap_with_a_ring_is_dropped<C: Collector>(mode: Mode) {
    deeply(mode, |objects| {
        let mut heap = mode.heap::<C>();
        let root = ring(&mut heap, objects.min(2_500_000));
        drop(heap);
        drop(root);
    });
}

/// Chains and rings of objects with buffers to drop: a million.
pub fn lists_with_payload_are_freed<C: Collector>(mode: Mode) {
    deeply(mode, |objects| {
        let mut heap = mode.heap::<C>();
        let objects = objects.min(1_000_000);
        let first = heap.mutate(|mc| mc.root(mc.alloc(Wide { list: GcVec::new(), back: Slot::empty() })));
        let last = grow(&mut heap, first.clone(), objects - 1, |mc, tip| {
            let new = mc.alloc(Wide { list: GcVec::new(), back: Slot::empty() });
            let mut list = new.edit(mc, |n| &n.list);
            list.push(tip);
            list.push(tip);
            new
        });
        drop(first);
        // The oracle, then a chain that dies.
        assert_eq!(heap.census().reachable, objects);
        drop(last);
        heap.collect();
        assert_eq!(heap.is_empty(), C::PLAN.frees);
        let used = heap.stats().used_bytes;
        assert!(!C::PLAN.frees || used < 64 << 20, "{used} bytes are still charged");
    });
}
