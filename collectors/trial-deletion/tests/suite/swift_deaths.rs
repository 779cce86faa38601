//! Death by counting under `Order::Kept`: where nobody watches, all edges of an object are dropped, and then what dies by it goes. Whoever has a
//! finalizer or a weak reference in the heap has CPython's order.

use cyclade_trial_deletion::{
    Between, Collector, Config, Finalize, GcModule, Heap, Options, Order, Root, Slot, Trace, Zeal,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! { static LOG: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) }; }

/// A payload that tells when it goes.
struct Token(u32);

impl Drop for Token {
    fn drop(&mut self) {
        LOG.with_borrow_mut(|log| log.push(self.0));
    }
}

#[derive(Trace)]
struct Node<'gc> {
    a: Slot<'gc, Node<'gc>>,
    b: Slot<'gc, Node<'gc>>,
    _token: Token,
}

#[derive(Trace)]
#[trace(finalize)]
struct Final<'gc> {
    me: Slot<'gc, Final<'gc>>,
}

impl Finalize for Final<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
}

fn heap(order: Order) -> Heap {
    let collector = Options { order, automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

/// 0 refers to 1 and 2; 1 refers to 2 and 3.
fn diamond(heap: &mut Heap) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let node = |number, a, b| mc.alloc(Node { a, b, _token: Token(number) });
        let (two, three) = (node(2, Slot::empty(), Slot::empty()), node(3, Slot::empty(), Slot::empty()));
        let one = node(1, Slot::to(two), Slot::to(three));
        mc.root(node(0, Slot::to(one), Slot::to(two)))
    })
}

/// All edges of 0 are dropped before 1 dies, so that 2 dies by 1.
const SWIFT: [u32; 4] = [0, 1, 2, 3];
/// 1 is dead, with all that hangs on it, before 0 drops its edge to 2.
const EXACT: [u32; 4] = [0, 1, 3, 2];

fn order_of_deaths(heap: &mut Heap) -> Vec<u32> {
    let before = heap.gc().count();
    drop(diamond(heap));
    assert_eq!(heap.gc().count(), before);
    LOG.take()
}

#[test]
fn where_nobody_watches_all_edges_are_dropped_before_anything_dies_by_them() {
    let mut kept = heap(Order::Kept);
    assert_eq!((order_of_deaths(&mut kept), kept.len()), (SWIFT.to_vec(), 0));
    let mut python = heap(Order::Python);
    assert_eq!((order_of_deaths(&mut python), python.len()), (EXACT.to_vec(), 0));
}

#[test]
fn as_long_as_there_is_a_weak_reference_the_order_is_that_of_cpython() {
    let mut heap = heap(Order::Kept);
    let subject = diamond(&mut heap);
    let weak = subject.downgrade();
    assert_eq!(order_of_deaths(&mut heap), EXACT);
    drop(subject);
    assert_eq!((LOG.take(), weak.is_alive()), (EXACT.to_vec(), false));
    assert_eq!(order_of_deaths(&mut heap), SWIFT, "its target has died");
}

#[test]
fn from_the_first_object_with_a_finalizer_on_the_order_is_that_of_cpython() {
    let mut heap = heap(Order::Kept);
    heap.mutate(|mc| _ = mc.alloc(Final { me: Slot::empty() }));
    assert_eq!((order_of_deaths(&mut heap), heap.len()), (EXACT.to_vec(), 0));
}

#[test]
fn a_million_deaths_one_by_another_need_no_stack_and_none_is_put_off() {
    let mut heap = heap(Order::Kept);
    let root = heap.mutate(|mc| {
        let node = |a, number| mc.alloc(Node { a, b: Slot::empty(), _token: Token(number) });
        let first = node(Slot::empty(), 999_999);
        mc.root((0..999_999).rev().fold(first, |next, number| node(Slot::to(next), number)))
    });
    drop(root);
    assert!(LOG.take().into_iter().eq(0..1_000_000));
    assert_eq!((heap.len(), heap.gc().count()), (0, [0; 3]));
}

thread_local! {
    static HEAP: RefCell<Option<Rc<RefCell<Heap>>>> = const { RefCell::new(None) };
    static FINALIZED: Cell<u32> = const { Cell::new(0) };
}

/// A payload that makes an object with a finalizer when it goes, and lets go of it.
struct Maker;

impl Drop for Maker {
    fn drop(&mut self) {
        let handle = HEAP.with_borrow(Clone::clone).expect("a heap");
        handle.borrow_mut().mutate(|mc| _ = mc.alloc(Counted { me: Slot::empty() }));
    }
}

#[derive(Trace)]
struct Making<'gc> {
    next: Slot<'gc, Making<'gc>>,
    _maker: Maker,
}

#[derive(Trace)]
#[trace(finalize)]
struct Counted<'gc> {
    me: Slot<'gc, Counted<'gc>>,
}

impl Finalize for Counted<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        FINALIZED.set(FINALIZED.get() + 1);
    }
}

#[test]
fn what_a_payload_makes_while_it_is_dropped_is_finalized() {
    for order in [Order::Kept, Order::Python] {
        let heap = Rc::new(RefCell::new(heap(order)));
        HEAP.set(Some(heap.clone()));
        FINALIZED.set(0);
        let root = heap.borrow_mut().mutate(|mc| {
            let last = mc.alloc(Making { next: Slot::empty(), _maker: Maker });
            mc.root(mc.alloc(Making { next: Slot::to(last), _maker: Maker }))
        });
        drop(root);
        heap.borrow_mut().mutate(|_| ());
        HEAP.set(None);
        assert_eq!((FINALIZED.get(), heap.borrow().len()), (2, 0), "{order:?}");
    }
}

/// A payload without edges that makes an object when it goes, and lets go of it.
#[derive(Trace)]
struct Atom {
    #[trace(skip)]
    _maker: PlainMaker,
}

struct PlainMaker;

impl Drop for PlainMaker {
    fn drop(&mut self) {
        let handle = HEAP.with_borrow(Clone::clone).expect("a heap");
        handle.borrow_mut().mutate(|mc| _ = mc.alloc(Plain { atom: Slot::empty() }));
    }
}

#[derive(Trace)]
struct Plain<'gc> {
    atom: Slot<'gc, Atom>,
}

#[test]
fn what_a_payload_makes_and_lets_go_of_is_not_counted_when_those_who_stood_there_are_gone() {
    let heap = Rc::new(RefCell::new(heap(Order::Kept)));
    HEAP.set(Some(heap.clone()));
    let root = heap.borrow_mut().mutate(|mc| {
        let atom = mc.alloc(Atom { _maker: PlainMaker });
        mc.root(mc.alloc(Plain { atom: Slot::to(atom) }))
    });
    assert_eq!(heap.borrow_mut().gc().count(), [1, 0, 0]);
    // It has left the list when the payload is dropped, and what that makes comes to stand in its place.
    drop(root);
    HEAP.set(None);
    let mut heap = heap.borrow_mut();
    heap.mutate(|_| ());
    assert_eq!((heap.len(), heap.gc().count()), (0, [0; 3]));
}
