//! What a workload is: a description, and operations that a driver calls in rounds.

use crate::bench::Bench;
use crate::programs::replay::GraphInput;
use cyclade_core::{AllocError, Collector};
use std::ops::Range;
use std::time::Duration;

/// What people are told of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name by which people choose it.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// What one operation is.
    pub operation: &'static str,
    /// What its size counts.
    pub size: &'static str,
    /// The sizes that are used if nobody says otherwise.
    pub sizes: Sizes,
    /// Most operations in one mutator scope.
    pub scope_ops: u64,
    /// Does it claim that its heap's size settles?
    pub steady: bool,
}

/// Sizes of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// For a measurement.
    pub default: u64,
    /// For a quick look.
    pub quick: u64,
    /// The smallest that makes sense.
    pub least: u64,
    /// The largest that is supported.
    pub most: u64,
}

impl Sizes {
    /// The usual ones around a default.
    pub(crate) const fn around(default: u64) -> Sizes {
        Sizes { default, quick: default / 10, least: 20, most: MOST }
    }
}

/// Ten million objects: what every workload must manage in 24 GiB.
const MOST: u64 = 10_000_000;

/// How a workload is to be run.
#[derive(Clone, Debug)]
pub struct Params {
    /// The size; what it counts is the workload's matter.
    pub size: u64,
    /// Where its random choices start.
    pub seed: u64,
    /// The measured part ends at the first end of a round after this.
    pub budget: Duration,
    /// Bytes that the heap may take.
    pub heap_limit: Option<usize>,
    /// A collector that leaks stops after the last round that begins below so many bytes.
    pub leak_cap: usize,
    /// The shape of `churn`'s garbage.
    pub churn: Churn,
    /// What `replay` replays.
    pub graph: Option<GraphInput>,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            size: 1_000,
            seed: 1,
            budget: Duration::from_millis(100),
            heap_limit: None,
            leak_cap: 64 << 20,
            churn: Churn::default(),
            graph: None,
        }
    }
}

/// The grid of CPython's *cyclotron* benchmark; the fourth number, live objects, is the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Churn {
    /// Objects in one structure.
    pub cycle_size: u32,
    /// Bytes of payload that each structure carries beside.
    pub extra_bytes: u32,
    /// How many of 100 structures are cycles; the others are chains.
    pub cyclic_percent: u32,
}

impl Default for Churn {
    fn default() -> Self {
        Churn { cycle_size: 10, extra_bytes: 100, cyclic_percent: 50 }
    }
}

/// Why a workload stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No memory. The driver collects and tries once more.
    Memory(AllocError),
    /// The workload found something that cannot be: an object that it can reach is not what it was.
    Wrong(String),
}

impl From<AllocError> for Stop {
    fn from(error: AllocError) -> Self {
        Stop::Memory(error)
    }
}

/// A mutator program.
///
/// Rules that every workload keeps:
/// 1. An operation that fails for want of memory can be done again: what it has left is garbage, or is written over.
/// 2. `operate` opens scopes of at most [`Info::scope_ops`] operations.
/// 3. It counts what it allocates, by allocating through the [`Tally`](crate::Tally).
/// 4. It knows how many objects must be reachable, from its own bookkeeping.
pub trait Workload: Sized {
    /// What people are told.
    const INFO: Info;

    /// Builds what lives as long as the run does. Not timed.
    ///
    /// # Errors
    /// If there is no memory.
    fn set_up<C: Collector>(bench: &mut Bench<C>, params: &Params) -> Result<Self, Stop>;

    /// Operations in a round; at least 1.
    fn round(&self) -> u64;

    /// Does these operations of the round: at most [`Info::scope_ops`] of them.
    ///
    /// # Errors
    /// See [`Stop`].
    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop>;

    /// Bytes of payload in boxes that a round makes: they are the process's, and the heap does not count them.
    fn boxed_bytes(&self) -> u64 {
        0
    }

    /// Objects that must be reachable now.
    fn reachable(&self) -> u64;
}
