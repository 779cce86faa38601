//! `gc-arena`: branded pointers, and incremental mark and sweep that is paid for by debt: every step ends with
//! `collect_debt`, as its documentation has it.

use crate::graph::Graph;
use crate::subject::{Acyclic, Churn, Deep, DoublyLinked, FAN_OUT, Grow, Live, Pairs, Ring, Subject, Tree};
use ::gc_arena::arena::CollectionPhase;
use ::gc_arena::lock::Lock;
use ::gc_arena::{Arena, Collect, Gc, Mutation, Rootable, barrier::unlock};

#[derive(Collect)]
#[collect(no_drop)]
struct Pair<'gc> {
    peer: Lock<Option<Gc<'gc, Pair<'gc>>>>,
    _payload: u64,
}

type Link<'gc> = Option<Gc<'gc, Entry<'gc>>>;

#[derive(Collect)]
#[collect(no_drop)]
struct Entry<'gc> {
    newer: Lock<Link<'gc>>,
    older: Lock<Link<'gc>>,
    payload: u64,
}

#[derive(Collect)]
#[collect(no_drop)]
struct Node<'gc> {
    edges: Lock<[Option<Gc<'gc, Node<'gc>>>; 3]>,
    _payload: u64,
}

/// The root set.
#[derive(Collect, Default)]
#[collect(no_drop)]
struct Kept<'gc> {
    newest: Link<'gc>,
    oldest: Link<'gc>,
    chain: Option<Gc<'gc, Pair<'gc>>>,
    live: Option<Gc<'gc, Node<'gc>>>,
}

/// The crate `gc-arena`.
pub struct GcArena {
    arena: Arena<Rootable![Kept<'_>]>,
}

impl std::fmt::Debug for GcArena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for GcArena {
    const NAME: &'static str = "gc-arena";

    fn new() -> Self {
        GcArena { arena: Arena::new(|_| Kept::default()) }
    }

    /// A cycle that is under way may have marked what has died since: then one more.
    fn collect(&mut self) {
        if self.arena.collection_phase() != CollectionPhase::Sleeping {
            self.arena.finish_cycle();
        }
        self.arena.finish_cycle();
    }
}

impl Pairs for GcArena {
    fn pair(&mut self, payload: u64) {
        self.arena.mutate(|mc, _| {
            let a = Gc::new(mc, Pair { peer: Lock::new(None), _payload: payload });
            let b = Gc::new(mc, Pair { peer: Lock::new(Some(a)), _payload: payload });
            unlock!(Gc::write(mc, a), Pair, peer).set(Some(b));
        });
        self.arena.collect_debt();
    }
}

fn insert<'gc>(mc: &Mutation<'gc>, kept: &mut Kept<'gc>, payload: u64) {
    let entry = Gc::new(mc, Entry { newer: Lock::new(None), older: Lock::new(kept.newest), payload });
    match kept.newest {
        Some(newest) => unlock!(Gc::write(mc, newest), Entry, newer).set(Some(entry)),
        None => kept.oldest = Some(entry),
    }
    kept.newest = Some(entry);
}

impl DoublyLinked for GcArena {
    fn insert(&mut self, payload: u64) {
        self.arena.mutate_root(|mc, kept| insert(mc, kept, payload));
        self.arena.collect_debt();
    }

    fn replace(&mut self, payload: u64) -> u64 {
        let evicted = self.arena.mutate_root(|mc, kept| {
            let oldest = kept.oldest.expect("an entry to replace");
            let next = oldest.newer.get();
            match next {
                Some(next) => unlock!(Gc::write(mc, next), Entry, older).set(None),
                None => kept.newest = None,
            }
            kept.oldest = next;
            insert(mc, kept, payload);
            oldest.payload
        });
        self.arena.collect_debt();
        evicted
    }
}

/// Objects that are made before the next step of the collector, where a workload makes many.
const STEP: u64 = 1_000;

impl Ring for GcArena {
    fn build_ring(&mut self, count: u64) {
        for from in (0..count).step_by(STEP as usize) {
            self.arena.mutate_root(|mc, kept| {
                (from..count.min(from + STEP)).for_each(|payload| insert(mc, kept, payload));
            });
            self.arena.collect_debt();
        }
        self.arena.mutate(|mc, kept| {
            if let (Some(newest), Some(oldest)) = (kept.newest, kept.oldest) {
                unlock!(Gc::write(mc, newest), Entry, newer).set(Some(oldest));
                unlock!(Gc::write(mc, oldest), Entry, older).set(Some(newest));
            }
        });
    }

    fn drop_ring(&mut self) {
        self.arena.mutate_root(|_, kept| (kept.newest, kept.oldest) = (None, None));
    }
}

/// As deep as there are levels.
fn branch<'gc>(
    mc: &Mutation<'gc>,
    parent: Option<Gc<'gc, Node<'gc>>>,
    sibling: Option<Gc<'gc, Node<'gc>>>,
    levels: u32,
) -> Gc<'gc, Node<'gc>> {
    let node = Gc::new(mc, Node { edges: Lock::new([parent, None, sibling]), _payload: u64::from(levels) });
    if levels > 1 {
        let children = (0..FAN_OUT).fold(None, |next, _| Some(branch(mc, Some(node), next, levels - 1)));
        unlock!(Gc::write(mc, node), Node, edges).set([parent, children, sibling]);
    }
    node
}

impl Tree for GcArena {
    fn tree(&mut self, levels: u32) {
        self.arena.mutate(|mc, _| _ = branch(mc, None, None, levels));
        self.arena.collect_debt();
    }
}

/// In front of `next`.
fn chain<'gc>(
    mc: &Mutation<'gc>,
    next: Option<Gc<'gc, Pair<'gc>>>,
    length: u64,
) -> Option<Gc<'gc, Pair<'gc>>> {
    (0..length)
        .fold(next, |next, payload| Some(Gc::new(mc, Pair { peer: Lock::new(next), _payload: payload })))
}

impl Acyclic for GcArena {
    fn list(&mut self, length: u64) {
        self.arena.mutate(|mc, _| _ = chain(mc, None, length));
        self.arena.collect_debt();
    }
}

impl Deep for GcArena {
    fn build_chain(&mut self, length: u64) {
        for from in (0..length).step_by(STEP as usize) {
            let part = STEP.min(length - from);
            self.arena.mutate_root(|mc, kept| kept.chain = chain(mc, kept.chain, part));
            self.arena.collect_debt();
        }
    }

    fn drop_chain(&mut self) {
        self.arena.mutate_root(|_, kept| kept.chain = None);
    }
}

impl Live for GcArena {}

impl Churn for GcArena {
    fn renew(&mut self, way: usize, payload: u64) {
        self.arena.mutate_root(|mc, kept| {
            let at = kept.live.expect("a graph");
            let next = at.edges.get()[way].expect("an edge to another node");
            let satellite =
                Gc::new(mc, Node { edges: Lock::new([None, Some(next), None]), _payload: payload });
            unlock!(Gc::write(mc, satellite), Node, edges).set([Some(satellite), Some(next), None]);
            let [first, second, _] = next.edges.get();
            unlock!(Gc::write(mc, next), Node, edges).set([first, second, Some(satellite)]);
            kept.live = Some(next);
        });
        self.arena.collect_debt();
    }
}

impl Grow for GcArena {
    fn grow(&mut self, graph: &Graph) {
        self.arena.mutate_root(|mc, kept| {
            let nodes: Vec<_> = (0..graph.len())
                .map(|i| Gc::new(mc, Node { edges: Lock::new([None; 3]), _payload: i as u64 }))
                .collect();
            for (node, targets) in nodes.iter().zip(&graph.targets) {
                unlock!(Gc::write(mc, *node), Node, edges).set(targets.map(|t| Some(nodes[t as usize])));
            }
            kept.live = Some(nodes[0]);
        });
    }
}
