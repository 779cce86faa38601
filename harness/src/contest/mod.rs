//! `run --peers`: our collectors and other people's on the same programs, those of `cyclade-benches`.
//!
//! A contest is a program over a smaller interface than a workload's, so that published crates can run it. The parent plans one
//! for each chosen workload that shares its name; the child runs one contestant, in a process of its own like every cell. The
//! feature `peers`, on by default, links the crates; without it [`plan`] says how to build a binary that has them.

#[cfg(any(feature = "peers", test))]
mod figures;
#[cfg(not(feature = "peers"))]
mod left_out;
#[cfg(feature = "peers")]
mod linked;

#[cfg(not(feature = "peers"))]
pub(crate) use left_out::{measure, plan};
#[cfg(feature = "peers")]
pub(crate) use linked::{measure, plan};
