//! What a graph is like: how much of it the roots reach, how much lies in cycles, how much counting alone would leak.
//!
//! All walks keep their own stack on the heap: a chain of ten million nodes needs no deep call stack.

use crate::graph::HeapGraph;

/// Figures of a graph; strong edges only. Nodes unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// All nodes.
    pub nodes: usize,
    /// All strong edges, repeats included.
    pub edges: usize,
    /// All weak edges.
    pub weak_edges: usize,
    /// Roots.
    pub roots: usize,
    /// Bytes of all nodes.
    pub bytes: u64,
    /// Reachable from the roots, roots included.
    pub reachable: usize,
    /// Bytes of those.
    pub reachable_bytes: u64,
    /// Not reachable: garbage already when recorded.
    pub garbage: usize,
    /// In cycles: in a strongly connected component of two or more nodes, or with an edge to itself.
    pub in_cycles: usize,
    /// Strongly connected components that are cycles.
    pub cycles: usize,
    /// Nodes of the largest of them.
    pub largest_cycle: usize,
    /// In cycles, or reachable from one: what reference counting alone would never free once all roots are gone.
    pub held_by_cycles: usize,
    /// Bytes of those.
    pub held_by_cycles_bytes: u64,
}

impl HeapGraph {
    /// Figures of this graph. Cost: O(n + m) time, about 20 bytes per node while it runs.
    pub fn stats(&self) -> Stats {
        let bytes_of = |marks: &[bool]| -> (usize, u64) {
            let marked = (0..self.n()).filter(|&i| marks[i]);
            marked.fold((0, 0), |(count, bytes), i| (count + 1, bytes + u64::from(self.size(i))))
        };
        let (reachable, reachable_bytes) = bytes_of(&self.reachable());
        let components = self.components();
        let cyclic = components.cyclic_nodes(self);
        let (held_by_cycles, held_by_cycles_bytes) =
            bytes_of(&self.reachable_from((0..self.n() as u32).filter(|&i| cyclic[i as usize])));
        let mut sizes = vec![0usize; components.count()];
        for i in (0..self.n()).filter(|&i| cyclic[i]) {
            sizes[components.of(i) as usize] += 1;
        }
        Stats {
            nodes: self.n(),
            edges: self.m(),
            weak_edges: self.weak_m(),
            roots: self.roots().len(),
            bytes: (0..self.n()).map(|i| u64::from(self.size(i))).sum(),
            reachable,
            reachable_bytes,
            garbage: self.n() - reachable,
            in_cycles: sizes.iter().sum(),
            cycles: sizes.iter().filter(|&&size| size > 0).count(),
            largest_cycle: sizes.iter().copied().max().unwrap_or(0),
            held_by_cycles,
            held_by_cycles_bytes,
        }
    }

    /// Which nodes the roots reach. An array of n. Cost: O(n + m).
    pub fn reachable(&self) -> Vec<bool> {
        self.reachable_from(self.roots().iter().copied())
    }

    /// Which nodes can be reached from some nodes, these included. An array of n. Cost: O(n + m).
    ///
    /// # Panics
    /// If a start is not below [`n`](Self::n).
    pub fn reachable_from(&self, starts: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut marks = vec![false; self.n()];
        let mut pending = Vec::new();
        for start in starts {
            if !std::mem::replace(&mut marks[start as usize], true) {
                pending.push(start);
            }
        }
        while let Some(i) = pending.pop() {
            for &target in self.edges(i as usize) {
                if !std::mem::replace(&mut marks[target as usize], true) {
                    pending.push(target);
                }
            }
        }
        marks
    }

    /// Strongly connected components of the strong edges, by the algorithm of Tarjan (1972) with an explicit stack.
    /// Cost: O(n + m) time, up to 24 bytes per node.
    pub fn components(&self) -> Components {
        const UNSEEN: u32 = u32::MAX;
        let n = self.n();
        // Of a node that is not finished: when it was first seen (its rank). Of a finished one: its component.
        let mut rank = vec![UNSEEN; n];
        let mut low = vec![0u32; n];
        let mut finished = vec![false; n];
        let mut open: Vec<u32> = Vec::new();
        let mut path: Vec<(u32, u32)> = Vec::new();
        let (mut next_rank, mut count) = (0u32, 0u32);
        for start in 0..n as u32 {
            if rank[start as usize] != UNSEEN {
                continue;
            }
            path.push((start, 0));
            while let Some(top) = path.last_mut() {
                let node = top.0 as usize;
                if top.1 == 0 {
                    rank[node] = next_rank;
                    low[node] = next_rank;
                    next_rank += 1;
                    open.push(top.0);
                }
                let edges = self.edges(node);
                if let Some(&target) = edges.get(top.1 as usize) {
                    top.1 += 1;
                    if rank[target as usize] == UNSEEN {
                        // Its edges are gone through before this node's next one.
                        path.push((target, 0));
                    } else if !finished[target as usize] {
                        low[node] = low[node].min(rank[target as usize]);
                    }
                    continue;
                }
                path.pop();
                let lowest = low[node];
                if lowest == rank[node] {
                    loop {
                        let member = open.pop().expect("the root of a component is open") as usize;
                        finished[member] = true;
                        rank[member] = count;
                        if member == node {
                            break;
                        }
                    }
                    count += 1;
                } else if let Some(&(parent, _)) = path.last() {
                    low[parent as usize] = low[parent as usize].min(lowest);
                }
            }
        }
        Components { of: rank, count }
    }
}

/// The strongly connected components of a graph: each node's, numbered so that edges lead to equal or lower numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components {
    of: Vec<u32>,
    count: u32,
}

impl Components {
    /// How many components there are.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// The component of node `i`.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn of(&self, i: usize) -> u32 {
        self.of[i]
    }

    /// Which nodes are in cycles: in a component with another node, or with an edge to themselves. Cost: O(n + m).
    fn cyclic_nodes(&self, graph: &HeapGraph) -> Vec<bool> {
        (0..graph.n())
            .map(|i| {
                // In a component of two or more, some edge stays inside; in one of a single node only a loop does.
                graph.edges(i).iter().any(|&target| self.of[target as usize] == self.of[i])
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Builder, HeapGraph};

    fn graph(n: u32, edges: &[(u32, u32)], roots: &[u32]) -> HeapGraph {
        let mut builder = Builder::new();
        for _ in 0..n {
            builder.node("t", 10);
        }
        for &(from, to) in edges {
            builder.edge(from, to);
        }
        for &root in roots {
            builder.root(root);
        }
        builder.finish()
    }

    #[test]
    fn figures_of_a_graph_with_a_ring_a_loop_and_a_tail_are_exact() {
        // 0 -> 1 -> 2 -> 0 is a ring, 2 -> 3 its tail; 4 loops; 5 -> 6 is plain and unreachable.
        let edges = [(0, 1), (1, 2), (2, 0), (2, 3), (2, 3), (4, 4), (5, 6)];
        let stats = graph(7, &edges, &[0, 4]).stats();
        assert_eq!((stats.nodes, stats.edges, stats.roots, stats.bytes), (7, 7, 2, 70));
        assert_eq!((stats.reachable, stats.reachable_bytes, stats.garbage), (5, 50, 2));
        assert_eq!((stats.in_cycles, stats.cycles, stats.largest_cycle), (4, 2, 3));
        assert_eq!((stats.held_by_cycles, stats.held_by_cycles_bytes), (5, 50));
    }

    #[test]
    fn components_are_numbered_against_the_edges() {
        let edges = [(0, 1), (1, 2), (2, 1), (2, 3), (4, 0), (3, 5), (5, 3), (0, 5)];
        let graph = graph(6, &edges, &[]);
        let components = graph.components();
        assert_eq!(components.count(), 4);
        assert_eq!(components.of(1), components.of(2));
        assert_eq!(components.of(3), components.of(5));
        for (from, to) in edges {
            assert!(components.of(from as usize) >= components.of(to as usize));
        }
    }

    #[test]
    fn long_chain_and_ring_are_walked_on_a_small_stack() {
        let walk = || {
            let n = 1_000_000;
            let chain: Vec<_> = (1..n).map(|i| (i - 1, i)).collect();
            let stats = graph(n, &chain, &[0]).stats();
            assert_eq!((stats.reachable, stats.in_cycles), (n as usize, 0));
            let ring: Vec<_> = (0..n).map(|i| (i, (i + 1) % n)).collect();
            let stats = graph(n, &ring, &[]).stats();
            assert_eq!((stats.garbage, stats.in_cycles, stats.cycles), (n as usize, n as usize, 1));
        };
        std::thread::Builder::new().stack_size(64 * 1024).spawn(walk).unwrap().join().unwrap();
    }

    #[test]
    fn an_empty_graph_has_empty_figures() {
        assert_eq!(graph(0, &[], &[]).stats(), super::Stats::default());
    }
}
