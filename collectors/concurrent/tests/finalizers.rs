//! Finalizers and resurrection, in cycles that go on beside the mutator and in explicit collections.

use cyclade_concurrent::{
    Between, Collector, Config, Finalize, GcVec, Heap, Options, Phase, Root, Slot, Trace, WeakRoot, Zeal,
};
use std::cell::RefCell;

#[derive(Trace)]
#[trace(finalize)]
struct Guarded<'gc> {
    me: Slot<'gc, Guarded<'gc>>,
    plain: Slot<'gc, Plain<'gc>>,
    number: u32,
}

#[derive(Trace)]
struct Plain<'gc> {
    list: GcVec<'gc, Guarded<'gc>>,
    number: u32,
}

thread_local! {
    static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static SAVED: RefCell<Vec<Root<Guarded<'static>>>> = const { RefCell::new(Vec::new()) };
}

const SAVES_ITSELF: u32 = 1000;
const COLLECTS: u32 = 2000;
const BREEDS: u32 = 3000;

impl Finalize for Guarded<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let number = heap.mutate(|mc| {
            let this = this.get(mc);
            // All that it refers to is there.
            if let Some(plain) = this.plain.get() {
                assert_eq!(plain.number, this.number);
            }
            this.number
        });
        SEEN.with_borrow_mut(|seen| seen.push(number));
        match number / 1000 * 1000 {
            SAVES_ITSELF => SAVED.with_borrow_mut(|saved| saved.push(this.clone())),
            COLLECTS => _ = heap.collect(),
            BREEDS => heap.mutate(|mc| {
                for number in 0..3 {
                    mc.alloc(Guarded { me: Slot::empty(), plain: Slot::empty(), number });
                }
            }),
            _ => {}
        }
    }
}

fn seen() -> Vec<u32> {
    SEEN.take()
}

/// A guarded object that refers to itself and to a plain one, which refers back.
fn guarded(heap: &mut Heap, number: u32) -> Root<Guarded<'static>> {
    heap.mutate(|mc| {
        let plain = mc.alloc(Plain { list: GcVec::new(), number });
        let guarded = mc.alloc(Guarded { me: Slot::empty(), plain: Slot::to(plain), number });
        guarded.set(mc, |n| &n.me, Some(guarded));
        plain.edit(mc, |n| &n.list).push(guarded);
        mc.root(guarded)
    })
}

fn heap(options: Options) -> Heap {
    Heap::new(Config { collector: options, zeal: Some(Zeal { collect_every: 0 }), ..Config::default() })
}

fn by_hand() -> Heap {
    heap(Options { automatic: false, ..Options::eager() })
}

fn cycle(heap: &mut Heap) {
    heap.collector().request_cycle();
    heap.mutate(|_| {});
    while heap.collector().phase() != Phase::Idle {
        heap.mutate(|_| {});
    }
}

#[test]
fn a_collection_runs_finalizers_in_order_of_birth_and_frees_what_stays_dead() {
    let mut heap = by_hand();
    for number in 0..5 {
        drop(guarded(&mut heap, number));
    }
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, found.resurrected), (10, 10, 0));
    assert_eq!(seen(), [0, 1, 2, 3, 4]);
    assert!(heap.is_empty());
}

#[test]
fn a_finalizer_may_bring_its_object_back_once() {
    let mut heap = by_hand();
    let weak: WeakRoot<Guarded<'static>> = guarded(&mut heap, SAVES_ITSELF).downgrade();
    drop(guarded(&mut heap, 7));
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, found.resurrected), (2, 2, 2));
    assert_eq!(seen(), [SAVES_ITSELF, 7]);
    assert!(!weak.is_alive(), "weak references were emptied first");
    assert_eq!(heap.len(), 2);
    SAVED.take();
    let found = heap.collect();
    assert_eq!((found.unreachable, found.resurrected), (2, 0));
    assert_eq!(seen(), [0; 0], "never again");
}

#[test]
fn a_cycle_beside_the_mutator_finalizes_in_slices_and_frees_with_the_next_cycle() {
    let mut heap = by_hand();
    let weak = guarded(&mut heap, 0).downgrade();
    for number in 1..20 {
        drop(guarded(&mut heap, number));
    }
    let kept = guarded(&mut heap, 20);
    heap.collector().request_cycle();
    heap.mutate(|_| {});
    while heap.collector().phase() == Phase::Marking {
        assert!(weak.is_alive());
        heap.mutate(|_| {});
    }
    assert_eq!(heap.collector().phase(), Phase::Finishing);
    let mut slices = 0;
    while heap.collector().phase() == Phase::Finishing {
        assert!(!weak.is_alive(), "dead, whether it has been looked at or not");
        assert!(weak.upgrade().is_none());
        // What is born in between is none of this cycle's business.
        heap.mutate(|mc| _ = mc.alloc(Plain { list: GcVec::new(), number: 0 }));
        slices += 1;
    }
    assert!(slices > 10, "{slices} slices of 3 objects");
    assert_eq!(SEEN.with_borrow(Vec::len), 0, "no finalizer before everything is kept");
    while heap.collector().phase() != Phase::Idle || SEEN.with_borrow(Vec::len) < 20 {
        heap.mutate(|_| {});
    }
    assert_eq!(seen(), (0..20).collect::<Vec<_>>());
    assert!(heap.len() >= 42);
    cycle(&mut heap);
    assert_eq!(heap.len(), 2);
    drop(kept);
}

#[test]
fn a_collection_in_the_middle_of_finalizing_runs_the_rest_of_the_finalizers() {
    for scopes in 0..40 {
        let mut heap = by_hand();
        for number in 0..6 {
            drop(guarded(&mut heap, number));
        }
        heap.collector().request_cycle();
        for _ in 0..scopes {
            heap.mutate(|_| {});
        }
        heap.collect();
        assert_eq!(seen(), [0, 1, 2, 3, 4, 5], "after {scopes} scopes");
        assert!(heap.is_empty());
    }
}

#[test]
fn a_finalizer_may_collect() {
    let mut heap = by_hand();
    for number in [COLLECTS, 1, COLLECTS + 1, 2] {
        drop(guarded(&mut heap, number));
    }
    cycle(&mut heap);
    while SEEN.with_borrow(Vec::len) < 4 {
        heap.mutate(|_| {});
    }
    assert_eq!(seen(), [COLLECTS, 1, COLLECTS + 1, 2]);
    heap.collect();
    assert!(heap.is_empty());
}

#[test]
fn finalizers_that_make_finalizable_garbage_come_to_an_end() {
    let mut heap = by_hand();
    drop(guarded(&mut heap, BREEDS));
    heap.collect();
    assert_eq!(seen(), [BREEDS, 0, 1, 2]);
    assert!(heap.is_empty());
}

#[test]
fn automatic_cycles_never_lose_or_repeat_a_finalizer() {
    let mut heap = heap(Options::eager());
    for number in 0..300 {
        drop(guarded(&mut heap, number));
        assert!(heap.len() >= 2);
    }
    heap.collect();
    let mut seen = seen();
    seen.sort_unstable();
    assert_eq!(seen, (0..300).collect::<Vec<_>>());
    assert!(heap.is_empty());
}
