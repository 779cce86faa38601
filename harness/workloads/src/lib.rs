//! Mutator programs that any collector can run, each written once.
//!
//! A [`Workload`] is generic over the collector and says nothing of clocks: it makes objects, changes edges and lets go, in
//! short scopes. The [`driver`] runs it: it times requests of about 50 µs, keeps pauses, samples how long scopes last and how long
//! garbage stays, and at the end lets the oracle judge ([`audit`]).
//!
//! # Rounds
//!
//! A workload repeats *rounds* of a fixed number of operations. A collector that frees cycles runs rounds until its share of
//! the time is over, at least one; a run ends only between rounds, so that what a round leaves behind is always the same. A
//! collector that leaks runs a number of rounds that is fixed by a memory cap.
//!
//! # Memory runs out
//!
//! Inside a scope nothing can be collected. On an [`AllocError`](cyclade_core::AllocError) the scope is left, the heap is
//! collected fully, and the same operations are tried once more; then the run stops and says so.
//!
//! ```
//! use cyclade_workloads::{Params, driver};
//! use std::time::Duration;
//!
//! let params = Params { size: 1_000, budget: Duration::ZERO, ..Params::default() };
//! let mut ignore = |_| {};
//! let report = driver::run_named::<cyclade_refcount::RefCount>("pairs", &params, &mut ignore).unwrap();
//! assert_eq!(report.audit.unwrap().leaked, report.observation.allocated);
//! ```

#![forbid(unsafe_code)]

pub mod audit;
pub mod bench;
pub mod clock;
pub mod driver;
mod floating;
mod programs;
mod registry;
mod workload;

pub use audit::Audit;
pub use bench::{Bench, Tally};
pub use programs::replay::{GraphInput, ReplayStep};
pub use registry::{all, find};
pub use workload::{Churn, Info, Params, Sizes, Stop, Workload};
