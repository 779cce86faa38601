//! Finalizers inside finalizers, to the depth at which scopes end without a safepoint: what is born there may die before the next one.

use cyclade_trial_deletion::{Between, Collector, Config, Finalize, Heap, Options, Root, Slot, Trace, Zeal};
use std::cell::RefCell;

/// Beyond this depth frees are queued, and scopes are not followed by a safepoint.
const DEEP: usize = 23;

thread_local! {
    static STEPS: RefCell<Vec<Root<Step<'static>>>> = const { RefCell::new(Vec::new()) };
    static DYING: RefCell<Option<Root<Pair<'static>>>> = const { RefCell::new(None) };
    static OTHER: RefCell<Option<Root<Pair<'static>>>> = const { RefCell::new(None) };
    static BACK: RefCell<Option<Root<Innermost<'static>>>> = const { RefCell::new(None) };
}

/// Its finalizer lets go of the next step; the last one's, of the dying pair.
#[derive(Trace)]
#[trace(finalize)]
struct Step<'gc> {
    _edge: Slot<'gc, Step<'gc>>,
}

impl Finalize for Step<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        match STEPS.with_borrow_mut(Vec::pop) {
            Some(next) => drop(next),
            None => drop(DYING.take()),
        }
    }
}

#[derive(Trace)]
struct Holder<'gc> {
    newborn: Slot<'gc, [Slot<'gc, Holder<'gc>>]>,
}

#[derive(Trace)]
struct Pair<'gc> {
    first: Slot<'gc, Innermost<'gc>>,
    second: Slot<'gc, Holder<'gc>>,
}

/// Its finalizer stores a newborn in the holder, leaves the holder to the dying pair, whose reference is still to be dropped, and comes back.
#[derive(Trace)]
#[trace(finalize)]
struct Innermost<'gc> {
    _edge: Slot<'gc, Innermost<'gc>>,
}

impl Finalize for Innermost<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let other = OTHER.take().expect("the other pair");
        heap.mutate(|mc| {
            // 40 MiB: in an arena of its own, which is unmapped when it is freed.
            let newborn = mc.alloc_slice((0..5_usize << 20).map(|_| Slot::empty()));
            let pair = other.get(mc);
            pair.second.get().expect("a holder").set(mc, |h| &h.newborn, Some(newborn));
            pair.set(mc, |p| &p.second, None);
        });
        OTHER.set(Some(other));
        BACK.set(Some(this.clone()));
    }
}

#[test]
fn a_newborn_of_a_deeply_nested_scope_may_die_before_the_next_safepoint() {
    let collector = Options { automatic: false, ..Options::default() };
    let mut heap: Heap =
        Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() });
    heap.mutate(|mc| {
        let innermost = mc.alloc(Innermost { _edge: Slot::empty() });
        let holder = mc.alloc(Holder { newborn: Slot::empty() });
        let pair = |first| mc.root(mc.alloc(Pair { first, second: Slot::to(holder) }));
        OTHER.set(Some(pair(Slot::empty())));
        DYING.set(Some(pair(Slot::to(innermost))));
        let steps = (0..DEEP).map(|_| mc.root(mc.alloc(Step { _edge: Slot::empty() })));
        STEPS.set(steps.collect());
    });
    let first = STEPS.with_borrow_mut(Vec::pop);
    drop(first);
    heap.collect();
    assert!(BACK.take().is_some(), "the innermost finalizer has run");
    OTHER.set(None);
    assert_eq!(heap.len(), 0);
}
