//! A Cyclade heap as a subject, generic over the collector.
//!
//! Every step is a scope of its own, so that entering, leaving and the safepoint are in its time.

use crate::graph::Graph;
use crate::subject::{
    Acyclic, Churn, DeadRing, Deep, DoublyLinked, FAN_OUT, Grow, Live, Pairs, Ring, Subject, Tree,
};
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
        Node { edges: [slot(target), Slot::empty(), Slot::empty()], payload }
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

/// The node of a graph that is kept, by which all others are reached.
#[derive(Trace, Debug, Default)]
pub struct Place<'gc> {
    node: Slot<'gc, Node<'gc>>,
}

/// A heap, and what the workloads keep in it.
pub struct Ours<C: Collector> {
    /// The heap itself.
    pub heap: Heap<C>,
    list: Root<List<'static>>,
    place: Root<Place<'static>>,
    chain: Option<Root<Pair<'static>>>,
}

impl<C: Collector> Ours<C> {
    /// With these settings.
    #[must_use]
    pub fn with(config: Config<C>) -> Self {
        let mut heap = Heap::new(config);
        let (list, place) =
            heap.mutate(|mc| (mc.root(mc.alloc(List::default())), mc.root(mc.alloc(Place::default()))));
        Ours { heap, list, place, chain: None }
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
    let entry = mc.alloc(Entry { newer: Slot::empty(), older: slot(newest), payload });
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

/// Objects of one scope, where a workload makes many: scopes are short.
const STEP: u64 = 1_000;

impl<C: Collector> Ring for Ours<C> {
    fn build_ring(&mut self, count: u64) {
        let list = &self.list;
        for from in (0..count).step_by(STEP as usize) {
            self.heap.mutate(|mc| {
                let list = list.get(mc);
                (from..count.min(from + STEP)).for_each(|payload| insert(mc, list, payload));
            });
        }
        self.heap.mutate(|mc| {
            let list = list.get(mc);
            let (newest, oldest) = (list.newest.get(), list.oldest.get());
            if let (Some(first), Some(last)) = (newest, oldest) {
                first.set(mc, |n| &n.newer, oldest);
                last.set(mc, |n| &n.older, newest);
            }
        });
    }

    fn drop_ring(&mut self) {
        let list = &self.list;
        self.heap.mutate(|mc| {
            let list = list.get(mc);
            list.set(mc, |l| &l.newest, None);
            list.set(mc, |l| &l.oldest, None);
        });
    }
}

fn slot<'gc, T: cyclade_core::Branded<'gc>>(target: Option<Gc<'gc, T>>) -> Slot<'gc, T> {
    target.map_or_else(Slot::empty, Slot::to)
}

/// As deep as there are levels.
fn branch<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    parent: Option<Gc<'gc, Node<'gc>>>,
    sibling: Option<Gc<'gc, Node<'gc>>>,
    levels: u32,
) -> Gc<'gc, Node<'gc>> {
    let edges = [slot(parent), Slot::empty(), slot(sibling)];
    let node = mc.alloc(Node { edges, payload: u64::from(levels) });
    if levels > 1 {
        let children = (0..FAN_OUT).fold(None, |next, _| Some(branch(mc, Some(node), next, levels - 1)));
        Node::point(mc, node, 1, children);
    }
    node
}

impl<C: Collector> Tree for Ours<C> {
    fn tree(&mut self, levels: u32) {
        self.heap.mutate(|mc| _ = branch(mc, None, None, levels));
    }
}

/// In front of `next`.
#[inline]
fn chain<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    next: Option<Gc<'gc, Pair<'gc>>>,
    length: u64,
) -> Option<Gc<'gc, Pair<'gc>>> {
    (0..length).fold(next, |next, payload| Some(mc.alloc(Pair { peer: slot(next), _payload: payload })))
}

impl<C: Collector> Acyclic for Ours<C> {
    #[inline]
    fn list(&mut self, length: u64) {
        self.heap.mutate(|mc| _ = chain(mc, None, length));
    }
}

impl<C: Collector> Deep for Ours<C> {
    fn build_chain(&mut self, length: u64) {
        for from in (0..length).step_by(STEP as usize) {
            let part = STEP.min(length - from);
            let so_far = self.chain.take();
            self.chain = self.heap.mutate(|mc| {
                let next = so_far.as_ref().map(|root| root.get(mc));
                chain(mc, next, part).map(|first| mc.root(first))
            });
        }
    }

    fn drop_chain(&mut self) {
        self.chain = None;
    }
}

impl<C: Collector> Live for Ours<C> {}

impl<C: Collector> Churn for Ours<C> {
    #[inline]
    fn renew(&mut self, way: usize, payload: u64) {
        let place = &self.place;
        self.heap.mutate(|mc| {
            let place = place.get(mc);
            let at = place.node.get().expect("a graph");
            let next = at.target(way).expect("an edge to another node");
            let edges = [Slot::empty(), Slot::to(next), Slot::empty()];
            let satellite = mc.alloc(Node { edges, payload });
            Node::point(mc, satellite, 0, Some(satellite));
            Node::point(mc, next, 2, Some(satellite));
            place.set(mc, |p| &p.node, Some(next));
        });
    }
}

impl<C: Collector> Grow for Ours<C> {
    fn grow(&mut self, graph: &Graph) {
        let place = &self.place;
        self.heap.mutate(|mc| {
            let nodes: Vec<_> = (0..graph.len()).map(|i| mc.alloc(Node::new(i as u64))).collect();
            for (node, targets) in nodes.iter().zip(&graph.targets) {
                for (i, &target) in targets.iter().enumerate() {
                    Node::point(mc, *node, i, Some(nodes[target as usize]));
                }
            }
            place.get(mc).set(mc, |p| &p.node, Some(nodes[0]));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::ENTRIES;
    use cyclade_refcount::RefCount;

    #[test]
    fn under_refcount_the_list_leaks_nothing_while_it_churns_and_everything_at_the_end() {
        let mut ours = Ours::<RefCount>::new();
        let others = ours.heap.len();
        (0..ENTRIES).for_each(|payload| ours.insert(payload));
        for payload in 0..3 * ENTRIES {
            ours.replace(payload);
            assert_eq!(ours.heap.len(), others + ENTRIES as usize);
        }
        ours.drop_ring();
        ours.collect();
        assert_eq!(ours.heap.len(), others + ENTRIES as usize);
    }

    #[test]
    fn churn_keeps_as_many_objects_alive_as_stated() {
        let mut ours = Ours::<cyclade_mark_sweep::MarkSweep>::new();
        let others = ours.heap.len();
        crate::workload::churn(&mut ours, 1_000, 5_000);
        ours.collect();
        assert_eq!(ours.heap.len(), others + 1_000);
    }
}
