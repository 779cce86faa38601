//! A panic in somebody's `Trace` (which breaks its promises) must not break the heap: a trial is abandoned and everything is kept; what dies by
//! counting is as dead as before, and its turn comes again (D3).

use cyclade_trial_deletion::{
    Between, Branded, Collector, Config, Edges, Finalize, Heap, Managed, Options, Order, Root, Slot, Trace,
    Tracer, Zeal,
};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// After so many more calls, `trace` panics.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

struct Touchy<'gc> {
    next: Slot<'gc, Touchy<'gc>>,
    other: Slot<'gc, Touchy<'gc>>,
    /// So large that objects a hundred apart are not in the same piece of memory.
    _payload: [u64; 27],
}

// SAFETY: visits its two edges; it panics, against rule 3, which is what is tried out here.
unsafe impl Trace for Touchy<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let left = LEFT.get();
        assert!(left > 0, "trace panics");
        LEFT.set(left - 1);
        self.next.trace(tracer);
        self.other.trace(tracer);
    }
}

impl Managed for Touchy<'static> {
    type At<'gc> = Touchy<'gc>;
}

impl<'gc> Branded<'gc> for Touchy<'gc> {
    type Static = Touchy<'static>;
}

#[test]
fn a_trial_that_panics_anywhere_keeps_all_and_the_next_one_finds_the_dead() {
    // 10 objects are traced in the subtraction, 5 live ones in the separation, 5 dead ones when they are cleared.
    panics_everywhere(Order::Python, 20);
    // 5 live ones are marked, 5 dead ones balanced, and these are then cleared, since one refers to a live one.
    panics_everywhere(Order::Kept, 15);
}

fn panics_everywhere(order: Order, traced: usize) {
    for panics_at in 0..traced {
        LEFT.set(usize::MAX);
        let collector = Options { order, ..Options::default() };
        let zeal = Some(Zeal { collect_every: 0 });
        let mut heap = Heap::new(Config { zeal, collector, ..Config::default() });
        let ring = |heap: &mut Heap| {
            heap.mutate(|mc| {
                let node = || mc.alloc(touchy(Slot::empty()));
                let nodes: Vec<_> = (0..5).map(|_| node()).collect();
                (0..5).for_each(|i| nodes[i].set(mc, |n| &n.next, Some(nodes[(i + 1) % 5])));
                mc.root(nodes[0])
            })
        };
        let (live, dead) = (ring(&mut heap), ring(&mut heap));
        heap.mutate(|mc| dead.get(mc).set(mc, |n| &n.other, Some(live.get(mc))));
        drop(dead);
        // Zeal's oracle traces all objects before the collection begins.
        LEFT.set(10 + panics_at);
        let caught = catch_unwind(AssertUnwindSafe(|| heap.collect()));
        LEFT.set(usize::MAX);
        assert!(caught.is_err(), "trace was called {panics_at} times and did not panic");
        assert_eq!(heap.len(), 10);
        heap.mutate(|_| ());
        assert_eq!((heap.collect().unreachable, heap.len()), (5, 5));
        drop(live);
        assert_eq!((heap.collect().unreachable, heap.len()), (5, 0));
    }
}

fn heap(order: Order) -> Heap {
    let collector = Options { order, automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

fn touchy<'gc>(next: Slot<'gc, Touchy<'gc>>) -> Touchy<'gc> {
    Touchy { next, other: Slot::empty(), _payload: [0; 27] }
}

/// As a dict that holds a list.
#[derive(Trace)]
#[trace(untrack = "container")]
struct Bag<'gc> {
    inner: Touchy<'gc>,
}

/// A garbage ring of two, which nobody watches.
fn leave_ring(heap: &mut Heap) {
    heap.mutate(|mc| {
        let a = mc.alloc(touchy(Slot::empty()));
        a.set(mc, |n| &n.next, Some(mc.alloc(touchy(Slot::to(a)))));
    });
}

#[test]
fn a_panic_while_survivors_are_untracked_loses_nobody() {
    for order in [Order::Kept, Order::Python] {
        let mut calls = 0;
        loop {
            LEFT.set(usize::MAX);
            let mut heap = heap(order);
            let bag = heap.mutate(|mc| {
                let inner = touchy(Slot::to(mc.alloc(touchy(Slot::empty()))));
                mc.root(mc.alloc(Bag { inner }))
            });
            heap.mutate(|mc| {
                // What refers to something alive is not swept, but taken out of its list.
                let a = mc.alloc(touchy(bag.get(mc).inner.next.get().map_or_else(Slot::empty, Slot::to)));
                a.set(mc, |n| &n.other, Some(a));
            });
            leave_ring(&mut heap);
            // Zeal's oracle traces the five objects first.
            LEFT.set(5 + calls);
            let caught = catch_unwind(AssertUnwindSafe(|| heap.collect()));
            LEFT.set(usize::MAX);
            if caught.is_ok() {
                break;
            }
            heap.mutate(|_| ());
            assert_eq!((heap.collect().unreachable, heap.len()), (3, 2), "{order:?}, call {calls}");
            drop(bag);
            assert!(heap.is_empty());
            calls += 1;
        }
        assert!(calls > 5, "the survivors are traced too");
    }
}

/// Something at whose death user code runs, so that whatever dies with it is freed one by one.
#[derive(Trace)]
#[trace(finalize)]
struct Loud<'gc> {
    next: Slot<'gc, Touchy<'gc>>,
}

impl Finalize for Loud<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
}

#[derive(Trace)]
struct Holder<'gc> {
    touchy: Touchy<'gc>,
    me: Slot<'gc, Holder<'gc>>,
    loud: Slot<'gc, Loud<'gc>>,
}

#[test]
fn a_panic_while_a_set_is_emptied_one_by_one_loses_nobody() {
    for order in [Order::Kept, Order::Python] {
        assert!(panics_while_emptying(order) > 6, "the set is traced when it is emptied, too ({order:?})");
    }
}

/// How many calls of `trace` there are, each of which panics once.
fn panics_while_emptying(order: Order) -> usize {
    let mut calls = 0;
    loop {
        LEFT.set(usize::MAX);
        let mut heap = heap(order);
        // Old, with a finalizer: it dies with the set and could tell in which order things go.
        let loud =
            heap.mutate(|mc| mc.root(mc.alloc(Loud { next: Slot::to(mc.alloc(touchy(Slot::empty()))) })));
        heap.collect();
        let first = heap.mutate(|mc| {
            let loud = loud.get(mc);
            let holder = |loud| mc.alloc(Holder { touchy: touchy(Slot::empty()), me: Slot::empty(), loud });
            let (a, b) = (holder(Slot::to(loud)), holder(Slot::empty()));
            a.set(mc, |n| &n.me, Some(b));
            b.set(mc, |n| &n.me, Some(a));
            mc.root(a)
        });
        drop((first, loud));
        // Zeal's oracle traces three objects first.
        LEFT.set(3 + calls);
        let caught = catch_unwind(AssertUnwindSafe(|| heap.collect_generation(0)));
        LEFT.set(usize::MAX);
        heap.mutate(|_| ());
        heap.collect();
        assert!(heap.is_empty(), "call {calls}");
        if caught.is_ok() {
            return calls;
        }
        calls += 1;
    }
}

#[derive(Trace)]
#[trace(finalize = "legacy")]
struct Ceremonial<'gc> {
    touchy: Touchy<'gc>,
    next: Slot<'gc, Ceremonial<'gc>>,
}

#[test]
fn a_panic_while_the_uncollectable_are_sought_loses_nobody() {
    for order in [Order::Kept, Order::Python] {
        let mut calls = 0;
        loop {
            LEFT.set(usize::MAX);
            let mut heap = heap(order);
            heap.mutate(|mc| {
                let leaf = || Slot::to(mc.alloc(touchy(Slot::empty())));
                let ring = || mc.alloc(Ceremonial { touchy: touchy(leaf()), next: Slot::empty() });
                let (a, b) = (ring(), ring());
                a.set(mc, |n| &n.next, Some(b));
                b.set(mc, |n| &n.next, Some(a));
            });
            // Zeal's oracle traces the four objects first.
            LEFT.set(4 + calls);
            let caught = catch_unwind(AssertUnwindSafe(|| heap.collect_generation(0)));
            LEFT.set(usize::MAX);
            heap.mutate(|_| ());
            let found = heap.collect();
            let (garbage, saved) = (heap.collector().garbage().len(), heap.collector().generation(2).len());
            // If the first one has come to its end, what it has put into the garbage is held.
            assert_eq!((garbage, saved, heap.len()), (2, 4, 4), "{order:?}, call {calls}: {found:?}");
            if caught.is_ok() {
                break;
            }
            calls += 1;
        }
        assert!(calls > 4, "what the uncollectable reach is traced once more: {calls} ({order:?})");
    }
}

thread_local! { static CALLED: Cell<u32> = const { Cell::new(0) }; }

impl Finalize for Ceremonial<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
}

#[test]
fn a_panic_at_deaths_that_are_watched_only_puts_them_off() {
    let mut calls = 0;
    loop {
        LEFT.set(usize::MAX);
        let mut heap = heap(Order::Kept);
        let (first, second) = heap.mutate(|mc| {
            let leaf = || Slot::to(mc.alloc(touchy(Slot::empty())));
            let b = mc.alloc(Ceremonial { touchy: touchy(leaf()), next: Slot::empty() });
            let a = mc.alloc(Ceremonial { touchy: touchy(leaf()), next: Slot::to(b) });
            (mc.root(a), b.downgrade_root(mc))
        });
        CALLED.set(0);
        for weak in [first.downgrade(), second] {
            heap.on_death(&weak, |heap| {
                CALLED.set(CALLED.get() + 1);
                heap.mutate(|mc| drop(mc.root(mc.alloc(touchy(Slot::empty())))));
            });
        }
        LEFT.set(calls);
        let caught = catch_unwind(AssertUnwindSafe(|| drop(first)));
        LEFT.set(usize::MAX);
        // A callback's own panic is resumed here, if that of a death was on its way.
        let _ = catch_unwind(AssertUnwindSafe(|| heap.mutate(|_| ())));
        assert_eq!((heap.len(), CALLED.get()), (0, 2), "call {calls}");
        assert_eq!(heap.collector().count(), [0; 3]);
        if caught.is_ok() {
            break;
        }
        calls += 1;
    }
    assert!(calls > 4, "what dies, and what dies in callbacks, is traced: {calls}");
}

#[test]
fn the_first_collection_after_one_that_a_trace_has_ended_frees_everything() {
    const RING: usize = 300;
    for panics_at in [0, 1, 16, 99, 149, 298, 299] {
        let collector = Options { automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        heap.mutate(|mc| {
            let ring: Vec<_> = (0..RING).map(|_| mc.alloc(touchy(Slot::empty()))).collect();
            for (i, object) in ring.iter().enumerate() {
                object.set(mc, |n| &n.next, Some(ring[(i + 101) % RING]));
            }
        });
        LEFT.set(panics_at);
        catch_unwind(AssertUnwindSafe(|| heap.collect())).expect_err("a trace panics");
        LEFT.set(usize::MAX);
        assert_eq!((heap.collect().freed, heap.len()), (RING, 0), "panicked at trace {panics_at}");
    }
}
