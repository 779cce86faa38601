//! Recorded object graphs of real programs, and how to get them.
//!
//! A synthetic ring says little about what a collector meets in practice. This crate reads the object graph of a program that
//! somebody really ran, so that it can be replayed over any collector:
//!
//! - **`HEAPGRF1`**, a CPython heap, as [`record::python`] writes it;
//! - **V8 heap snapshots**, of Node's `v8.writeHeapSnapshot()` and Chrome's DevTools;
//! - **edge lists**, as SNAP and KONECT publish graphs.
//!
//! Files are told apart by their content, and each may be compressed with gzip. All become a [`HeapGraph`]: numbered nodes,
//! strong edges in compressed rows, roots, sizes, type names.
//!
//! ```
//! use cyclade_heapgraph::HeapGraph;
//!
//! let graph = HeapGraph::bundled();
//! let stats = graph.stats();
//! println!("{}: {} objects, {} in cycles", graph.source(), stats.nodes, stats.in_cycles);
//! assert!(stats.reachable <= stats.nodes);
//! ```
//!
//! # Input is not trusted
//!
//! Malformed input is an error that names the file, the place and what would be right ([`ReadError`]), never a panic. Declared
//! sizes are compared with the file's length before anything is allocated, and a compressed file may not expand beyond
//! 64 MiB plus 200 times its size: memory stays within a small multiple of what the content explains.
//!
//! # Limits
//!
//! `u32::MAX` nodes and as many edges, 65,536 type names (further classes of a V8 snapshot are counted under their
//! category), sizes up to 4 GiB per object.

#![forbid(unsafe_code)]

mod builder;
mod bundled;
mod edge_list;
mod error;
mod graph;
mod gzip;
mod heapgrf;
mod read;
pub mod record;
mod roots;
mod source;
mod stats;
mod v8;

pub use builder::Builder;
pub use error::{Place, Problem, ReadError};
pub use graph::{Flags, HeapGraph};
pub use heapgrf::WriteError;
pub use read::ReadOptions;
pub use roots::{ParseRootsError, Roots};
pub use source::{Format, Source};
pub use stats::{Components, Stats};

/// The examples in the README are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
