//! A scope inside another one of the same heap: a finalizer gets the heap lent, and may hold its handle as well.

use cyclade_refcount::{Between, Collector, Finalize, Heap, Locked, Root, Slot, Trace};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

thread_local! {
    static HEAP: RefCell<Option<Rc<RefCell<Heap>>>> = const { RefCell::new(None) };
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

#[test]
fn a_scope_inside_another_one_leaves_its_locks_and_counts_alone() {
    let mut heap = Heap::default();
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
