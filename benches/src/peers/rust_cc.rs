//! `rust-cc`: counts, with a cycle collector that looks at what has lost a reference. Collects by itself.

use super::shared::{Peer, Shared, objects};
use ::rust_cc::{Cc, Finalize, Trace, collect_cycles};
use std::cell::RefCell;

objects!(Cc, RefCell, [Trace, Finalize]);

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `rust-cc`.
pub type RustCc = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "rust-cc";
    const EVERY: Option<u64> = None;
    type Pair = Cc<Pair>;
    type Entry = Cc<Entry>;
    type Node = Cc<Node>;

    fn collect() {
        collect_cycles();
    }
}
