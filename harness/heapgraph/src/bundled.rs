//! The recorded graph that this crate carries, so that everybody can replay a real program without recording one.

use crate::graph::HeapGraph;
use crate::read::ReadOptions;

/// See `data/README.md` for the program, the command and the figures.
const FILE: &[u8] = include_bytes!("../data/docatlas.heap.gz");

impl HeapGraph {
    /// The carried graph of a real program: an indexer of Python's standard library, recorded at its peak.
    ///
    /// `data/README.md` says how it was made. Cost: decompression, some tens of milliseconds.
    pub fn bundled() -> HeapGraph {
        match HeapGraph::from_bytes(FILE, "bundled graph", &ReadOptions::default()) {
            Ok(graph) => graph,
            Err(error) => unreachable!("the carried graph is checked by a test: {error}"),
        }
    }
}
