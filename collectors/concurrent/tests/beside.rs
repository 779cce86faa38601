//! The marker really runs beside the mutator. Nothing here is timed: the marker is given leave for so many objects, and the mutator waits
//! *inside an open scope* until these have been scanned. A collector that marks in its pauses would never get there.

use cyclade_concurrent::{Config, Gc, GcVec, Heap, Locked, Options, Phase, Root, Slot, Trace, Weak};
use std::collections::HashMap;

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    other: Slot<'gc, Node<'gc>>,
    list: GcVec<'gc, Node<'gc>>,
    names: Locked<HashMap<u32, Gc<'gc, Node<'gc>>>>,
    weak: Weak<'gc, Node<'gc>>,
    number: u32,
}

impl Node<'_> {
    fn new(number: u32) -> Self {
        Node {
            next: Slot::empty(),
            other: Slot::empty(),
            list: GcVec::new(),
            names: Locked::default(),
            weak: Weak::empty(),
            number,
        }
    }
}

fn heap() -> Heap {
    let options = Options { automatic: false, ..Options::default() };
    Heap::new(Config { collector: options, ..Config::default() })
}

/// A chain of `length` nodes, numbered from 0.
fn chain(heap: &mut Heap, length: u32) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let mut first = mc.alloc(Node::new(length - 1));
        for number in (0..length - 1).rev() {
            let node = mc.alloc(Node::new(number));
            node.set(mc, |n| &n.next, Some(first));
            first = node;
        }
        mc.root(first)
    })
}

/// Begins a cycle whose marker may not scan anything yet.
fn begin_held(heap: &mut Heap) -> u64 {
    let leash = heap.collector().leash();
    let scanned = leash.scanned();
    leash.allow(scanned);
    heap.collector().request_cycle();
    heap.mutate(|_| {});
    assert_eq!(heap.collector().phase(), Phase::Marking);
    scanned
}

/// Begins a cycle whose marker has gone through the roots and scanned one object, and waits.
fn begin_and_scan_one(heap: &mut Heap) {
    let (start, leash) = (begin_held(heap), heap.collector().leash());
    leash.allow(start + 1);
    while leash.scanned() == start {
        std::thread::yield_now();
    }
}

/// Lets the marker go, and the cycle come to its end.
fn finish(heap: &mut Heap) {
    heap.collector().leash().allow(u64::MAX);
    while heap.collector().phase() != Phase::Idle {
        heap.mutate(|_| {});
    }
}

#[test]
fn the_marker_scans_while_a_scope_is_open() {
    const SCOPES: u64 = 50;
    const PER_SCOPE: u64 = 1000;
    let mut heap = heap();
    let first = chain(&mut heap, 100_000);
    let leash = heap.collector().leash();
    let start = begin_held(&mut heap);
    let mut made = 0;
    for scope in 1..=SCOPES {
        let allowed = start + scope * PER_SCOPE;
        leash.allow(allowed);
        heap.mutate(|mc| {
            while leash.scanned() < allowed {
                let node = mc.alloc(Node::new(0));
                node.set(mc, |n| &n.other, Some(first.get(mc)));
                made += 1;
                std::thread::yield_now();
            }
        });
        assert_eq!(leash.scanned(), allowed);
        assert_eq!(heap.collector().phase(), Phase::Marking, "{scope}");
    }
    let statistics = heap.collector().statistics();
    assert_eq!(statistics.scopes_beside_marking, SCOPES);
    finish(&mut heap);
    assert_eq!(heap.len(), 100_000 + made, "what was made beside the marker was born marked");
    assert_eq!(heap.collect().unreachable, made, "and goes with the next cycle");
    assert_eq!(heap.len(), 100_000);
}

/// Everything below happens while the marker is held: it has seen nothing yet, not even the roots' objects' edges. What the snapshot reached
/// must come through whatever the mutator does to the edges; what was unreachable before must go.

#[test]
fn an_edge_moved_behind_the_marker_is_found_by_the_barrier() {
    let mut heap = heap();
    let first = chain(&mut heap, 100);
    begin_held(&mut heap);
    // Node 50 and all behind it hang on one slot. It moves into an object that is born marked and never scanned.
    let holder = heap.mutate(|mc| {
        let mut node = first.get(mc);
        while node.number < 49 {
            node = node.next.get().expect("the chain goes on");
        }
        let rest = node.take(mc, |n| &n.next);
        let holder = mc.alloc(Node::new(1000));
        holder.set(mc, |n| &n.next, rest);
        mc.root(holder)
    });
    finish(&mut heap);
    assert_eq!(heap.len(), 101);
    heap.mutate(|mc| {
        let numbers = std::iter::successors(holder.get(mc).next.get(), |n| n.next.get()).map(|n| n.number);
        assert!(numbers.eq(50..100));
    });
}

#[test]
fn a_root_dropped_while_marking_keeps_its_object_until_the_next_cycle() {
    let mut heap = heap();
    let (first, second) = (chain(&mut heap, 100), chain(&mut heap, 100));
    begin_held(&mut heap);
    drop(first);
    // In a scope, the release comes at its end; meanwhile the object's edges are taken over by a new object.
    let taken = heap.mutate(|mc| {
        let node = second.get(mc);
        drop(second);
        let holder = mc.alloc(Node::new(1000));
        holder.set(mc, |n| &n.next, node.next.get());
        mc.root(holder)
    });
    finish(&mut heap);
    assert_eq!(heap.len(), 201, "floating garbage: the snapshot reached it");
    assert_eq!(heap.collect().unreachable, 101);
    assert_eq!(heap.len(), 100);
    drop(taken);
}

#[test]
fn a_weak_upgrade_while_marking_saves_what_was_dead_in_the_snapshot() {
    let mut heap = heap();
    let live = chain(&mut heap, 100);
    let (first, second) = (chain(&mut heap, 10), chain(&mut heap, 10));
    let weak = first.downgrade();
    heap.mutate(|mc| live.get(mc).set_weak(mc, |n| &n.weak, Some(second.get(mc))));
    drop((first, second));
    begin_and_scan_one(&mut heap);
    // The roots have been seen: a new one is not, and an object born now is never scanned.
    let again = weak.upgrade().expect("nothing is dead while marking");
    let holder = heap.mutate(|mc| {
        let target = live.get(mc).weak.upgrade(mc).expect("nothing is dead while marking");
        let holder = mc.alloc(Node::new(1000));
        holder.set(mc, |n| &n.next, Some(target));
        mc.root(holder)
    });
    finish(&mut heap);
    assert_eq!(heap.len(), 121);
    assert_eq!(heap.census().unreachable, 0);
    drop((again, holder));
    assert_eq!(heap.collect().unreachable, 21);
}

#[test]
fn edges_taken_out_of_a_lock_while_marking_survive() {
    let mut heap = heap();
    let holder = heap.mutate(|mc| {
        let holder = mc.alloc(Node::new(1000));
        let mut names = holder.borrow_mut(mc, |n| &n.names);
        for number in 0..500 {
            names.insert(number, mc.alloc(Node::new(number)));
        }
        drop(names);
        mc.root(holder)
    });
    begin_held(&mut heap);
    let heir = heap.mutate(|mc| {
        let heir = mc.alloc(Node::new(1001));
        let mut from = holder.get(mc).borrow_mut(mc, |n| &n.names);
        let mut to = heir.borrow_mut(mc, |n| &n.names);
        for number in 0..500 {
            to.extend(from.remove(&number).map(|node| (number, node)));
        }
        drop((from, to));
        mc.root(heir)
    });
    assert_eq!(heap.collector().statistics().copied, 500, "one pass, at the first borrow");
    finish(&mut heap);
    assert_eq!(heap.len(), 502);
    heap.mutate(|mc| {
        let heir = heir.get(mc);
        let names = heir.names.borrow(mc);
        assert!((0..500).all(|number| names[&number].number == number));
    });
}

#[test]
fn buffers_replaced_while_marking_are_counted_until_they_are_freed() {
    let mut heap = heap();
    let list = heap.mutate(|mc| {
        let list = mc.alloc(Node::new(1000));
        list.edit(mc, |n| &n.list).extend((0..10).map(|number| mc.alloc(Node::new(number))));
        mc.root(list)
    });
    assert_eq!(heap.stats().retired_bytes, 0, "without a marker nothing has to wait");
    // It waits in its epoch.
    begin_and_scan_one(&mut heap);
    for round in 0..2000 {
        heap.mutate(|mc| list.get(mc).edit(mc, |n| &n.list).push(mc.alloc(Node::new(round))));
    }
    assert!(heap.stats().retired_bytes > 0, "the marker may be reading them");
    finish(&mut heap);
    for _ in 0..100 {
        heap.mutate(|_| {});
    }
    assert_eq!(heap.stats().retired_bytes, 0);
    assert_eq!(heap.len(), 2011);
}

#[test]
fn begin_and_finish_are_single_pauses_and_recorded_as_such() {
    use cyclade_concurrent::PauseKind::{Begin, Finish, Sweep};
    let mut heap = heap();
    let _first = chain(&mut heap, 1000);
    heap.record_pauses(true);
    begin_held(&mut heap);
    for _ in 0..10 {
        heap.mutate(|_| {});
    }
    finish(&mut heap);
    let kinds: Vec<_> = heap.take_pauses().iter().map(|pause| pause.kind).collect();
    assert_eq!(kinds.iter().filter(|&&kind| kind == Begin).count(), 1);
    assert_eq!(kinds.iter().filter(|&&kind| kind == Finish).count(), 1);
    assert!(kinds[2..].iter().all(|&kind| kind == Sweep), "{kinds:?}");
}

#[test]
fn a_heap_may_be_dropped_while_its_marker_works() {
    for allowed in [0, 1, 300, u64::MAX] {
        let mut heap = heap();
        let first = chain(&mut heap, 10_000);
        begin_held(&mut heap);
        heap.collector().leash().allow(allowed);
        drop(heap);
        drop(first);
    }
}
