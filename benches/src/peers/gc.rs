//! `gc`: marks and sweeps, recursively, with counts of roots in place of a root set. Collects by itself.

#![expect(non_local_definitions, reason = "the crate's derive makes them")]

use crate::graph::RandomGraph;
use crate::subject::{DoublyLinked, Live, Pairs, Subject};
use ::gc::{Finalize, Gc, GcCell as RefCell, Trace, force_collect};

#[derive(Trace, Finalize)]
struct Pair {
    peer: RefCell<Option<Gc<Pair>>>,
    _payload: u64,
}

type Link = Option<Gc<Entry>>;

#[derive(Trace, Finalize)]
struct Entry {
    newer: RefCell<Link>,
    older: RefCell<Link>,
    payload: u64,
}

#[derive(Trace, Finalize)]
struct Node {
    edges: RefCell<[Option<Gc<Node>>; 3]>,
    _payload: u64,
}

/// The crate `gc`.
#[derive(Default)]
pub struct RustGc {
    newest: Link,
    oldest: Link,
    live: Option<Gc<Node>>,
}

impl std::fmt::Debug for RustGc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for RustGc {
    const NAME: &'static str = "gc";

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {
        force_collect();
    }
}

impl Pairs for RustGc {
    fn pair(&mut self, payload: u64) {
        let a = Gc::new(Pair { peer: RefCell::new(None), _payload: payload });
        let b = Gc::new(Pair { peer: RefCell::new(Some(a.clone())), _payload: payload });
        *a.peer.borrow_mut() = Some(b);
    }
}

impl DoublyLinked for RustGc {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry =
            Gc::new(Entry { newer: RefCell::new(None), older: RefCell::new(newest.clone()), payload });
        match newest {
            Some(newest) => *newest.newer.borrow_mut() = Some(entry.clone()),
            None => self.oldest = Some(entry.clone()),
        }
        self.newest = Some(entry);
    }

    fn replace(&mut self, payload: u64) -> u64 {
        let oldest = self.oldest.take().expect("an entry to replace");
        let next = oldest.newer.borrow_mut().take();
        match &next {
            Some(next) => *next.older.borrow_mut() = None,
            None => self.newest = None,
        }
        self.oldest = next;
        let evicted = oldest.payload;
        drop(oldest);
        self.insert(payload);
        evicted
    }
}

impl Live for RustGc {
    fn grow(&mut self, graph: &RandomGraph) {
        let nodes: Vec<_> = (0..graph.len())
            .map(|i| Gc::new(Node { edges: RefCell::default(), _payload: i as u64 }))
            .collect();
        for (node, targets) in nodes.iter().zip(&graph.targets) {
            *node.edges.borrow_mut() = targets.map(|target| Some(nodes[target as usize].clone()));
        }
        self.live = nodes.into_iter().next();
    }
}
