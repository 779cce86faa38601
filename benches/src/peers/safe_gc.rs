//! `safe-gc`: marks and sweeps; objects lie in an arena for each type and are reached through the heap. Collects by itself when an arena is full, which then
//! doubles if it must. References in objects do not root, so what is kept while something is allocated is rooted.

use crate::graph::Graph;
use crate::subject::{Acyclic, Churn, Deep, DoublyLinked, FAN_OUT, Grow, Live, Pairs, Ring, Subject, Tree};
use ::safe_gc::{Collector, Gc, Heap, Root, Trace};

struct Pair {
    peer: Option<Gc<Pair>>,
    _payload: u64,
}

struct Entry {
    newer: Option<Gc<Entry>>,
    older: Option<Gc<Entry>>,
    payload: u64,
}

struct Node {
    edges: [Option<Gc<Node>>; 3],
    _payload: u64,
}

impl Trace for Pair {
    fn trace(&self, collector: &mut Collector) {
        self.peer.into_iter().for_each(|edge| collector.edge(edge));
    }
}

impl Trace for Entry {
    fn trace(&self, collector: &mut Collector) {
        [self.newer, self.older].into_iter().flatten().for_each(|edge| collector.edge(edge));
    }
}

impl Trace for Node {
    fn trace(&self, collector: &mut Collector) {
        self.edges.into_iter().flatten().for_each(|edge| collector.edge(edge));
    }
}

/// The crate `safe-gc`.
pub struct SafeGc {
    heap: Heap,
    newest: Option<Root<Entry>>,
    oldest: Option<Root<Entry>>,
    chain: Option<Root<Pair>>,
    node: Option<Root<Node>>,
}

impl std::fmt::Debug for SafeGc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for SafeGc {
    const NAME: &'static str = "safe-gc";

    fn new() -> Self {
        SafeGc { heap: Heap::new(), newest: None, oldest: None, chain: None, node: None }
    }

    fn collect(&mut self) {
        self.heap.gc();
    }
}

impl Pairs for SafeGc {
    fn pair(&mut self, payload: u64) {
        let a = self.heap.alloc(Pair { peer: None, _payload: payload });
        let b = self.heap.alloc(Pair { peer: Some(a.unrooted()), _payload: payload });
        self.heap[&a].peer = Some(b.unrooted());
    }
}

impl Ring for SafeGc {
    fn build_ring(&mut self, count: u64) {
        let heap = &mut self.heap;
        let first = heap.alloc(Entry { newer: None, older: None, payload: 0 });
        let mut last = first.clone();
        for payload in 1..count {
            let entry = heap.alloc(Entry { newer: None, older: Some(last.unrooted()), payload });
            heap[&last].newer = Some(entry.unrooted());
            last = entry;
        }
        heap[&last].newer = Some(first.unrooted());
        heap[&first].older = Some(last.unrooted());
        self.newest = Some(first);
    }

    fn drop_ring(&mut self) {
        self.newest = None;
    }
}

/// As deep as there are levels. The parent is rooted by whoever made it, and refers to its children so far.
fn branch(heap: &mut Heap, parent: Option<Gc<Node>>, sibling: Option<Gc<Node>>, levels: u32) -> Root<Node> {
    let node = heap.alloc(Node { edges: [parent, None, sibling], _payload: u64::from(levels) });
    if levels > 1 {
        for _ in 0..FAN_OUT {
            let child = branch(heap, Some(node.unrooted()), heap[&node].edges[1], levels - 1);
            heap[&node].edges[1] = Some(child.unrooted());
        }
    }
    node
}

impl Tree for SafeGc {
    fn tree(&mut self, levels: u32) {
        branch(&mut self.heap, None, None, levels);
    }
}

impl DoublyLinked for SafeGc {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let older = newest.as_ref().map(Root::unrooted);
        let entry = self.heap.alloc(Entry { newer: None, older, payload });
        match newest {
            Some(newest) => self.heap[&newest].newer = Some(entry.unrooted()),
            None => self.oldest = Some(entry.clone()),
        }
        self.newest = Some(entry);
    }

    fn replace(&mut self, payload: u64) -> u64 {
        let oldest = self.oldest.take().expect("an entry to replace");
        let next = self.heap[&oldest].newer;
        match next {
            Some(next) => self.heap[next].older = None,
            None => self.newest = None,
        }
        self.oldest = next.map(|next| self.heap.root(next));
        let evicted = self.heap[&oldest].payload;
        drop(oldest);
        self.insert(payload);
        evicted
    }
}

impl SafeGc {
    fn chain(&mut self, length: u64) -> Option<Root<Pair>> {
        (0..length).fold(None, |next: Option<Root<Pair>>, payload| {
            let peer = next.as_ref().map(Root::unrooted);
            Some(self.heap.alloc(Pair { peer, _payload: payload }))
        })
    }
}

impl Acyclic for SafeGc {
    fn list(&mut self, length: u64) {
        self.chain(length);
    }
}

impl Deep for SafeGc {
    fn build_chain(&mut self, length: u64) {
        self.chain = self.chain(length);
    }

    fn drop_chain(&mut self) {
        self.chain = None;
    }
}

impl Grow for SafeGc {
    fn grow(&mut self, graph: &Graph) {
        let heap = &mut self.heap;
        let nodes: Vec<Root<Node>> =
            (0..graph.len()).map(|i| heap.alloc(Node { edges: [None; 3], _payload: i as u64 })).collect();
        for (node, targets) in nodes.iter().zip(&graph.targets) {
            heap[node].edges = targets.map(|target| Some(nodes[target as usize].unrooted()));
        }
        self.node = nodes.into_iter().next();
    }
}

impl Live for SafeGc {}

impl Churn for SafeGc {
    fn renew(&mut self, way: usize, payload: u64) {
        let at = self.node.take().expect("a graph");
        let next = self.heap[&at].edges[way].expect("an edge to another node");
        let next = self.heap.root(next);
        let satellite =
            self.heap.alloc(Node { edges: [None, Some(next.unrooted()), None], _payload: payload });
        self.heap[&satellite].edges[0] = Some(satellite.unrooted());
        self.heap[&next].edges[2] = Some(satellite.unrooted());
        self.node = Some(next);
    }
}
