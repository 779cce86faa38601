//! A Cyclade heap as a subject, generic over the collector.
//!
//! Every step is a scope of its own, so that entering, leaving and the safepoint are in its time.

use crate::graph::Graph;
use crate::subject::{DeadRing, DoublyLinked, Live, Pairs, Subject};
use cyclade_core::{Collector, Config, Gc, Heap, Mutator, Root, Slot, Trace};
use std::fmt;

/// One of two that refer to each other.
#[derive(Trace, Debug)]
pub struct Pair<'gc> {
    peer: Slot<'gc, Pair<'gc>>,
    _payload: u64,
}

/// An entry of the list, or of a ring. Both links are strong: a cycle between every two neighbours.
#[derive(Trace, Debug)]
pub struct Entry<'gc> {
    newer: Slot<'gc, Entry<'gc>>,
    older: Slot<'gc, Entry<'gc>>,
    payload: u64,
}

/// Both ends of the list.
#[derive(Trace, Debug, Default)]
pub struct List<'gc> {
    newest: Slot<'gc, Entry<'gc>>,
    oldest: Slot<'gc, Entry<'gc>>,
}

/// A node of a graph: 48 bytes with its header.
#[derive(Trace, Debug)]
pub struct Node<'gc> {
    edges: [Slot<'gc, Node<'gc>>; 3],
    payload: u64,
}

impl<'gc> Node<'gc> {
    /// A node without targets.
    #[must_use]
    pub fn new(payload: u64) -> Self {
        Node { edges: [Slot::empty(), Slot::empty(), Slot::empty()], payload }
    }

    /// A node whose first edge refers to `target`.
    #[must_use]
    #[inline]
    pub fn linked(target: Option<Gc<'gc, Self>>, payload: u64) -> Self {
        let first = target.map_or_else(Slot::empty, Slot::to);
        Node { edges: [first, Slot::empty(), Slot::empty()], payload }
    }

    /// Its payload.
    #[must_use]
    pub fn payload(&self) -> u64 {
        self.payload
    }

    /// What edge `i` refers to.
    #[must_use]
    pub fn target(&self, i: usize) -> Option<Gc<'gc, Self>> {
        self.edges[i].get()
    }

    /// Makes edge `i` of `node` refer to `target`.
    #[inline]
    pub fn point<C: Collector>(
        mc: &Mutator<'gc, C>,
        node: Gc<'gc, Self>,
        i: usize,
        target: Option<Gc<'gc, Self>>,
    ) {
        node.set(mc, |n| &n.edges[i], target);
    }
}

/// A heap, and what the workloads keep in it.
pub struct Ours<C: Collector> {
    /// The heap itself.
    pub heap: Heap<C>,
    list: Root<List<'static>>,
    live: Option<Root<Node<'static>>>,
}

impl<C: Collector> Ours<C> {
    /// With these settings.
    #[must_use]
    pub fn with(config: Config<C>) -> Self {
        let mut heap = Heap::new(config);
        let list = heap.mutate(|mc| mc.root(mc.alloc(List::default())));
        Ours { heap, list, live: None }
    }
}

impl<C: Collector> fmt::Debug for Ours<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ours").field("heap", &self.heap).finish_non_exhaustive()
    }
}

impl<C: Collector> Subject for Ours<C> {
    const NAME: &'static str = C::NAME;
    const FREES_CYCLES: bool = C::PLAN.frees_cycles;

    fn new() -> Self {
        Self::with(Config::default())
    }

    fn collect(&mut self) {
        self.heap.collect();
    }
}

impl<C: Collector> Pairs for Ours<C> {
    #[inline]
    fn pair(&mut self, payload: u64) {
        self.heap.mutate(|mc| {
            let a = mc.alloc(Pair { peer: Slot::empty(), _payload: payload });
            let b = mc.alloc(Pair { peer: Slot::to(a), _payload: payload });
            a.set(mc, |n| &n.peer, Some(b));
        });
    }
}

#[inline]
fn insert<'gc, C: Collector>(mc: &Mutator<'gc, C>, list: Gc<'gc, List<'gc>>, payload: u64) {
    let newest = list.newest.get();
    let entry =
        mc.alloc(Entry { newer: Slot::empty(), older: newest.map_or_else(Slot::empty, Slot::to), payload });
    match newest {
        Some(newest) => newest.set(mc, |n| &n.newer, Some(entry)),
        None => list.set(mc, |l| &l.oldest, Some(entry)),
    }
    list.set(mc, |l| &l.newest, Some(entry));
}

impl<C: Collector> DoublyLinked for Ours<C> {
    #[inline]
    fn insert(&mut self, payload: u64) {
        let list = &self.list;
        self.heap.mutate(|mc| insert(mc, list.get(mc), payload));
    }

    #[inline]
    fn replace(&mut self, payload: u64) -> u64 {
        let list = &self.list;
        self.heap.mutate(|mc| {
            let list = list.get(mc);
            let oldest = list.oldest.get().expect("an entry to replace");
            let next = oldest.newer.get();
            match next {
                Some(next) => next.set(mc, |n| &n.older, None),
                None => list.set(mc, |l| &l.newest, None),
            }
            list.set(mc, |l| &l.oldest, next);
            insert(mc, list, payload);
            oldest.payload
        })
    }
}

impl<C: Collector> DeadRing for Ours<C> {
    fn leave_ring(&mut self, links: &[[u32; 2]]) {
        let root = self.heap.mutate(|mc| {
            let entry = |payload| Entry { newer: Slot::empty(), older: Slot::empty(), payload };
            let entries: Vec<_> = (0..links.len()).map(|i| mc.alloc(entry(i as u64))).collect();
            for (entry, &[next, previous]) in entries.iter().zip(links) {
                entry.set(mc, |n| &n.newer, Some(entries[next as usize]));
                entry.set(mc, |n| &n.older, Some(entries[previous as usize]));
            }
            mc.root(entries[0])
        });
        self.collect();
        drop(root);
    }
}

impl<C: Collector> Live for Ours<C> {
    fn grow(&mut self, graph: &Graph) {
        let first = self.heap.mutate(|mc| {
            let nodes: Vec<_> = (0..graph.len()).map(|i| mc.alloc(Node::new(i as u64))).collect();
            for (node, targets) in nodes.iter().zip(&graph.targets) {
                for (i, &target) in targets.iter().enumerate() {
                    Node::point(mc, *node, i, Some(nodes[target as usize]));
                }
            }
            mc.root(nodes[0])
        });
        self.live = Some(first);
    }
}
