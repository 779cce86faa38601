//! Thresholds, the choice of a generation, the order of lists, freezing: formats.md §1, rules 1 to 5.

use cyclade_trial_deletion::{
    CollectionEvent, Config, GcVec, Heap, Inspect, ObjectId, Options, Order, Root, Rules, Slot, Trace,
};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    other: Slot<'gc, Node<'gc>>,
}

type NodeRoot = Root<Node<'static>>;

fn heap(thresholds: [u32; 3]) -> Heap {
    Heap::new(Config { collector: Options { thresholds, ..Options::default() }, ..Config::default() })
}

fn new(heap: &mut Heap) -> NodeRoot {
    heap.mutate(|mc| mc.root(mc.alloc(Node { next: Slot::empty(), other: Slot::empty() })))
}

fn link(heap: &mut Heap, from: &NodeRoot, to: &NodeRoot) {
    heap.mutate(|mc| from.get(mc).set(mc, |n| &n.next, Some(to.get(mc))));
}

/// A dead object that refers to itself.
fn garbage(heap: &mut Heap) -> ObjectId {
    let node = new(heap);
    link(heap, &node, &node);
    node.id()
}

fn ids(roots: &[&NodeRoot]) -> Vec<ObjectId> {
    roots.iter().map(|root| root.id()).collect()
}

#[test]
fn survivors_of_a_full_collection_keep_their_places_unless_pythons_order_is_asked_for() {
    for order in [Order::Kept, Order::Python] {
        let collector = Options { order, automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        let (inner, outer) = (new(&mut heap), new(&mut heap));
        link(&mut heap, &outer, &inner);
        let (old, young) = (inner.id(), outer.id());
        drop(inner);
        heap.collect();
        // The inner one was set aside first, and came back when the outer one was seen.
        let expected = if order == Order::Kept { [old, young] } else { [young, old] };
        assert_eq!(heap.collector().generation(2), expected, "{order:?}");
    }
}

/// Long enough to be packed.
#[test]
fn a_long_list_keeps_its_order_while_objects_leave_it_are_frozen_and_come_back() {
    for order in [Order::Kept, Order::Python] {
        let collector = Options { order, automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        let ids = |roots: &[NodeRoot]| roots.iter().map(Root::id).collect::<Vec<_>>();
        let mut roots: Vec<_> = (0..1_000).map(|_| new(&mut heap)).collect();
        heap.collect();
        assert_eq!(heap.collector().generation(2), ids(&roots), "{order:?}");
        // From the middle, from the end, and so many that the list is made anew.
        for part in [300..400, 850..900, 0..600] {
            roots.drain(part);
            assert_eq!(heap.collector().generation(2), ids(&roots), "{order:?}");
        }
        roots.extend((0..700).map(|_| new(&mut heap)));
        heap.collect();
        assert_eq!(heap.collector().generation(2), ids(&roots), "{order:?}");
        heap.collector().freeze();
        roots.drain(100..500);
        assert_eq!((heap.collector().frozen(), heap.collector().generation(2)), (ids(&roots), vec![]));
        heap.collector().unfreeze();
        heap.collect();
        assert_eq!(heap.collector().generation(2), ids(&roots), "{order:?}");
    }
}

#[test]
fn a_full_collection_spares_what_frozen_objects_hold_and_nothing_else() {
    for order in [Order::Kept, Order::Python] {
        let collector = Options { order, automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        let frozen = new(&mut heap);
        heap.collector().freeze();
        let (held, far) = (new(&mut heap), new(&mut heap));
        link(&mut heap, &frozen, &held);
        link(&mut heap, &held, &far);
        // A cycle through the frozen one: nothing but itself refers to it.
        heap.mutate(|mc| far.get(mc).set(mc, |n| &n.next, Some(frozen.get(mc))));
        let kept = [frozen.id(), held.id(), far.id()];
        drop((frozen, held, far));
        let dead: Vec<ObjectId> = (0..3).map(|_| garbage(&mut heap)).collect();
        assert_eq!(heap.collect().unreachable, 3, "{order:?}");
        assert!(
            kept.iter().all(|&id| heap.contains(id)) && !dead.iter().any(|&id| heap.contains(id)),
            "{order:?}"
        );
        heap.collector().unfreeze();
        assert_eq!((heap.collect().unreachable, heap.len()), (3, 0), "{order:?}");
    }
}

#[test]
fn a_full_collection_takes_back_what_the_dead_hold_of_the_living() {
    for order in [Order::Kept, Order::Python] {
        let collector = Options { order, automatic: false, ..Options::default() };
        let zeal = Some(cyclade_trial_deletion::Zeal { collect_every: 0 });
        let mut heap = Heap::new(Config { collector, zeal, ..Config::default() });
        let live = new(&mut heap);
        for _ in 0..10 {
            let dead = new(&mut heap);
            link(&mut heap, &dead, &dead);
            heap.mutate(|mc| dead.get(mc).set(mc, |n| &n.other, Some(live.get(mc))));
        }
        assert_eq!(heap.ref_count(live.id()), Some(11));
        assert_eq!(heap.collect().freed, 10, "{order:?}");
        assert_eq!(heap.ref_count(live.id()), Some(1), "{order:?}");
    }
}

#[test]
fn thresholds_are_cpythons_and_can_be_changed() {
    let heap = Heap::default();
    assert_eq!(heap.collector().threshold(), [700, 10, 10]);
    assert_eq!(heap.collector().rules(), Rules::Since39);
    heap.collector().set_threshold([5, 6, 7]);
    assert_eq!(heap.collector().threshold(), [5, 6, 7]);
}

#[test]
fn the_object_that_crosses_the_threshold_is_not_part_of_the_collection_it_starts() {
    let mut heap = heap([10, 10, 10]);
    let dead: Vec<ObjectId> = (0..10).map(|_| garbage(&mut heap)).collect();
    assert_eq!((heap.len(), heap.collector().count()), (10, [10, 0, 0]));
    let crosses = garbage(&mut heap);
    assert_eq!((heap.len(), heap.collector().count()), (1, [0, 1, 0]));
    assert!(heap.contains(crosses) && !dead[..9].iter().any(|&id| heap.contains(id) && id != crosses));
    assert_eq!(heap.collector().generation(0), [crosses]);
}

#[test]
fn a_long_scope_joins_in_order_and_starts_every_collection_that_is_due() {
    let mut heap = heap([10, 100, 10]);
    let all = heap.mutate(|mc| {
        let list: Vec<_> =
            (0..25).map(|_| mc.alloc(Node { next: Slot::empty(), other: Slot::empty() })).collect();
        list.windows(2).for_each(|pair| pair[0].set(mc, |n| &n.next, Some(pair[1])));
        let ids: Vec<ObjectId> = list.iter().map(|gc| gc.id()).collect();
        (mc.root(list[0]), ids)
    });
    // Collections before the 11th (10 objects) and before the 22nd (11 more); then 4 join.
    let collector = heap.collector();
    assert_eq!(collector.count(), [3, 2, 0]);
    assert_eq!(collector.generation(1), all.1[..21]);
    assert_eq!(collector.generation(0), all.1[21..]);
    assert_eq!(heap.stats().collections, 2);
}

#[test]
fn what_newborns_refer_to_is_held_from_outside() {
    let mut heap = heap([4, 10, 10]);
    let survivor = heap.mutate(|mc| {
        let first = mc.alloc(Node { next: Slot::empty(), other: Slot::empty() });
        for _ in 0..4 {
            let node = mc.alloc(Node { next: Slot::to(first), other: Slot::empty() });
            first.set(mc, |n| &n.next, Some(node));
            node.set(mc, |n| &n.other, Some(node));
        }
        first.id()
    });
    // All five are dead. The fifth crosses the threshold; it is outside, and holds the first one and what that reaches.
    assert!(heap.contains(survivor));
    heap.collect();
    assert_eq!((heap.len(), heap.stats().unreachable), (0, 5));
}

#[test]
fn under_the_rules_of_312_the_object_that_crosses_takes_part() {
    let collector = Options { thresholds: [10, 10, 10], rules: Rules::Since312, ..Options::default() };
    let mut heap = Heap::new(Config { collector, ..Config::default() });
    for _ in 0..11 {
        heap.mutate(|mc| {
            let node = mc.alloc(Node { next: Slot::empty(), other: Slot::empty() });
            node.set(mc, |n| &n.next, Some(node));
        });
    }
    assert_eq!((heap.len(), heap.collector().count()), (0, [0, 1, 0]));
}

#[test]
fn since_312_a_collection_is_due_by_an_allocation_only() {
    let collector = Options { thresholds: [10, 10, 10], rules: Rules::Since312, ..Options::default() };
    let mut heap = Heap::new(Config { collector, ..Config::default() });
    for _ in 0..5 {
        garbage(&mut heap);
    }
    heap.collector().set_threshold([2, 10, 10]);
    heap.mutate(|_| ());
    assert_eq!((heap.len(), heap.collector().count()), (5, [5, 0, 0]));
    let kept = new(&mut heap);
    assert_eq!((heap.len(), heap.collector().count()), (1, [0, 1, 0]));
    drop(kept);
}

#[test]
fn a_first_threshold_of_zero_and_disabling_stop_automatic_collections() {
    for off in
        [|heap: &Heap| heap.collector().set_threshold([0, 10, 10]), |heap: &Heap| heap.collector().disable()]
    {
        let mut heap = heap([10, 10, 10]);
        off(&heap);
        for _ in 0..100 {
            garbage(&mut heap);
        }
        assert_eq!((heap.len(), heap.collector().count()[0]), (100, 100));
    }
}

#[test]
fn frees_lower_the_young_count_but_not_below_zero() {
    let mut heap = heap([700, 10, 10]);
    let (a, b) = (new(&mut heap), new(&mut heap));
    assert_eq!(heap.collector().count(), [2, 0, 0]);
    drop(a);
    assert_eq!(heap.collector().count(), [1, 0, 0]);
    heap.collect();
    drop(b);
    assert_eq!(heap.collector().count(), [0, 0, 0]);
    // Born and dead in one scope: neither counted nor entered.
    let _ = heap.mutate(|mc| mc.alloc(Node { next: Slot::empty(), other: Slot::empty() }).id());
    assert_eq!(heap.collector().count(), [0, 0, 0]);
}

#[test]
fn survivors_are_promoted_one_generation_at_a_time() {
    let mut heap = Heap::default();
    let a = new(&mut heap);
    for (collected, now_in) in [(0, 1), (0, 1), (1, 2), (1, 2), (2, 2)] {
        assert_eq!(heap.collect_generation(collected).unreachable, 0);
        assert_eq!(heap.generation_of(a.id()), Some(now_in));
    }
    assert_eq!(heap.collector().count(), [0, 0, 0]);
}

#[test]
fn old_garbage_needs_a_collection_of_its_generation() {
    let mut heap = Heap::default();
    let (a, b) = (new(&mut heap), new(&mut heap));
    link(&mut heap, &a, &b);
    link(&mut heap, &b, &a);
    heap.collect_generation(0);
    drop((a, b));
    assert_eq!(heap.collect_generation(0).unreachable, 0);
    assert_eq!(heap.collector().count(), [0, 2, 0]);
    assert_eq!(heap.collect_generation(1).unreachable, 2);
    assert_eq!(heap.collector().count(), [0, 0, 1]);
}

#[test]
#[should_panic(expected = "has generations 0 to 2, and was asked to collect 3")]
fn a_generation_that_does_not_exist_is_refused_by_name() {
    Heap::default().collect_generation(3);
}

#[test]
fn younger_lists_are_appended_youngest_first() {
    for order in [Order::Kept, Order::Python] {
        let collector = Options { order, automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        let old = new(&mut heap);
        heap.collect();
        let middle = new(&mut heap);
        heap.collect_generation(0);
        let young = new(&mut heap);
        heap.collect();
        assert_eq!(heap.collector().generation(2), ids(&[&old, &young, &middle]), "{order:?}");
    }
}

/// The order in which a collection leaves three objects, of which `[x, y, z]` give the places in the list before: x is rooted and refers to z,
/// then to y.
fn order_after(places: [usize; 3]) -> (Vec<ObjectId>, [ObjectId; 3]) {
    let mut heap = Heap::default();
    let mut made: Vec<Option<NodeRoot>> = (0..3).map(|_| Some(new(&mut heap))).collect();
    let [x, y, z] = places.map(|place| made[place].take().expect("three places"));
    let objects = [x.id(), y.id(), z.id()];
    heap.mutate(|mc| {
        x.get(mc).set(mc, |n| &n.next, Some(z.get(mc)));
        x.get(mc).set(mc, |n| &n.other, Some(y.get(mc)));
    });
    drop((y, z));
    assert_eq!(heap.collect_generation(0).unreachable, 0);
    (heap.collector().generation(1), objects)
}

#[test]
fn an_object_reached_before_its_turn_keeps_its_place() {
    let (order, [x, y, z]) = order_after([0, 1, 2]);
    assert_eq!(order, [x, y, z]);
}

#[test]
fn an_object_that_is_reached_late_goes_to_the_end_of_the_list() {
    let (order, [x, y, z]) = order_after([2, 0, 1]);
    assert_eq!(order, [x, z, y]);
}

#[test]
fn a_full_collection_waits_until_a_quarter_is_new() {
    let mut heap = heap([1, 0, 0]);
    heap.collector().disable();
    let live: Vec<NodeRoot> = (0..100).map(|_| new(&mut heap)).collect();
    heap.collect();
    heap.collector().enable();
    let kinds = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&kinds);
    heap.on_collection(move |event, _| {
        if let CollectionEvent::Stop(_) = event {
            *seen.borrow_mut() += 1;
        }
    });
    heap.record_pauses(true);
    let more: Vec<NodeRoot> = (0..120).map(|_| new(&mut heap)).collect();
    let pauses = heap.take_pauses();
    let full = pauses.iter().position(|p| p.kind == cyclade_trial_deletion::PauseKind::Full).unwrap();
    // The first two collections are of generation 0 and bring nothing to generation 2; from then on each is of generation 1 or the
    // full one, and brings one or two objects. 25 = 100 / 4 must have come.
    assert!(full >= 12, "the first full collection was number {full}");
    assert_eq!(*kinds.borrow(), pauses.len());
    drop((live, more));
}

#[test]
fn frozen_garbage_is_not_seen_until_it_is_thawed() {
    let mut heap = Heap::default();
    let id = garbage(&mut heap);
    heap.collector().freeze();
    assert_eq!((heap.collector().freeze_count(), heap.collector().count()), (1, [0, 0, 0]));
    assert_eq!(heap.collector().frozen(), [id]);
    assert!(heap.is_tracked(id) && heap.generation_of(id).is_none());
    assert_eq!(heap.collect().unreachable, 0);
    heap.collector().unfreeze();
    assert_eq!((heap.collector().freeze_count(), heap.generation_of(id)), (0, Some(2)));
    assert_eq!(heap.collect().unreachable, 1);
}

#[test]
fn dropping_many_in_any_order_leaves_lists_and_counts_in_order() {
    let mut heap = Heap::new(Config {
        zeal: Some(cyclade_trial_deletion::Zeal { collect_every: 0 }),
        collector: Options { automatic: false, ..Options::default() },
        ..Config::default()
    });
    let mut roots: Vec<Option<NodeRoot>> = (0..1200).map(|_| Some(new(&mut heap))).collect();
    for step in [7, 3, 2] {
        roots.iter_mut().step_by(step).for_each(|root| drop(root.take()));
        let left = ids(&roots.iter().flatten().collect::<Vec<_>>());
        heap.mutate(|_| ());
        assert_eq!(heap.collector().generation(0), left);
        assert_eq!(heap.collector().count()[0] as usize, left.len());
    }
}

#[derive(Trace)]
#[trace(untrack = "immutable")]
struct Tuple<'gc> {
    item: Slot<'gc, Tuple<'gc>>,
    node: Slot<'gc, Node<'gc>>,
    atom: Slot<'gc, u64>,
}

#[derive(Trace)]
#[trace(untrack = "container")]
struct Dict<'gc> {
    values: GcVec<'gc, Node<'gc>>,
}

#[derive(Trace)]
#[trace(untracked)]
struct Hidden<'gc> {
    node: Slot<'gc, Node<'gc>>,
}

#[test]
fn tuples_of_atoms_are_untracked_by_the_first_collection_they_survive() {
    let mut heap = Heap::default();
    let node = new(&mut heap);
    let (atoms, outer, held) = heap.mutate(|mc| {
        let atoms =
            mc.alloc(Tuple { item: Slot::empty(), node: Slot::empty(), atom: Slot::to(mc.alloc(7_u64)) });
        let outer = mc.alloc(Tuple { item: Slot::to(atoms), node: Slot::empty(), atom: Slot::empty() });
        let held =
            mc.alloc(Tuple { item: Slot::to(outer), node: Slot::to(node.get(mc)), atom: Slot::empty() });
        (mc.root(atoms), mc.root(outer), mc.root(held))
    });
    assert!(heap.is_tracked(atoms.id()) && heap.is_tracked(outer.id()));
    heap.collect_generation(0);
    let tracked = [&atoms, &outer, &held].map(|root| heap.is_tracked(root.id()));
    assert_eq!(tracked, [false, false, true]);
    assert_eq!(heap.referents(outer.id()), [atoms.id()]);
    assert_eq!(heap.referrers(node.id()), [held.id()]);
}

#[test]
fn dictionaries_are_tracked_while_they_hold_something_that_is() {
    let mut heap = Heap::default();
    let node = new(&mut heap);
    let dict = heap.mutate(|mc| mc.root(mc.alloc(Dict { values: GcVec::new() })));
    assert!(!heap.is_tracked(dict.id()));
    assert_eq!(heap.collector().count(), [2, 0, 0], "it counts as an allocation");
    heap.mutate(|mc| dict.get(mc).edit(mc, |d| &d.values).push(node.get(mc)));
    assert_eq!(heap.generation_of(dict.id()), Some(0));
    heap.mutate(|mc| dict.get(mc).edit(mc, |d| &d.values).clear());
    heap.collect_generation(1);
    assert!(heap.is_tracked(dict.id()), "only a full collection untracks it");
    heap.collect();
    assert!(!heap.is_tracked(dict.id()));
    drop(dict);
    assert_eq!(heap.len(), 1);
}

#[test]
fn a_type_that_is_never_tracked_holds_what_it_refers_to() {
    let mut heap = Heap::default();
    let hidden = heap.mutate(|mc| {
        let node = mc.alloc(Node { next: Slot::empty(), other: Slot::empty() });
        node.set(mc, |n| &n.next, Some(node));
        mc.root(mc.alloc(Hidden { node: Slot::to(node) }))
    });
    assert!(!heap.is_tracked(hidden.id()));
    assert_eq!(heap.collector().count(), [1, 0, 0]);
    assert_eq!(heap.collect().unreachable, 0);
    heap.mutate(|mc| assert!(hidden.get(mc).node.get().is_some()));
    drop(hidden);
    assert_eq!(heap.collect().unreachable, 1);
}
