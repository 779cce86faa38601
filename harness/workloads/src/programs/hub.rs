//! `hub`: one object with as many edges as there are others, each of which refers back. A pass over the one object takes as long as
//! a pass over a heap: where a collector cannot stop in the middle of an object, that is a pause.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, GcVec, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Hub<'gc> {
    spokes: GcVec<'gc, Spoke<'gc>>,
}

#[derive(Trace)]
struct Spoke<'gc> {
    hub: Slot<'gc, Hub<'gc>>,
    partner: Slot<'gc, Spoke<'gc>>,
    number: u64,
}

/// See the module.
pub(crate) struct HubRun {
    spokes: u64,
    hub: Root<Hub<'static>>,
    random: fastrand::Rng,
}

impl Workload for HubRun {
    const INFO: Info = Info {
        name: "hub",
        about: "one object with very many edges, whose targets are replaced and refer back to it",
        operation: "one spoke replaced; the old one and its partner are a dead cycle",
        size: "edges of the hub",
        sizes: Sizes { default: 1_000_000, quick: 20_000, least: 20, most: 10_000_000 },
        scope_ops: 64,
        steady: true,
    };

    fn set_up<C: Collector>(bench: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let spokes = params.size.max(1);
        let hub = bench.scope(|mc, tally| -> Result<_, Stop> {
            let hub = tally.alloc(mc, Hub { spokes: GcVec::new() })?;
            hub.edit(mc, |hub| &hub.spokes).try_reserve(spokes as usize)?;
            Ok(mc.root(hub))
        })?;
        for first in (0..spokes).step_by(1024) {
            bench.scope(|mc, tally| -> Result<_, Stop> {
                let hub = hub.get(mc);
                for number in first..spokes.min(first + 1024) {
                    let spoke = Spoke { hub: Slot::to(hub), partner: Slot::empty(), number };
                    let spoke = tally.alloc(mc, spoke)?;
                    hub.edit(mc, |hub| &hub.spokes).try_push(spoke)?;
                }
                Ok(())
            })?;
        }
        Ok(HubRun { spokes, hub, random: fastrand::Rng::with_seed(params.seed) })
    }

    fn round(&self) -> u64 {
        self.spokes.clamp(1_000, 50_000)
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let (hub, random, spokes) = (&self.hub, &mut self.random, self.spokes);
        bench.scope(|mc, tally| {
            let hub = hub.get(mc);
            for _ in operations {
                let number = random.u64(..spokes);
                let old = hub.spokes.get(number as usize).filter(|spoke| spoke.number == number);
                let Some(old) = old else {
                    return Err(Stop::Wrong(format!("spoke {number} is not what it was")));
                };
                let empty = || Spoke { hub: Slot::to(hub), partner: Slot::empty(), number };
                let (fresh, partner) = (tally.alloc(mc, empty())?, tally.alloc(mc, empty())?);
                partner.set(mc, |spoke| &spoke.partner, Some(old));
                old.set(mc, |spoke| &spoke.partner, Some(partner));
                hub.edit(mc, |hub| &hub.spokes).set(number as usize, fresh);
                tally.dying(mc, old, FOLLOW_EVERY);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        1 + self.spokes
    }
}
