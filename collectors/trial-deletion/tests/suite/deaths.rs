//! In which order objects die by counting, and when they are counted as freed: formats.md §1, rules 1, 9 and 11.

use cyclade_trial_deletion::{
    Between, CollectionEvent, Collector, Config, Finalize, Gc, GcModule, Heap, Mutator, ObjectId, Options,
    Order, Root, Rules, Slot, Trace, TrialDeletion, WeakRoot, Zeal,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    static LOG: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    /// What the object with this number asks for in its finalizer.
    static COLLECTS: Cell<u32> = const { Cell::new(u32::MAX) };
    static ALLOCATES: Cell<u32> = const { Cell::new(u32::MAX) };
    /// A weak reference that finalizers read.
    static WEAK: RefCell<Option<WeakRoot<Fin<'static>>>> = const { RefCell::new(None) };
    /// Its target.
    static WATCHED: Cell<Option<ObjectId>> = const { Cell::new(None) };
    /// The numbers of those that have found it alive.
    static ALIVE: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

#[derive(Trace)]
#[trace(finalize)]
struct Fin<'gc> {
    number: u32,
    a: Slot<'gc, Fin<'gc>>,
    b: Slot<'gc, Fin<'gc>>,
    c: Slot<'gc, Fin<'gc>>,
}

impl Finalize for Fin<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let number = heap.mutate(|mc| this.get(mc).number);
        LOG.with_borrow_mut(|log| log.push(number));
        let target = WEAK.with_borrow(|weak| weak.as_ref().and_then(WeakRoot::upgrade));
        if let Some(id) = WATCHED.get() {
            assert_eq!(heap.contains(id), target.is_some(), "asked by {number}");
        }
        if target.is_some() {
            ALIVE.with_borrow_mut(|alive| alive.push(number));
        }
        if COLLECTS.get() == number {
            assert_eq!(heap.collect().unreachable, 0);
        }
        if ALLOCATES.get() == number {
            heap.mutate(|mc| {
                let dead = mc.alloc(Plain { me: Slot::empty() });
                dead.set(mc, |p| &p.me, Some(dead));
            });
        }
    }
}

#[derive(Trace)]
struct Plain<'gc> {
    me: Slot<'gc, Plain<'gc>>,
}

#[derive(Trace)]
#[trace(visit = "reverse")]
struct List<'gc> {
    a: Slot<'gc, Fin<'gc>>,
    b: Slot<'gc, Fin<'gc>>,
}

fn heap(rules: Rules) -> Heap {
    let collector = Options { rules, automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

fn fin<'gc>(mc: &Mutator<'gc, TrialDeletion>, number: u32) -> Gc<'gc, Fin<'gc>> {
    mc.alloc(Fin { number, a: Slot::empty(), b: Slot::empty(), c: Slot::empty() })
}

fn log() -> Vec<u32> {
    LOG.take()
}

#[test]
fn an_object_that_two_edges_of_one_refer_to_dies_with_the_second() {
    let mut heap = heap(Rules::Since39);
    let root = heap.mutate(|mc| {
        let (owner, x, y) = (fin(mc, 0), fin(mc, 1), fin(mc, 2));
        owner.set(mc, |f| &f.a, Some(x));
        owner.set(mc, |f| &f.b, Some(y));
        owner.set(mc, |f| &f.c, Some(x));
        mc.root(owner)
    });
    drop(root);
    assert_eq!((log(), heap.len()), (vec![0, 2, 1], 0));
}

#[test]
fn an_edge_is_dropped_when_all_that_hung_on_the_one_before_it_is_dead() {
    let mut heap = heap(Rules::Since39);
    let root = heap.mutate(|mc| {
        let (owner, x, y, z) = (fin(mc, 0), fin(mc, 1), fin(mc, 2), fin(mc, 3));
        owner.set(mc, |f| &f.a, Some(x));
        owner.set(mc, |f| &f.b, Some(y));
        owner.set(mc, |f| &f.c, Some(z));
        x.set(mc, |f| &f.a, Some(z));
        x.set(mc, |f| &f.b, Some(fin(mc, 4)));
        mc.root(owner)
    });
    drop(root);
    assert_eq!((log(), heap.len()), (vec![0, 1, 4, 2, 3], 0));
}

#[derive(Trace)]
struct Triple<'gc> {
    a: Slot<'gc, Fin<'gc>>,
    b: Slot<'gc, Fin<'gc>>,
    c: Slot<'gc, Fin<'gc>>,
}

#[test]
fn edges_of_an_object_without_a_finalizer_are_dropped_in_order_too() {
    let mut heap = heap(Rules::Since39);
    let (root, kept) = heap.mutate(|mc| {
        let kept = fin(mc, 0);
        let triple = |first| Triple { a: Slot::to(first), b: Slot::to(fin(mc, 2)), c: Slot::to(fin(mc, 3)) };
        let roots = [mc.root(mc.alloc(triple(fin(mc, 1)))), mc.root(mc.alloc(triple(kept)))];
        (roots, mc.root(kept))
    });
    let [all, rest] = root;
    drop(all);
    assert_eq!(log(), [1, 2, 3]);
    drop(rest);
    assert_eq!(log(), [2, 3]);
    drop(kept);
    assert_eq!((log(), heap.len()), (vec![0], 0));
}

#[test]
fn every_death_lowers_the_count_by_one() {
    let mut heap = heap(Rules::Since39);
    let root = heap.mutate(|mc| {
        for _ in 0..10 {
            let kept = mc.alloc(Plain { me: Slot::empty() });
            kept.set(mc, |p| &p.me, Some(kept));
        }
        let last = mc.alloc(Plain { me: Slot::empty() });
        let middle = mc.alloc(Plain { me: Slot::to(last) });
        mc.root(mc.alloc(Plain { me: Slot::to(middle) }))
    });
    assert_eq!(heap.gc().count(), [13, 0, 0]);
    drop(root);
    assert_eq!(heap.gc().count(), [10, 0, 0]);
    let guarded = heap.mutate(|mc| {
        let owner = fin(mc, 0);
        owner.set(mc, |f| &f.a, Some(fin(mc, 1)));
        mc.root(owner)
    });
    assert_eq!(heap.gc().count(), [12, 0, 0]);
    drop(guarded);
    assert_eq!((heap.gc().count(), log()), ([10, 0, 0], vec![0, 1]));
}

#[test]
fn a_type_that_is_visited_last_to_first_drops_its_edges_so() {
    let mut heap = heap(Rules::Since39);
    let root = heap.mutate(|mc| mc.root(mc.alloc(List { a: Slot::to(fin(mc, 1)), b: Slot::to(fin(mc, 2)) })));
    drop(root);
    assert_eq!(log(), [2, 1]);
}

#[test]
fn what_a_scope_has_dropped_dies_in_the_order_in_which_it_was_dropped() {
    let mut heap = heap(Rules::Since39);
    let root = heap.mutate(|mc| {
        let owner = fin(mc, 0);
        owner.set(mc, |f| &f.a, Some(fin(mc, 1)));
        owner.set(mc, |f| &f.b, Some(fin(mc, 2)));
        mc.root(owner)
    });
    heap.mutate(|mc| {
        let owner = root.get(mc);
        owner.set(mc, |f| &f.b, None);
        owner.set(mc, |f| &f.a, None);
    });
    assert_eq!(log(), [2, 1]);
}

#[test]
fn to_a_collection_in_a_finalizer_what_has_still_to_be_dropped_is_held() {
    let mut heap = heap(Rules::Since39);
    COLLECTS.set(1);
    let root = heap.mutate(|mc| {
        let (owner, x, y) = (fin(mc, 0), fin(mc, 1), fin(mc, 2));
        owner.set(mc, |f| &f.a, Some(x));
        owner.set(mc, |f| &f.b, Some(y));
        // A cycle, which is held until the owner's second edge is dropped.
        y.set(mc, |f| &f.a, Some(y));
        mc.root(owner)
    });
    drop(root);
    COLLECTS.set(u32::MAX);
    assert_eq!((log(), heap.len()), (vec![0, 1], 1));
    assert_eq!((heap.collect().unreachable, log()), (1, vec![2]));
}

#[test]
fn an_object_is_counted_as_freed_when_all_that_hung_on_it_is_dead() {
    let mut heap = heap(Rules::Since39);
    heap.gc().enable();
    heap.gc().set_threshold([3, 100, 100]);
    ALLOCATES.set(2);
    let root = heap.mutate(|mc| {
        let (owner, x, y) = (fin(mc, 0), fin(mc, 1), fin(mc, 2));
        owner.set(mc, |f| &f.a, Some(x));
        x.set(mc, |f| &f.a, Some(y));
        mc.root(owner)
    });
    assert_eq!(heap.gc().count(), [3, 0, 0]);
    // When the finalizer of 2 allocates, neither 0 nor 1 has been freed: the count goes to 4, and a collection runs.
    drop(root);
    ALLOCATES.set(u32::MAX);
    assert_eq!((log(), heap.gc().count()), (vec![0, 1, 2], [0, 1, 0]));
}

/// A chain of 60, each with another one at its side: 100 is at the side of 0.
fn chain_with_sides(heap: &mut Heap) -> Root<Fin<'static>> {
    long_chain_with_sides(heap, 60, 100)
}

fn long_chain_with_sides(heap: &mut Heap, length: u32, first_side: u32) -> Root<Fin<'static>> {
    heap.mutate(|mc| {
        let all: Vec<_> = (0..length).map(|number| fin(mc, number)).collect();
        for (object, i) in all.iter().zip(0..) {
            object.set(mc, |f| &f.a, all.get(i as usize + 1).copied());
            object.set(mc, |f| &f.b, Some(fin(mc, first_side + i)));
        }
        mc.root(all[0])
    })
}

#[test]
fn deaths_that_are_nested_fifty_deep_are_put_off() {
    let mut heap = heap(Rules::Since39);
    drop(chain_with_sides(&mut heap));
    // 50 is put off, then 149, which is as deep. When 0 has ended, they follow, last one first.
    let mut expected: Vec<u32> = (0..50).chain((100..149).rev()).collect();
    expected.push(149);
    expected.extend((50..60).chain((150..160).rev()));
    assert_eq!((log(), heap.len()), (expected, 0));
}

/// Number 50 of the chain, which is put off; and 148, which dies between that and the death of 50.
fn put_off_and_between(heap: &mut Heap, chain: &Root<Fin<'static>>) -> [Root<Fin<'static>>; 2] {
    heap.mutate(|mc| {
        let mut at = chain.get(mc);
        for _ in 0..48 {
            at = at.a.get().expect("a long chain");
        }
        let deep = at.a.get().and_then(|next| next.a.get()).expect("a long chain");
        [mc.root(deep), mc.root(at.b.get().expect("a side"))]
    })
}

#[test]
fn what_has_been_put_off_is_dead_to_weak_references_and_does_not_exist() {
    let mut heap = heap(Rules::Since39);
    let chain = chain_with_sides(&mut heap);
    let [deep, _] = put_off_and_between(&mut heap, &chain);
    WEAK.set(Some(deep.downgrade()));
    WATCHED.set(Some(deep.id()));
    drop((deep, chain));
    // Those before it still hold it, and its own finalizer holds it again. What dies between finds it dead.
    assert_eq!(ALIVE.take(), (0..=50).collect::<Vec<u32>>());
    WEAK.set(None);
    WATCHED.set(None);
    assert_eq!((log().len(), heap.len()), (120, 0));
}

#[test]
fn a_watcher_that_has_been_put_off_is_not_called() {
    let mut heap = heap(Rules::Since39);
    let chain = chain_with_sides(&mut heap);
    let [deep, between] = put_off_and_between(&mut heap, &chain);
    heap.watch(&deep, &between.downgrade(), |_, _| unreachable!("it is dying"));
    drop((deep, between));
    drop(chain);
    assert!(log().contains(&148));
    assert_eq!(heap.len(), 0);
}

#[test]
fn what_has_been_put_off_is_in_no_list_and_holds_what_it_refers_to() {
    for order in [Order::Kept, Order::Python] {
        let collector = Options { automatic: false, order, ..Options::default() };
        let zeal = Some(Zeal { collect_every: 0 });
        let mut heap = Heap::new(Config { zeal, collector, ..Config::default() });
        let chain = chain_with_sides(&mut heap);
        let [deep, _] = put_off_and_between(&mut heap, &chain);
        let (held, id) = heap.mutate(|mc| {
            let held = deep.get(mc).b.get().expect("a side");
            (held.id(), deep.id())
        });
        drop(deep);
        let collected = Rc::new(Cell::new(false));
        let seen = Rc::clone(&collected);
        heap.on_collection(move |event, between| {
            if let CollectionEvent::Stop(_) = event {
                let old = between.collector().generation(2);
                assert!(!old.contains(&id) && old.contains(&held), "{order:?}");
                seen.set(true);
            }
        });
        COLLECTS.set(148);
        drop(chain);
        COLLECTS.set(u32::MAX);
        assert!(collected.get());
        assert_eq!((log().len(), heap.len(), heap.collector().count()), (120, 0, [0, 0, 0]), "{order:?}");
    }
}

#[test]
fn what_a_callback_has_put_off_dies_before_what_the_scope_has_dropped_next() {
    let mut heap = heap(Rules::Since39);
    let chain = chain_with_sides(&mut heap);
    let (holder, first) = heap.mutate(|mc| {
        let (holder, first) = (fin(mc, 899), fin(mc, 900));
        holder.set(mc, |f| &f.a, Some(first));
        holder.set(mc, |f| &f.b, Some(fin(mc, 901)));
        (mc.root(holder), first.downgrade_root(mc))
    });
    heap.on_death(&first, |_| drop(chain));
    heap.mutate(|mc| {
        holder.get(mc).set(mc, |f| &f.a, None);
        holder.get(mc).set(mc, |f| &f.b, None);
    });
    // The chain dies inside the death of 900, so 49 is put off, and 148, which is as deep.
    let mut expected: Vec<u32> = [900].into_iter().chain(0..49).chain((100..148).rev()).collect();
    expected.push(148);
    expected.extend((49..60).chain((149..160).rev()).chain([901]));
    assert_eq!((log(), heap.len()), (expected, 1));
}

#[test]
fn since_313_deaths_may_be_nested_deeper() {
    let mut heap = heap(Rules::Since313);
    drop(chain_with_sides(&mut heap));
    assert_eq!((log(), heap.len()), ((0..60).chain((100..160).rev()).collect(), 0));
}

#[test]
fn since_313_deaths_that_are_nested_ten_thousand_deep_are_put_off_until_they_are_fifty_less_deep() {
    let collector = Options { rules: Rules::Since313, automatic: false, ..Options::default() };
    let mut heap = Heap::new(Config { collector, ..Config::default() });
    drop(long_chain_with_sides(&mut heap, 10_020, 100_000));
    let side = |of: u32| 100_000 + of;
    let sides = |of: std::ops::Range<u32>| of.rev().map(side);
    // 9948 is put off, then the side of 9947, which is as deep. They follow, last one first, when 9897 has ended, and the next fifty with them.
    let mut expected: Vec<u32> = (0..9_948).chain(sides(9_897..9_947)).collect();
    expected.push(side(9_947));
    expected.extend((9_948..9_998).chain(sides(9_948..9_997)));
    expected.push(side(9_997));
    expected.extend((9_998..10_020).chain(sides(9_998..10_020)));
    expected.extend(sides(0..9_897));
    assert_eq!((log() == expected, heap.len()), (true, 0));
}

#[test]
fn what_dies_with_a_dead_cycle_dies_in_the_order_in_which_members_are_emptied() {
    let mut heap = heap(Rules::Since39);
    let old: Vec<_> = heap.mutate(|mc| (1..=2).map(|number| mc.root(fin(mc, number))).collect());
    heap.gc().collect();
    heap.mutate(|mc| {
        let pair = |behind: &Root<Fin<'static>>| {
            mc.alloc(Pair { peer: Slot::empty(), behind: Slot::to(behind.get(mc)) })
        };
        let (a, b) = (pair(&old[0]), pair(&old[1]));
        a.set(mc, |p| &p.peer, Some(b));
        b.set(mc, |p| &p.peer, Some(a));
    });
    drop(old);
    // Emptying A frees B before A's own second edge is dropped.
    assert_eq!(heap.gc().collect_generation(0), Ok(2));
    assert_eq!((log(), heap.len()), (vec![2, 1], 0));
}

#[derive(Trace)]
struct Pair<'gc> {
    peer: Slot<'gc, Pair<'gc>>,
    behind: Slot<'gc, Fin<'gc>>,
}

#[test]
fn ten_million_in_a_row_and_a_million_side_by_side_need_no_stack() {
    let objects = if cfg!(miri) { 1_000 } else { 10_000_000 };
    let mut heap = Heap::default();
    heap.gc().disable();
    let mut root: Root<Plain<'static>> = heap.mutate(|mc| mc.root(mc.alloc(Plain { me: Slot::empty() })));
    for _ in 0..objects / 1000 {
        root = heap.mutate(|mc| {
            let mut last = root.get(mc);
            for _ in 0..1000 {
                last = mc.alloc(Plain { me: Slot::to(last) });
            }
            mc.root(last)
        });
    }
    drop(root);
    assert_eq!(heap.len(), 0);
}
