//! `ring`: one large ring at a time, linked in both directions, built over many scopes and dropped as a whole.

use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Link<'gc> {
    next: Slot<'gc, Link<'gc>>,
    back: Slot<'gc, Link<'gc>>,
    _payload: u64,
}

/// See the module.
pub(crate) struct Ring {
    objects: u64,
    /// The first and the last object of the ring that is being built.
    ends: Option<(Root<Link<'static>>, Root<Link<'static>>)>,
}

impl Workload for Ring {
    const INFO: Info = Info {
        name: "ring",
        about: "one large ring at a time, linked both ways, dropped as a whole",
        operation: "one object linked into the ring",
        size: "objects in the ring",
        sizes: Sizes::around(100_000),
        scope_ops: 128,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        Ok(Ring { objects: params.size.max(1), ends: None })
    }

    fn round(&self) -> u64 {
        self.objects
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let closes = operations.end == self.objects;
        let ends = self.ends.take();
        let built = bench.scope(|mc, tally| -> Result<_, Stop> {
            let (mut first, mut last) = match &ends {
                Some((first, last)) => (Some(first.get(mc)), Some(last.get(mc))),
                None => (None, None),
            };
            for i in operations {
                let back = last.map_or_else(Slot::empty, Slot::to);
                let link = tally.alloc(mc, Link { next: Slot::empty(), back, _payload: i })?;
                if let Some(last) = last {
                    last.set(mc, |link| &link.next, Some(link));
                }
                first = first.or(Some(link));
                last = Some(link);
            }
            if let (true, Some(first), Some(last)) = (closes, first, last) {
                last.set(mc, |link| &link.next, Some(first));
                first.set(mc, |link| &link.back, Some(last));
                tally.dying(mc, first, 1);
                return Ok(None);
            }
            Ok(first.zip(last).map(|(first, last)| (mc.root(first), mc.root(last))))
        });
        match built {
            Ok(built) => {
                self.ends = built;
                Ok(())
            }
            Err(stop) => {
                self.ends = ends;
                Err(stop)
            }
        }
    }

    fn reachable(&self) -> u64 {
        0
    }
}
