//! What the benches run: each workload written once, over a small trait that every subject implements.
//!
//! | part | what it is for |
//! |---|---|
//! | [`subject`] | what a subject must be able to do, one trait per workload |
//! | [`workload`] | the workloads: from a size to a time |
//! | [`ours`] | the subject that is a Cyclade heap, generic over the collector |
//! | [`control`] | the smallest programs that do only the unavoidable work |
//! | [`gauge`] | our collectors, one thing at a time, beside these controls |
//! | [`python`] | the real CPython, as a subject in a process of its own |
//! | [`peers`] | the published crates of others, one file each |
//! | [`contest`] | who takes part in which workload, and what we set out to reach |
//! | [`clock`] | what a measured part took |
//! | [`graph`] | the graphs of the workloads: random and regular ones, rings |
//! | [`instructions`] | the gate on instruction counts |
//! | [`big_stack`] | a thread with a stack for peers that recurse |
//!
//! The programs are in `benches/`: `compare` interleaves all subjects in processes of their own and prints the table of
//! `docs/performance.md`; the others are criterion benches for work on one thing.
//!
//! # The allocator
//!
//! Everything that a subject takes from the global allocator comes from the system's, [`std::alloc::System`]: the bench
//! programs say so. The library names none, since it is linked by a binary that is no bench, too (`cyclade run --peers`). Our
//! heaps map their blocks themselves.

#![deny(unsafe_code)]

pub mod big_stack;
pub mod clock;
pub mod contest;
pub mod control;
pub mod gauge;
pub mod graph;
pub mod instructions;
pub mod ours;
pub mod peers;
pub mod python;
pub mod subject;
pub mod workload;

pub use contest::{Contestant, Workload};
