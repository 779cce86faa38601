//! Heaps and roots dropped in any order, from anywhere.

use crate::link::{assert_usable, link, rooted, rooted_pair};
use crate::mode::{Mode, applies};
use crate::witness::{Token, Witness};
use cyclade_core::{Collector, Heap, Root, Slot, Trace};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A payload that owns anything at all, and drops it with itself.
#[derive(Trace)]
struct Owner<'gc> {
    next: Slot<'gc, Owner<'gc>>,
    owned: RefCell<Vec<Box<dyn Any>>>,
    _token: Token,
}

fn owner<C: Collector>(heap: &mut Heap<C>, witness: &Witness) -> Root<Owner<'static>> {
    heap.mutate(|mc| {
        mc.root(mc.alloc(Owner { next: Slot::empty(), owned: RefCell::default(), _token: witness.token() }))
    })
}

fn give<C: Collector>(heap: &mut Heap<C>, owner: &Root<Owner<'static>>, what: impl Any) {
    heap.mutate(|mc| owner.get(mc).owned.borrow_mut().push(Box::new(what)));
}

/// Roots that outlive their heap are inert: they have an id, can be cloned and dropped, and lead nowhere.
pub fn roots_that_outlive_their_heap_are_inert<C: Collector>(mode: Mode) {
    let (mut heap, mut other, witness) = (mode.heap::<C>(), mode.heap::<C>(), Witness::default());
    let root = rooted_pair(&mut heap, &witness);
    let (id, twin) = (root.id(), root.clone());
    drop(heap);
    witness.assert_all_dropped_once();
    let third = twin.clone();
    assert!(root.id() == id && third.id() == id && !root.downgrade().is_alive());
    assert_eq!(format!("{root:?}"), format!("Root({id})"));
    other.mutate(|mc| {
        let error = root.try_get(mc).expect_err("a root of a heap that is gone");
        assert!(error.to_string().contains("has been dropped"), "{error}");
    });
    assert!(!other.contains(id));
    drop((root, twin, third));
    assert_usable(&mut other);
}

/// A root is refused by another heap, and the message names both.
pub fn root_of_another_heap_is_refused_by_name<C: Collector>(mode: Mode) {
    let (mut heap, mut other, witness) = (mode.heap::<C>(), mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let error = other.mutate(|mc| root.try_get(mc).map(|_| ()).expect_err("a root of another heap"));
    let text = error.to_string();
    assert!(text.contains(&heap.id().to_string()) && text.contains(&other.id().to_string()), "{text}");
    let panic =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| other.mutate(|mc| root.get(mc).id())));
    let panic = panic.expect_err("a root of another heap");
    assert_eq!(panic.downcast_ref::<String>(), Some(&text));
    assert!(heap.contains(root.id()));
    assert_usable(&mut other);
}

/// Many heaps, roots dropped before, after and between them.
pub fn heaps_and_roots_die_in_any_order<C: Collector>(mode: Mode) {
    for order in 0..6 {
        let witness = Witness::default();
        let mut heaps: Vec<Option<Heap<C>>> = (0..3).map(|_| Some(mode.heap())).collect();
        let mut roots: Vec<Option<Root<_>>> = Vec::new();
        for heap in heaps.iter_mut().flatten() {
            roots.push(Some(rooted_pair(heap, &witness)));
            roots.push(Some(rooted(heap, &witness)));
        }
        for step in 0..6 {
            roots[(step * 5 + order) % 6] = None;
            if step % 2 == order % 2 {
                heaps[(step + order) % 3] = None;
            }
            heaps.iter_mut().flatten().for_each(|heap| {
                heap.collect();
            });
        }
        drop(heaps);
        witness.assert_all_dropped_once();
    }
}

/// A heap dropped inside of another one's scope.
pub fn heap_dropped_inside_the_scope_of_another<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let mut inner = mode.heap::<C>();
    let inner_root = rooted_pair(&mut inner, &witness);
    let root = heap.mutate(|mc| {
        let a = link(mc, &witness);
        drop(inner);
        drop(inner_root);
        let b = link(mc, &witness);
        a.set(mc, |n| &n.next, Some(b));
        mc.root(a)
    });
    assert_eq!(heap.census().reachable, 2);
    drop(root);
    assert_usable(&mut heap);
}

/// A payload that owns a root of its own heap holds a cycle that no collector can see: it goes with the heap.
pub fn payload_may_own_a_root_of_its_own_heap<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let (a, b) = (owner(&mut heap, &witness), owner(&mut heap, &witness));
    // To itself: that never ends before the heap does. To another object: that goes when the owner does.
    give(&mut heap, &a, a.clone());
    let pair = rooted_pair(&mut heap, &witness);
    give(&mut heap, &b, pair);
    drop((a, b));
    (0..3).for_each(|_| {
        heap.collect();
    });
    if C::PLAN.frees {
        assert_eq!(heap.len(), if C::PLAN.frees_cycles { 1 } else { 3 });
    }
    assert_usable(&mut heap);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// Payloads of two heaps own roots of each other; either heap may go first.
pub fn payloads_may_own_roots_of_another_heap<C: Collector>(mode: Mode) {
    for first in [true, false] {
        let (mut a, mut b, witness) = (mode.heap::<C>(), mode.heap::<C>(), Witness::default());
        let (in_a, in_b) = (owner(&mut a, &witness), owner(&mut b, &witness));
        give(&mut a, &in_a, rooted_pair(&mut b, &witness));
        give(&mut b, &in_b, rooted(&mut a, &witness));
        if first {
            drop(in_a);
            a.collect();
            b.collect();
            assert_eq!(
                b.len(),
                if C::PLAN.frees_cycles { 1 } else { 3 },
                "the pair of b goes with the object in a"
            );
            drop(a);
            assert_usable(&mut b);
            drop((b, in_b));
        } else {
            drop((b, in_b));
            assert_usable(&mut a);
            drop((in_a, a));
        }
        witness.assert_all_dropped_once();
    }
}

/// A payload that owns another heap takes it along.
pub fn payload_may_own_another_heap<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let outer = owner(&mut heap, &witness);
    let mut inner = mode.heap::<C>();
    let inner_root = rooted_pair(&mut inner, &witness);
    give(&mut heap, &outer, inner);
    give(&mut heap, &outer, inner_root);
    drop(outer);
    heap.collect();
    assert_eq!(witness.dropped(), if C::PLAN.frees { 3 } else { 0 });
    assert_usable(&mut heap);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// The last handle of a heap is dropped by a payload of that heap, in the middle of its own work.
pub fn heap_dropped_by_its_own_payload<C: Collector>(mode: Mode) {
    let name = "endings::heap_dropped_by_its_own_payload";
    if !applies::<C>(name, C::PLAN.counts, "does not count: it frees only while the heap is borrowed") {
        return;
    }
    let witness = Witness::default();
    let shared: Rc<RefCell<Option<Heap<C>>>> = Rc::new(RefCell::new(Some(mode.heap())));
    let (root, bystander) = {
        let mut guard = shared.borrow_mut();
        let heap = guard.as_mut().expect("just made");
        let (root, bystander) = (owner(heap, &witness), rooted_pair(heap, &witness));
        let handle = Rc::clone(&shared);
        give(heap, &root, Bomb(Some(Box::new(move || drop(handle.take())))));
        (root, bystander)
    };
    drop(root);
    assert!(shared.borrow().is_none(), "the payload has dropped the heap");
    witness.assert_all_dropped_once();
    assert!(!bystander.downgrade().is_alive());
    drop(bystander);
    // The next heap of the thread finds everything in order.
    assert_usable(&mut mode.heap::<C>());
}

/// Does something when it is dropped.
struct Bomb(Option<Box<dyn FnOnce()>>);

impl Drop for Bomb {
    fn drop(&mut self) {
        if let Some(action) = self.0.take() {
            action();
        }
    }
}

/// While a heap is dropped, payloads drop roots of it, which are inert by then.
pub fn roots_dropped_while_their_heap_is_dropped<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let owners: Vec<_> = (0..4).map(|_| owner(&mut heap, &witness)).collect();
    for (i, owner) in owners.iter().enumerate() {
        let next = &owners[(i + 1) % owners.len()];
        give(&mut heap, owner, next.clone());
        give(&mut heap, owner, next.downgrade());
        let (at, again) = (next.clone(), next.clone());
        give(
            &mut heap,
            owner,
            Bomb(Some(Box::new(move || drop((at.clone(), again, at.downgrade().upgrade()))))),
        );
    }
    drop(owners);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// An empty heap, a heap that was only collected, a heap without a scope.
pub fn unused_heaps_are_dropped_quietly<C: Collector>(mode: Mode) {
    drop(mode.heap::<C>());
    let mut heap = mode.heap::<C>();
    assert!(heap.is_empty() && heap.collect().freed == 0);
    heap.mutate(|_| ());
    assert_eq!(heap.census(), cyclade_core::Census::default());
}

/// A heap and its roots, dropped while the thread unwinds.
pub fn heap_dropped_while_unwinding<C: Collector>(mode: Mode) {
    let witness = Witness::default();
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut heap = mode.heap::<C>();
        let _first = rooted_pair(&mut heap, &witness);
        let second = owner(&mut heap, &witness);
        let third = rooted(&mut heap, &witness);
        give(&mut heap, &second, third);
        std::panic::resume_unwind(Box::new(crate::world::Expected));
    }));
    assert!(unwound.is_err_and(|panic| panic.is::<crate::world::Expected>()));
    witness.assert_all_dropped_once();
}

/// Roots dropped while the thread unwinds out of a scope act at the next safepoint.
pub fn root_dropped_while_unwinding_acts_later<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _root = root;
        std::panic::resume_unwind(Box::new(crate::world::Expected));
    }));
    assert!(unwound.is_err());
    heap.mutate(|_| ());
    heap.collect();
    assert_eq!(witness.dropped(), usize::from(C::PLAN.frees));
    assert_usable(&mut heap);
}
