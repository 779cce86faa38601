//! The flat arrays `nodes` and `edges`, taken apart row by row as their numbers arrive.

use super::layout::{EdgeType, Layout};
use super::stream::Sink;
use crate::error::Problem;
use crate::graph::{Adjacency, Flags};

/// The part `nodes`: what the graph needs of each.
#[derive(Debug)]
pub(super) struct Nodes<'a> {
    layout: &'a Layout,
    row: Vec<u64>,
    /// Edges of all nodes so far.
    edges: u64,
    pub(super) category: Vec<u8>,
    pub(super) name: Vec<u32>,
    pub(super) size: Vec<u32>,
    pub(super) flags: Vec<u8>,
    /// Where each node's edges end in the flat array, counted in edges.
    pub(super) edge_end: Vec<u32>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(layout: &'a Layout, capacity: usize) -> Nodes<'a> {
        Nodes {
            layout,
            row: Vec::with_capacity(layout.node_fields),
            edges: 0,
            category: Vec::with_capacity(capacity),
            name: Vec::with_capacity(capacity),
            size: Vec::with_capacity(capacity),
            flags: Vec::with_capacity(capacity),
            edge_end: Vec::with_capacity(capacity),
        }
    }

    /// Checks that the array held what was announced.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        let (array, declared, found) = ("nodes", self.layout.nodes, self.category.len() as u64);
        if !self.row.is_empty() {
            return Err(Problem::PartialEntry { array, fields: self.layout.node_fields as u64 });
        }
        if found != declared {
            return Err(Problem::CountDiffers { array, what: "snapshot.node_count", declared, found });
        }
        let (declared, found) = (self.layout.edges, self.edges);
        if found != declared {
            let array = "nodes' edge_count, summed up,";
            return Err(Problem::CountDiffers { array, what: "snapshot.edge_count", declared, found });
        }
        Ok(())
    }
}

impl Sink<u64> for Nodes<'_> {
    fn item(&mut self, _index: u64, item: u64) -> Result<(), Problem> {
        let layout = self.layout;
        if self.category.len() as u64 == layout.nodes {
            let found = layout.nodes + 1;
            let what = "snapshot.node_count";
            return Err(Problem::CountDiffers { array: "nodes", what, declared: layout.nodes, found });
        }
        let field = self.row.len();
        if field == layout.node_type && item >= layout.categories.len() as u64 {
            return Err(Problem::TypeOutOfRange { index: item, types: layout.categories.len() as u64 });
        }
        if field == layout.name && item > u64::from(u32::MAX) {
            return Err(Problem::NameOutOfRange { index: item, strings: u64::from(u32::MAX) });
        }
        if field == layout.edge_count {
            self.edges = self.edges.saturating_add(item);
            if self.edges > layout.edges {
                let (what, array) = ("snapshot.edge_count", "nodes' edge_count, summed up,");
                return Err(Problem::CountDiffers { array, what, declared: layout.edges, found: self.edges });
            }
        }
        self.row.push(item);
        if self.row.len() == layout.node_fields {
            let row = &self.row;
            self.category.push(row[layout.node_type] as u8);
            self.name.push(row[layout.name] as u32);
            self.size.push(u32::try_from(row[layout.self_size]).unwrap_or(u32::MAX));
            let detached = layout.detachedness.is_some_and(|field| row[field] == DETACHED);
            self.flags.push(if detached { Flags::DETACHED.bits() } else { 0 });
            self.edge_end.push(self.edges as u32);
            self.row.clear();
        }
        Ok(())
    }
}

/// `detachedness`: 0 is unknown, 1 attached, 2 detached.
const DETACHED: u64 = 2;

/// The part `edges`, which are those of node 0, then those of node 1, ...
#[derive(Debug)]
pub(super) struct Edges<'a> {
    layout: &'a Layout,
    edge_end: &'a [u32],
    row: Vec<u64>,
    /// The node whose edges are being read.
    from: usize,
    /// Edges so far.
    count: u64,
    pub(super) strong: Adjacency,
    pub(super) weak: Vec<(u32, u32)>,
    pub(super) shortcuts: u64,
}

impl<'a> Edges<'a> {
    pub(super) fn new(layout: &'a Layout, edge_end: &'a [u32], capacity: usize) -> Edges<'a> {
        let mut offsets = Vec::with_capacity(edge_end.len() + 1);
        offsets.push(0);
        Edges {
            layout,
            edge_end,
            row: Vec::with_capacity(layout.edge_fields),
            from: 0,
            count: 0,
            strong: Adjacency { offsets, targets: Vec::with_capacity(capacity) },
            weak: Vec::new(),
            shortcuts: 0,
        }
    }

    /// Checks that the array held what was announced, and ends the rows of nodes without edges.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        if !self.row.is_empty() {
            return Err(Problem::PartialEntry { array: "edges", fields: self.layout.edge_fields as u64 });
        }
        if self.count != self.layout.edges {
            let (declared, found) = (self.layout.edges, self.count);
            return Err(Problem::CountDiffers {
                array: "edges",
                what: "snapshot.edge_count",
                declared,
                found,
            });
        }
        self.strong.offsets.resize(self.edge_end.len() + 1, self.strong.targets.len() as u32);
        Ok(())
    }

    fn edge(&mut self) {
        // The counts were summed up to the number of edges, so there is a node that this edge belongs to.
        while self.count >= u64::from(self.edge_end[self.from]) {
            self.strong.offsets.push(self.strong.targets.len() as u32);
            self.from += 1;
        }
        self.count += 1;
        let to = (self.row[self.layout.to_node] / self.layout.node_fields as u64) as u32;
        match self.layout.edge_types[self.row[self.layout.edge_type] as usize] {
            EdgeType::Weak => self.weak.push((self.from as u32, to)),
            EdgeType::Shortcut if self.from as u64 != self.layout.root => self.shortcuts += 1,
            EdgeType::Shortcut | EdgeType::Strong => self.strong.targets.push(to),
        }
    }
}

impl Sink<u64> for Edges<'_> {
    fn item(&mut self, _index: u64, item: u64) -> Result<(), Problem> {
        let layout = self.layout;
        if self.count == layout.edges {
            let found = layout.edges + 1;
            let what = "snapshot.edge_count";
            return Err(Problem::CountDiffers { array: "edges", what, declared: layout.edges, found });
        }
        let field = self.row.len();
        if field == layout.edge_type && item >= layout.edge_types.len() as u64 {
            return Err(Problem::TypeOutOfRange { index: item, types: layout.edge_types.len() as u64 });
        }
        if field == layout.to_node {
            let fields = layout.node_fields as u64;
            if !item.is_multiple_of(fields) || item / fields >= layout.nodes {
                return Err(Problem::ToNode { to_node: item, fields, end: layout.nodes * fields });
            }
        }
        self.row.push(item);
        if self.row.len() == layout.edge_fields {
            self.edge();
            self.row.clear();
        }
        Ok(())
    }
}
