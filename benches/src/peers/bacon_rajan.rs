//! `bacon_rajan_cc`: counts, with Bacon and Rajan's synchronous cycle collection. Collects only when asked.

use super::EVERY;
use super::shared::{Peer, Shared, objects};
use ::bacon_rajan_cc::{Cc, Trace, Tracer, collect_cycles};
use std::cell::RefCell;

objects!(Cc, RefCell, []);

impl Trace for Pair {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.peer.trace(tracer);
    }
}

impl Trace for Entry {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.newer.trace(tracer);
        self.older.trace(tracer);
    }
}

impl Trace for Node {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for edge in self.edges.borrow().iter() {
            edge.trace(tracer);
        }
    }
}

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `bacon_rajan_cc`.
pub type BaconRajan = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "bacon_rajan_cc";
    const EVERY: Option<u64> = Some(EVERY);
    type Pair = Cc<Pair>;
    type Entry = Cc<Entry>;
    type Node = Cc<Node>;

    fn collect() {
        collect_cycles();
    }
}
