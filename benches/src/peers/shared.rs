//! The workloads over shared pointers, once for all crates whose objects refer to each other through a pointer in a cell.
//!
//! A crate says how its objects are made and its edges changed ([`Pointer`], which [`objects!`] writes) and how it collects ([`Peer`]); its
//! subject is then [`Shared`] of that.

use crate::graph::Graph;
use crate::subject::{Acyclic, Churn, Deep, DoublyLinked, FAN_OUT, Grow, Live, Pairs, Ring, Subject, Tree};
use std::fmt;

/// A shared pointer to an object with `N` edges that can be changed, and a payload.
pub trait Pointer<const N: usize>: Clone {
    /// A new object.
    fn new(edges: [Option<Self>; N], payload: u64) -> Self;

    /// What an edge refers to.
    fn get(&self, edge: usize) -> Option<Self>;

    /// Changes an edge; returns what was there.
    fn replace(&self, edge: usize, to: Option<Self>) -> Option<Self>;

    /// The payload.
    fn payload(&self) -> u64;
}

/// A crate of shared pointers.
pub trait Peer {
    /// As tables print it.
    const NAME: &'static str;

    /// Does it free cycles that nothing else refers to?
    const FREES_CYCLES: bool = true;

    /// Asked to collect after so many pairs, or twice as many other objects; `None` if it collects by itself, or never.
    const EVERY: Option<u64>;

    /// Points to one of two objects that refer to each other, or to an object of a list.
    type Pair: Pointer<1>;

    /// Points to an entry of a list: edges [`NEWER`] and [`OLDER`].
    type Entry: Pointer<2>;

    /// Points to a node of a graph, or of a tree.
    type Node: Pointer<3>;

    /// A full collection.
    fn collect();
}

/// A crate whose full collection looks at every object.
pub trait LivePeer: Peer {}

const NEWER: usize = 0;
const OLDER: usize = 1;

/// Of a node of a tree, whose edge 0 refers to its parent.
const CHILD: usize = 1;

/// Of a node with a satellite.
const SATELLITE: usize = 2;

/// A peer as a subject: holds what the workloads keep.
pub struct Shared<P: Peer> {
    newest: Option<P::Entry>,
    oldest: Option<P::Entry>,
    chain: Option<P::Pair>,
    node: Option<P::Node>,
    /// Objects that have been made since the peer was last asked to collect.
    made: u64,
    /// Asked to after so many.
    every: Option<u64>,
}

impl<P: Peer> Shared<P> {
    /// Objects have been made: asks the peer to collect if it does not by itself, and it is time.
    #[inline]
    fn made(&mut self, objects: u64) {
        if let Some(every) = self.every {
            self.made += objects;
            if self.made >= every {
                self.made = 0;
                P::collect();
            }
        }
    }
}

impl<P: Peer> fmt::Debug for Shared<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(P::NAME)
    }
}

impl<P: Peer> Subject for Shared<P> {
    const NAME: &'static str = P::NAME;
    const FREES_CYCLES: bool = P::FREES_CYCLES;

    fn new() -> Self {
        let every = P::EVERY.map(|pairs| 2 * pairs);
        Shared { newest: None, oldest: None, chain: None, node: None, made: 0, every }
    }

    fn collect(&mut self) {
        P::collect();
    }
}

impl<P: Peer> Pairs for Shared<P> {
    fn pair(&mut self, payload: u64) {
        let a = P::Pair::new([None], payload);
        let b = P::Pair::new([Some(a.clone())], payload);
        a.replace(0, Some(b));
        drop(a);
        self.made(2);
    }
}

impl<P: Peer> Ring for Shared<P> {
    fn build_ring(&mut self, count: u64) {
        let first = P::Entry::new([None, None], 0);
        let mut last = first.clone();
        for payload in 1..count {
            let entry = P::Entry::new([None, Some(last.clone())], payload);
            last.replace(NEWER, Some(entry.clone()));
            last = entry;
        }
        last.replace(NEWER, Some(first.clone()));
        first.replace(OLDER, Some(last));
        self.newest = Some(first);
    }

    fn drop_ring(&mut self) {
        self.newest = None;
    }
}

/// As deep as there are levels.
fn branch<N: Pointer<3>>(parent: Option<N>, sibling: Option<N>, levels: u32) -> N {
    let node = N::new([parent, None, sibling], u64::from(levels));
    if levels > 1 {
        let children = (0..FAN_OUT).fold(None, |next, _| Some(branch(Some(node.clone()), next, levels - 1)));
        node.replace(CHILD, children);
    }
    node
}

impl<P: Peer> Tree for Shared<P> {
    fn tree(&mut self, levels: u32) {
        drop(branch::<P::Node>(None, None, levels));
        self.made(u64::from((FAN_OUT.pow(levels) - 1) / (FAN_OUT - 1)));
    }
}

impl<P: Peer> DoublyLinked for Shared<P> {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry = P::Entry::new([None, newest.clone()], payload);
        match newest {
            Some(newest) => drop(newest.replace(NEWER, Some(entry.clone()))),
            None => self.oldest = Some(entry.clone()),
        }
        self.newest = Some(entry);
    }

    fn replace(&mut self, payload: u64) -> u64 {
        let oldest = self.oldest.take().expect("an entry to replace");
        let next = oldest.replace(NEWER, None);
        match &next {
            Some(next) => drop(next.replace(OLDER, None)),
            None => self.newest = None,
        }
        self.oldest = next;
        let evicted = oldest.payload();
        drop(oldest);
        self.insert(payload);
        evicted
    }
}

/// From its end on.
fn chain<N: Pointer<1>>(length: u64) -> Option<N> {
    (0..length).fold(None, |next, payload| Some(N::new([next], payload)))
}

impl<P: Peer> Acyclic for Shared<P> {
    fn list(&mut self, length: u64) {
        drop(chain::<P::Pair>(length));
        self.made(length);
    }
}

impl<P: Peer> Deep for Shared<P> {
    fn build_chain(&mut self, length: u64) {
        self.chain = chain(length);
    }

    fn drop_chain(&mut self) {
        self.chain = None;
    }
}

impl<P: Peer> Grow for Shared<P> {
    fn grow(&mut self, graph: &Graph) {
        let nodes: Vec<_> = (0..graph.len()).map(|i| P::Node::new([None, None, None], i as u64)).collect();
        for (node, targets) in nodes.iter().zip(&graph.targets) {
            for (edge, &target) in targets.iter().enumerate() {
                node.replace(edge, Some(nodes[target as usize].clone()));
            }
        }
        // From now on a collection is work: it is worth doing when as much may be dead as is alive, with a satellite for each node.
        self.every = self.every.map(|_| 2 * graph.len() as u64);
        self.node = nodes.into_iter().next();
    }
}

impl<P: LivePeer> Live for Shared<P> {}

impl<P: Peer> Churn for Shared<P> {
    fn renew(&mut self, way: usize, payload: u64) {
        let at = self.node.take().expect("a graph");
        let next = at.get(way).expect("an edge to another node");
        let satellite = P::Node::new([None, Some(next.clone()), None], payload);
        satellite.replace(0, Some(satellite.clone()));
        next.replace(SATELLITE, Some(satellite));
        self.node = Some(next);
        drop(at);
        self.made(1);
    }
}

/// The objects of the workloads for one crate, with its pointer, its cell and its derives: `Pair`, `Entry` and `Node`.
macro_rules! objects {
    ($pointer:ident, $cell:ident, [$($derive:ident),*]) => {
        #[derive($($derive),*)]
        #[allow(missing_debug_implementations, reason = "printing would follow cycles")]
        pub struct Pair {
            peer: $cell<Option<$pointer<Pair>>>,
            payload: u64,
        }

        #[derive($($derive),*)]
        #[allow(missing_debug_implementations, reason = "printing would follow cycles")]
        pub struct Entry {
            newer: $cell<Option<$pointer<Entry>>>,
            older: $cell<Option<$pointer<Entry>>>,
            payload: u64,
        }

        #[derive($($derive),*)]
        #[allow(missing_debug_implementations, reason = "printing would follow cycles")]
        pub struct Node {
            edges: $cell<[Option<$pointer<Node>>; 3]>,
            payload: u64,
        }

        $crate::peers::shared::pointer!($pointer, Pair, 1, |this, [peer], payload, edge| {
            make: Pair { peer: $cell::new(peer), payload },
            read: this.peer.borrow(),
            write: &mut *this.peer.borrow_mut(),
        });

        $crate::peers::shared::pointer!($pointer, Entry, 2, |this, [newer, older], payload, edge| {
            make: Entry { newer: $cell::new(newer), older: $cell::new(older), payload },
            read: if edge == 0 { &this.newer } else { &this.older }.borrow(),
            write: &mut *if edge == 0 { &this.newer } else { &this.older }.borrow_mut(),
        });

        $crate::peers::shared::pointer!($pointer, Node, 3, |this, edges, payload, edge| {
            make: Node { edges: $cell::new(edges), payload },
            read: this.edges.borrow()[edge],
            write: &mut this.edges.borrow_mut()[edge],
        });
    };
}

/// One of them as what its pointer points to.
macro_rules! pointer {
    ($pointer:ident, $object:ident, $edges:literal, |$this:ident, $values:pat_param, $payload:ident, $edge:ident| {
        make: $make:expr, read: $read:expr, write: $write:expr,
    }) => {
        impl $crate::peers::shared::Pointer<$edges> for $pointer<$object> {
            #[inline]
            fn new($values: [Option<Self>; $edges], $payload: u64) -> Self {
                $pointer::new($make)
            }

            #[inline]
            #[allow(unused_variables, reason = "an object with one edge needs no number")]
            fn get(&self, $edge: usize) -> Option<Self> {
                let $this = self;
                $read.clone()
            }

            #[inline]
            #[allow(unused_variables, reason = "as above")]
            fn replace(&self, $edge: usize, to: Option<Self>) -> Option<Self> {
                let $this = self;
                std::mem::replace($write, to)
            }

            #[inline]
            fn payload(&self) -> u64 {
                self.payload
            }
        }
    };
}

pub(super) use {objects, pointer};
