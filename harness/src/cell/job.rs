//! What a child process is asked to do.

use cyclade_heapgraph::{HeapGraph, ReadOptions, Roots};
use cyclade_report::record::{Cell, Control, Status};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One cell's order, as it goes to the child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) collector: String,
    pub(crate) workload: String,
    pub(crate) size: u64,
    pub(crate) seed: u64,
    pub(crate) repeat: u32,
    pub(crate) control: Option<Control>,
    pub(crate) budget_ns: u64,
    pub(crate) leak_cap_bytes: u64,
    pub(crate) heap_limit_bytes: Option<u64>,
    pub(crate) timeout_ns: Option<u64>,
    pub(crate) graph: Option<Graph>,
    /// Whether it is one of a contest: on the contest's program of this name instead of the workload.
    pub(crate) contest: bool,
    /// The position in the order of processes.
    pub(crate) process: u32,
}

/// Where the graph of a replay is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Graph {
    /// In the program itself.
    Bundled,
    /// In a file, with a choice of roots.
    File { path: PathBuf, roots: Option<String> },
}

impl Graph {
    /// Reads it.
    pub(crate) fn read(&self) -> Result<HeapGraph, String> {
        match self {
            Graph::Bundled => Ok(HeapGraph::bundled()),
            Graph::File { path, roots } => {
                let roots =
                    roots.as_deref().map(str::parse::<Roots>).transpose().map_err(|e| e.to_string())?;
                HeapGraph::open_with(path, &ReadOptions { roots }).map_err(|error| error.to_string())
            }
        }
    }
}

impl Job {
    /// The cell of this job in which nothing has been measured.
    pub(crate) fn cell(&self, status: Status) -> Cell {
        let mut cell = Cell::new(&*self.collector, &*self.workload, self.size, self.repeat, status);
        cell.seed = self.seed;
        cell.control = self.control;
        cell.heap_limit_bytes = self.heap_limit_bytes;
        cell.timeout_ns = self.timeout_ns;
        cell.process = Some(self.process);
        cell
    }
}
