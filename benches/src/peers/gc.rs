//! `gc`: marks and sweeps, recursively, with counts of roots in place of a root set. Collects by itself.

#![expect(non_local_definitions, reason = "the crate's derive makes them")]

use super::shared::{LivePeer, Peer, Shared, objects};
use ::gc::{Finalize, Gc, GcCell, Trace, force_collect};

objects!(Gc, GcCell, [Trace, Finalize]);

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `gc`.
pub type RustGc = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "gc";
    const EVERY: Option<u64> = None;
    type Pair = Gc<Pair>;
    type Entry = Gc<Entry>;
    type Node = Gc<Node>;

    fn collect() {
        force_collect();
    }
}

impl LivePeer for Crate {}
