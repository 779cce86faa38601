//! `gcmodule`: counts, with CPython's cycle detection over all objects. Collects only when asked.

use super::EVERY;
use crate::graph::RandomGraph;
use crate::subject::{DoublyLinked, Live, Pairs, Subject};
use ::gcmodule::{Cc, Trace, Tracer, collect_thread_cycles};
use std::cell::RefCell;

struct Pair {
    peer: RefCell<Option<Cc<Pair>>>,
    _payload: u64,
}

type Link = Option<Cc<Entry>>;

struct Entry {
    newer: RefCell<Link>,
    older: RefCell<Link>,
    payload: u64,
}

struct Node {
    edges: RefCell<[Option<Cc<Node>>; 3]>,
    _payload: u64,
}

/// By hand, like the others: `is_type_tracked` of a derive calls itself without end where a type contains itself.
impl Trace for Pair {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.peer.trace(tracer);
    }

    fn is_type_tracked() -> bool {
        true
    }
}

impl Trace for Entry {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.newer.trace(tracer);
        self.older.trace(tracer);
    }

    fn is_type_tracked() -> bool {
        true
    }
}

impl Trace for Node {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for edge in self.edges.borrow().iter() {
            edge.trace(tracer);
        }
    }

    fn is_type_tracked() -> bool {
        true
    }
}

/// The crate `gcmodule`.
#[derive(Default)]
pub struct GcModule {
    newest: Link,
    oldest: Link,
    live: Option<Cc<Node>>,
}

impl std::fmt::Debug for GcModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for GcModule {
    const NAME: &'static str = "gcmodule";

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {
        collect_thread_cycles();
    }
}

impl Pairs for GcModule {
    fn pair(&mut self, payload: u64) {
        let a = Cc::new(Pair { peer: RefCell::new(None), _payload: payload });
        let b = Cc::new(Pair { peer: RefCell::new(Some(a.clone())), _payload: payload });
        *a.peer.borrow_mut() = Some(b);
        if payload % EVERY == EVERY - 1 {
            collect_thread_cycles();
        }
    }
}

impl DoublyLinked for GcModule {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry =
            Cc::new(Entry { newer: RefCell::new(None), older: RefCell::new(newest.clone()), payload });
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

impl Live for GcModule {
    fn grow(&mut self, graph: &RandomGraph) {
        let nodes: Vec<_> = (0..graph.len())
            .map(|i| Cc::new(Node { edges: RefCell::default(), _payload: i as u64 }))
            .collect();
        for (node, targets) in nodes.iter().zip(&graph.targets) {
            *node.edges.borrow_mut() = targets.map(|target| Some(nodes[target as usize].clone()));
        }
        self.live = nodes.into_iter().next();
    }
}
