//! Graphs, the same for every subject: a random one with three edges per node, and rings.

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

/// A ring whose nodes know both neighbours: `links[i]` are the next and the previous node of node `i`.
///
/// Nodes are made in the order of their index, hence lie in that order in memory; so does the ring, unless it is shuffled.
#[must_use]
pub fn ring(nodes: usize, shuffled: Option<u64>) -> Vec<[u32; 2]> {
    let mut order: Vec<u32> = (0..nodes as u32).collect();
    if let Some(seed) = shuffled {
        let mut random = SplitMix64::new(seed);
        for i in (1..nodes).rev() {
            order.swap(i, random.below(i + 1));
        }
    }
    let mut links = vec![[0; 2]; nodes];
    for i in 0..nodes {
        let (node, next) = (order[i], order[(i + 1) % nodes]);
        links[node as usize][0] = next;
        links[next as usize][1] = node;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_lead_round_and_back() {
        for links in [ring(100, None), ring(100, Some(7))] {
            let (mut at, mut steps) = (0, 0);
            loop {
                let next = links[at][0] as usize;
                assert_eq!(links[next][1] as usize, at);
                (at, steps) = (next, steps + 1);
                if at == 0 {
                    break;
                }
            }
            assert_eq!(steps, 100);
        }
    }

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
