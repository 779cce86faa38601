//! Exhibits of the soundness museum in which user code comes back into the heap that runs it: a finalizer, which is lent the heap and
//! has the handle as well; a callback of a death that collects.

use crate::counting::{Counting, heap};
use cyclade_core::{Between, Collector, Finalize, Heap, Locked, Root, Slot, Trace};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

thread_local! {
    static HEAP: RefCell<Option<Rc<RefCell<Heap<Counting>>>>> = const { RefCell::new(None) };
    static KEPT: RefCell<Option<Root<Node<'static>>>> = const { RefCell::new(None) };
    static REFUSED: RefCell<bool> = const { RefCell::new(false) };
}

#[derive(Trace)]
struct Node<'gc> {
    list: Locked<Vec<Slot<'gc, Node<'gc>>>>,
    number: u64,
}

#[derive(Trace)]
#[trace(finalize)]
struct Last<'gc> {
    me: Slot<'gc, Last<'gc>>,
}

impl Finalize for Last<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, between: &mut Between<'_, C>) {
        let heap = HEAP.with_borrow(Clone::clone).expect("the handle");
        between.mutate(|mc| {
            let node = KEPT.with_borrow(|kept| kept.as_ref().expect("the root").get(mc));
            let mut guard = node.borrow_mut(mc, |n| &n.list);
            heap.borrow_mut().mutate(|_| {});
            let child = mc.alloc(Node { list: Locked::new(Vec::new()), number: 42 });
            guard.push(Slot::to(child));
            let second = catch_unwind(AssertUnwindSafe(|| node.list.borrow(mc).len()));
            REFUSED.set(second.is_err());
        });
    }
}

/// **A scope inside a scope** of the same heap. The inner one's end would reset the locks that the outer one has borrowed, so that the same
/// value is lent twice, and would count edges while they are being written. A scope has the heap exclusively, but a finalizer
/// is lent it beside the handle. Here only the outermost scope reconciles (I1).
#[test]
fn a_scope_inside_another_one_leaves_its_locks_and_counts_alone() {
    let mut heap = heap();
    let (kept, last): (Root<Node<'static>>, Root<Last<'static>>) = heap.mutate(|mc| {
        let node = mc.alloc(Node { list: Locked::new(Vec::new()), number: 1 });
        (mc.root(node), mc.root(mc.alloc(Last { me: Slot::empty() })))
    });
    let heap = Rc::new(RefCell::new(heap));
    HEAP.set(Some(heap.clone()));
    KEPT.set(Some(kept));
    drop(last);
    assert!(REFUSED.take(), "the lock is borrowed for writing: nobody may read beside that");
    heap.borrow_mut().mutate(|mc| {
        let fresh: Vec<_> =
            (0..100).map(|i| mc.alloc(Node { list: Locked::new(Vec::new()), number: i }).number).collect();
        assert_eq!(fresh.len(), 100);
        let node = KEPT.with_borrow(|kept| kept.as_ref().expect("the root").get(mc));
        let child = node.list.borrow(mc)[0].get().expect("the edge");
        assert_eq!(child.number, 42, "the edge that was stored is counted");
    });
    let child = KEPT.with_borrow(|kept| kept.as_ref().map(Root::id)).expect("the root");
    assert_eq!(heap.borrow().ref_count(child), Some(1));
    HEAP.set(None);
    KEPT.set(None);
}

#[derive(Trace)]
struct Dying<'gc> {
    next: Slot<'gc, Dying<'gc>>,
    _drops: Counter,
}

/// Counts its drops.
struct Counter(Rc<Cell<u32>>);

impl Drop for Counter {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// **A callback that collects while its object dies.** Were the object still a candidate while it dies, the collection that its callback
/// asks for would free it a second time. Here callbacks run when the object is gone, or known to be going.
#[test]
fn a_death_callback_that_collects_frees_nothing_twice() {
    let (mut heap, drops, calls) = (heap(), Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let root = heap.mutate(|mc| {
        let make = |next| mc.alloc(Dying { next, _drops: Counter(Rc::clone(&drops)) });
        mc.root(make(Slot::to(make(Slot::empty()))))
    });
    for _ in 0..2 {
        let (calls, drops) = (Rc::clone(&calls), Rc::clone(&drops));
        heap.on_death(&root.downgrade(), move |between| {
            between.collect();
            // What is freed is free to be taken.
            for _ in 0..10 {
                between.mutate(|mc| {
                    mc.alloc(Dying { next: Slot::empty(), _drops: Counter(Rc::default()) }).id()
                });
            }
            assert_eq!(drops.get(), 2);
            calls.set(calls.get() + 1);
        });
    }
    drop(root);
    heap.mutate(|_| ());
    assert_eq!((calls.get(), drops.get(), heap.len()), (2, 2, 0));
}
