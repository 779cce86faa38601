//! Which nodes are roots, where the file itself does not say: the `--roots` choice.

use std::fmt;
use std::str::FromStr;

use crate::graph::HeapGraph;

/// A choice of roots. Edge lists name none, so one must be made; for other files it replaces the recorded ones.
///
/// Parsed from `all`, `first`, a number, or `in-degree-zero`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// Every node: nothing is garbage until roots are dropped.
    #[default]
    All,
    /// Node 0: of an edge list, the first node named.
    First,
    /// The first N nodes; all of them if there are fewer.
    Count(u32),
    /// Every node that no other node refers to. None, if all lie on or behind cycles.
    InDegreeZero,
}

impl Roots {
    /// The chosen nodes of a graph, increasing. Cost: O(n), in-degree O(n + m).
    pub fn select(self, graph: &HeapGraph) -> Vec<u32> {
        let n = graph.n() as u32;
        match self {
            Roots::All => (0..n).collect(),
            Roots::First => (0..n.min(1)).collect(),
            Roots::Count(count) => (0..n.min(count)).collect(),
            Roots::InDegreeZero => {
                // A reference to oneself is not a reference from another node.
                let mut referred = vec![false; graph.n()];
                for i in 0..graph.n() {
                    for &target in graph.edges(i) {
                        referred[target as usize] |= target as usize != i;
                    }
                }
                (0..n).filter(|&i| !referred[i as usize]).collect()
            }
        }
    }
}

impl HeapGraph {
    /// The same graph with other roots. What CPython recorded about external references stays as it is. Cost: see
    /// [`Roots::select`].
    #[must_use]
    pub fn with_roots(mut self, roots: Roots) -> HeapGraph {
        self.roots = roots.select(&self);
        self
    }
}

/// A `--roots` choice that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no choice of roots: expected all, first, a number of nodes from 1 to 4294967295, or in-degree-zero"
)]
pub struct ParseRootsError(String);

impl FromStr for Roots {
    type Err = ParseRootsError;

    fn from_str(text: &str) -> Result<Roots, ParseRootsError> {
        match text {
            "all" => Ok(Roots::All),
            "first" => Ok(Roots::First),
            "in-degree-zero" => Ok(Roots::InDegreeZero),
            number => match number.parse::<u32>() {
                Ok(count) if count > 0 && !number.starts_with('+') => Ok(Roots::Count(count)),
                _ => Err(ParseRootsError(text.chars().take(60).collect())),
            },
        }
    }
}

impl fmt::Display for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Roots::All => f.write_str("all"),
            Roots::First => f.write_str("first"),
            Roots::Count(count) => write!(f, "{count}"),
            Roots::InDegreeZero => f.write_str("in-degree-zero"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Builder;

    #[test]
    fn every_choice_prints_as_it_is_parsed() {
        for roots in [Roots::All, Roots::First, Roots::Count(17), Roots::InDegreeZero] {
            assert_eq!(roots.to_string().parse(), Ok(roots));
        }
    }

    #[test]
    fn a_choice_that_is_none_says_what_would_be_right() {
        for text in ["", "0", "-1", "+3", "ALL", "4294967296", "in-degree"] {
            let error = text.parse::<Roots>().unwrap_err().to_string();
            assert!(error.contains("in-degree-zero"), "{error}");
        }
    }

    #[test]
    fn a_node_that_refers_only_to_itself_has_in_degree_zero() {
        let mut builder = Builder::new();
        for _ in 0..4 {
            builder.node("t", 1);
        }
        for (from, to) in [(0, 0), (0, 1), (1, 2), (2, 1)] {
            builder.edge(from, to);
        }
        let graph = builder.finish();
        assert_eq!(Roots::InDegreeZero.select(&graph), [0, 3]);
        assert_eq!(Roots::Count(2).select(&graph), [0, 1]);
        assert_eq!(Roots::Count(9).select(&graph), [0, 1, 2, 3]);
        assert_eq!(Roots::First.select(&graph), [0]);
        assert!(Roots::First.select(&Builder::new().finish()).is_empty());
    }
}
