//! Objects that stand for weak references, and callbacks that belong to them: formats.md §1, rules 7 and 11.

use cyclade_trial_deletion::{
    Between, Collector, Config, Finalize, GcModule, Heap, Options, Root, Rules, Slot, Trace, Weak, Zeal,
};
use std::cell::RefCell;

thread_local! {
    static LOG: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static HELD: RefCell<Vec<Root<Ref<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// As CPython's `weakref.ref`.
#[derive(Trace)]
#[trace(weakref)]
struct Ref<'gc> {
    number: u32,
    target: Weak<'gc, Node<'gc>>,
}

#[derive(Trace)]
#[trace(finalize)]
struct Node<'gc> {
    me: Slot<'gc, Node<'gc>>,
    reference: Slot<'gc, Ref<'gc>>,
}

impl Finalize for Node<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let reads = heap.mutate(|mc| Some(this.get(mc).reference.get()?.target.upgrade(mc).is_some()));
        if let Some(alive) = reads {
            LOG.with_borrow_mut(|log| log.push(if alive { 1000 } else { 2000 }));
        }
    }
}

fn heap(rules: Rules) -> Heap {
    let collector = Options { rules, automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

/// A node that refers to itself.
fn node(heap: &mut Heap) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let node = mc.alloc(Node { me: Slot::empty(), reference: Slot::empty() });
        node.set(mc, |n| &n.me, Some(node));
        mc.root(node)
    })
}

/// A weak reference to it, with a callback that logs its number and then drops the last one in `HELD`, if asked to.
fn reference(heap: &mut Heap, target: &Root<Node<'static>>, number: u32, drops: bool) -> Root<Ref<'static>> {
    let reference = heap.mutate(|mc| {
        let target = target.get(mc).downgrade(mc);
        mc.root(mc.alloc(Ref { number, target }))
    });
    let entered = heap.watch(&reference, &target.downgrade(), move |this, heap| {
        let number = heap.mutate(|mc| {
            let this = this.get(mc);
            assert!(this.target.upgrade(mc).is_none());
            this.number
        });
        LOG.with_borrow_mut(|log| log.push(number));
        if drops {
            let last = HELD.with_borrow_mut(Vec::pop);
            drop(last);
        }
    });
    assert!(entered);
    reference
}

fn log() -> Vec<u32> {
    LOG.take()
}

/// Drops the target: by counting, or as a cycle.
fn kill(heap: &mut Heap, target: Root<Node<'static>>, by_counting: bool) {
    if by_counting {
        heap.mutate(|mc| target.get(mc).set(mc, |n| &n.me, None));
    }
    drop(target);
    heap.gc().collect();
}

#[test]
fn a_callback_goes_with_the_object_that_it_belongs_to() {
    for by_counting in [false, true] {
        let mut heap = heap(Rules::Since39);
        let target = node(&mut heap);
        let (first, second) =
            (reference(&mut heap, &target, 1, false), reference(&mut heap, &target, 2, false));
        drop(first);
        kill(&mut heap, target, by_counting);
        assert_eq!((log(), heap.len()), (vec![2], 1));
        drop(second);
        assert_eq!(heap.len(), 0);
    }
}

#[test]
fn a_callback_is_not_called_if_its_object_is_garbage_too() {
    let mut heap = heap(Rules::Since39);
    let target = node(&mut heap);
    let inside = reference(&mut heap, &target, 1, false);
    heap.mutate(|mc| target.get(mc).set(mc, |n| &n.reference, Some(inside.get(mc))));
    let outside = reference(&mut heap, &target, 2, false);
    drop((inside, target));
    assert_eq!(heap.gc().collect(), 2);
    assert_eq!((log(), heap.len()), (vec![2, 2000], 1));
    drop(outside);
}

#[test]
fn a_called_weak_reference_goes_to_the_end_of_the_target_generation() {
    let mut heap = heap(Rules::Since39);
    let target = node(&mut heap);
    let called = reference(&mut heap, &target, 1, false);
    // Old ones become younger by it, too.
    heap.gc().collect();
    drop(target);
    let young = node(&mut heap);
    let target = node(&mut heap);
    let other = reference(&mut heap, &target, 2, false);
    let last = node(&mut heap);
    drop(target);
    assert_eq!(heap.gc().collect_generation(0), Ok(1));
    assert_eq!(heap.gc().objects_of(1), Ok(vec![young.id(), last.id(), other.id()]));
    assert_eq!(heap.gc().collect(), 1);
    assert_eq!(heap.gc().objects_of(2), Ok(vec![young.id(), last.id(), other.id(), called.id()]));
    assert_eq!(log(), [2, 1]);
}

#[test]
fn a_weak_reference_that_its_own_callback_frees_is_counted() {
    let mut heap = heap(Rules::Since39);
    let target = node(&mut heap);
    let own = reference(&mut heap, &target, 1, true);
    HELD.with_borrow_mut(|held| held.push(own));
    drop(target);
    assert_eq!((heap.gc().collect(), log(), heap.len()), (2, vec![1], 0));
}

#[test]
fn all_callbacks_of_one_object_are_called_though_the_first_one_drops_the_others() {
    for by_counting in [false, true] {
        let mut heap = heap(Rules::Since39);
        let target = node(&mut heap);
        let older = reference(&mut heap, &target, 1, false);
        let newer = reference(&mut heap, &target, 2, true);
        HELD.with_borrow_mut(|held| held.push(older));
        kill(&mut heap, target, by_counting);
        assert_eq!((log(), heap.len()), (vec![2, 1], 1));
        drop(newer);
    }
}

#[test]
fn at_a_death_by_counting_all_are_held_until_the_last_has_been_called() {
    let mut heap = heap(Rules::Since39);
    let target = node(&mut heap);
    let (oldest, newest) = (reference(&mut heap, &target, 1, false), reference(&mut heap, &target, 2, true));
    let id = newest.id();
    let seen = std::rc::Rc::new(std::cell::Cell::new(None));
    let dying = heap.mutate(|mc| mc.root(mc.alloc(Node { me: Slot::empty(), reference: Slot::empty() })));
    let told = seen.clone();
    heap.watch(&oldest, &dying.downgrade(), move |_, heap| told.set(Some(heap.contains(id))));
    heap.watch(&newest, &dying.downgrade(), |_, _| {
        let own = HELD.with_borrow_mut(Vec::pop);
        drop(own);
    });
    HELD.with_borrow_mut(|held| held.push(newest));
    drop(dying);
    // The newest was called first and has let go of itself, but was there when the oldest was called.
    assert_eq!((seen.get(), heap.contains(id)), (Some(true), false));
    kill(&mut heap, target, true);
    assert_eq!(log(), [1]);
}

#[test]
fn a_weak_reference_that_is_garbage_reads_dead_since_38() {
    for (rules, reads) in [(Rules::Since34, 1000), (Rules::Since376, 1000), (Rules::Since38, 2000)] {
        let mut heap = heap(rules);
        let living = node(&mut heap);
        let target = node(&mut heap);
        let inside = heap.mutate(|mc| {
            let target = living.get(mc).downgrade(mc);
            let reference = mc.alloc(Ref { number: 1, target });
            mc.root(reference)
        });
        let outlives = heap.watch(&inside, &living.downgrade(), |_, _| panic!("its object is garbage"));
        assert!(outlives);
        heap.mutate(|mc| target.get(mc).set(mc, |n| &n.reference, Some(inside.get(mc))));
        drop((inside, target));
        assert_eq!(heap.gc().collect(), 2);
        assert_eq!(log(), [reads]);
        drop(living);
        heap.gc().collect();
    }
}

#[test]
fn a_weak_reference_in_an_ordinary_object_is_not_emptied() {
    let mut heap = heap(Rules::Since39);
    let living = node(&mut heap);
    heap.mutate(|mc| {
        let holder = mc.alloc(Holder { weak: living.get(mc).downgrade(mc), me: Slot::empty() });
        holder.set(mc, |h| &h.me, Some(holder));
    });
    assert_eq!((heap.gc().collect(), log()), (1, vec![1000]));
}

#[derive(Trace)]
#[trace(finalize)]
struct Holder<'gc> {
    weak: Weak<'gc, Node<'gc>>,
    me: Slot<'gc, Holder<'gc>>,
}

impl Finalize for Holder<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let alive = heap.mutate(|mc| this.get(mc).weak.upgrade(mc).is_some());
        LOG.with_borrow_mut(|log| log.push(if alive { 1000 } else { 2000 }));
    }
}
