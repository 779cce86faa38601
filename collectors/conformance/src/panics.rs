//! Panics wherever user code runs: the batch is finished, the first panic is resumed, and the heap goes on.

use crate::link::{Link, assert_usable, link, rooted};
use crate::mode::{Mode, applies};
use crate::witness::{Token, Witness};
use cyclade_core::{Between, Collector, Finalize, GcMap, Heap, Root, Slot, Trace};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What the panics of these checks carry.
pub(crate) struct Planned;

pub(crate) fn panic_now() -> ! {
    // `resume_unwind` and not `panic!`: nothing is printed.
    resume_unwind(Box::new(Planned))
}

/// Runs `work`, which must be left by a planned panic if `expected`, and by none otherwise.
#[track_caller]
fn check_panic<R>(expected: bool, work: impl FnOnce() -> R) {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(_) => assert!(!expected, "the panic was swallowed"),
        Err(panic) if panic.is::<Planned>() => assert!(expected, "a panic came too early"),
        Err(panic) => resume_unwind(panic),
    }
}

#[derive(Trace)]
struct Explosive {
    armed: bool,
    _token: Token,
}

impl Drop for Explosive {
    fn drop(&mut self) {
        if self.armed {
            panic_now();
        }
    }
}

#[derive(Trace)]
struct Cart<'gc> {
    next: Slot<'gc, Cart<'gc>>,
    _load: Explosive,
}

/// A ring, or a chain, of objects of which those with `armed` panic when they are dropped.
fn carts<C: Collector>(
    heap: &mut Heap<C>,
    witness: &Witness,
    armed: &[bool],
    ring: bool,
) -> Root<Cart<'static>> {
    heap.mutate(|mc| {
        let make = |&armed: &bool| {
            mc.alloc(Cart { next: Slot::empty(), _load: Explosive { armed, _token: witness.token() } })
        };
        let carts: Vec<_> = armed.iter().map(make).collect();
        for (i, cart) in carts.iter().enumerate() {
            if ring || i + 1 < carts.len() {
                cart.set(mc, |c| &c.next, Some(carts[(i + 1) % carts.len()]));
            }
        }
        mc.root(carts[0])
    })
}

/// Payloads that panic when they are dropped: all others are dropped nevertheless, each once.
pub fn panic_in_a_payload_drop_does_not_stop_the_batch<C: Collector>(mode: Mode) {
    for ring in [false, true] {
        let frees = if ring { C::PLAN.frees_cycles } else { C::PLAN.frees };
        let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
        let keep = rooted(&mut heap, &Witness::default());
        let root = carts(&mut heap, &witness, &[false, true, false, true, false], ring);
        check_panic(frees, || {
            drop(root);
            heap.collect();
        });
        heap.collect();
        assert_eq!(heap.len(), if frees { 1 } else { 6 });
        assert_eq!(witness.dropped(), if frees { 5 } else { 0 });
        assert!(heap.contains(keep.id()));
        assert_usable(&mut heap);
        check_panic(!frees, || drop(heap));
        witness.assert_all_dropped_once();
    }
}

/// The same while the heap itself is dropped.
pub fn panic_in_a_payload_drop_does_not_stop_the_heap_drop<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = carts(&mut heap, &witness, &[true, false, true], true);
    check_panic(true, || drop(heap));
    witness.assert_all_dropped_once();
    drop(root);
}

/// A root dropped while the thread unwinds never makes a second panic (which would abort).
pub fn payload_panic_waits_while_the_thread_unwinds<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = carts(&mut heap, &witness, &[true, true], false);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _root = root;
        resume_unwind(Box::new(crate::world::Expected));
    }));
    assert!(unwound.is_err_and(|panic| panic.is::<crate::world::Expected>()));
    assert_eq!(witness.dropped(), 0, "user code has run while the thread unwinds");
    check_panic(C::PLAN.frees, || {
        heap.mutate(|_| ());
        heap.collect();
    });
    assert_usable(&mut heap);
    check_panic(!C::PLAN.frees, || drop(heap));
    witness.assert_all_dropped_once();
}

#[derive(Trace)]
#[trace(finalize)]
struct Nervous<'gc> {
    next: Slot<'gc, Nervous<'gc>>,
    panics: bool,
    _token: Token,
}

impl Finalize for Nervous<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        // Out of the middle of a scope, which must be closed.
        heap.mutate(|mc| {
            if this.get(mc).panics {
                panic_now()
            }
        });
    }
}

/// A finalizer that panics has run; the others run too, and what was dead is freed.
pub fn panic_in_a_finalizer_does_not_stop_the_batch<C: Collector>(mode: Mode) {
    for ring in [false, true] {
        let frees = if ring { C::PLAN.frees_cycles } else { C::PLAN.frees };
        let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
        let root = heap.mutate(|mc| {
            let make = |i: usize| {
                mc.alloc(Nervous { next: Slot::empty(), panics: i % 2 == 1, _token: witness.token() })
            };
            let nodes: Vec<_> = (0..4).map(make).collect();
            for (i, node) in nodes.iter().enumerate() {
                if ring || i < 3 {
                    node.set(mc, |n| &n.next, Some(nodes[(i + 1) % 4]));
                }
            }
            mc.root(nodes[0])
        });
        check_panic(frees, || {
            drop(root);
            heap.collect();
        });
        heap.collect();
        assert_eq!((heap.is_empty(), witness.dropped()), (frees, if frees { 4 } else { 0 }));
        assert_usable(&mut heap);
        drop(heap);
        witness.assert_all_dropped_once();
    }
}

/// A scope that is left by a panic keeps what it did; what it left dead goes at the next safepoint.
pub fn scope_left_by_a_panic_is_reconciled<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let mut kept = None;
    check_panic(true, || {
        heap.mutate(|mc| {
            let (a, b) = (link(mc, &witness), link(mc, &witness));
            root.get(mc).set(mc, |n| &n.next, Some(a));
            kept = Some(mc.root(b));
            let _garbage = link(mc, &witness);
            drop(root.clone());
            panic_now();
        });
    });
    assert_eq!((heap.census().reachable, witness.dropped()), (3, 0));
    assert_eq!(heap.ref_count(root.id()), C::PLAN.counts.then_some(1));
    heap.mutate(|_| ());
    heap.collect();
    assert_eq!(witness.dropped(), usize::from(C::PLAN.frees));
    assert_usable(&mut heap);
}

/// An iterator that panics, or uses the heap itself, leaves nothing half made.
pub fn iterator_that_panics_leaves_no_slice<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    check_panic(true, || {
        heap.mutate(|mc| {
            mc.alloc_slice((0..10).map(|i| {
                if i == 5 {
                    panic_now();
                }
                witness.token()
            }));
        });
    });
    assert!(heap.is_empty());
    witness.assert_all_dropped_once();
    let row = heap.mutate(|mc| mc.root(mc.alloc_slice((0..10).map(|_| Slot::to(link(mc, &witness))))));
    heap.collect();
    assert_eq!(heap.census().reachable, 11);
    heap.mutate(|mc| assert!(row.get(mc).iter().all(|slot| slot.get().is_some())));
}

/// A key whose code panics when it is told to.
#[derive(Clone, Debug)]
struct Key {
    name: u32,
    panics: bool,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.panics {
            panic_now();
        }
        (self.name % 2).hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        // Only equal hashes are compared; 99 is not hashed in a special way, so that equality itself panics.
        if self.name == 99 || other.name == 99 {
            panic_now();
        }
        self.name == other.name
    }
}

impl Eq for Key {}

#[derive(Trace)]
struct Mapped<'gc> {
    map: GcMap<'gc, Key, Link<'gc>>,
}

/// Keys whose `Hash` or `Eq` panics leave a map as it was.
pub fn map_key_that_panics_leaves_the_map_as_it_was<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = heap.mutate(|mc| mc.root(mc.alloc(Mapped { map: GcMap::new() })));
    let key = |name, panics| Key { name, panics };
    heap.mutate(|mc| {
        for name in 0..6 {
            root.get(mc).edit(mc, |n| &n.map).insert(key(name, false), link(mc, &witness));
        }
    });
    for bad in [key(1, true), key(99, false)] {
        check_panic(true, || {
            heap.mutate(|mc| {
                root.get(mc).edit(mc, |n| &n.map).insert(bad.clone(), link(mc, &witness)).map(|n| n.id())
            })
        });
        check_panic(true, || {
            heap.mutate(|mc| root.get(mc).edit(mc, |n| &n.map).remove(&bad).map(|n| n.id()))
        });
        check_panic(true, || heap.mutate(|mc| root.get(mc).map.get(&bad).map(|n| n.id())));
    }
    heap.collect();
    assert_eq!(heap.census().reachable, 7);
    heap.mutate(|mc| {
        let node = root.get(mc);
        assert_eq!(node.map.len(), 6);
        for name in 0..6 {
            assert!(node.map.get(&key(name, false)).is_some());
        }
        assert!(node.edit(mc, |n| &n.map).remove(&key(3, false)).is_some());
    });
    drop(root);
    heap.collect();
    assert_eq!(heap.is_empty(), C::PLAN.frees);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// Callbacks that panic: the others run, the first panic is resumed, the heap goes on.
pub fn panic_in_a_callback_does_not_stop_the_others<C: Collector>(mode: Mode) {
    if !applies::<C>("panics::panic_in_a_callback_does_not_stop_the_others", C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let ran = std::rc::Rc::new(std::cell::Cell::new(0));
    for n in 0..3 {
        let ran = std::rc::Rc::clone(&ran);
        heap.on_death(&root.downgrade(), move |_| {
            ran.set(ran.get() + 1);
            if n != 1 {
                panic_now();
            }
        });
    }
    check_panic(true, || {
        drop(root);
        heap.collect();
    });
    assert_eq!(ran.get(), 3);
    assert_usable(&mut heap);
}

/// An observer that panics does not stop the collection.
pub fn panic_in_an_observer_does_not_stop_the_collection<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    drop(crate::link::rooted_pair(&mut heap, &witness));
    let mut left = 1;
    heap.on_collection(move |_, _| {
        if left > 0 {
            left -= 1;
            panic_now();
        }
    });
    check_panic(true, || heap.collect());
    assert_eq!(heap.is_empty(), C::PLAN.frees_cycles);
    assert_usable(&mut heap);
}

/// The closure that chooses a field may panic: nothing is written.
pub fn panic_while_choosing_a_field_writes_nothing<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    check_panic(true, || heap.mutate(|mc| root.get(mc).set(mc, |_| panic_now(), Some(link(mc, &witness)))));
    heap.mutate(|mc| assert!(root.get(mc).next.get().is_none()));
    assert_eq!(heap.census().reachable, 1);
    assert_usable(&mut heap);
}
