//! The differential test: random programs on a real interpreter and on the shipped heap, and what differs, as small as it can be.
//!
//! | file | what |
//! |---|---|
//! | [`generator`] | random programs, reproducible from a seed |
//! | `python/` | the driver: runs programs on the interpreter that runs it, and records what it does |
//! | [`interpreters`] | which interpreters there are |
//! | [`driver`] | an interpreter at work: programs in, observations out |
//! | [`rules`] | which rules a version has, and what a rule of a version explains |
//! | [`kept`] | what is equal although the order of survivors is not |
//! | [`shrinking`] | the smallest program that still differs |
//! | [`comparison`] | all of it together, for one interpreter |

mod comparison;
mod driver;
mod generator;
mod interpreters;
mod kept;
mod rules;
mod shrinking;

pub(crate) use comparison::{Plan, Verdict, verify};
pub(crate) use interpreters::{Interpreter, Unusable, all, ask};

/// The driver.
const SCRIPT: &str = concat!(
    include_str!("python/places.py"),
    "\n\n",
    include_str!("python/objects.py"),
    "\n\n",
    include_str!("python/acting.py"),
    "\n\n",
    include_str!("python/running.py"),
    "\n\n",
    include_str!("python/watching.py"),
    "\n\n",
    include_str!("python/translating.py"),
);
