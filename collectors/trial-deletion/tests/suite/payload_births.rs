//! What payloads allocate when they are dropped: objects like others, which join generation 0 and count, also if a collection dropped the payload.

use cyclade_trial_deletion::{Config, Full, Heap, Options, Order, Root, Rules, Slot, Trace};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static HEAP: RefCell<Option<Rc<RefCell<Heap>>>> = const { RefCell::new(None) };
    static MADE: RefCell<Vec<Root<Plain<'static>>>> = const { RefCell::new(Vec::new()) };
}

fn make(number: usize) -> Vec<Root<Plain<'static>>> {
    let heap = HEAP.with_borrow(Clone::clone).expect("a heap");
    heap.borrow_mut()
        .mutate(|mc| (0..number).map(|_| mc.root(mc.alloc(Plain { _edge: Slot::empty() }))).collect())
}

/// A payload that makes so many objects when it goes, which are kept.
struct Maker(usize);

impl Drop for Maker {
    fn drop(&mut self) {
        let made = make(self.0);
        MADE.with_borrow_mut(|all| all.extend(made));
    }
}

#[derive(Trace)]
struct Plain<'gc> {
    _edge: Slot<'gc, Plain<'gc>>,
}

#[derive(Trace)]
struct Making<'gc> {
    me: Slot<'gc, Making<'gc>>,
    _maker: Maker,
}

/// Every collection is a full one, and more than five births ask for one.
fn heap(rules: Rules, order: Order) -> Rc<RefCell<Heap>> {
    let full = Full::Growth { percent: 0, minimum: 0 };
    let collector = Options { thresholds: [5, 0, 0], automatic: false, rules, order, full };
    Rc::new(RefCell::new(Heap::new(Config { collector, ..Config::default() })))
}

#[test]
fn objects_made_while_a_full_collection_drops_payloads_are_young_and_each_birth_counts() {
    for order in [Order::Kept, Order::Python] {
        for rules in [Rules::Since39, Rules::Since312] {
            let shared = heap(rules, order);
            HEAP.set(Some(shared.clone()));
            let trigger = shared.borrow_mut().mutate(|mc| {
                for _ in 0..3 {
                    let ring = mc.alloc(Making { me: Slot::empty(), _maker: Maker(1) });
                    ring.set(mc, |n| &n.me, Some(ring));
                }
                mc.root(mc.alloc(Making { me: Slot::empty(), _maker: Maker(20) }))
            });
            shared.borrow().collector().enable();
            // It makes twenty objects. They start the collection that drops the rings, each of which makes another.
            drop(trigger);
            let last: Vec<_> = MADE.with_borrow(|all| all[20..].iter().map(Root::id).collect());
            {
                let heap = shared.borrow();
                assert_eq!(heap.len(), 23, "{rules:?} {order:?}");
                if rules == Rules::Since312 {
                    // The collection was the only one, and came before them.
                    let young = heap.collector().generation(0);
                    assert!(last.iter().all(|id| young.contains(id)), "{rules:?} {order:?}: {young:?}");
                }
            }
            shared.borrow_mut().mutate(|_| ());
            let heap = shared.borrow();
            let lists = [0, 1, 2].map(|generation| heap.collector().generation(generation).len());
            let expected = match rules {
                // The newborns join one by one, and start collections themselves.
                Rules::Since39 => ([2, 0, 0], [0, 0, 23]),
                _ => ([3, 0, 0], [3, 0, 20]),
            };
            assert_eq!((heap.collector().count(), lists), expected, "{rules:?} {order:?}");
            drop(heap);
            MADE.take();
            HEAP.set(None);
        }
    }
}
