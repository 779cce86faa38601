//! A `Trace` by hand that panics, against rule 3 of its contract, under counting: at a birth, at a borrow for writing (K7) and at a death it is as if
//! nothing had been tried; where edges must be counted again and cannot be, the process ends.

use crate::counting::heap;
use cyclade_core::{Branded, Edges, Gc, Locked, Managed, Slot, Trace, Tracer};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::rc::Rc;

thread_local! {
    /// After so many more calls, tracing panics once.
    static LEFT: Cell<u32> = const { Cell::new(u32::MAX) };
}

struct Touchy<'gc> {
    list: Locked<Vec<Gc<'gc, u64>>>,
    _alive: Rc<()>,
}

// SAFETY: visits the one field; that it may panic first is what is tried out here.
unsafe impl Trace for Touchy<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        let left = LEFT.get();
        LEFT.set(left.wrapping_sub(1));
        assert!(left > 0, "tracing panics");
        self.list.trace(tracer);
    }
}

impl Managed for Touchy<'static> {
    type At<'gc> = Touchy<'gc>;
}

impl<'gc> Branded<'gc> for Touchy<'gc> {
    type Static = Touchy<'static>;
}

#[derive(Trace)]
struct Holder<'gc> {
    leaf: Slot<'gc, u64>,
}

/// Runs `work` with tracing that panics at call number `calls`.
fn panics_at<R>(calls: u32, work: impl FnOnce() -> R) -> bool {
    LEFT.set(calls);
    let panicked = catch_unwind(AssertUnwindSafe(work)).is_err();
    LEFT.set(u32::MAX);
    panicked
}

#[test]
fn an_object_whose_birth_panics_was_never_there() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    let root = heap.mutate(|mc| mc.root(mc.alloc(Holder { leaf: Slot::to(mc.alloc(7)) })));
    heap.mutate(|mc| {
        let leaf = root.get(mc).leaf.get().expect("the leaf");
        let unborn = || mc.alloc(Touchy { list: Locked::new(vec![leaf]), _alive: Rc::clone(&alive) }).id();
        assert!(panics_at(0, unborn));
        assert_eq!(Rc::strong_count(&alive), 1, "its payload is dropped");
    });
    // Were it still there, its edge would be taken back at its death, and the leaf freed while the root holds it.
    heap.mutate(|mc| assert_eq!(root.get(mc).leaf.get().map(|leaf| *leaf), Some(7)));
    assert_eq!(heap.len(), 2);
    let leaf = heap.mutate(|mc| root.get(mc).leaf.get().map(Gc::id).expect("the leaf"));
    assert_eq!(heap.ref_count(leaf), Some(1));
}

#[test]
fn a_borrow_for_writing_that_panics_changes_no_count() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    let root = heap.mutate(|mc| {
        let leaf = mc.alloc(7);
        mc.root(mc.alloc(Touchy { list: Locked::new(vec![leaf]), _alive: Rc::clone(&alive) }))
    });
    heap.mutate(|mc| {
        assert!(panics_at(0, || root.get(mc).borrow_mut(mc, |t| &t.list).push(mc.alloc(8))));
        assert_eq!(root.get(mc).list.borrow(mc).len(), 1);
    });
    heap.mutate(|mc| root.get(mc).borrow_mut(mc, |t| &t.list).push(mc.alloc(8)));
    assert_eq!((heap.len(), heap.census().reachable), (3, 3));
    drop(root);
    assert!(heap.is_empty());
}

#[test]
fn a_death_that_panics_comes_again_at_the_next_safepoint() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    let root = heap.mutate(|mc| {
        let list = Locked::new(vec![mc.alloc(7)]);
        mc.root(mc.alloc(Touchy { list, _alive: Rc::clone(&alive) }))
    });
    assert!(panics_at(0, || drop(root)));
    assert_eq!((heap.len(), Rc::strong_count(&alive)), (2, 2));
    heap.mutate(|_| ());
    assert_eq!((heap.len(), Rc::strong_count(&alive)), (0, 1));
}

/// Runs itself in a process of its own, which must abort, and say why.
#[test]
#[cfg(not(miri))] // Starts a process.
fn a_heap_that_cannot_count_a_written_object_again_ends_the_process() {
    const CHILD: &str = "CYCLADE_TEST_ABORTS";
    if std::env::var_os(CHILD).is_some() {
        let mut heap = heap();
        let root = heap
            .mutate(|mc| mc.root(mc.alloc(Touchy { list: Locked::new(Vec::new()), _alive: Rc::new(()) })));
        // The first call is that of the borrow, the second that of the scope's end.
        panics_at(1, || heap.mutate(|mc| root.get(mc).borrow_mut(mc, |t| &t.list).push(mc.alloc(8))));
        return;
    }
    let name = "faulty_trace::a_heap_that_cannot_count_a_written_object_again_ends_the_process";
    let program = std::env::current_exe().expect("this test's own program");
    let output = Command::new(program).args([name, "--exact", "--nocapture"]).env(CHILD, "1").output();
    let output = output.expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("the heap cannot go on"), "{said}");
}
