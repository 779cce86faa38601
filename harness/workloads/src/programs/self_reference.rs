//! `self`: objects that refer to themselves, the smallest cycle.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Loop<'gc> {
    me: Slot<'gc, Loop<'gc>>,
    _payload: u64,
}

/// See the module.
pub(crate) struct SelfReference {
    objects: u64,
}

impl Workload for SelfReference {
    const INFO: Info = Info {
        name: "self",
        about: "objects that refer to themselves, made and dropped",
        operation: "one object made and dropped",
        size: "objects per round",
        sizes: Sizes::around(200_000),
        scope_ops: 128,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        Ok(SelfReference { objects: params.size.max(1) })
    }

    fn round(&self) -> u64 {
        self.objects
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        bench.scope(|mc, tally| {
            for i in operations {
                let object = tally.alloc(mc, Loop { me: Slot::empty(), _payload: i })?;
                object.set(mc, |object| &object.me, Some(object));
                tally.dying(mc, object, FOLLOW_EVERY);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        0
    }
}
