//! `boa_gc`, the collector of the JavaScript engine Boa: marks and sweeps; what is not referred to from inside of the heap is a root. Collects by itself.

use super::shared::{LivePeer, Peer, Shared, objects};
use ::boa_gc::{Finalize, Gc, GcRefCell, Trace, force_collect};

objects!(Gc, GcRefCell, [Trace, Finalize]);

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `boa_gc`.
pub type BoaGc = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "boa_gc";
    const EVERY: Option<u64> = None;
    type Pair = Gc<Pair>;
    type Entry = Gc<Entry>;
    type Node = Gc<Node>;

    fn collect() {
        force_collect();
    }
}

impl LivePeer for Crate {}
