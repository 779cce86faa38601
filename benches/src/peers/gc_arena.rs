//! `gc-arena`: branded pointers, and incremental mark and sweep that is paid for by debt: every step ends with
//! `collect_debt`, as its documentation has it.

use crate::graph::Graph;
use crate::subject::{DoublyLinked, Live, Pairs, Subject};
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

    fn collect(&mut self) {
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

impl Live for GcArena {
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
