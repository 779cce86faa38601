//! Random programs with as much marking beside them as possible, and a witness that shares nothing with the collector: a model in
//! plain Rust says which objects must exist, and every payload has a serial number that its `Drop` takes off a list.

use cyclade_concurrent::{
    Config, Gc, GcMap, GcVec, Heap, Locked, Mutator, Options, Root, Slot, Trace, Weak, Zeal,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Serial numbers of payloads that have not been dropped.
type Registry = Rc<RefCell<BTreeSet<u64>>>;

struct Token {
    serial: u64,
    registry: Registry,
}

impl Drop for Token {
    fn drop(&mut self) {
        assert!(self.registry.borrow_mut().remove(&self.serial), "payload {} is dropped twice", self.serial);
    }
}

#[derive(Trace)]
struct Node<'gc> {
    slot: Slot<'gc, Node<'gc>>,
    list: GcVec<'gc, Node<'gc>>,
    map: GcMap<'gc, u8, Node<'gc>>,
    locked: Locked<BTreeMap<u8, Gc<'gc, Node<'gc>>>>,
    weak: Weak<'gc, Node<'gc>>,
    // Plain garbage, without anything to drop, is made beside (`Plain`).
    token: Token,
}

/// Without anything to drop, so that allocations sweep its blocks.
#[derive(Trace)]
struct Plain<'gc> {
    a: Slot<'gc, Plain<'gc>>,
    value: u64,
}

/// Xorshift (Marsaglia 2003): a seed in a message is enough to repeat a run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What a node refers to, by serial numbers.
#[derive(Default, Clone)]
struct Shadow {
    slot: Option<u64>,
    list: Vec<u64>,
    map: BTreeMap<u8, u64>,
    locked: BTreeMap<u8, u64>,
}

#[derive(Default)]
struct Model {
    nodes: BTreeMap<u64, Shadow>,
}

impl Model {
    fn reachable(&self, roots: impl Iterator<Item = u64>) -> BTreeSet<u64> {
        let mut seen = BTreeSet::new();
        let mut work: Vec<u64> = roots.collect();
        while let Some(serial) = work.pop() {
            if seen.insert(serial) {
                let node = &self.nodes[&serial];
                work.extend(
                    node.slot.iter().chain(&node.list).chain(node.map.values()).chain(node.locked.values()),
                );
            }
        }
        seen
    }
}

struct Run {
    seed: u64,
    dice: Dice,
    model: Model,
    registry: Registry,
    roots: Vec<Root<Node<'static>>>,
    plain: Option<Root<Plain<'static>>>,
    next: u64,
}

type In<'gc> = Gc<'gc, Node<'gc>>;

impl Run {
    fn new(seed: u64) -> Self {
        let (dice, model) = (Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1), Model::default());
        Run { seed, dice, model, registry: Registry::default(), roots: Vec::new(), plain: None, next: 0 }
    }

    fn alloc<'gc>(&mut self, mc: &Mutator<'gc, cyclade_concurrent::Concurrent>) -> In<'gc> {
        let serial = self.next;
        self.next += 1;
        self.registry.borrow_mut().insert(serial);
        self.model.nodes.insert(serial, Shadow::default());
        mc.alloc(Node {
            slot: Slot::empty(),
            list: GcVec::new(),
            map: GcMap::new(),
            locked: Locked::default(),
            weak: Weak::empty(),
            token: Token { serial, registry: Rc::clone(&self.registry) },
        })
    }

    /// A node that a random walk from a random root comes to. Every step checks the node against the model.
    fn walk<'gc>(&mut self, mc: &Mutator<'gc, cyclade_concurrent::Concurrent>) -> Option<In<'gc>> {
        if self.roots.is_empty() {
            return None;
        }
        let root = self.dice.roll(self.roots.len() as u64) as usize;
        let mut at = self.roots[root].get(mc);
        for _ in 0..self.dice.roll(6) {
            self.compare(mc, at);
            let next = match self.dice.roll(4) {
                0 => at.slot.get(),
                1 => at.list.get(self.dice.roll(at.list.len().max(1) as u64) as usize),
                2 => at.map.values().next(),
                _ => at.locked.borrow(mc).values().next().copied(),
            };
            at = next.unwrap_or(at);
        }
        Some(at)
    }

    fn compare(&self, mc: &Mutator<'_, cyclade_concurrent::Concurrent>, at: In<'_>) {
        let serial = at.token.serial;
        let seed = self.seed;
        assert!(
            self.registry.borrow().contains(&serial),
            "seed {seed}: node {serial} was freed and is in use"
        );
        let shadow = &self.model.nodes[&serial];
        assert_eq!(at.slot.get().map(|n| n.token.serial), shadow.slot, "seed {seed}");
        assert!(at.list.iter().map(|n| n.token.serial).eq(shadow.list.iter().copied()), "seed {seed}");
        at.map.for_each(|key, n| assert_eq!(shadow.map[key], n.token.serial, "seed {seed}"));
        let locked = at.locked.borrow(mc);
        assert!(locked.iter().map(|(k, n)| (*k, n.token.serial)).eq(shadow.locked.clone()), "seed {seed}");
    }

    fn step(&mut self, mc: &Mutator<'_, cyclade_concurrent::Concurrent>) {
        let target = if self.dice.roll(3) == 0 { Some(self.alloc(mc)) } else { self.walk(mc) };
        let Some(target) = target else { return };
        let to = target.token.serial;
        if self.dice.roll(8) == 0 || self.roots.is_empty() {
            self.roots.push(mc.root(target));
        }
        let Some(owner) = self.walk(mc) else { return };
        let from = owner.token.serial;
        let Some(shadow) = self.model.nodes.get_mut(&from) else { return };
        let key = self.dice.roll(4) as u8;
        match self.dice.roll(14) {
            0 => {
                owner.set(mc, |n| &n.slot, Some(target));
                shadow.slot = Some(to);
            }
            1 => {
                // The edge moves on: what the slot referred to hangs on the list alone.
                if let Some(old) = owner.take(mc, |n| &n.slot) {
                    owner.edit(mc, |n| &n.list).push(old);
                    shadow.list.extend(shadow.slot.take());
                }
            }
            2 | 3 => {
                owner.edit(mc, |n| &n.list).push(target);
                shadow.list.push(to);
            }
            4 => {
                owner.edit(mc, |n| &n.list).pop();
                shadow.list.pop();
            }
            5 if !shadow.list.is_empty() => {
                let index = self.dice.roll(shadow.list.len() as u64) as usize;
                owner.edit(mc, |n| &n.list).swap_remove(index);
                shadow.list.swap_remove(index);
            }
            6 => {
                owner.edit(mc, |n| &n.list).clear();
                shadow.list.clear();
            }
            7 => {
                owner.edit(mc, |n| &n.map).insert(key, target);
                shadow.map.insert(key, to);
            }
            8 => {
                owner.edit(mc, |n| &n.map).remove(&key);
                shadow.map.remove(&key);
            }
            9 => {
                owner.borrow_mut(mc, |n| &n.locked).insert(key, target);
                shadow.locked.insert(key, to);
            }
            10 => {
                owner.borrow_mut(mc, |n| &n.locked).remove(&key);
                shadow.locked.remove(&key);
            }
            11 => {
                // A forgotten guard: the lock stays taken until the scope ends. So this is the scope's last step.
                let mut guard = owner.borrow_mut(mc, |n| &n.locked);
                guard.clear();
                shadow.locked.clear();
                drop(guard);
            }
            12 => owner.set_weak(mc, |n| &n.weak, Some(target)),
            _ => {
                // What a weak reference hands out is used from now on, even if nothing else refers to it.
                if let Some(found) = owner.weak.upgrade(mc) {
                    let found_serial = found.token.serial;
                    owner.set(mc, |n| &n.slot, Some(found));
                    shadow.slot = Some(found_serial);
                }
            }
        }
    }

    fn scope(&mut self, heap: &mut Heap) {
        let steps = self.dice.roll(8);
        heap.mutate(|mc| {
            for _ in 0..steps {
                self.step(mc);
            }
            if self.dice.roll(3) == 0 && self.roots.len() > 1 {
                // In the scope: the release comes at its end.
                let index = self.dice.roll(self.roots.len() as u64) as usize;
                self.roots.swap_remove(index);
            }
            if let Some(owner) = self.walk(mc).filter(|_| self.dice.roll(4) == 0) {
                let mut guard = owner.borrow_mut(mc, |n| &n.locked);
                guard.clear();
                std::mem::forget(guard);
                if let Some(shadow) = self.model.nodes.get_mut(&owner.token.serial) {
                    shadow.locked.clear();
                }
            }
            let value = self.dice.roll(100);
            let mut plain = mc.alloc(Plain { a: Slot::empty(), value });
            for _ in 0..20 {
                plain = mc.alloc(Plain { a: Slot::to(plain), value });
            }
            if let Some(kept) = &self.plain {
                let kept = kept.get(mc);
                assert_eq!(kept.a.get().map(|next| next.value), Some(kept.value), "seed {}", self.seed);
            }
            self.plain = (value < 50).then(|| mc.root(plain));
        });
        if self.dice.roll(3) == 0 && self.roots.len() > 6 {
            let index = self.dice.roll(self.roots.len() as u64) as usize;
            self.roots.swap_remove(index);
        }
        if self.dice.roll(5) == 0
            && let Some(root) = self.roots.last()
        {
            let weak = root.downgrade();
            self.roots.pop();
            if let Some(again) = weak.upgrade() {
                self.roots.push(again);
            }
        }
    }

    /// After a full collection exactly the reachable nodes are there.
    fn verify(&mut self, heap: &mut Heap) {
        heap.collect();
        let roots: Vec<u64> =
            heap.mutate(|mc| self.roots.iter().map(|root| root.get(mc).token.serial).collect());
        let reachable = self.model.reachable(roots.into_iter());
        heap.collect();
        let seed = self.seed;
        assert_eq!(
            *self.registry.borrow(),
            reachable,
            "seed {seed}: payloads that are there, and those that should be"
        );
        assert_eq!(heap.census().unreachable, 0, "seed {seed}");
        self.model.nodes.retain(|serial, _| reachable.contains(serial));
    }
}

fn churn(seed: u64, options: Options, zeal: Option<Zeal>, scopes: u32) {
    let mut heap = Heap::new(Config { collector: options, zeal, ..Config::default() });
    let mut run = Run::new(seed);
    for scope in 1..=scopes {
        run.scope(&mut heap);
        if scope.is_multiple_of(100) {
            run.verify(&mut heap);
        }
    }
    assert!(heap.collector().statistics().cycles > 0);
    // Dropped in the middle of whatever is under way, every payload once.
    drop(heap);
    assert!(run.registry.borrow().is_empty(), "seed {seed}: payloads left behind");
}

#[test]
fn random_programs_beside_the_marker_keep_exactly_what_is_reachable() {
    for seed in 0..40 {
        churn(seed, Options::eager(), None, 350);
    }
}

#[test]
fn random_programs_under_zeal_keep_exactly_what_is_reachable() {
    for seed in 100..112 {
        churn(seed, Options::eager(), Some(Zeal { collect_every: 0 }), 250);
        churn(seed, Options::eager(), Some(Zeal { collect_every: 7 }), 250);
    }
}

#[test]
fn random_programs_without_a_thread_keep_exactly_what_is_reachable() {
    for seed in 200..210 {
        churn(seed, Options { concurrent: false, ..Options::eager() }, Some(Zeal { collect_every: 0 }), 250);
    }
}
