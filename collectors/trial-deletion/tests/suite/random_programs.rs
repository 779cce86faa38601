//! Random programs against the oracle, under zeal: after a full collection exactly what roots reach exists.

use cyclade_trial_deletion::{
    Between, Collector, Config, Finalize, GcVec, Heap, Locked, Options, Order, Root, Rules, Slot, Trace,
    Weak, Zeal,
};
use std::cell::RefCell;

#[derive(Trace)]
struct Leaf {
    text: String,
}

#[derive(Trace)]
struct Node<'gc> {
    left: Slot<'gc, Node<'gc>>,
    right: Slot<'gc, Node<'gc>>,
    list: GcVec<'gc, Node<'gc>>,
    bag: Locked<Vec<cyclade_trial_deletion::Gc<'gc, Node<'gc>>>>,
    leaf: Slot<'gc, Leaf>,
    guard: Slot<'gc, Guard<'gc>>,
    weak: Weak<'gc, Node<'gc>>,
}

/// Finalizable: what it does is drawn from the program's own random numbers.
#[derive(Trace)]
#[trace(finalize)]
struct Guard<'gc> {
    node: Slot<'gc, Node<'gc>>,
    peer: Slot<'gc, Guard<'gc>>,
    text: String,
}

thread_local! {
    static RANDOM: RefCell<Random> = const { RefCell::new(Random(0)) };
    static SAVED: RefCell<Vec<Root<Guard<'static>>>> = const { RefCell::new(Vec::new()) };
}

impl Finalize for Guard<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        assert_eq!(heap.mutate(|mc| this.get(mc).text.len()), 15);
        match draw(6) {
            0 => SAVED.with_borrow_mut(|saved| saved.push(this.clone())),
            1 => heap.mutate(|mc| this.get(mc).set(mc, |g| &g.node, None)),
            2 => heap.mutate(|mc| this.get(mc).set(mc, |g| &g.peer, None)),
            3 => {
                let old = SAVED.with_borrow_mut(Vec::pop);
                drop(old);
            }
            4 => {
                heap.mutate(|mc| {
                    let a = mc.alloc(node());
                    a.set(mc, |n| &n.left, Some(a));
                });
                heap.collect();
            }
            _ => {}
        }
    }
}

#[derive(Clone, Copy)]
struct Random(u64);

fn draw(below: usize) -> usize {
    RANDOM.with_borrow_mut(|random| {
        random.0 = random.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random.0 >> 33) as usize % below
    })
}

fn node<'gc>() -> Node<'gc> {
    Node {
        left: Slot::empty(),
        right: Slot::empty(),
        list: GcVec::new(),
        bag: Locked::new(Vec::new()),
        leaf: Slot::empty(),
        guard: Slot::empty(),
        weak: Weak::empty(),
    }
}

fn program(seed: u64, steps: usize, config: Config) {
    RANDOM.set(Random(seed));
    let mut heap = Heap::new(config);
    let mut roots: Vec<Root<Node<'static>>> = Vec::new();
    for _ in 0..steps {
        for _ in 0..draw(4) {
            if roots.is_empty() {
                break;
            }
            let gone = roots.swap_remove(draw(roots.len()));
            drop(gone);
        }
        let new = heap.mutate(|mc| {
            let mut live: Vec<_> = roots.iter().map(|root| root.get(mc)).collect();
            for _ in 0..draw(5) {
                live.push(mc.alloc(node()));
            }
            if live.is_empty() {
                return Vec::new();
            }
            for _ in 0..draw(12) {
                let (a, b) = (live[draw(live.len())], live[draw(live.len())]);
                match draw(13) {
                    0 | 1 => a.set(mc, |n| &n.left, Some(b)),
                    2 => a.set(mc, |n| &n.right, Some(b)),
                    3 => a.edit(mc, |n| &n.list).push(b),
                    4 => drop(a.edit(mc, |n| &n.list).pop()),
                    5 => a.borrow_mut(mc, |n| &n.bag).push(b),
                    6 => drop(a.borrow_mut(mc, |n| &n.bag).pop()),
                    7 => a.set(mc, |n| &n.left, None),
                    8 => a.set(mc, |n| &n.leaf, Some(mc.alloc(Leaf { text: "leaf".repeat(3) }))),
                    9 => {
                        let peer = b.guard.get();
                        let guard = mc.alloc(Guard {
                            node: Slot::to(b),
                            peer: Slot::empty(),
                            text: "guard".repeat(3),
                        });
                        guard.set(mc, |g| &g.peer, peer);
                        a.set(mc, |n| &n.guard, Some(guard));
                    }
                    10 => a.set_weak(mc, |n| &n.weak, Some(b)),
                    11 => live.extend(a.weak.upgrade(mc)),
                    _ => live.extend(a.left.get().or(a.list.get(0))),
                }
            }
            (0..draw(3)).map(|_| mc.root(live[draw(live.len())])).collect()
        });
        roots.extend(new);
        if draw(8) == 0 {
            heap.collect_generation(draw(3));
        }
        let texts = heap.mutate(|mc| {
            let leaves = roots.iter().filter_map(|root| root.get(mc).leaf.get());
            leaves.map(|leaf| leaf.text.len()).all(|n| n == 12)
        });
        assert!(texts);
    }
    drop(roots);
    SAVED.take().clear();
    // Each collection may run finalizers that save others; each of them only once.
    for _ in 0..steps {
        SAVED.take().clear();
        if heap.collect().unreachable == 0 && SAVED.with_borrow(Vec::is_empty) {
            break;
        }
    }
    assert_eq!(heap.census().unreachable, 0);
    assert_eq!(heap.len(), heap.census().reachable);
}

fn programs(seeds: std::ops::Range<u64>, steps: usize, config: &Config) {
    // Miri is slow: two programs, and short ones.
    let few = if cfg!(miri) { 2 } else { usize::MAX };
    let steps = if cfg!(miri) { steps.min(60) } else { steps };
    for order in [Order::Kept, Order::Python] {
        let config = Config { collector: Options { order, ..config.collector.clone() }, ..config.clone() };
        for seed in seeds.clone().take(few) {
            let run = std::panic::catch_unwind(|| program(seed, steps, config.clone()));
            if let Err(panic) = run {
                eprintln!("the program with seed {seed} failed, under {config:?}");
                std::panic::resume_unwind(panic);
            }
        }
    }
}

#[test]
fn under_zeal_nothing_reachable_goes_and_nothing_else_stays() {
    programs(0..120, 60, &Config { zeal: Some(Zeal::default()), ..Config::default() });
}

#[test]
fn with_small_thresholds_invariants_hold_at_every_safepoint() {
    let collector = Options { thresholds: [3, 2, 2], ..Options::default() };
    let zeal = Some(Zeal { collect_every: 0 });
    for rules in [Rules::Since34, Rules::Since39, Rules::Since312] {
        let collector = Options { rules, ..collector.clone() };
        programs(1000..1100, 60, &Config { zeal, collector, ..Config::default() });
    }
}

#[test]
fn without_zeal_long_programs_leave_nothing_behind() {
    programs(5000..5020, 1000, &Config::default());
}
