//! A `Trace` that breaks its contract by panicking, and a hook that panics when it is dropped: the heap goes on.

#![allow(unsafe_code, reason = "a `Trace` by hand is what is tried out")]

use cyclade_trial_deletion::*;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

thread_local! { static CALLS: Cell<i32> = const { Cell::new(i32::MAX) }; static DROPS: Cell<u32> = const { Cell::new(0) };
static HEAP: RefCell<Option<Rc<RefCell<Heap>>>> = const { RefCell::new(None) }; }
fn heap() -> Heap {
    let collector = Options { automatic: false, ..Options::default() };
    Heap::new(Config { collector, ..Config::default() })
}
struct Token;
impl Drop for Token {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
    }
}

struct Faulty<'gc> {
    edge: Slot<'gc, Leaf>,
}
// SAFETY: visits its one edge; it panics, against rule 3.
unsafe impl Trace for Faulty<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let left = CALLS.get() - 1;
        CALLS.set(left);
        if left == 0 {
            panic!("trace")
        }
        self.edge.trace(tracer);
    }
}
impl Managed for Faulty<'static> {
    type At<'gc> = Faulty<'gc>;
}
impl<'gc> Branded<'gc> for Faulty<'gc> {
    type Static = Faulty<'static>;
}
#[derive(Trace)]
struct Leaf;
#[derive(Trace)]
#[trace(untrack = "container")]
struct Dict<'gc> {
    inner: Faulty<'gc>,
    #[trace(skip)]
    _t: Token,
}
#[derive(Trace)]
struct Plain<'gc> {
    inner: Faulty<'gc>,
    #[trace(skip)]
    _t: Token,
}

#[test]
fn a_container_whose_trace_panics_at_birth_was_never_made() {
    let mut heap = heap();
    let leaf = heap.mutate(|mc| mc.root(mc.alloc(Leaf)));
    heap.mutate(|mc| {
        CALLS.set(2);
        let _ = catch_unwind(AssertUnwindSafe(|| {
            mc.alloc(Dict { inner: Faulty { edge: Slot::to(leaf.get(mc)) }, _t: Token }).id()
        }));
    });
    assert_eq!((DROPS.get(), heap.ref_count(leaf.id()), heap.len()), (1, Some(1), 1));
}

#[test]
fn a_trace_that_panics_at_a_death_does_no_harm() {
    let mut heap = heap();
    let p = heap.mutate(|mc| mc.root(mc.alloc(Plain { inner: Faulty { edge: Slot::empty() }, _t: Token })));
    CALLS.set(1);
    let _ = catch_unwind(AssertUnwindSafe(|| drop(p)));
    heap.collect();
    let d = heap.mutate(|mc| {
        let l = mc.alloc(Leaf);
        mc.root(l)
    });
    drop(d);
    assert_eq!(heap.len(), 0);
}
struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("drop of the hook")
    }
}
#[derive(Trace)]
struct W;
#[test]
fn a_hook_may_be_replaced_while_it_runs_and_panic_when_it_is_dropped() {
    let mut h = heap();
    let (w, x) = h.mutate(|mc| (mc.root(mc.alloc(W)), mc.root(mc.alloc(W))));
    h.on_death(&w.downgrade(), |_| panic!("callback"));
    let bomb = Bomb;
    h.on_unraisable(move |_| {
        let _ = &bomb;
        HEAP.with_borrow(|h| h.as_ref().unwrap().borrow_mut().on_unraisable(|_| ()));
    });
    let h = Rc::new(RefCell::new(h));
    HEAP.set(Some(h.clone()));
    let _ = catch_unwind(AssertUnwindSafe(|| drop(w)));
    struct P;
    impl Drop for P {
        fn drop(&mut self) {
            panic!("payload")
        }
    }
    #[derive(Trace)]
    struct Q {
        #[trace(skip)]
        _p: P,
    }
    let q = h.borrow_mut().mutate(|mc| mc.root(mc.alloc(Q { _p: P })));
    let r = catch_unwind(AssertUnwindSafe(|| drop(q)));
    drop(x);
    HEAP.set(None);
    assert!(r.is_err(), "the panic is not resumed any more: nesting is stuck");
}
