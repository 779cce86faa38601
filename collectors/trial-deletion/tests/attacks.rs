//! Attacks on the order in which things are freed: user code in every place where the heap can be made to run it, while a set is half dead. Each of
//! them reached freed memory, or lost objects, before it was mended.

use cyclade_trial_deletion::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    static KEPT: RefCell<Vec<Root<Node<'static>>>> = const { RefCell::new(Vec::new()) };
    static WEAK: RefCell<Option<WeakRoot<Node<'static>>>> = const { RefCell::new(None) };
    static HEAP: RefCell<Option<Rc<RefCell<Heap>>>> = const { RefCell::new(None) };
    static CHAIN: RefCell<Option<Root<Node<'static>>>> = const { RefCell::new(None) };
}

struct Witness(Rc<Cell<u32>>);
impl Drop for Witness {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    other: Slot<'gc, Fin<'gc>>,
    number: u64,
    #[trace(skip)]
    _w: Option<Witness>,
}

#[derive(Trace)]
#[trace(finalize)]
struct Fin<'gc> {
    next: Slot<'gc, Fin<'gc>>,
    node: Slot<'gc, Node<'gc>>,
    job: u32,
    #[trace(skip)]
    _w: Option<Witness>,
}

impl Finalize for Fin<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let job = heap.mutate(|mc| this.get(mc).job);
        match job {
            1 => {
                let c = CHAIN.take();
                drop(c);
            }
            2 => {
                heap.collect();
            }
            3 => {
                // watch: make next node of this (in set) the watcher of this
                let h = HEAP.with_borrow(Clone::clone).unwrap();
                let node = heap.mutate(|mc| {
                    let n = this.get(mc).node.get().unwrap();
                    mc.root(n)
                });
                h.borrow_mut()
                    .watch(&node, &this.downgrade(), |w, _| KEPT.with_borrow_mut(|k| k.push(w.clone())));
            }
            4 => {
                // make a weak root to a node in the set
                let w = heap.mutate(|mc| this.get(mc).node.get().unwrap().downgrade_root(mc));
                WEAK.set(Some(w));
            }
            _ => {}
        }
    }
}

struct Upgrades;
impl Drop for Upgrades {
    fn drop(&mut self) {
        let r = WEAK.with_borrow(|w| w.as_ref().and_then(WeakRoot::upgrade));
        if let Some(r) = r {
            KEPT.with_borrow_mut(|k| k.push(r));
        }
    }
}

/// What is freed is overwritten, and invariants are checked.
fn heap() -> Heap {
    let collector = Options { automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

fn ordered(order: Order) -> Heap {
    let collector = Options { automatic: false, order, ..Options::default() };
    Heap::new(Config { collector, ..Config::default() })
}
fn node(heap: &mut Heap, d: &Rc<Cell<u32>>, number: u64) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let n = mc.alloc(Node {
            next: Slot::empty(),
            other: Slot::empty(),
            number,
            _w: Some(Witness(d.clone())),
        });
        n.set(mc, |n| &n.next, Some(n));
        mc.root(n)
    })
}
/// Whatever user code has got hold of exists.
fn verdict(heap: &mut Heap) {
    for kept in KEPT.take() {
        let number = heap.mutate(|mc| kept.get(mc).number);
        assert!(heap.contains(kept.id()) && number < 0x100, "a rooted object has been freed: {number:#x}");
    }
}

#[test]
fn a_debug_sink_cannot_bring_back_what_is_about_to_be_freed() {
    for order in [Order::Kept, Order::Python] {
        let d = Rc::new(Cell::new(0));
        let mut heap = ordered(order);
        let a = node(&mut heap, &d, 0x77);
        let weak = a.downgrade();
        heap.gc().set_debug(DebugFlags::COLLECTABLE);
        heap.collector().set_debug_output(move |_| {
            if let Some(r) = weak.upgrade() {
                KEPT.with_borrow_mut(|k| k.push(r))
            }
        });
        drop(a);
        heap.collect();
        verdict(&mut heap);
    }
}

#[test]
fn what_an_uncalled_callback_owns_is_dropped_when_all_weak_references_are_empty() {
    let d = Rc::new(Cell::new(0));
    let mut heap = heap();
    let t = node(&mut heap, &d, 1);
    let w = node(&mut heap, &d, 2);
    let b = node(&mut heap, &d, 3);
    WEAK.set(Some(b.downgrade()));
    let u = Upgrades;
    heap.watch(&w, &t.downgrade(), move |_, _| {
        let _u = &u;
    });
    drop((t, w, b));
    heap.collect();
    verdict(&mut heap);
}

#[test]
fn a_dying_watcher_is_not_handed_out_by_a_collection_that_its_death_starts() {
    let d = Rc::new(Cell::new(0));
    let mut heap = heap();
    let t = node(&mut heap, &d, 1);
    let w = heap.mutate(|mc| {
        mc.root(mc.alloc(Node {
            next: Slot::empty(),
            other: Slot::empty(),
            number: 2,
            _w: Some(Witness(d.clone())),
        }))
    });
    heap.watch(&w, &t.downgrade(), |w, _| KEPT.with_borrow_mut(|k| k.push(w.clone())));
    heap.on_death(&w.downgrade(), |b| {
        b.collect();
    });
    drop(t);
    drop(w);
    verdict(&mut heap);
}

#[test]
fn what_was_put_off_does_not_die_in_the_middle_of_another_death() {
    let d = Rc::new(Cell::new(0));
    let mut heap = heap();
    let (o, chain) = heap.mutate(|mc| {
        let o =
            mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 1, _w: Some(Witness(d.clone())) });
        let deep = mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 2, _w: None });
        let mut n = mc.alloc(Node { next: Slot::empty(), other: Slot::to(deep), number: 0, _w: None });
        for _ in 0..80 {
            n = mc.alloc(Node { next: Slot::to(n), other: Slot::empty(), number: 0, _w: None });
        }
        (mc.root(o), mc.root(n))
    });
    CHAIN.set(Some(chain));
    drop(o);
    assert_eq!(d.get(), 1);
    assert_eq!(heap.len(), 0);
}

#[test]
fn a_watcher_that_dies_with_its_target_is_not_called() {
    let d = Rc::new(Cell::new(0));
    let mut heap = heap();
    let trigger = heap
        .mutate(|mc| mc.root(mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 2, _w: None })));
    heap.mutate(|mc| {
        let t = mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 3, _w: None });
        let w = mc.alloc(Node {
            next: Slot::empty(),
            other: Slot::to(t),
            number: 5,
            _w: Some(Witness(d.clone())),
        });
        t.set(mc, |t| &t.node, Some(w));
    });
    let h = Rc::new(RefCell::new(heap));
    HEAP.set(Some(h.clone()));
    drop(trigger);
    HEAP.set(None);
    h.borrow_mut().mutate(|_| ());
    verdict(&mut h.borrow_mut());
}

#[test]
fn a_debug_sink_may_allocate() {
    for order in [Order::Kept, Order::Python] {
        let d = Rc::new(Cell::new(0));
        let mut heap = ordered(order);
        let trigger = heap.mutate(|mc| {
            mc.root(mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 2, _w: None }))
        });
        heap.gc().set_debug(DebugFlags::STATS);
        let d2 = d.clone();
        let n = Cell::new(0);
        heap.collector().set_debug_output(move |line| {
            if line.contains("collecting") {
                HEAP.with_borrow(|h| {
                    if let Some(h) = h {
                        h.borrow_mut().mutate(|mc| {
                            for _ in 0..3 {
                                n.set(n.get() + 1);
                                mc.alloc(Node {
                                    next: Slot::empty(),
                                    other: Slot::empty(),
                                    number: 5,
                                    _w: Some(Witness(d2.clone())),
                                });
                            }
                        })
                    }
                });
            }
        });
        let h = Rc::new(RefCell::new(heap));
        HEAP.set(Some(h.clone()));
        drop(trigger);
        HEAP.set(None);
        h.borrow_mut().mutate(|_| ());
        assert!(d.get() <= 3);
        h.borrow_mut().gc().set_debug(DebugFlags::NONE);
        h.borrow_mut().collect();
    }
}

#[test]
fn a_weak_reference_made_by_a_finalizer_never_sees_the_set_half_freed() {
    let d = Rc::new(Cell::new(0));
    let mut heap = heap();
    // v: a watcher of something alive, first in list
    let live = node(&mut heap, &d, 9);
    let v = node(&mut heap, &d, 1);
    let u = Upgrades;
    heap.watch(&v, &live.downgrade(), move |_, _| {
        let _u = &u;
    });
    heap.mutate(|mc| {
        let t = mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 4, _w: None });
        let w = mc.alloc(Node {
            next: Slot::empty(),
            other: Slot::to(t),
            number: 5,
            _w: Some(Witness(d.clone())),
        });
        t.set(mc, |t| &t.node, Some(w));
    });
    drop(v);
    heap.collect();
    verdict(&mut heap);
}

#[test]
fn a_debug_sink_that_panics_loses_no_object() {
    #[derive(Trace)]
    #[trace(finalize = "legacy")]
    struct Old<'gc> {
        me: Slot<'gc, Old<'gc>>,
    }
    impl Finalize for Old<'static> {
        fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
    }
    let mut heap = heap();
    let (a, b) = heap.mutate(|mc| {
        let make = || {
            let a = mc.alloc(Old { me: Slot::empty() });
            a.set(mc, |n| &n.me, Some(a));
            mc.root(a)
        };
        (make(), make())
    });
    let (wa, wb) = (a.downgrade(), b.downgrade());
    drop((a, b));
    heap.gc().set_debug(DebugFlags::UNCOLLECTABLE);
    heap.collector().set_debug_output(|_| panic!("sink"));
    let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| heap.collect()));
    assert!(r.is_err());
    heap.gc().set_debug(DebugFlags::NONE);
    for w in [wa, wb] {
        let r = w.upgrade().unwrap();
        heap.mutate(|mc| {
            r.get(mc).set(mc, |n| &n.me, None);
        });
    }
    heap.gc().clear_garbage();
    heap.collect();
    assert_eq!(heap.len(), 0);
}

thread_local! {
    static NEST: RefCell<Vec<Root<Nest<'static>>>> = const { RefCell::new(Vec::new()) };
    static BACK: RefCell<Option<Root<Nest<'static>>>> = const { RefCell::new(None) };
    static SIBLING: RefCell<Option<Root<Pair<'static>>>> = const { RefCell::new(None) };
}
#[derive(Trace)]
struct Holder<'gc> {
    big: Slot<'gc, Small<'gc>>,
    slice: Slot<'gc, [Slot<'gc, Small<'gc>>]>,
}
#[derive(Trace)]
struct Small<'gc> {
    me: Slot<'gc, Small<'gc>>,
}
#[derive(Trace)]
#[trace(finalize)]
struct Nest<'gc> {
    last: bool,
    me: Slot<'gc, Nest<'gc>>,
}
impl Finalize for Nest<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let last = heap.mutate(|mc| this.get(mc).last);
        if last {
            let reg = SIBLING.take().unwrap();
            heap.mutate(|mc| {
                // a slice of 40 MiB: an arena of its own
                let s = mc.alloc_slice((0..(5usize << 20)).map(|_| Slot::empty()));
                let r = reg.get(mc);
                r.second.get().unwrap().set(mc, |p| &p.slice, Some(s));
                r.set(mc, |r| &r.second, None);
            });
            SIBLING.set(Some(reg));
            BACK.set(Some(this.clone()));
        } else {
            let r = NEST.with_borrow_mut(Vec::pop);
            drop(r);
        }
    }
}
#[derive(Trace)]
struct Pair<'gc> {
    first: Slot<'gc, Nest<'gc>>,
    second: Slot<'gc, Holder<'gc>>,
}
thread_local! { static PAIR: RefCell<Option<Root<Pair<'static>>>> = const { RefCell::new(None) }; }
#[derive(Trace)]
#[trace(finalize)]
struct Start<'gc> {
    me: Slot<'gc, Start<'gc>>,
}
thread_local! { static STARTS: RefCell<Vec<Root<Start<'static>>>> = const { RefCell::new(Vec::new()) }; }
impl Finalize for Start<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        let next = STARTS.with_borrow_mut(Vec::pop);
        if let Some(next) = next {
            drop(next)
        } else {
            let p = PAIR.take();
            drop(p);
        }
    }
}
#[test]
fn a_newborn_of_a_deeply_nested_scope_may_die_before_the_next_safepoint() {
    let mut heap = heap();
    heap.mutate(|mc| {
        let last = mc.alloc(Nest { last: true, me: Slot::empty() });
        let holder = mc.alloc(Holder { big: Slot::empty(), slice: Slot::empty() });
        SIBLING.set(Some(mc.root(mc.alloc(Pair { first: Slot::empty(), second: Slot::to(holder) }))));
        PAIR.set(Some(mc.root(mc.alloc(Pair { first: Slot::to(last), second: Slot::to(holder) }))));
    });
    // One finalizer inside another, to the depth at which scopes end without a safepoint.
    heap.mutate(|mc| {
        for _ in 0..23 {
            let s = mc.root(mc.alloc(Start { me: Slot::empty() }));
            STARTS.with_borrow_mut(|v| v.push(s));
        }
    });
    let s = STARTS.with_borrow_mut(Vec::pop).unwrap();
    drop(s);
    heap.collect();
    BACK.set(None);
    SIBLING.set(None);
    assert_eq!(heap.len(), 0);
}

#[test]
fn what_was_put_off_while_a_set_was_emptied_dies() {
    let d = Rc::new(Cell::new(0));
    let mut heap = heap();
    let (f, chain) = heap.mutate(|mc| {
        let f = mc.alloc(Fin { next: Slot::empty(), node: Slot::empty(), job: 1, _w: None });
        let mut n = mc.alloc(Node {
            next: Slot::empty(),
            other: Slot::empty(),
            number: 0,
            _w: Some(Witness(d.clone())),
        });
        for _ in 0..80 {
            n = mc.alloc(Node { next: Slot::to(n), other: Slot::empty(), number: 0, _w: None });
        }
        (mc.root(f), mc.root(n))
    });
    CHAIN.set(Some(chain));
    heap.collect_generation(0);
    heap.mutate(|mc| {
        let a = mc.alloc(Node { next: Slot::empty(), other: Slot::to(f.get(mc)), number: 0, _w: None });
        a.set(mc, |a| &a.next, Some(a));
    });
    drop(f);
    heap.collect_generation(0);
    let len = heap.len();
    heap.collect();
    assert_eq!((len, heap.len()), (0, 0));
}
