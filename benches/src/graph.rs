//! Graphs, the same for every subject: with three edges per node, random or regular; and rings.

use cyclade_report::statistics::SplitMix64;

/// Targets of each node's edges. Every node can be reached from node 0.
///
/// Nodes are made in the order of their index, hence lie in that order in memory.
#[derive(Clone, Debug)]
pub struct Graph {
    /// `targets[i]` are the indices that node `i` refers to.
    pub targets: Vec<[u32; 3]>,
}

impl Graph {
    /// A random graph of `nodes` nodes (at least one); the same one for the same seed.
    ///
    /// The first edges form one circle through all nodes in random order, so that everything is reachable from any node; the others go
    /// anywhere. Nodes are found in random order.
    #[must_use]
    pub fn random(nodes: usize, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let circle = shuffle((0..nodes as u32).collect(), &mut random);
        let mut targets = vec![[0; 3]; nodes];
        for (i, &node) in circle.iter().enumerate() {
            let any = |random: &mut SplitMix64| random.below(nodes) as u32;
            targets[node as usize] = [circle[(i + 1) % nodes], any(&mut random), any(&mut random)];
        }
        Graph { targets }
    }

    /// A regular graph in the order of allocation: node `i` refers to `3i + 1`, `3i + 2` and `3i + 3`, round the end. Breadth-first, nodes are
    /// found in the order in which they lie.
    #[must_use]
    pub fn ordered(nodes: usize) -> Self {
        let child = |i: usize, k| ((3 * i + k) % nodes) as u32;
        Graph { targets: (0..nodes).map(|i| [child(i, 1), child(i, 2), child(i, 3)]).collect() }
    }

    /// The graph of [`ordered`](Self::ordered) whose nodes, but for node 0, lie anywhere.
    #[must_use]
    pub fn shuffled(nodes: usize, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let mut places = vec![0];
        places.extend(shuffle((1..nodes as u32).collect(), &mut random));
        let mut targets = vec![[0; 3]; nodes];
        for (i, regular) in Self::ordered(nodes).targets.into_iter().enumerate() {
            targets[places[i] as usize] = regular.map(|target| places[target as usize]);
        }
        Graph { targets }
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
        order = shuffle(order, &mut SplitMix64::new(seed));
    }
    let mut links = vec![[0; 2]; nodes];
    for i in 0..nodes {
        let (node, next) = (order[i], order[(i + 1) % nodes]);
        links[node as usize][0] = next;
        links[next as usize][1] = node;
    }
    links
}

/// In any order, each as likely (Fisher and Yates 1938, Durstenfeld 1964).
#[must_use]
pub fn shuffle<T>(mut items: Vec<T>, random: &mut SplitMix64) -> Vec<T> {
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i + 1));
    }
    items
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
        for graph in [Graph::random(1000, 7), Graph::ordered(1000), Graph::shuffled(1000, 7)] {
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
}
