//! A random graph, the same for every subject: three edges per node, and everything reachable from node 0.

use cyclade_report::statistics::SplitMix64;

/// Targets of each node's edges.
///
/// The first edges form one circle through all nodes in random order, so that everything is reachable from any node; the others go
/// anywhere. Nodes are made in the order of their index, hence lie in that order in memory, and are found in random order.
#[derive(Clone, Debug)]
pub struct RandomGraph {
    /// `targets[i]` are the indices that node `i` refers to.
    pub targets: Vec<[u32; 3]>,
}

impl RandomGraph {
    /// A graph of `nodes` nodes (at least one); the same one for the same seed.
    #[must_use]
    pub fn new(nodes: usize, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let mut circle: Vec<u32> = (0..nodes as u32).collect();
        for i in (1..nodes).rev() {
            circle.swap(i, random.below(i + 1));
        }
        let mut targets = vec![[0; 3]; nodes];
        for (i, &node) in circle.iter().enumerate() {
            let any = |random: &mut SplitMix64| random.below(nodes) as u32;
            targets[node as usize] = [circle[(i + 1) % nodes], any(&mut random), any(&mut random)];
        }
        RandomGraph { targets }
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Is there no node?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_reachable_from_node_0() {
        let graph = RandomGraph::new(1000, 7);
        let mut seen = vec![false; graph.len()];
        let mut grey = vec![0];
        while let Some(node) = grey.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                grey.extend(graph.targets[node].map(|target| target as usize));
            }
        }
        assert!(seen.iter().all(|&seen| seen));
    }
}
