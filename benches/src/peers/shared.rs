//! The workloads over shared pointers, once for all crates whose objects refer to each other through a pointer in a cell.
//!
//! A crate says how its objects are made and its edges changed ([`Pointer`], which [`objects!`] writes) and how it collects ([`Peer`]); its
//! subject is then [`Shared`] of that.

use crate::graph::Graph;
use crate::subject::{DoublyLinked, Live, Pairs, Subject};
use std::fmt;

/// A shared pointer to an object with `N` edges that can be changed, and a payload.
pub trait Pointer<const N: usize>: Clone {
    /// A new object.
    fn new(edges: [Option<Self>; N], payload: u64) -> Self;

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

    /// Asked to collect after so many pairs; `None` if it collects by itself, or never.
    const EVERY: Option<u64>;

    /// Points to one of two objects that refer to each other.
    type Pair: Pointer<1>;

    /// Points to an entry of a list: edges [`NEWER`] and [`OLDER`].
    type Entry: Pointer<2>;

    /// A full collection.
    fn collect();
}

/// A crate whose full collection looks at every object.
pub trait LivePeer: Peer {
    /// Points to a node of a graph.
    type Node: Pointer<3>;
}

const NEWER: usize = 0;
const OLDER: usize = 1;

/// A peer as a subject: holds the list's ends.
pub struct Shared<P: Peer> {
    newest: Option<P::Entry>,
    oldest: Option<P::Entry>,
    /// What else is to live as long.
    live: Option<Box<dyn std::any::Any>>,
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
        Shared { newest: None, oldest: None, live: None }
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
        if P::EVERY.is_some_and(|every| payload % every == every - 1) {
            P::collect();
        }
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

impl<P: LivePeer<Node: 'static>> Live for Shared<P> {
    fn grow(&mut self, graph: &Graph) {
        let nodes: Vec<_> = (0..graph.len()).map(|i| P::Node::new([None, None, None], i as u64)).collect();
        for (node, targets) in nodes.iter().zip(&graph.targets) {
            for (edge, &target) in targets.iter().enumerate() {
                node.replace(edge, Some(nodes[target as usize].clone()));
            }
        }
        self.live = nodes.into_iter().next().map(|node| Box::new(node) as _);
    }
}

/// The objects of the workloads for one crate, with its pointer, its cell and its derives: `Pair` and `Entry`, and `Node` if asked for.
macro_rules! objects {
    ($pointer:ident, $cell:ident, [$($derive:ident),*]) => {
        #[derive($($derive),*)]
        #[allow(missing_debug_implementations, reason = "printing would follow cycles")]
        pub struct Pair {
            peer: $cell<Option<$pointer<Pair>>>,
            payload: u64,
        }

        impl $crate::peers::shared::Pointer<1> for $pointer<Pair> {
            #[inline]
            fn new([peer]: [Option<Self>; 1], payload: u64) -> Self {
                $pointer::new(Pair { peer: $cell::new(peer), payload })
            }

            #[inline]
            fn replace(&self, _: usize, to: Option<Self>) -> Option<Self> {
                std::mem::replace(&mut *self.peer.borrow_mut(), to)
            }

            #[inline]
            fn payload(&self) -> u64 {
                self.payload
            }
        }

        #[derive($($derive),*)]
        #[allow(missing_debug_implementations, reason = "printing would follow cycles")]
        pub struct Entry {
            newer: $cell<Option<$pointer<Entry>>>,
            older: $cell<Option<$pointer<Entry>>>,
            payload: u64,
        }

        impl $crate::peers::shared::Pointer<2> for $pointer<Entry> {
            #[inline]
            fn new([newer, older]: [Option<Self>; 2], payload: u64) -> Self {
                $pointer::new(Entry { newer: $cell::new(newer), older: $cell::new(older), payload })
            }

            #[inline]
            fn replace(&self, edge: usize, to: Option<Self>) -> Option<Self> {
                let cell = if edge == 0 { &self.newer } else { &self.older };
                std::mem::replace(&mut *cell.borrow_mut(), to)
            }

            #[inline]
            fn payload(&self) -> u64 {
                self.payload
            }
        }
    };
    ($pointer:ident, $cell:ident, $derives:tt, nodes: [$($derive:ident),*]) => {
        $crate::peers::shared::objects!($pointer, $cell, $derives);

        #[derive($($derive),*)]
        #[allow(missing_debug_implementations, reason = "printing would follow cycles")]
        pub struct Node {
            edges: $cell<[Option<$pointer<Node>>; 3]>,
            payload: u64,
        }

        impl $crate::peers::shared::Pointer<3> for $pointer<Node> {
            #[inline]
            fn new(edges: [Option<Self>; 3], payload: u64) -> Self {
                $pointer::new(Node { edges: $cell::new(edges), payload })
            }

            #[inline]
            fn replace(&self, edge: usize, to: Option<Self>) -> Option<Self> {
                std::mem::replace(&mut self.edges.borrow_mut()[edge], to)
            }

            #[inline]
            fn payload(&self) -> u64 {
                self.payload
            }
        }
    };
}

pub(super) use objects;
