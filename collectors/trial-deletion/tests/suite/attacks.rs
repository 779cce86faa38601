//! Attacks on the order in which things are freed: user code in every place where the heap can be made to run it, while a set is half dead. Each of
//! them reached freed memory, or lost objects, before it was mended.

use cyclade_trial_deletion::{
    Between, CensusIds, Collector, Config, DebugFlags, Finalize, Gc, GcModule, Heap, Mutator, Options, Order,
    Root, Slot, Trace, TrialDeletion, WeakRoot, Zeal,
};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

thread_local! {
    /// What user code has got hold of.
    static KEPT: RefCell<Vec<Root<Node<'static>>>> = const { RefCell::new(Vec::new()) };
    /// What [`Upgrades`] upgrades.
    static WEAK: RefCell<Option<WeakRoot<Node<'static>>>> = const { RefCell::new(None) };
    /// The heap's handle, for finalizers.
    static HEAP: RefCell<Option<Rc<RefCell<Heap>>>> = const { RefCell::new(None) };
    /// What [`Job::LetGo`] lets go of.
    static CHAIN: RefCell<Option<Root<Node<'static>>>> = const { RefCell::new(None) };
    /// What the oracle has said to [`Job::Ask`].
    static ANSWER: RefCell<Option<CensusIds>> = const { RefCell::new(None) };
    /// What [`Job::CollectTwice`] has made.
    static NUMBERED: RefCell<Vec<Root<Numbered<'static>>>> = const { RefCell::new(Vec::new()) };
    /// Nodes that have been dropped.
    static DROPPED: Cell<u32> = const { Cell::new(0) };
}

struct Witness;

impl Drop for Witness {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
    }
}

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    fin: Slot<'gc, Fin<'gc>>,
    number: u64,
    #[trace(skip)]
    _witness: Witness,
}

/// What a finalizer does.
#[derive(Clone, Copy)]
enum Job {
    LetGo,
    Collect,
    /// Makes its node, which is in the same set, the watcher of itself.
    WatchByNode,
    /// Makes a weak root of its node.
    Downgrade,
    /// Asks the oracle.
    Ask,
    /// Makes a set that is emptied one by one, collects, makes one that is swept, collects, and makes objects that take the cells.
    CollectTwice,
}

/// A cell without a drop function: sixteen bytes of header, and as many of edges or of payload.
#[derive(Trace)]
struct Cellful<'gc> {
    me: Slot<'gc, Cellful<'gc>>,
    text: Slot<'gc, Text>,
}

#[derive(Trace)]
struct Text {
    #[trace(skip)]
    _witness: Witness,
}

/// An object of the size of a [`Cellful`] that refers to itself.
#[derive(Trace)]
struct Numbered<'gc> {
    me: Slot<'gc, Numbered<'gc>>,
    number: u64,
}

#[derive(Trace)]
#[trace(finalize)]
struct Fin<'gc> {
    node: Slot<'gc, Node<'gc>>,
    #[trace(skip)]
    job: Job,
}

impl Finalize for Fin<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        match heap.mutate(|mc| this.get(mc).job) {
            Job::LetGo => drop(CHAIN.take()),
            Job::Collect => _ = heap.collect(),
            Job::WatchByNode => {
                let node = heap.mutate(|mc| mc.root(this.get(mc).node.get().expect("a node")));
                let handle = HEAP.with_borrow(Clone::clone).expect("a heap");
                handle.borrow_mut().watch(&node, &this.downgrade(), |node, _| keep(node.clone()));
            }
            Job::Ask => {
                let handle = HEAP.with_borrow(Clone::clone).expect("a heap");
                ANSWER.set(Some(handle.borrow().census_ids()));
            }
            Job::CollectTwice => {
                heap.mutate(|mc| {
                    let text = mc.alloc(Text { _witness: Witness });
                    let cell = mc.alloc(Cellful { me: Slot::empty(), text: Slot::to(text) });
                    cell.set(mc, |c| &c.me, Some(cell));
                });
                heap.collect();
                heap.mutate(|mc| _ = numbered(mc, 0));
                heap.collect();
                NUMBERED.set((0..100).map(|i| heap.mutate(|mc| mc.root(numbered(mc, i)))).collect());
            }
            Job::Downgrade => {
                WEAK.set(Some(heap.mutate(|mc| this.get(mc).node.get().expect("a node").downgrade_root(mc))));
            }
        }
    }
}

fn numbered<'gc, C: Collector>(mc: &Mutator<'gc, C>, number: u64) -> Gc<'gc, Numbered<'gc>> {
    let cell = mc.alloc(Numbered { me: Slot::empty(), number });
    cell.set(mc, |c| &c.me, Some(cell));
    cell
}

fn keep(root: Root<Node<'static>>) {
    KEPT.with_borrow_mut(|kept| kept.push(root));
}

/// Captured by a callback: upgrades a weak root when it is dropped.
struct Upgrades;

impl Drop for Upgrades {
    fn drop(&mut self) {
        let root = WEAK.with_borrow(|weak| weak.as_ref().and_then(WeakRoot::upgrade));
        root.into_iter().for_each(keep);
    }
}

/// What is freed is overwritten, and invariants are checked.
fn heap() -> Heap {
    let collector = Options { automatic: false, ..Options::default() };
    Heap::new(Config { zeal: Some(Zeal { collect_every: 0 }), collector, ..Config::default() })
}

fn ordered(order: Order) -> Heap {
    let collector = Options { automatic: false, order, ..Options::default() };
    Heap::new(Config { collector, ..Config::default() })
}

fn node<'gc>(mc: &Mutator<'gc, TrialDeletion>, number: u64) -> Gc<'gc, Node<'gc>> {
    mc.alloc(Node { next: Slot::empty(), fin: Slot::empty(), number, _witness: Witness })
}

fn fin<'gc>(mc: &Mutator<'gc, TrialDeletion>, job: Job) -> Gc<'gc, Fin<'gc>> {
    mc.alloc(Fin { node: Slot::empty(), job })
}

/// A node that refers to itself.
fn cycle(heap: &mut Heap, number: u64) -> Root<Node<'static>> {
    heap.mutate(|mc| {
        let node = node(mc, number);
        node.set(mc, |n| &n.next, Some(node));
        mc.root(node)
    })
}

/// A dead cycle of a node and an object with a finalizer.
fn dead_pair(heap: &mut Heap, job: Job) {
    heap.mutate(|mc| {
        let (fin, node) = (fin(mc, job), node(mc, 5));
        fin.set(mc, |f| &f.node, Some(node));
        node.set(mc, |n| &n.fin, Some(fin));
    });
}

/// A chain of nodes, deeper than deaths are nested.
fn chain<'gc>(mc: &Mutator<'gc, TrialDeletion>, last: Gc<'gc, Node<'gc>>) -> Root<Node<'static>> {
    let mut first = last;
    for _ in 0..80 {
        let next = first;
        first = node(mc, 0);
        first.set(mc, |n| &n.next, Some(next));
    }
    mc.root(first)
}

/// Lets go of the root of an object whose finalizer is run at that, with the heap's handle in reach.
fn with_handle(heap: Heap, trigger: Root<Fin<'static>>) -> Rc<RefCell<Heap>> {
    let handle = Rc::new(RefCell::new(heap));
    HEAP.set(Some(handle.clone()));
    drop(trigger);
    HEAP.set(None);
    handle
}

/// Whatever user code has got hold of exists. Returns how much that is.
fn kept(heap: &mut Heap) -> usize {
    let kept = KEPT.take();
    for root in &kept {
        let number = heap.mutate(|mc| root.get(mc).number);
        assert!(heap.contains(root.id()) && number < 0x100, "a rooted object has been freed: {number:#x}");
    }
    kept.len()
}

#[test]
fn a_debug_sink_cannot_bring_back_what_is_about_to_be_freed() {
    for order in [Order::Kept, Order::Python] {
        let mut heap = ordered(order);
        let node = cycle(&mut heap, 0x77);
        let weak = node.downgrade();
        heap.gc().set_debug(DebugFlags::COLLECTABLE);
        heap.collector().set_debug_output(move |_| weak.upgrade().into_iter().for_each(keep));
        drop(node);
        assert_eq!(heap.collect().freed, 1, "{order:?}");
        assert_eq!(kept(&mut heap), 0, "{order:?}");
    }
}

#[test]
fn a_debug_sink_may_allocate() {
    for order in [Order::Kept, Order::Python] {
        let mut heap = ordered(order);
        let trigger = heap.mutate(|mc| mc.root(fin(mc, Job::Collect)));
        heap.gc().set_debug(DebugFlags::STATS);
        heap.collector().set_debug_output(|line| {
            if line.contains("collecting") {
                let handle = HEAP.with_borrow(Clone::clone).expect("a heap");
                handle.borrow_mut().mutate(|mc| (0..3).for_each(|number| _ = node(mc, number)));
            }
        });
        DROPPED.set(0);
        let heap = with_handle(heap, trigger);
        heap.borrow_mut().mutate(|_| ());
        assert_eq!((DROPPED.get(), heap.borrow().len()), (3, 0), "{order:?}");
        heap.borrow_mut().gc().set_debug(DebugFlags::NONE);
        assert_eq!(heap.borrow_mut().collect().unreachable, 0, "{order:?}");
    }
}

#[test]
fn a_debug_sink_that_panics_loses_no_object() {
    #[derive(Trace)]
    #[trace(finalize = "legacy")]
    struct Old<'gc> {
        itself: Slot<'gc, Old<'gc>>,
    }
    impl Finalize for Old<'static> {
        fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
    }
    let mut heap = heap();
    let weak: Vec<WeakRoot<Old<'static>>> = heap.mutate(|mc| {
        let make = |_| {
            let old = mc.alloc(Old { itself: Slot::empty() });
            old.set(mc, |n| &n.itself, Some(old));
            old.downgrade_root(mc)
        };
        (0..2).map(make).collect()
    });
    heap.gc().set_debug(DebugFlags::UNCOLLECTABLE);
    heap.collector().set_debug_output(|_| panic!("the sink panics"));
    assert!(catch_unwind(AssertUnwindSafe(|| heap.collect())).is_err());
    heap.gc().set_debug(DebugFlags::NONE);
    for weak in weak {
        let old = weak.upgrade().expect("it is in the garbage list");
        heap.mutate(|mc| old.get(mc).set(mc, |n| &n.itself, None));
    }
    heap.gc().clear_garbage();
    heap.collect();
    assert_eq!(heap.len(), 0);
}

#[test]
fn what_an_uncalled_callback_owns_is_dropped_when_all_weak_references_are_empty() {
    let mut heap = heap();
    let (target, watcher, third) = (cycle(&mut heap, 1), cycle(&mut heap, 2), cycle(&mut heap, 3));
    WEAK.set(Some(third.downgrade()));
    let upgrades = Upgrades;
    heap.watch(&watcher, &target.downgrade(), move |_, _| _ = &upgrades);
    drop((target, watcher, third));
    assert_eq!(heap.collect().freed, 3);
    assert_eq!((kept(&mut heap), heap.len()), (0, 0));
}

#[test]
fn a_weak_reference_made_by_a_finalizer_never_sees_the_set_half_freed() {
    let mut heap = heap();
    // The watcher of something alive stands first in the list: what its callback owns goes before the others.
    let (live, watcher) = (cycle(&mut heap, 9), cycle(&mut heap, 1));
    let upgrades = Upgrades;
    heap.watch(&watcher, &live.downgrade(), move |_, _| _ = &upgrades);
    dead_pair(&mut heap, Job::Downgrade);
    drop(watcher);
    assert_eq!(heap.collect().freed, 3);
    assert_eq!((kept(&mut heap), heap.len()), (0, 1));
}

#[test]
fn a_dying_watcher_is_not_handed_out_by_a_collection_that_its_death_starts() {
    let mut heap = heap();
    let target = cycle(&mut heap, 1);
    let watcher = heap.mutate(|mc| mc.root(node(mc, 2)));
    heap.watch(&watcher, &target.downgrade(), |watcher, _| keep(watcher.clone()));
    heap.on_death(&watcher.downgrade(), |between| _ = between.collect());
    drop(target);
    drop(watcher);
    assert_eq!((kept(&mut heap), heap.len()), (0, 0));
}

#[test]
fn a_watcher_that_dies_with_its_target_is_not_called() {
    let mut heap = heap();
    let trigger = heap.mutate(|mc| mc.root(fin(mc, Job::Collect)));
    dead_pair(&mut heap, Job::WatchByNode);
    let heap = with_handle(heap, trigger);
    heap.borrow_mut().mutate(|_| ());
    let heap = &mut heap.borrow_mut();
    assert_eq!((kept(heap), heap.len()), (0, 0));
}

#[test]
fn what_was_put_off_does_not_die_in_the_middle_of_another_death() {
    let mut heap = heap();
    let dying = heap.mutate(|mc| {
        let last = node(mc, 0);
        last.set(mc, |n| &n.fin, Some(fin(mc, Job::Collect)));
        CHAIN.set(Some(chain(mc, last)));
        mc.root(fin(mc, Job::LetGo))
    });
    DROPPED.set(0);
    drop(dying);
    assert_eq!((DROPPED.get(), heap.len()), (81, 0));
}

#[test]
fn what_was_put_off_while_a_set_was_emptied_dies() {
    let mut heap = heap();
    let outsider = heap.mutate(|mc| {
        CHAIN.set(Some(chain(mc, node(mc, 0))));
        mc.root(fin(mc, Job::LetGo))
    });
    heap.collect_generation(0);
    heap.mutate(|mc| {
        let dead = node(mc, 0);
        dead.set(mc, |n| &n.next, Some(dead));
        dead.set(mc, |n| &n.fin, Some(outsider.get(mc)));
    });
    drop(outsider);
    heap.collect_generation(0);
    assert_eq!(heap.len(), 0, "before a full collection");
}

#[test]
fn a_set_that_is_emptied_where_deaths_are_put_off_is_not_swept_before_they_come() {
    for (order, nested) in
        [Order::Kept, Order::Python].into_iter().flat_map(|o| (40..60).map(move |n| (o, n)))
    {
        let mut heap = ordered(order);
        let first = heap.mutate(|mc| {
            let mut first = node(mc, 0);
            first.set(mc, |n| &n.fin, Some(fin(mc, Job::CollectTwice)));
            for _ in 0..nested {
                let next = first;
                first = node(mc, 0);
                first.set(mc, |n| &n.next, Some(next));
            }
            mc.root(first)
        });
        drop(first);
        let numbered = NUMBERED.take();
        assert_eq!((numbered.len(), heap.len()), (100, 100), "{order:?}, {nested}");
        for (i, root) in numbered.iter().enumerate() {
            assert!(heap.contains(root.id()), "{order:?}, {nested}: rooted object {i} has been freed");
            assert_eq!(heap.mutate(|mc| root.get(mc).number), i as u64, "{order:?}, {nested}");
        }
        drop(numbered);
        heap.collect();
        assert_eq!(heap.len(), 0, "{order:?}, {nested}");
    }
}

#[test]
fn an_object_that_has_been_emptied_does_not_exist_for_the_oracle() {
    for order in [Order::Kept, Order::Python] {
        let mut heap = ordered(order);
        let frozen = heap.mutate(|mc| mc.root(fin(mc, Job::Ask)));
        heap.collector().freeze();
        let id = frozen.id();
        // Both refer to themselves. The first refers to what is frozen, too, which dies when it is emptied, before the second.
        let [first, second] = [cycle(&mut heap, 1), cycle(&mut heap, 2)];
        heap.mutate(|mc| first.get(mc).set(mc, |n| &n.fin, Some(frozen.get(mc))));
        let (emptied, waiting) = (first.id(), second.id());
        drop((first, second, frozen));
        let trigger = heap.mutate(|mc| mc.root(fin(mc, Job::Collect)));
        let dying = trigger.id();
        with_handle(heap, trigger);
        let answer = ANSWER.take().expect("the frozen object's finalizer has run");
        assert!(!answer.unreachable.contains(&emptied), "{order:?}: it refers to what has been freed");
        assert_eq!(answer.unreachable, [waiting], "{order:?}");
        assert!(
            [id, dying].iter().all(|id| answer.reachable.contains(id)),
            "{order:?}: they are being finalized"
        );
    }
}
