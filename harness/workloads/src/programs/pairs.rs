//! `pairs`: the tutorial's A ⇄ B, made and dropped, over and over.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Half<'gc> {
    peer: Slot<'gc, Half<'gc>>,
    _payload: u64,
}

/// See the module.
pub(crate) struct Pairs {
    pairs: u64,
}

impl Workload for Pairs {
    const INFO: Info = Info {
        name: "pairs",
        about: "A and B that refer to each other, made and dropped",
        operation: "one pair made and dropped",
        size: "objects per round",
        sizes: Sizes::around(200_000),
        scope_ops: 64,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        Ok(Pairs { pairs: (params.size / 2).max(1) })
    }

    fn round(&self) -> u64 {
        self.pairs
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        bench.scope(|mc, tally| {
            for i in operations {
                let a = tally.alloc(mc, Half { peer: Slot::empty(), _payload: i })?;
                let b = tally.alloc(mc, Half { peer: Slot::to(a), _payload: i })?;
                a.set(mc, |half| &half.peer, Some(b));
                tally.dying(mc, a, FOLLOW_EVERY);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        0
    }
}
