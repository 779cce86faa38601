//! `mem::forget` of every guard: what it must have told the heap was recorded when it was taken.

use crate::mode::Mode;
use crate::witness::{Token, Witness};
use cyclade_core::{Collector, Gc, GcMap, GcVec, Heap, Locked, Mutator, Root, Trace};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Trace)]
struct Box3<'gc> {
    locked: Locked<Vec<Gc<'gc, Box3<'gc>>>>,
    list: GcVec<'gc, Box3<'gc>>,
    map: GcMap<'gc, u8, Box3<'gc>>,
    _token: Token,
}

fn make<'gc, C: Collector>(mc: &Mutator<'gc, C>, witness: &Witness) -> Gc<'gc, Box3<'gc>> {
    let _token = witness.token();
    mc.alloc(Box3 { locked: Locked::default(), list: GcVec::new(), map: GcMap::new(), _token })
}

fn stage<C: Collector>(mode: Mode) -> (Heap<C>, Witness, Root<Box3<'static>>) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = heap.mutate(|mc| mc.root(make(mc, &witness)));
    (heap, witness, root)
}

fn finish<C: Collector>(mut heap: Heap<C>, witness: &Witness, root: Root<Box3<'static>>) {
    drop(root);
    heap.collect();
    assert_eq!(heap.is_empty(), C::PLAN.frees, "objects are left");
    drop(heap);
    witness.assert_all_dropped_once();
}

/// What was written through a forgotten write guard is known when the scope ends, and the lock is open in the next.
pub fn forgotten_write_guard_is_reconciled<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    let child = heap.mutate(|mc| {
        let child = make(mc, &witness);
        let mut guard = root.get(mc).borrow_mut(mc, |n| &n.locked);
        guard.push(child);
        guard.push(child);
        forget(guard);
        child.id()
    });
    heap.collect();
    assert_eq!(heap.census().reachable, 2, "what was pushed is an edge");
    assert_eq!(heap.ref_count(child), C::PLAN.counts.then_some(2));
    heap.mutate(|mc| {
        let mut guard = root.get(mc).borrow_mut(mc, |n| &n.locked);
        assert_eq!(guard.pop().map(|child| child.id()), Some(child));
        forget(guard);
    });
    assert_eq!(heap.ref_count(child), C::PLAN.counts.then_some(1));
    heap.mutate(|mc| root.get(mc).borrow_mut(mc, |n| &n.locked).clear());
    heap.collect();
    assert_eq!(heap.contains(child), !C::PLAN.frees);
    finish(heap, &witness, root);
}

/// In its own scope a forgotten write guard keeps the lock: there is never a second one.
pub fn forgotten_write_guard_keeps_the_lock_in_its_scope<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    heap.mutate(|mc| {
        let node = root.get(mc);
        forget(node.borrow_mut(mc, |n| &n.locked));
        assert!(catch_unwind(AssertUnwindSafe(|| drop(node.borrow_mut(mc, |n| &n.locked)))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(node.locked.borrow(mc)))).is_err());
    });
    heap.mutate(|mc| assert!(root.get(mc).locked.borrow(mc).is_empty()));
    finish(heap, &witness, root);
}

/// A forgotten read guard keeps writers out of its scope, and no longer.
pub fn forgotten_read_guard_ends_with_its_scope<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    heap.mutate(|mc| {
        let node = root.get(mc);
        forget(node.locked.borrow(mc));
        assert!(catch_unwind(AssertUnwindSafe(|| drop(node.borrow_mut(mc, |n| &n.locked)))).is_err());
        assert_eq!(node.locked.borrow(mc).len(), 0, "readers may be many");
    });
    heap.mutate(|mc| root.get(mc).borrow_mut(mc, |n| &n.locked).push(make(mc, &witness)));
    heap.collect();
    assert_eq!(heap.census().reachable, 2);
    finish(heap, &witness, root);
}

/// A write guard forgotten in a scope that is left by a panic.
pub fn write_guard_lost_in_a_panic_is_reconciled<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        heap.mutate(|mc| {
            let mut guard = root.get(mc).borrow_mut(mc, |n| &n.locked);
            guard.push(make(mc, &witness));
            forget(guard);
            std::panic::resume_unwind(Box::new(crate::world::Expected));
        });
    }));
    assert!(unwound.is_err());
    heap.collect();
    assert_eq!(heap.census().reachable, 2, "there is no roll-back");
    finish(heap, &witness, root);
}

/// Single writes while the object is logged are not counted twice.
pub fn writes_beside_a_write_guard_are_counted_once<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    let child = heap.mutate(|mc| {
        let (node, child) = (root.get(mc), make(mc, &witness));
        node.edit(mc, |n| &n.list).push(child);
        let mut guard = node.borrow_mut(mc, |n| &n.locked);
        node.edit(mc, |n| &n.list).push(child);
        node.edit(mc, |n| &n.map).insert(1, child);
        guard.push(child);
        node.edit(mc, |n| &n.list).pop();
        drop(guard);
        node.edit(mc, |n| &n.map).insert(2, child);
        child.id()
    });
    assert_eq!(heap.ref_count(child), C::PLAN.counts.then_some(4));
    heap.mutate(|mc| {
        let node = root.get(mc);
        node.edit(mc, |n| &n.list).clear();
        node.edit(mc, |n| &n.map).clear();
        assert_eq!(std::mem::take(&mut *node.borrow_mut(mc, |n| &n.locked)).len(), 1);
    });
    heap.collect();
    assert_eq!(heap.contains(child), !C::PLAN.frees);
    finish(heap, &witness, root);
}

/// Editors hold nothing back: forgetting them loses nothing.
#[allow(clippy::forget_non_drop)] // That they need no `Drop` is the point; this check stays right should they get one.
pub fn forgotten_editors_lose_nothing<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    let child = heap.mutate(|mc| {
        let child = make(mc, &witness);
        let mut list = root.get(mc).edit(mc, |n| &n.list);
        list.push(child);
        forget(list);
        let mut map = root.get(mc).edit(mc, |n| &n.map);
        map.insert(1, child);
        map.insert(1, child);
        forget(map);
        forget(root.get(mc).list.iter());
        child.id()
    });
    heap.collect();
    assert_eq!(heap.ref_count(child), C::PLAN.counts.then_some(2));
    assert_eq!(heap.census().reachable, 2);
    finish(heap, &witness, root);
}

/// A forgotten root keeps its object until the heap goes.
pub fn forgotten_root_keeps_its_object<C: Collector>(mode: Mode) {
    let (mut heap, witness, root) = stage::<C>(mode);
    let id = root.id();
    forget(root.clone());
    forget(root.downgrade());
    forget(root);
    heap.collect();
    assert!(heap.contains(id) && heap.census().reachable == 1);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// A forgotten heap leaks, and its roots stay usable handles.
pub fn forgotten_heap_leaks_and_nothing_else<C: Collector>(mode: Mode) {
    if C::PLAN.concurrent {
        println!(
            "skipped for `{}`: guards::forgotten_heap_leaks_and_nothing_else, because its thread would stay",
            C::NAME
        );
        return;
    }
    let (heap, witness, root) = stage::<C>(mode);
    let twin = root.clone();
    forget(heap);
    drop(root);
    assert_eq!(witness.dropped(), 0, "the twin holds it");
    let weak = twin.downgrade();
    assert!(weak.is_alive());
    drop(twin);
    assert_eq!(witness.dropped(), usize::from(C::PLAN.counts));
}
