//! One cell: one collector on one workload, in a process of its own.
//!
//! ```text
//!  parent                                            child: `cyclade cell`
//!  process::measure --- job as JSON, on stdin --->   child::run
//!       waits, kills at the time limit                 driver runs the workload, `machine` is read around it
//!       <------------- cell as JSON, on stdout ---   observe::cell fills the record
//! ```
//!
//! A process of its own gives every cell a fresh allocator and address space, a peak of memory that is its own, and lets a crash be
//! a row instead of the end.

pub(crate) mod child;
pub(crate) mod job;
mod observe;
pub(crate) mod process;
