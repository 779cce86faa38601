//! The snapshot's parts, in the order in which V8 writes them, and the graph that they make together.

use std::fmt;
use std::io::{BufRead, BufReader};

use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::layout::{Layout, Snapshot};
use super::names::Names;
use super::rows::{Edges, Nodes};
use super::stream::{Numbers, Report, Strings};
use crate::error::{Place, Problem, ReadError};
use crate::graph::{Adjacency, Flags, HeapGraph};
use crate::read::Length;
use crate::source::{Format, Source};

/// Reads a whole snapshot.
pub(crate) fn read(reader: &mut dyn BufRead, length: Length, name: &str) -> Result<HeapGraph, ReadError> {
    let report = Report::default();
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(64 << 10, reader));
    let parts =
        json.deserialize_map(Parts { report: &report, length, source: Source::new(Format::V8, name) });
    let graph = parts.and_then(|graph| json.end().map(|()| graph));
    graph.map_err(|error| {
        let (place, problem) = match report.take() {
            Some((place, problem)) => (place, problem),
            None if error.line() > 0 => (Place::Line(error.line() as u64), None),
            None => (Place::File, None),
        };
        let problem = problem.unwrap_or_else(|| {
            if error.is_io() { Problem::from(std::io::Error::from(error)) } else { Problem::Json(error) }
        });
        ReadError::new(name, place, problem)
    })
}

/// The outermost object.
struct Parts<'a> {
    report: &'a Report,
    length: Length,
    source: Source,
}

/// The names of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Part {
    Snapshot,
    Nodes,
    Edges,
    Strings,
    #[serde(other)]
    Other,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Snapshot => "snapshot",
            Part::Nodes => "nodes",
            Part::Edges => "edges",
            Part::Strings => "strings",
            Part::Other => "",
        }
    }
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = HeapGraph;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a V8 heap snapshot, an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<HeapGraph, A::Error> {
        let Parts { report, length, .. } = self;

        self.advance(Part::Snapshot, None, &mut parts)?;
        let snapshot = parts.next_value::<Snapshot>()?;
        let layout =
            Layout::new(snapshot, length.most()).map_err(|problem| report.stop(Place::File, problem))?;

        self.advance(Part::Nodes, Some(Part::Snapshot), &mut parts)?;
        let mut nodes = Nodes::new(&layout, length.capacity(layout.nodes));
        let count = parts.next_value_seed(Numbers { array: "nodes", report, sink: &mut nodes })?;
        nodes.finish().map_err(|problem| report.stop(end("nodes", count), problem))?;

        self.advance(Part::Edges, Some(Part::Nodes), &mut parts)?;
        let mut edges = Edges::new(&layout, &nodes.edge_end, length.capacity(layout.edges));
        let count = parts.next_value_seed(Numbers { array: "edges", report, sink: &mut edges })?;
        edges.finish().map_err(|problem| report.stop(end("edges", count), problem))?;

        self.advance(Part::Strings, Some(Part::Edges), &mut parts)?;
        let mut names = Names::new(&layout.categories, &nodes.category, &nodes.name);
        let strings = parts.next_value_seed(Strings { report, sink: &mut names })?;
        if let Some(node) = nodes.name.iter().position(|&name| u64::from(name) >= strings) {
            let index = (node * layout.node_fields + layout.name) as u64;
            let problem = Problem::NameOutOfRange { index: nodes.name[node].into(), strings };
            return Err(report.stop(Place::Item { array: "nodes", index, byte: None }, problem));
        }
        self.no_more(&mut parts)?;

        let Edges { strong, weak, shortcuts, .. } = edges;
        let Nodes { category, name, size, mut flags, .. } = nodes;
        for &(_, target) in &weak {
            flags[target as usize] |= Flags::WEAKLY_REFERENCED.bits();
        }
        let (node_type, types) = names.finish(&category, &name);
        let mut graph = HeapGraph {
            weak: (!weak.is_empty()).then(|| Adjacency::from_pairs(category.len(), &weak)),
            strong,
            node_type,
            size,
            flags,
            counts: None,
            roots: Vec::new(),
            types,
            source: Source { shortcuts, ..self.source },
        };
        graph.roots = roots(&graph, &layout, &category);
        Ok(graph)
    }
}

impl Parts<'_> {
    /// Goes to the next part of the four, which must be this one; `before` is the one that has been read last.
    fn advance<'de, A: MapAccess<'de>>(
        &self,
        wanted: Part,
        before: Option<Part>,
        parts: &mut A,
    ) -> Result<(), A::Error> {
        loop {
            let part = match parts.next_key::<Part>()? {
                None => {
                    let hint = "a complete snapshot has snapshot, nodes, edges, strings";
                    let problem = Problem::MissingPart { part: wanted.name(), hint };
                    return Err(self.report.stop(Place::File, problem));
                }
                Some(Part::Other) => {
                    parts.next_value::<IgnoredAny>()?;
                    continue;
                }
                Some(part) if part == wanted => return Ok(()),
                Some(part) => part,
            };
            let problem = if before.is_some_and(|before| part as u8 <= before as u8) {
                Problem::DuplicatePart { part: part.name() }
            } else {
                Problem::WrongOrder { part: part.name(), needs: wanted.name() }
            };
            return Err(self.report.stop(Place::File, problem));
        }
    }

    fn no_more<'de, A: MapAccess<'de>>(&self, parts: &mut A) -> Result<(), A::Error> {
        while let Some(part) = parts.next_key::<Part>()? {
            if part != Part::Other {
                return Err(self.report.stop(Place::File, Problem::DuplicatePart { part: part.name() }));
            }
            parts.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

fn end(array: &'static str, index: u64) -> Place {
    Place::Item { array, index, byte: None }
}

/// The synthetic root, and all synthetic nodes that it reaches through synthetic ones.
fn roots(graph: &HeapGraph, layout: &Layout, category: &[u8]) -> Vec<u32> {
    if graph.n() == 0 {
        return Vec::new();
    }
    let synthetic = |i: u32| layout.categories[usize::from(category[i as usize])] == "synthetic";
    let mut chosen = std::collections::BTreeSet::from([layout.root as u32]);
    let mut pending = vec![layout.root as u32];
    while let Some(i) = pending.pop() {
        for &target in graph.edges(i as usize) {
            if synthetic(target) && chosen.insert(target) {
                pending.push(target);
            }
        }
    }
    chosen.into_iter().collect()
}
