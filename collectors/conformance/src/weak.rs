//! Weak references: they keep nothing alive, know when their target is gone, and never lead to another object.

use crate::link::{link, pair, rooted, rooted_pair};
use crate::mode::{Mode, applies};
use crate::witness::{Token, Witness};
use cyclade_core::{Collector, Root, Slot, Trace, WeakRoot};
use std::cell::RefCell;
use std::rc::Rc;

/// Alone it does not keep its target.
pub fn weak_handle_keeps_nothing_alive<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let weak = root.downgrade();
    assert!(weak.is_alive() && weak.upgrade().is_some_and(|again| again.id() == root.id()));
    drop(root);
    heap.collect();
    assert_eq!(weak.is_alive(), !C::PLAN.frees);
    assert_eq!(weak.upgrade().is_some(), !C::PLAN.frees);
    assert_eq!(witness.dropped(), usize::from(C::PLAN.frees));
}

/// A root made from it does.
pub fn upgraded_handle_keeps_its_target<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted_pair(&mut heap, &witness);
    let weak = root.downgrade().clone();
    let again = weak.upgrade();
    drop(root);
    heap.collect();
    assert!(weak.is_alive() && heap.len() == 2);
    drop(again);
    heap.collect();
    assert_eq!(weak.is_alive(), !C::PLAN.frees_cycles);
}

/// The weak references of a dead cycle's members to each other keep nothing, and are emptied with them.
pub fn dead_cycle_with_weak_references_inside_is_freed<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let weak = heap.mutate(|mc| {
        let a = pair(mc, &witness);
        a.set_weak(mc, |n| &n.weak, a.next.get());
        let b = a.next.get().expect("a pair");
        b.set_weak(mc, |n| &n.weak, Some(a));
        assert_eq!(b.weak.upgrade(mc), Some(a));
        a.downgrade_root(mc)
    });
    heap.collect();
    assert_eq!(weak.is_alive(), !C::PLAN.frees_cycles);
    assert_eq!(heap.is_empty(), C::PLAN.frees_cycles);
}

/// When its target's address is given to another object, it stays dead.
pub fn weak_reference_survives_reuse_of_the_address<C: Collector>(mode: Mode) {
    if !applies::<C>("weak::weak_reference_survives_reuse_of_the_address", C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let holder = rooted(&mut heap, &witness);
    let target = heap.mutate(|mc| {
        let target = link(mc, &witness);
        holder.get(mc).set_weak(mc, |n| &n.weak, Some(target));
        mc.root(target)
    });
    let (id, weak) = (target.id(), target.downgrade());
    drop(target);
    heap.collect();
    assert!(!heap.contains(id));
    let mut fill: Vec<Root<_>> = Vec::new();
    while !heap.contains(id) {
        assert!(fill.len() < 1 << 20, "the address never came back");
        heap.mutate(|mc| fill.extend((0..1000).map(|_| mc.root(link(mc, &witness)))));
    }
    assert!(!weak.is_alive() && weak.upgrade().is_none());
    heap.mutate(|mc| assert!(holder.get(mc).weak.upgrade(mc).is_none()));
    // The new object can have weak references of its own, which do not revive the old ones.
    let new = fill.iter().find(|root| root.id() == id).map(Root::downgrade);
    assert!(new.is_some_and(|new| new.is_alive()) && !weak.is_alive());
}

/// Looks, while it is dropped, at its neighbour through a weak handle.
#[derive(Trace)]
struct Curious<'gc> {
    next: Slot<'gc, Curious<'gc>>,
    look: Look,
}

#[derive(Trace)]
struct Look {
    neighbour: RefCell<Option<WeakRoot<Curious<'static>>>>,
    seen: Rc<RefCell<Vec<Root<Curious<'static>>>>>,
    _token: Token,
}

impl Drop for Look {
    fn drop(&mut self) {
        if let Some(root) = self.neighbour.take().and_then(|weak| weak.upgrade()) {
            self.seen.borrow_mut().push(root);
        }
    }
}

/// A payload's `Drop` gets nothing dead through a weak handle: whatever it can upgrade is whole, and stays.
pub fn payload_drop_cannot_upgrade_to_something_dead<C: Collector>(mode: Mode) {
    for cyclic in [false, true] {
        let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
        let seen = Rc::new(RefCell::new(Vec::new()));
        heap.mutate(|mc| {
            let make = || {
                let look =
                    Look { neighbour: RefCell::default(), seen: Rc::clone(&seen), _token: witness.token() };
                mc.alloc(Curious { next: Slot::empty(), look })
            };
            let ring: Vec<_> = (0..5).map(|_| make()).collect();
            for (i, node) in ring.iter().enumerate() {
                let next = ring[(i + 1) % ring.len()];
                if cyclic || i + 1 < ring.len() {
                    node.set(mc, |n| &n.next, Some(next));
                }
                *node.look.neighbour.borrow_mut() = Some(next.downgrade_root(mc));
            }
        });
        heap.collect();
        let saved = seen.take();
        assert!(!cyclic || saved.is_empty(), "a member of a dead cycle has been handed out");
        for root in &saved {
            assert!(heap.contains(root.id()), "something dead has been handed out");
        }
        heap.mutate(|mc| {
            saved.iter().for_each(|root| assert!(root.get(mc).look.neighbour.try_borrow().is_ok()))
        });
        drop(saved);
        while C::PLAN.frees && !cyclic && !heap.is_empty() {
            heap.collect();
            seen.take();
        }
        drop(heap);
        seen.take();
        witness.assert_all_dropped_once();
    }
}

/// A weak reference of an object may be changed and cleared; each object has one cell whoever refers to it.
pub fn weak_references_can_be_rewritten<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let (a, b) = (rooted(&mut heap, &witness), rooted(&mut heap, &witness));
    heap.mutate(|mc| {
        let (a, b) = (a.get(mc), b.get(mc));
        for target in [Some(a), Some(b), None, Some(b)] {
            a.set_weak(mc, |n| &n.weak, target);
            assert_eq!(a.weak.upgrade(mc), target);
        }
    });
    drop(b);
    heap.collect();
    heap.mutate(|mc| assert_eq!(a.get(mc).weak.upgrade(mc).is_none(), C::PLAN.frees));
}

/// Weak handles outlive heaps.
pub fn weak_handle_of_a_dropped_heap_is_dead<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let weak = root.downgrade();
    drop(heap);
    assert!(!weak.is_alive() && weak.upgrade().is_none() && !weak.clone().is_alive());
    assert!(!root.downgrade().is_alive());
    assert_eq!(format!("{weak:?}"), "WeakRoot(dead)");
}
