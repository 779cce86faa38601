//! `heap.gc()`: every function of CPython's `gc` module.

use cyclade_trial_deletion::{
    Between, Collector, Config, DebugFlags, Finalize, Full, GcModule, GenerationStats, Heap, Info,
    InvalidGeneration, ObjectId, Options, Phase, Root, Rules, Slot, Trace, UnknownVersion,
};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    other: Slot<'gc, Node<'gc>>,
}

#[derive(Trace)]
#[trace(finalize)]
struct Guard<'gc> {
    me: Slot<'gc, Guard<'gc>>,
}

impl Finalize for Guard<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, _: &mut Between<'_, C>) {
        SAVED.with_borrow_mut(|saved| saved.push(this.clone()));
    }
}

thread_local! {
    static SAVED: RefCell<Vec<Root<Guard<'static>>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Trace)]
#[trace(finalize = "legacy")]
struct Legacy<'gc> {
    me: Slot<'gc, Legacy<'gc>>,
}

impl Finalize for Legacy<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        panic!("a legacy finalizer runs in a cycle");
    }
}

fn heap() -> Heap {
    let mut heap = Heap::default();
    heap.gc().disable();
    heap
}

fn node(heap: &mut Heap) -> Root<Node<'static>> {
    heap.mutate(|mc| mc.root(mc.alloc(Node { next: Slot::empty(), other: Slot::empty() })))
}

fn link(heap: &mut Heap, from: &Root<Node<'static>>, to: &Root<Node<'static>>) {
    heap.mutate(|mc| from.get(mc).set(mc, |n| &n.next, Some(to.get(mc))));
}

/// A dead object that refers to itself.
fn garbage(heap: &mut Heap) -> ObjectId {
    let node = node(heap);
    link(heap, &node, &node);
    node.id()
}

fn legacy(heap: &mut Heap) -> ObjectId {
    heap.mutate(|mc| {
        let legacy = mc.alloc(Legacy { me: Slot::empty() });
        legacy.set(mc, |l| &l.me, Some(legacy));
        legacy.id()
    })
}

#[test]
fn a_generation_that_does_not_exist_is_an_error() {
    let mut heap = heap();
    assert_eq!(heap.gc().collect_generation(3), Err(InvalidGeneration(3)));
    assert_eq!(heap.gc().objects_of(7), Err(InvalidGeneration(7)));
    let text = InvalidGeneration(3).to_string();
    assert_eq!(text, "invalid generation 3: there are generations 0, 1 and 2");
}

#[test]
fn stats_are_kept_for_each_generation() {
    let mut heap = heap();
    garbage(&mut heap);
    legacy(&mut heap);
    assert_eq!(heap.gc().collect_generation(0), Ok(2));
    garbage(&mut heap);
    heap.gc().collect();
    heap.gc().collect();
    let none = GenerationStats::default();
    assert_eq!(
        heap.gc().stats(),
        [
            GenerationStats { collections: 1, collected: 1, uncollectable: 1 },
            none,
            GenerationStats { collections: 2, collected: 1, uncollectable: 0 },
        ]
    );
}

#[test]
fn objects_are_listed_by_generation_and_neighbours_in_both_directions() {
    let mut heap = heap();
    let (a, b) = (node(&mut heap), node(&mut heap));
    link(&mut heap, &a, &b);
    heap.gc().collect_generation(0).unwrap();
    let c = node(&mut heap);
    link(&mut heap, &c, &b);
    assert_eq!(heap.gc().objects(), [c.id(), a.id(), b.id()]);
    assert_eq!(heap.gc().objects_of(1), Ok(vec![a.id(), b.id()]));
    assert_eq!(heap.gc().referrers(&[b.id(), b.id()]), [c.id(), a.id()]);
    assert_eq!(heap.gc().referents(&[a.id(), c.id()]), [b.id(), b.id()]);
    // What is frozen is not looked at.
    heap.gc().freeze();
    assert_eq!((heap.gc().freeze_count(), heap.gc().objects()), (3, vec![]));
    assert!(heap.gc().referrers(&[b.id()]).is_empty() && heap.gc().is_tracked(b.id()));
    heap.gc().unfreeze();
    assert_eq!(heap.gc().objects_of(2), Ok(vec![c.id(), a.id(), b.id()]));
    assert_eq!(heap.gc().ref_count(b.id()), 3);
}

#[test]
fn is_finalized_tells_of_modern_finalizers_only() {
    let mut heap = heap();
    let id = heap.mutate(|mc| {
        let guard = mc.alloc(Guard { me: Slot::empty() });
        guard.set(mc, |g| &g.me, Some(guard));
        guard.id()
    });
    assert!(!heap.gc().is_finalized(id));
    assert_eq!(heap.gc().collect(), 0);
    assert!(heap.gc().is_finalized(id));
    SAVED.take().clear();
    assert_eq!(heap.gc().collect(), 1);
    assert!(!heap.gc().is_finalized(id), "nothing lives there");
}

#[derive(Trace)]
#[trace(finalize = "legacy")]
struct Undead<'gc> {
    me: Slot<'gc, Undead<'gc>>,
}

thread_local! {
    static UNDEAD: RefCell<Vec<Root<Undead<'static>>>> = const { RefCell::new(Vec::new()) };
}

impl Finalize for Undead<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, _: &mut Between<'_, C>) {
        UNDEAD.with_borrow_mut(|saved| saved.push(this.clone()));
    }
}

#[test]
fn legacy_finalizers_run_at_every_death_and_finalize_nothing() {
    let mut heap = heap();
    let root = heap.mutate(|mc| mc.root(mc.alloc(Undead { me: Slot::empty() })));
    let id = root.id();
    drop(root);
    for _ in 0..3 {
        assert!(heap.contains(id) && !heap.gc().is_finalized(id));
        // Dies, and comes back.
        UNDEAD.take().clear();
        assert_eq!(UNDEAD.with_borrow(Vec::len), 1);
    }
}

#[test]
fn callbacks_are_told_phase_generation_and_what_was_found() {
    let mut heap = heap();
    let told = Rc::new(RefCell::new(Vec::new()));
    let log = told.clone();
    heap.gc().on_collection(move |phase, info, heap| {
        log.borrow_mut().push((phase, info));
        assert_eq!(heap.collect().unreachable, 0, "a collection inside of one does nothing");
    });
    garbage(&mut heap);
    legacy(&mut heap);
    heap.gc().collect_generation(1).unwrap();
    let nothing = Info { generation: 1, collected: 0, uncollectable: 0 };
    assert_eq!(
        told.take(),
        [(Phase::Start, nothing), (Phase::Stop, Info { generation: 1, collected: 1, uncollectable: 1 })]
    );
    // Also of those that start by themselves.
    heap.gc().enable();
    heap.gc().set_threshold([2, 10, 10]);
    (0..4).for_each(|_| _ = garbage(&mut heap));
    let told: Vec<usize> = told.take().iter().map(|(_, info)| info.generation).collect();
    assert_eq!(told, [0, 0]);
}

/// What a heap has said.
fn listen(heap: &mut Heap, flags: DebugFlags) -> Rc<RefCell<Vec<String>>> {
    let said = Rc::new(RefCell::new(Vec::new()));
    let lines = said.clone();
    heap.gc().set_debug(flags);
    heap.collector().set_debug_output(move |line| lines.borrow_mut().push(line.to_owned()));
    said
}

#[test]
fn stats_flag_tells_of_every_collection() {
    let mut heap = heap();
    let kept = node(&mut heap);
    heap.gc().freeze();
    garbage(&mut heap);
    let said = listen(&mut heap, DebugFlags::STATS);
    heap.gc().collect();
    let said = said.take();
    assert_eq!(
        said[..3],
        [
            "gc: collecting generation 2...",
            "gc: objects in each generation: 1 0 0",
            "gc: objects in permanent generation: 1"
        ]
    );
    assert!(said[3].starts_with("gc: done, 1 unreachable, 0 uncollectable, 0."), "{}", said[3]);
    drop(kept);
}

#[test]
fn leak_flags_name_objects_and_save_all() {
    let mut heap = heap();
    let said = listen(&mut heap, DebugFlags::LEAK);
    let (dead, old) = (garbage(&mut heap), legacy(&mut heap));
    assert_eq!((heap.gc().collect(), heap.len()), (2, 2));
    let said = said.take();
    assert!(said[0].starts_with("gc: collectable <") && said[0].ends_with(&format!(" {dead}>")), "{said:?}");
    assert!(said[1].starts_with("gc: uncollectable <") && said[1].ends_with(&format!(" {old}>")), "{said:?}");
    assert_eq!(heap.gc().garbage(), [dead, old]);
    assert_eq!((heap.gc().ref_count(dead), heap.gc().collect()), (2, 0));
    heap.gc().set_debug(DebugFlags::NONE);
    heap.gc().clear_garbage();
    assert_eq!((heap.gc().collect(), heap.len()), (2, 1));
    assert_eq!(heap.gc().garbage(), [old]);
}

#[test]
fn flags_are_cpythons_numbers() {
    let all = [
        DebugFlags::NONE,
        DebugFlags::STATS,
        DebugFlags::COLLECTABLE,
        DebugFlags::UNCOLLECTABLE,
        DebugFlags::SAVEALL,
        DebugFlags::LEAK,
    ];
    assert_eq!(all.map(DebugFlags::bits), [0, 1, 2, 4, 32, 38]);
    let leak = DebugFlags::COLLECTABLE | DebugFlags::UNCOLLECTABLE | DebugFlags::SAVEALL;
    assert_eq!(leak, DebugFlags::LEAK);
    assert_eq!(format!("{:?}", DebugFlags::STATS | DebugFlags::SAVEALL), r#"{"STATS", "SAVEALL"}"#);
}

#[test]
fn saving_all_runs_finalizers_and_empties_weak_references_all_the_same() {
    let mut heap = heap();
    heap.gc().set_debug(DebugFlags::SAVEALL);
    let node = node(&mut heap);
    link(&mut heap, &node, &node);
    let weak = node.downgrade();
    drop(node);
    assert_eq!((heap.gc().collect(), weak.is_alive()), (1, false));
}

#[test]
fn versions_have_their_thresholds_and_rules() {
    let rules = |version| Options::python(version).map(|options| (options.rules, options.thresholds[0]));
    assert_eq!(rules([2, 7, 18]), Ok((Rules::Before34, 700)));
    assert_eq!(rules([3, 3, 7]), Ok((Rules::Before34, 700)));
    assert_eq!(rules([3, 7, 5]), Ok((Rules::Since34, 700)));
    assert_eq!(rules([3, 7, 6]), Ok((Rules::Since376, 700)));
    assert_eq!(rules([3, 8, 0]), Ok((Rules::Since38, 700)));
    assert_eq!(rules([3, 11, 7]), Ok((Rules::Since39, 700)));
    assert_eq!(rules([3, 12, 1]), Ok((Rules::Since312, 700)));
    assert_eq!(rules([3, 13, 0]), Ok((Rules::Since313, 2000)));
    assert_eq!(rules([3, 14, 2]), Err(UnknownVersion([3, 14, 2])));
    assert!(UnknownVersion([3, 14, 2]).to_string().contains("incremental"));
    assert!(!UnknownVersion([3, 15, 0]).to_string().contains("incremental"));
}

#[test]
fn resurrection_that_keeps_all_is_counted_before_376_only() {
    for (rules, found) in
        [(Rules::Since34, 2), (Rules::Since376, 0), (Rules::Since38, 0), (Rules::Since39, 1)]
    {
        let collector = Options { rules, automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        garbage(&mut heap);
        heap.mutate(|mc| {
            let guard = mc.alloc(Guard { me: Slot::empty() });
            guard.set(mc, |g| &g.me, Some(guard));
        });
        let kept = if rules == Rules::Since39 { 1 } else { 2 };
        assert_eq!((heap.gc().collect(), heap.len()), (found, kept), "{rules:?}");
        SAVED.take().clear();
    }
}

#[test]
fn a_heap_that_does_not_grow_keeps_old_garbage_under_cpythons_rule_and_not_under_growth() {
    let left = |full| {
        let collector = Options { thresholds: [10, 10, 10], full, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        // Rings that become old before they die.
        let mut window = std::collections::VecDeque::new();
        for _ in 0..5_000 {
            let node = node(&mut heap);
            link(&mut heap, &node, &node);
            window.push_back(node);
            if window.len() > 100 {
                window.pop_front();
            }
        }
        heap.len()
    };
    assert!(left(Full::Quarter) > 500);
    assert!(left(Full::Growth { percent: 50, minimum: 50 }) < 220);
}

#[test]
fn panics_of_finalizers_and_callbacks_go_to_the_hook_if_there_is_one() {
    let mut heap = heap();
    let told = Rc::new(RefCell::new(Vec::new()));
    let log = told.clone();
    heap.on_unraisable(move |panic| log.borrow_mut().push(*panic.downcast::<u32>().unwrap()));
    heap.mutate(|mc| {
        let loud = mc.alloc(Loud { me: Slot::empty() });
        loud.set(mc, |l| &l.me, Some(loud));
    });
    let target = node(&mut heap);
    heap.on_death(&target.downgrade(), |_| std::panic::resume_unwind(Box::new(2_u32)));
    assert_eq!(heap.gc().collect(), 1);
    drop(target);
    assert_eq!((told.take(), heap.len()), (vec![1, 2], 0));
}

#[derive(Trace)]
#[trace(finalize)]
struct Loud<'gc> {
    me: Slot<'gc, Loud<'gc>>,
}

impl Finalize for Loud<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        std::panic::resume_unwind(Box::new(1_u32));
    }
}
