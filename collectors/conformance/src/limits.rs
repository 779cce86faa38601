//! The heap limit: an error, never an abort, and the heap goes on after a collection.

use crate::link::{Link, assert_usable, link, pair};
use crate::mode::Mode;
use crate::witness::Witness;
use cyclade_core::{AllocError, Collector, GcMap, GcVec, Heap, Mutator, Slot, Trace};
use std::panic::{AssertUnwindSafe, catch_unwind};

const LIMIT: usize = 2 << 20;

/// Pairs until there is no room; returns how many fitted.
fn fill<C: Collector>(mc: &Mutator<'_, C>, witness: &Witness) -> usize {
    for n in 0.. {
        let new = || Link {
            next: Slot::empty(),
            other: Slot::empty(),
            weak: Default::default(),
            token: witness.token(),
        };
        let (Ok(a), Ok(b)) = (mc.try_alloc(new()), mc.try_alloc(new())) else { return n };
        a.set(mc, |n| &n.next, Some(b));
        b.set(mc, |n| &n.next, Some(a));
    }
    0
}

fn is_limit<T>(outcome: Result<T, AllocError>) -> bool {
    matches!(outcome, Err(AllocError::HeapLimit { limit: LIMIT, used, .. }) if used <= LIMIT)
}

/// A heap full of dead pairs returns errors; after a collection it is as good as new.
pub fn full_heap_returns_errors_and_recovers_by_collecting<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap_of::<C>(LIMIT), Witness::default());
    let fitted = heap.mutate(|mc| {
        let fitted = fill(mc, &witness);
        assert!(is_limit(mc.try_alloc_slice((0..LIMIT).map(|_| 0u8))));
        assert!(is_limit(mc.try_alloc_str(&"z".repeat(LIMIT))));
        fitted
    });
    assert!(fitted > 1000, "only {fitted} pairs in {LIMIT} bytes");
    assert!(heap.stats().used_bytes <= LIMIT);
    heap.collect();
    assert_eq!(heap.is_empty(), C::PLAN.frees_cycles);
    if C::PLAN.frees_cycles {
        // Twice, so that what was given back is really there.
        for _ in 0..2 {
            let again = heap.mutate(|mc| fill(mc, &witness));
            assert!(again + 64 >= fitted, "{fitted} pairs fitted at first, {again} after a collection");
            heap.collect();
        }
        assert_usable(&mut heap);
    }
    drop(heap);
    witness.assert_all_dropped_once();
}

/// `alloc` panics with the limit in its message; the scope can be left, and the heap used.
pub fn alloc_at_the_limit_panics_with_advice<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap_of::<C>(LIMIT), Witness::default());
    let panic =
        catch_unwind(AssertUnwindSafe(|| heap.mutate(|mc| while link(mc, &witness).next.get().is_none() {})));
    let panic = panic.expect_err("the limit was never reached");
    let text = panic.downcast_ref::<String>().expect("a message");
    assert!(text.contains("heap limit") && text.contains("collect"), "{text}");
    heap.collect();
    assert_eq!(heap.is_empty(), C::PLAN.frees);
    if C::PLAN.frees {
        assert_usable(&mut heap);
    }
    drop(heap);
    witness.assert_all_dropped_once();
}

#[derive(Trace)]
struct Lists<'gc> {
    list: GcVec<'gc, Lists<'gc>>,
    map: GcMap<'gc, u32, Lists<'gc>>,
}

/// A list and a map that cannot grow stay as they were.
pub fn lists_and_maps_that_cannot_grow_stay_as_they_were<C: Collector>(mode: Mode) {
    let mut heap: Heap<C> = mode.heap_of(LIMIT);
    let root = heap.mutate(|mc| mc.root(mc.alloc(Lists { list: GcVec::new(), map: GcMap::new() })));
    let id = root.id();
    let (pushed, inserted) = heap.mutate(|mc| {
        let node = root.get(mc);
        let mut pushed = 0;
        while node.edit(mc, |n| &n.list).try_push(node).is_ok() {
            pushed += 1;
        }
        let mut inserted = 0;
        while node.edit(mc, |n| &n.map).try_insert(inserted, node).is_ok() {
            inserted += 1;
        }
        assert!(is_limit(node.edit(mc, |n| &n.list).try_push(node)));
        assert!(is_limit(node.edit(mc, |n| &n.map).try_insert(inserted, node)));
        assert!(!node.map.contains_key(&inserted));
        (pushed, inserted as usize)
    });
    heap.mutate(|mc| assert_eq!((root.get(mc).list.len(), root.get(mc).map.len()), (pushed, inserted)));
    assert_eq!(heap.ref_count(id), C::PLAN.counts.then_some(1 + pushed + inserted));
    heap.mutate(|mc| {
        root.get(mc).edit(mc, |n| &n.list).clear();
        root.get(mc).edit(mc, |n| &n.map).clear();
    });
    assert_eq!(heap.ref_count(id), C::PLAN.counts.then_some(1));
    drop(root);
    heap.collect();
    assert_eq!(heap.contains(id), !C::PLAN.frees);
    if C::PLAN.frees {
        assert!(heap.stats().used_bytes <= 128 << 10, "{} bytes are still charged", heap.stats().used_bytes);
        assert_usable(&mut heap);
    }
}

/// A value that finds no room is dropped, once.
pub fn value_without_room_is_dropped_once<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap_of::<C>(0), Witness::default());
    heap.mutate(|mc| {
        let outcome = catch_unwind(AssertUnwindSafe(|| pair(mc, &witness)));
        assert!(outcome.is_err());
        assert!(mc.try_alloc_slice((0..3).map(|_| witness.token())).is_err());
    });
    assert!(heap.is_empty() && heap.stats().used_bytes == 0);
    witness.assert_all_dropped_once();
}
