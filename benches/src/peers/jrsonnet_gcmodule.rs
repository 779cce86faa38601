//! `jrsonnet-gcmodule`, a fork of `gcmodule`: counts, with CPython's cycle detection over all objects. Collects only when asked.

use super::EVERY;
use super::shared::{LivePeer, Peer, Shared, objects};
use ::jrsonnet_gcmodule::{Cc, Trace, Tracer, collect_thread_cycles};
use std::cell::RefCell;

objects!(Cc, RefCell, []);

/// By hand, like the others: `is_type_tracked` of a derive calls itself without end where a type contains itself.
impl Trace for Pair {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.peer.trace(tracer);
    }

    fn is_type_tracked() -> bool {
        true
    }
}

impl Trace for Entry {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.newer.trace(tracer);
        self.older.trace(tracer);
    }

    fn is_type_tracked() -> bool {
        true
    }
}

impl Trace for Node {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        for edge in self.edges.borrow().iter() {
            edge.trace(tracer);
        }
    }

    fn is_type_tracked() -> bool {
        true
    }
}

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `jrsonnet-gcmodule`.
pub type JrsonnetGcModule = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "jrsonnet-gcmodule";
    const EVERY: Option<u64> = Some(EVERY);
    type Pair = Cc<Pair>;
    type Entry = Cc<Entry>;
    type Node = Cc<Node>;

    fn collect() {
        // How many it collected is nobody's business here.
        let _ = collect_thread_cycles();
    }
}

impl LivePeer for Crate {}
