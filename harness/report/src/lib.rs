//! The instrument's memory and voice: what a run of `cyclade` leaves behind, and how it is told.
//!
//! Nothing in here measures. A program that measures fills a [`RunRecord`], cell by cell; this crate turns the record
//! into numbers that can be defended and into files that can be read:
//!
//! | module | what it is for |
//! |---|---|
//! | [`record`] | the run record `cyclade.run/1`: one serde structure per part, its JSON Schema, reading it back |
//! | [`statistics`] | medians, intervals, percentiles, minimum mutator utilisation, metered latency |
//! | [`summary`] | one row per collector, workload and size, with intervals and the A/A control |
//! | [`verdict`] | the sentences that answer: which leaks, which stops the world, which is fastest |
//! | [`warning`] | what a reader must know before believing a number |
//! | [`table`] | the summary on a terminal |
//! | [`export`] | `run.json`, `cells.csv`, `summary.md`, `report.html` |
//! | [`compare`] | two records against each other, and whether the second is worse |
//! | [`output`] | a directory that is checked before anything is measured and never overwritten by accident |
//! | [`units`] | one way to print a duration, a size, a count, a ratio |
//!
//! # Example
//!
//! ```
//! use cyclade_report::{Cell, RunRecord, Status, table};
//! use cyclade_report::record::{Environment, Plan};
//!
//! let plan = Plan { collectors: vec!["refcount".into()], workloads: vec!["pairs".into()], ..Plan::default() };
//! let mut record = RunRecord::new(Environment::default(), plan);
//! for (repeat, speed) in [10.0e6, 10.1e6, 9.9e6].into_iter().enumerate() {
//!     let mut cell = Cell::new("refcount", "pairs", 1_000, repeat as u32, Status::LeakedAsExpected);
//!     cell.ops_per_second = Some(speed);
//!     cell.explain_absences("left out of this example");
//!     record.cells.push(cell);
//! }
//! let text = table::render(&record, table::Style::plain());
//! assert!(text.contains("refcount") && text.contains("10 M/s"));
//! ```

#![forbid(unsafe_code)]

pub mod compare;
pub mod error;
pub mod export;
pub mod output;
pub mod record;
pub mod statistics;
pub mod summary;
pub mod table;
pub mod units;
pub mod verdict;
pub mod warning;

pub use compare::Comparison;
pub use error::{OutputError, ReadError};
pub use output::Output;
pub use record::{Cell, RunRecord, Status};
pub use summary::Summary;
pub use warning::Warning;

/// The examples of the README are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
