//! Who has joined generation 0, seen by its count: what dies in the scope in which it was born is not counted, what dies later is.

use cyclade_trial_deletion::{
    Between, Collector, Config, Finalize, GcVec, Heap, Options, Order, Root, Rules, Slot, Trace,
};
use std::cell::RefCell;

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
}

#[derive(Trace)]
#[trace(untrack = "container")]
struct Dict<'gc> {
    values: GcVec<'gc, Node<'gc>>,
}

/// Its finalizer makes an object and lets go of it, and brings back its own.
#[derive(Trace)]
#[trace(finalize)]
struct Making<'gc> {
    me: Slot<'gc, Making<'gc>>,
}

thread_local! { static BACK: RefCell<Vec<Root<Making<'static>>>> = const { RefCell::new(Vec::new()) }; }

impl Finalize for Making<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        heap.mutate(|mc| _ = mc.alloc(Node { next: Slot::empty() }));
        BACK.with_borrow_mut(|back| back.push(this.clone()));
    }
}

fn heap(rules: Rules, order: Order) -> Heap {
    let collector = Options { thresholds: [2, 10, 10], rules, order, ..Options::default() };
    Heap::new(Config { collector, ..Config::default() })
}

#[test]
fn a_dictionary_that_is_tracked_again_among_newborns_is_none_of_them() {
    let mut heap = heap(Rules::Since39, Order::Kept);
    let dict = heap.mutate(|mc| mc.root(mc.alloc(Dict { values: GcVec::new() })));
    heap.collect();
    let [a, b, c] = heap.mutate(|mc| {
        let node = || mc.root(mc.alloc(Node { next: Slot::empty() }));
        let a = node();
        dict.get(mc).edit(mc, |d| &d.values).push(a.get(mc));
        [a, node(), node()]
    });
    // The third birth crosses the threshold; the dictionary was born long ago.
    let ids = |roots: &[&Root<Node<'static>>]| roots.iter().map(|root| root.id()).collect::<Vec<_>>();
    assert_eq!(heap.collector().generation(1), [a.id(), dict.id(), b.id()]);
    assert_eq!(heap.collector().generation(0), ids(&[&c]));
    assert_eq!(heap.collector().count(), [0, 1, 0]);
}

#[test]
fn what_joins_behind_a_collection_of_its_scope_is_counted_when_it_dies() {
    let mut heap = heap(Rules::Since39, Order::Kept);
    let mut roots =
        heap.mutate(|mc| [(); 5].map(|()| mc.root(mc.alloc(Node { next: Slot::empty() }))).to_vec());
    // The third starts a collection, which sets the count to 0, and joins without a count of its own; the last two are counted.
    assert_eq!(heap.collector().count(), [2, 1, 0]);
    drop(roots.pop());
    assert_eq!(heap.collector().count(), [1, 1, 0]);
}

#[test]
fn what_is_born_and_dies_in_a_finalizer_is_not_counted_whatever_is_collected() {
    for (order, generation) in [(Order::Kept, 2), (Order::Python, 2), (Order::Kept, 1)] {
        let mut heap = heap(Rules::Since39, order);
        heap.collector().disable();
        heap.mutate(|mc| {
            for _ in 0..3 {
                let making = mc.alloc(Making { me: Slot::empty() });
                making.set(mc, |m| &m.me, Some(making));
            }
        });
        assert_eq!(heap.collector().count(), [3, 0, 0]);
        assert_eq!(heap.collect_generation(generation).freed, 0);
        assert_eq!(heap.collector().count()[0], 0, "{order:?}, generation {generation}");
        assert_eq!(BACK.take().len(), 3);
    }
}
