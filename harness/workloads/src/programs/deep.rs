//! `deep`: a chain as long as the heap is large, without a cycle, let go at its head. Whoever frees or marks by recursion
//! overflows its stack here.

use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Root, Slot, Trace};
use std::ops::Range;

/// Two edges per object: to the next one and to the one after that.
#[derive(Trace)]
struct Link<'gc> {
    next: Slot<'gc, Link<'gc>>,
    after: Slot<'gc, Link<'gc>>,
    _payload: u64,
}

/// See the module.
pub(crate) struct Deep {
    objects: u64,
    head: Option<Root<Link<'static>>>,
}

impl Workload for Deep {
    const INFO: Info = Info {
        name: "deep",
        about: "one long chain at a time, two edges per object, let go at its head",
        operation: "one object put in front of the chain",
        size: "objects in the chain",
        sizes: Sizes::around(100_000),
        scope_ops: 128,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        Ok(Deep { objects: params.size.max(1), head: None })
    }

    fn round(&self) -> u64 {
        self.objects
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let last = operations.end == self.objects;
        let old = self.head.as_ref();
        let head = bench.scope(|mc, tally| -> Result<_, Stop> {
            let mut head = old.map(|root| root.get(mc));
            for i in operations {
                let next = head.map_or_else(Slot::empty, Slot::to);
                let after = head.and_then(|head| head.next.get()).map_or_else(Slot::empty, Slot::to);
                head = Some(tally.alloc(mc, Link { next, after, _payload: i })?);
            }
            if let (true, Some(head)) = (last, head) {
                tally.dying(mc, head, 1);
                return Ok(None);
            }
            Ok(head.map(|head| mc.root(head)))
        })?;
        self.head = head;
        Ok(())
    }

    fn reachable(&self) -> u64 {
        0
    }
}
