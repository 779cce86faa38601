//! `dumpster`, its version for one thread: counts, with a cycle collector that looks at what has lost a reference. Collects by itself.

use super::shared::{Peer, Shared, objects};
use ::dumpster::Trace;
use ::dumpster::unsync::{Gc, collect};
use std::cell::RefCell;

objects!(Gc, RefCell, [Trace]);

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `dumpster` (unsync).
pub type Dumpster = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "dumpster";
    const EVERY: Option<u64> = None;
    type Pair = Gc<Pair>;
    type Entry = Gc<Entry>;
    type Node = Gc<Node>;

    fn collect() {
        collect();
    }
}
