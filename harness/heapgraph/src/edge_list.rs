//! Edge lists, as SNAP and KONECT publish graphs: a line per edge, two node numbers with white space between.
//!
//! What is not agreed on in the wild, and how it is read here:
//!
//! - Lines beginning with `#` or `%` are comments, blank lines are passed over.
//! - Node numbers are any from 0 to 2^64 - 1; nodes are numbered anew, densely, in the order in which they are first named.
//! - Further columns (KONECT's weights and times) are passed over, but must be numbers: so prose and tables with names in
//!   them are not mistaken for graphs.
//! - An edge goes from the first node to the second, also where the collection calls the graph undirected. Repeated edges
//!   are kept, and a node may have edges to itself.
//! - KONECT's bipartite graphs (`% bip ...`) number both sides from 1: there, the second column names nodes of its own.
//! - Every node has the type `node` and the size 0, which says that it is not known.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use crate::error::{Place, Problem, ReadError, excerpt};
use crate::graph::{Adjacency, HeapGraph};
use crate::roots::Roots;
use crate::source::{Format, Source};

/// An edge's line is no longer than this. A comment's may be.
const LONGEST_LINE: u64 = 4096;

/// What a node number must be.
const NODE_NUMBER: &str = "a node number: digits only, at most 18446744073709551615";

/// Reads a whole edge list; all nodes become roots.
pub(crate) fn read(reader: &mut dyn BufRead, name: &str) -> Result<HeapGraph, ReadError> {
    let mut numbers = Numbering::default();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let fail = |problem| ReadError::new(name, Place::Line(number), problem);
        if !next_line(reader, &mut line).map_err(fail)? {
            break;
        }
        match line.first() {
            Some(b'#') => {}
            Some(b'%') if line.starts_with(b"%%MatrixMarket") => return Err(fail(Problem::MatrixMarket)),
            Some(b'%') => {
                numbers.bipartite |= pairs.is_empty() && line[1..].trim_ascii_start().starts_with(b"bip")
            }
            _ => {
                if let Some((from, to)) = parse(&line).map_err(fail)? {
                    let limit = u64::from(u32::MAX);
                    if pairs.len() as u64 >= limit {
                        return Err(fail(Problem::TooMany { what: "edges", count: limit + 1, limit }));
                    }
                    let pair = (numbers.left(from).map_err(fail)?, numbers.right(to).map_err(fail)?);
                    pairs.push(pair);
                }
            }
        }
    }
    if pairs.is_empty() {
        return Err(ReadError::new(name, Place::File, Problem::NoEdges));
    }
    let n = numbers.count as usize;
    drop(numbers);
    let graph = HeapGraph {
        strong: Adjacency::from_pairs(n, &pairs),
        weak: None,
        node_type: vec![0; n],
        size: vec![0; n],
        flags: vec![0; n],
        counts: None,
        roots: Vec::new(),
        types: vec!["node".to_owned()],
        source: Source::new(Format::EdgeList, name),
    };
    Ok(graph.with_roots(Roots::All))
}

/// New numbers for the nodes of a file.
#[derive(Default)]
struct Numbering {
    nodes: HashMap<u64, u32>,
    /// Nodes of the second column, where these are nodes of their own.
    others: HashMap<u64, u32>,
    bipartite: bool,
    count: u32,
}

impl Numbering {
    fn left(&mut self, id: u64) -> Result<u32, Problem> {
        number(&mut self.nodes, id, &mut self.count)
    }

    fn right(&mut self, id: u64) -> Result<u32, Problem> {
        number(if self.bipartite { &mut self.others } else { &mut self.nodes }, id, &mut self.count)
    }
}

fn number(nodes: &mut HashMap<u64, u32>, id: u64, count: &mut u32) -> Result<u32, Problem> {
    if let Some(&number) = nodes.get(&id) {
        return Ok(number);
    }
    let limit = u64::from(u32::MAX);
    if u64::from(*count) >= limit {
        return Err(Problem::TooMany { what: "nodes", count: limit + 1, limit });
    }
    nodes.insert(id, *count);
    *count += 1;
    Ok(*count - 1)
}

/// The next line without its end, or false at the end of the file. Of a long comment only the beginning is kept.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<bool, Problem> {
    line.clear();
    if (&mut *reader).take(LONGEST_LINE).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') || (line.len() as u64) < LONGEST_LINE {
        return Ok(true);
    }
    if !matches!(line[0], b'#' | b'%') {
        return Err(Problem::LongLine { limit: LONGEST_LINE });
    }
    reader.skip_until(b'\n')?;
    Ok(true)
}

/// The edge on a line, or none on a blank one.
fn parse(line: &[u8]) -> Result<Option<(u64, u64)>, Problem> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let Some(from) = words.next() else { return Ok(None) };
    let from = node_number(from)?;
    let Some(to) = words.next() else { return Err(Problem::OneColumn) };
    let to = node_number(to)?;
    for word in words {
        let number = std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok());
        if number.is_none() {
            return Err(Problem::NotANumber {
                text: excerpt(word),
                right: "a number, as further columns must be",
            });
        }
    }
    Ok(Some((from, to)))
}

fn node_number(word: &[u8]) -> Result<u64, Problem> {
    let add = |sum: u64, &digit: &u8| match digit {
        b'0'..=b'9' => sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    };
    word.iter()
        .try_fold(0, add)
        .ok_or_else(|| Problem::NotANumber { text: excerpt(word), right: NODE_NUMBER })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadOptions;

    fn read(text: &str) -> Result<HeapGraph, String> {
        HeapGraph::from_bytes(text.as_bytes(), "x.txt", &ReadOptions::default()).map_err(|e| e.to_string())
    }

    fn edges(graph: &HeapGraph) -> Vec<(usize, u32)> {
        (0..graph.n()).flat_map(|i| graph.edges(i).iter().map(move |&to| (i, to))).collect()
    }

    #[test]
    fn sparse_numbers_become_dense_in_the_order_of_their_naming() {
        let graph = read("# a comment\n18446744073709551615\t7\n7 3\r\n\n%c\n3 3 \n  7 3").unwrap();
        assert_eq!((graph.n(), graph.m()), (3, 4));
        assert_eq!(edges(&graph), [(0, 1), (1, 2), (1, 2), (2, 2)]);
        assert_eq!(graph.roots(), [0, 1, 2]);
        assert_eq!(graph.source().format, Format::EdgeList);
    }

    #[test]
    fn weights_and_times_are_passed_over_but_must_be_numbers() {
        assert_eq!(read("1 2 0.5 1217567877\n2 1 -1e3").unwrap().m(), 2);
        let error = read("1 2\n1 2 friend").unwrap_err();
        assert_eq!(error, "x.txt: line 2: `friend` is not a number, as further columns must be");
    }

    #[test]
    fn the_sides_of_a_bipartite_graph_are_told_apart() {
        assert_eq!(read("% sym unweighted\n1 1\n2 1").unwrap().n(), 2);
        let graph = read("% bip unweighted\n1 1\n2 1").unwrap();
        assert_eq!(edges(&graph), [(0, 1), (2, 1)]);
    }

    #[test]
    fn lines_that_are_no_edges_are_errors_with_their_line() {
        let cases = [
            ("1 2\n3", "line 2: one number only"),
            ("1 2\n3,4", "line 2: `3,4` is not a node number"),
            ("1 2\n-3 4", "line 2: `-3` is not a node number"),
            ("1 18446744073709551616", "line 1: `18446744073709551616` is not a node number"),
            ("1 2\n1 \u{663}", "line 2: `\\xd9\\xa3` is not a node number"),
            ("# nothing\n", "no line of two node numbers"),
            ("%%MatrixMarket matrix coordinate\n3 3 2\n1 2\n", "line 1: a Matrix Market file"),
            (&("7".repeat(50) + " 1"), &format!("line 1: `{}...` is not", "7".repeat(40))),
        ];
        for (text, expected) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn long_lines_are_allowed_in_comments_only() {
        let long = "7".repeat(10_000);
        assert_eq!(read(&format!("# {long}\n1 2\n%{long}")).unwrap().n(), 2);
        assert!(
            read(&format!("1 2\n{long}")).unwrap_err().contains("line 2: a line of more than 4096 bytes")
        );
    }
}
