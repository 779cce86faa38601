//! Graphs made by hand: for tests, and for programs that have a graph of their own to replay.

use std::collections::{BTreeSet, HashMap};

use crate::graph::{Adjacency, Flags, HeapGraph};
use crate::source::{Format, Source};

/// Collects nodes, edges and roots, then makes a [`HeapGraph`] of them.
///
/// ```
/// use cyclade_heapgraph::Builder;
///
/// let mut builder = Builder::new();
/// let a = builder.node("A", 48);
/// let b = builder.node("B", 64);
/// builder.edge(a, b).edge(b, a).root(a);
/// let graph = builder.finish();
/// assert_eq!((graph.n(), graph.m(), graph.edges(0)), (2, 2, &[1][..]));
/// assert_eq!(graph.stats().in_cycles, 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    node_type: Vec<u16>,
    size: Vec<u32>,
    flags: Vec<u8>,
    strong: Vec<(u32, u32)>,
    weak: Vec<(u32, u32)>,
    roots: BTreeSet<u32>,
    types: Vec<String>,
    type_index: HashMap<String, u16>,
}

impl Builder {
    /// An empty graph.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Adds a node of a type, `size` bytes large, and returns its number. Cost: amortised O(1).
    ///
    /// # Panics
    /// Beyond `u32::MAX` nodes or 65,536 types.
    pub fn node(&mut self, type_name: &str, size: u32) -> u32 {
        let id = u32::try_from(self.node_type.len())
            .ok()
            .filter(|&id| id < u32::MAX)
            .expect("at most u32::MAX nodes");
        let type_index = match self.type_index.get(type_name) {
            Some(&index) => index,
            None => {
                let index = u16::try_from(self.types.len()).expect("at most 65,536 types");
                self.types.push(type_name.to_owned());
                self.type_index.insert(type_name.to_owned(), index);
                index
            }
        };
        self.node_type.push(type_index);
        self.size.push(size);
        self.flags.push(0);
        id
    }

    /// Adds flags to a node.
    ///
    /// # Panics
    /// If the node does not exist.
    pub fn flag(&mut self, node: u32, flags: Flags) -> &mut Builder {
        self.flags[node as usize] |= flags.bits();
        self
    }

    /// Adds a strong edge. Edges of a node keep the order in which they were added; the same one may come again.
    ///
    /// # Panics
    /// If a node does not exist, or beyond `u32::MAX` edges.
    pub fn edge(&mut self, from: u32, to: u32) -> &mut Builder {
        self.check(from, to, self.strong.len());
        self.strong.push((from, to));
        self
    }

    /// Adds a weak edge, and flags its target as weakly referenced.
    ///
    /// # Panics
    /// As [`edge`](Self::edge).
    pub fn weak_edge(&mut self, from: u32, to: u32) -> &mut Builder {
        self.check(from, to, self.weak.len());
        self.weak.push((from, to));
        self.flag(to, Flags::WEAKLY_REFERENCED)
    }

    /// Makes a node a root. A second time changes nothing.
    ///
    /// # Panics
    /// If the node does not exist.
    pub fn root(&mut self, node: u32) -> &mut Builder {
        self.check(node, node, 0);
        self.roots.insert(node);
        self
    }

    fn check(&self, from: u32, to: u32, edges: usize) {
        let n = self.node_type.len();
        assert!((from as usize) < n && (to as usize) < n, "edge {from} to {to} in a graph of {n} nodes");
        assert!(edges < u32::MAX as usize, "at most u32::MAX edges");
    }

    /// The graph. Cost: O(n + m).
    pub fn finish(self) -> HeapGraph {
        let n = self.node_type.len();
        HeapGraph {
            strong: Adjacency::from_pairs(n, &self.strong),
            weak: (!self.weak.is_empty()).then(|| Adjacency::from_pairs(n, &self.weak)),
            node_type: self.node_type,
            size: self.size,
            flags: self.flags,
            counts: None,
            roots: self.roots.into_iter().collect(),
            types: self.types,
            source: Source::new(Format::Built, ""),
        }
    }
}
