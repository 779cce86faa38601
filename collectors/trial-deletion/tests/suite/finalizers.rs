//! Finalizers, resurrection, weak references and callbacks, drops of payload: formats.md §1, rules 6 to 11.

use cyclade_trial_deletion::{
    Between, Collector, Config, Finalize, Heap, ObjectId, Options, Root, Rules, Slot, Trace, Weak, WeakRoot,
    Zeal,
};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What the finalizer of an object does, by the number in the object.
type Act = Box<dyn Fn(&Root<Guard<'static>>)>;

thread_local! {
    static LOG: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static ACTS: RefCell<HashMap<u32, Act>> = RefCell::default();
    static SAVED: RefCell<Vec<Root<Guard<'static>>>> = const { RefCell::new(Vec::new()) };
    static NESTED: Cell<Option<usize>> = const { Cell::new(None) };
}

#[derive(Trace)]
#[trace(finalize)]
struct Guard<'gc> {
    number: u32,
    next: Slot<'gc, Guard<'gc>>,
    other: Slot<'gc, Guard<'gc>>,
    plain: Slot<'gc, Plain<'gc>>,
}

#[derive(Trace)]
struct Plain<'gc> {
    back: Slot<'gc, Guard<'gc>>,
}

impl Finalize for Guard<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let number = heap.mutate(|mc| this.get(mc).number);
        LOG.with_borrow_mut(|log| log.push(number));
        if number == COLLECTS {
            NESTED.set(Some(heap.collect().unreachable));
        }
        ACTS.with_borrow(|acts| {
            if let Some(act) = acts.get(&number) {
                act(this);
            }
        });
        if number == CUTS {
            heap.mutate(|mc| this.get(mc).set(mc, |g| &g.next, None));
        }
        assert!(number != PANICS, "a finalizer panics");
    }
}

/// An object with this number cuts its edge `next`.
const CUTS: u32 = 100;
/// An object with this number collects.
const COLLECTS: u32 = 102;
/// An object with this number panics.
const PANICS: u32 = 101;

fn act(number: u32, act: impl Fn(&Root<Guard<'static>>) + 'static) {
    ACTS.with_borrow_mut(|acts| acts.insert(number, Box::new(act)));
}

fn save(this: &Root<Guard<'static>>) {
    SAVED.with_borrow_mut(|saved| saved.push(this.clone()));
}

fn log() -> Vec<u32> {
    LOG.take()
}

fn heap(rules: Rules) -> Heap {
    let collector = Options { rules, automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

/// A dead ring of guards with these numbers; the ids in order.
fn ring(heap: &mut Heap, numbers: &[u32]) -> Vec<ObjectId> {
    heap.mutate(|mc| {
        let make = |&number| {
            let (next, other, plain) = (Slot::empty(), Slot::empty(), Slot::empty());
            mc.alloc(Guard { number, next, other, plain })
        };
        let guards: Vec<_> = numbers.iter().map(make).collect();
        for (i, guard) in guards.iter().enumerate() {
            guard.set(mc, |g| &g.next, Some(guards[(i + 1) % guards.len()]));
        }
        guards.iter().map(|guard| guard.id()).collect()
    })
}

#[test]
fn finalizers_of_a_dead_ring_run_once_in_list_order_and_it_is_freed() {
    let mut heap = heap(Rules::Since39);
    ring(&mut heap, &[1, 2, 3, 4]);
    let found = heap.collect();
    assert_eq!(log(), [1, 2, 3, 4]);
    assert_eq!((found.unreachable, found.freed, found.resurrected, heap.len()), (4, 4, 0, 0));
}

#[test]
fn a_nested_collection_returns_zero() {
    let mut heap = heap(Rules::Since39);
    ring(&mut heap, &[1, COLLECTS]);
    assert_eq!(heap.collect().unreachable, 2);
    assert_eq!(NESTED.get(), Some(0));
}

#[test]
fn resurrection_keeps_what_was_resurrected_and_what_it_reaches() {
    let mut heap = heap(Rules::Since39);
    act(2, save);
    let kept = heap.mutate(|mc| {
        let make = |number| {
            let (next, other, plain) = (Slot::empty(), Slot::empty(), Slot::empty());
            mc.alloc(Guard { number, next, other, plain })
        };
        let (a, b, c) = (make(1), make(2), make(3));
        a.set(mc, |g| &g.next, Some(b));
        a.set(mc, |g| &g.other, Some(a));
        b.set(mc, |g| &g.next, Some(c));
        b.set(mc, |g| &g.other, Some(b));
        [b.id(), c.id()]
    });
    let found = heap.collect();
    assert_eq!(log(), [1, 2, 3]);
    assert_eq!((found.unreachable, found.freed, found.resurrected), (1, 1, 2));
    assert!(kept.iter().all(|&id| heap.contains(id)));
    // It is not finalized a second time, and goes without a word.
    SAVED.take().clear();
    assert_eq!((heap.collect().unreachable, heap.len()), (2, 0));
    assert!(log().is_empty());
}

#[test]
fn before_39_one_resurrected_object_keeps_all() {
    let mut heap = heap(Rules::Since34);
    act(2, save);
    ring(&mut heap, &[1]);
    ring(&mut heap, &[2]);
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, found.resurrected, heap.len()), (2, 0, 2, 2));
    SAVED.take().clear();
    assert_eq!((heap.collect().unreachable, heap.len()), (2, 0));
    assert_eq!(log(), [1, 2]);
}

#[test]
fn before_34_a_dead_cycle_with_a_finalizer_is_uncollectable() {
    let mut heap = heap(Rules::Before34);
    let ids = heap.mutate(|mc| {
        let guard =
            mc.alloc(Guard { number: 1, next: Slot::empty(), other: Slot::empty(), plain: Slot::empty() });
        let plain = mc.alloc(Plain { back: Slot::to(guard) });
        guard.set(mc, |g| &g.plain, Some(plain));
        [guard.id(), plain.id()]
    });
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, found.uncollectable), (2, 0, 2));
    assert!(log().is_empty());
    assert_eq!(heap.collector().garbage(), ids[..1]);
    assert_eq!((heap.ref_count(ids[0]), heap.len()), (Some(2), 2));
    // Held by the list, it is not garbage any more; let go of, it is found again.
    assert_eq!(heap.collect().unreachable, 0);
    heap.collector().clear_garbage();
    assert_eq!(heap.ref_count(ids[0]), Some(1));
    assert_eq!(heap.collect().uncollectable, 2);
}

#[test]
fn before_34_a_finalizer_runs_at_every_death_by_counting() {
    let mut heap = heap(Rules::Before34);
    act(1, save);
    let guard = heap.mutate(|mc| {
        let (next, other, plain) = (Slot::empty(), Slot::empty(), Slot::empty());
        mc.root(mc.alloc(Guard { number: 1, next, other, plain }))
    });
    drop(guard);
    assert_eq!((log(), heap.len()), (vec![1], 1));
    SAVED.take().clear();
    assert_eq!((log(), heap.len()), (vec![1], 1));
    ACTS.with_borrow_mut(HashMap::clear);
    SAVED.take().clear();
    assert_eq!((log(), heap.len()), (vec![1], 0));
}

#[test]
fn at_death_by_counting_a_modern_finalizer_runs_once_and_may_resurrect() {
    let mut heap = heap(Rules::Since39);
    act(1, save);
    let guard = heap.mutate(|mc| {
        let (next, other, plain) = (Slot::empty(), Slot::empty(), Slot::empty());
        mc.root(mc.alloc(Guard { number: 1, next, other, plain }))
    });
    let id = guard.id();
    heap.collect();
    drop(guard);
    assert_eq!((log(), heap.contains(id)), (vec![1], true));
    assert_eq!(heap.collector().generation(0), [id], "resurrected by count, it starts anew in generation 0");
    SAVED.take().clear();
    assert_eq!((log(), heap.len()), (vec![], 0));
}

#[derive(Trace)]
#[trace(finalize = "legacy")]
struct Legacy<'gc> {
    me: Slot<'gc, Legacy<'gc>>,
    behind: Slot<'gc, Plain<'gc>>,
}

impl Finalize for Legacy<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        LOG.with_borrow_mut(|log| log.push(0));
    }
}

#[test]
fn a_legacy_finalizer_makes_a_cycle_uncollectable_under_any_rules() {
    for rules in [Rules::Before34, Rules::Since34, Rules::Since39, Rules::Since312] {
        let mut heap = heap(rules);
        let id = heap.mutate(|mc| {
            let behind = mc.alloc(Plain { back: Slot::empty() });
            let legacy = mc.alloc(Legacy { me: Slot::empty(), behind: Slot::to(behind) });
            legacy.set(mc, |l| &l.me, Some(legacy));
            legacy.id()
        });
        ring(&mut heap, &[]);
        let found = heap.collect();
        assert_eq!((found.unreachable, found.freed, found.uncollectable), (2, 0, 2));
        assert_eq!((heap.collector().garbage(), log()), (vec![id], vec![]));
        drop(heap);
        assert!(log().is_empty(), "dropping a heap runs no finalizers");
    }
}

#[test]
fn a_finalizer_that_frees_members_of_the_set_takes_them_out_of_the_count() {
    let mut heap = heap(Rules::Since39);
    // 100 cuts the ring: 2, then 3 die by counting, each finalized on the way; 100 itself when its own finalizer returns.
    ring(&mut heap, &[CUTS, 2, 3]);
    let found = heap.collect();
    assert_eq!(log(), [CUTS, 2, 3]);
    assert_eq!((found.unreachable, found.freed, heap.len()), (0, 0, 0));
    // Here it comes last: 5 and 6 have been finalized, and go by counting as well.
    ring(&mut heap, &[5, 6, CUTS]);
    assert_eq!((heap.collect().unreachable, heap.len()), (0, 0));
    assert_eq!(log(), [5, 6, CUTS]);
}

#[test]
fn a_panic_in_a_finalizer_comes_out_when_the_collection_is_complete() {
    let mut heap = heap(Rules::Since39);
    ring(&mut heap, &[1, PANICS, 3]);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| heap.collect()));
    let message = *caught.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!((message, log(), heap.len()), ("a finalizer panics", vec![1, PANICS, 3], 0));
    heap.mutate(|_| ());
}

#[derive(Trace)]
struct Watched<'gc> {
    me: Slot<'gc, Watched<'gc>>,
    other: Weak<'gc, Watched<'gc>>,
}

fn watched(heap: &mut Heap) -> (Root<Watched<'static>>, WeakRoot<Watched<'static>>) {
    heap.mutate(|mc| {
        let object = mc.alloc(Watched { me: Slot::empty(), other: Weak::empty() });
        object.set(mc, |w| &w.me, Some(object));
        object.set_weak(mc, |w| &w.other, Some(object));
        (mc.root(object), object.downgrade_root(mc))
    })
}

#[test]
fn weak_references_are_empty_before_callbacks_and_finalizers_run() {
    let mut heap = heap(Rules::Since39);
    let (root, weak) = watched(&mut heap);
    let probe = weak.clone();
    assert!(heap.on_death(&weak, move |_| {
        assert!(!probe.is_alive());
        LOG.with_borrow_mut(|log| log.push(7));
    }));
    let probe = weak.clone();
    act(1, move |_| assert!(!probe.is_alive()));
    ring(&mut heap, &[1]);
    drop(root);
    assert_eq!(heap.collect().unreachable, 2);
    assert_eq!(log(), [7, 1]);
    assert!(weak.upgrade().is_none());
}

#[test]
fn callbacks_of_one_object_are_called_newest_first() {
    for by_counting in [false, true] {
        let mut heap = heap(Rules::Since39);
        let (root, weak) = watched(&mut heap);
        for number in [1, 2, 3] {
            heap.on_death(&weak, move |_| LOG.with_borrow_mut(|log| log.push(number)));
        }
        if by_counting {
            heap.mutate(|mc| root.get(mc).set(mc, |w| &w.me, None));
        }
        drop(root);
        heap.collect();
        assert_eq!((log(), heap.len()), (vec![3, 2, 1], 0));
    }
}

#[test]
fn a_callback_may_allocate_and_drop_roots() {
    let mut heap = heap(Rules::Since39);
    let (root, weak) = watched(&mut heap);
    let held = RefCell::new(Some(ring_root(&mut heap)));
    heap.on_death(&weak, move |between| {
        held.take();
        between.mutate(|mc| {
            let object = mc.alloc(Watched { me: Slot::empty(), other: Weak::empty() });
            object.set(mc, |w| &w.me, Some(object));
        });
    });
    drop(root);
    assert_eq!(heap.collect().unreachable, 1);
    // The ring that the callback let go of, and the object that it made.
    assert_eq!((heap.collect().unreachable, heap.len()), (2, 0));
}

fn ring_root(heap: &mut Heap) -> Root<Guard<'static>> {
    heap.mutate(|mc| {
        let (next, other, plain) = (Slot::empty(), Slot::empty(), Slot::empty());
        let guard = mc.alloc(Guard { number: 1, next, other, plain });
        guard.set(mc, |g| &g.next, Some(guard));
        mc.root(guard)
    })
}

/// Payload with a `Drop` of its own, that lets go of roots, of objects in the same dead set even.
struct Bomb {
    roots: Vec<Root<Plain<'static>>>,
    weak: Option<WeakRoot<Carrier<'static>>>,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.roots.clear();
        if let Some(weak) = &self.weak {
            assert!(weak.upgrade().is_none(), "a member of the set can still be reached");
            LOG.with_borrow_mut(|log| log.push(9));
        }
    }
}

#[derive(Trace)]
struct Carrier<'gc> {
    peer: Slot<'gc, Carrier<'gc>>,
    bomb: RefCell<Option<Bomb>>,
}

#[test]
fn payload_drops_let_go_of_roots_and_cannot_reach_the_set() {
    let mut heap = heap(Rules::Since39);
    let outside = heap.mutate(|mc| mc.root(mc.alloc(Plain { back: Slot::empty() })));
    let id = outside.id();
    let (a, b) = heap.mutate(|mc| {
        let a = mc.alloc(Carrier { peer: Slot::empty(), bomb: RefCell::default() });
        let b = mc.alloc(Carrier { peer: Slot::to(a), bomb: RefCell::default() });
        a.set(mc, |c| &c.peer, Some(b));
        (mc.root(a), mc.root(b))
    });
    let weak = [b.downgrade(), a.downgrade()];
    heap.mutate(|mc| {
        for (carrier, weak) in [&a, &b].into_iter().zip(weak) {
            let bomb = Bomb { roots: vec![outside.clone()], weak: Some(weak) };
            carrier.get(mc).bomb.replace(Some(bomb));
        }
    });
    drop(outside);
    drop((a, b));
    assert!(heap.contains(id));
    let found = heap.collect();
    assert_eq!((found.unreachable, log(), heap.len()), (2, vec![9, 9], 0));
}

#[derive(Trace)]
#[trace(no_clear)]
struct Fixed<'gc> {
    next: Slot<'gc, Fixed<'gc>>,
    node: Slot<'gc, Plainest<'gc>>,
}

#[derive(Trace)]
struct Plainest<'gc> {
    fixed: Slot<'gc, Fixed<'gc>>,
}

#[test]
fn a_cycle_of_objects_that_cannot_be_emptied_stays_and_others_break_theirs() {
    let mut heap = heap(Rules::Since39);
    heap.mutate(|mc| {
        let node = mc.alloc(Plainest { fixed: Slot::empty() });
        let fixed = mc.alloc(Fixed { next: Slot::empty(), node: Slot::to(node) });
        node.set(mc, |n| &n.fixed, Some(fixed));
    });
    assert_eq!((heap.collect().unreachable, heap.len()), (2, 0));
    heap.mutate(|mc| {
        let node = mc.alloc(Plainest { fixed: Slot::empty() });
        let fixed = mc.alloc(Fixed { next: Slot::empty(), node: Slot::to(node) });
        fixed.set(mc, |f| &f.next, Some(fixed));
        node.set(mc, |n| &n.fixed, Some(fixed));
        let free = mc.alloc(Plainest { fixed: Slot::to(fixed) });
        let bound = mc.alloc(Fixed { next: Slot::to(fixed), node: Slot::to(free) });
        free.set(mc, |n| &n.fixed, Some(bound));
    });
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, heap.len()), (4, 2, 2));
    heap.mutate(|_| ());
}

#[test]
fn objects_that_only_the_set_held_die_by_counting_afterwards() {
    let mut heap = heap(Rules::Since39);
    let old = heap.mutate(|mc| {
        let (next, other, plain) = (Slot::empty(), Slot::empty(), Slot::empty());
        mc.root(mc.alloc(Guard { number: 3, next, other, plain }))
    });
    heap.collect();
    heap.mutate(|mc| {
        let plain = mc.alloc(Plain { back: Slot::to(old.get(mc)) });
        let (next, other) = (Slot::empty(), Slot::empty());
        let young = mc.alloc(Guard { number: 1, next, other, plain: Slot::to(plain) });
        young.set(mc, |g| &g.other, Some(young));
    });
    drop(old);
    assert_eq!(heap.collect_generation(0).unreachable, 2);
    assert_eq!((log(), heap.len()), (vec![1, 3], 0));
}
