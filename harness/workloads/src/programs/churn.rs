//! `churn`: structures of a chosen size, weight and kind replace one another at random, so that garbage has been alive for a while.
//! The grid of the CPython benchmark *cyclotron*: cycle size × extra bytes × live objects × cyclic fraction.

use super::FOLLOW_EVERY;
use crate::bench::{Bench, Tally};
use crate::workload::{Churn, Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Gc, Mutator, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Link<'gc> {
    next: Slot<'gc, Link<'gc>>,
    extra: Option<Gc<'gc, [u8]>>,
    number: u64,
}

/// See the module.
pub(crate) struct ChurnRun {
    shape: Churn,
    objects_each: u64,
    kept: Vec<Root<Link<'static>>>,
    operations: u64,
    random: fastrand::Rng,
}

fn build<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    tally: &mut Tally<C>,
    shape: Churn,
    number: u64,
    cyclic: bool,
) -> Result<Gc<'gc, Link<'gc>>, Stop> {
    let extra = if shape.extra_bytes > 0 {
        let bytes = std::iter::repeat_n(number as u8, shape.extra_bytes as usize);
        let extra = mc.try_alloc_slice(bytes)?;
        tally.count(1);
        Some(extra)
    } else {
        None
    };
    let last = tally.alloc(mc, Link { next: Slot::empty(), extra, number })?;
    let mut first = last;
    for _ in 1..shape.cycle_size {
        first = tally.alloc(mc, Link { next: Slot::to(first), extra: None, number })?;
    }
    if cyclic {
        last.set(mc, |link| &link.next, Some(first));
    }
    Ok(first)
}

impl Workload for ChurnRun {
    const INFO: Info = Info {
        name: "churn",
        about: "the grid of CPython's cyclotron: cycle size × extra bytes × live objects × cyclic fraction",
        operation: "one structure made in the place of another one",
        size: "live objects",
        sizes: Sizes::around(50_000),
        scope_ops: 16,
        steady: true,
    };

    fn set_up<C: Collector>(bench: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let shape = Churn { cycle_size: params.churn.cycle_size.max(1), ..params.churn };
        let objects_each = u64::from(shape.cycle_size) + u64::from(shape.extra_bytes > 0);
        let mut random = fastrand::Rng::with_seed(params.seed);
        let mut kept = Vec::new();
        for number in 0..(params.size / objects_each).max(1) {
            let cyclic = random.u32(..100) < shape.cyclic_percent;
            kept.push(bench.scope(|mc, tally| -> Result<_, Stop> {
                Ok(mc.root(build(mc, tally, shape, number, cyclic)?))
            })?);
        }
        let operations = (params.size / objects_each).max(200);
        Ok(ChurnRun { shape, objects_each, kept, operations, random })
    }

    fn round(&self) -> u64 {
        self.operations
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let (kept, random, shape) = (&mut self.kept, &mut self.random, self.shape);
        bench.scope(|mc, tally| {
            for number in operations {
                let cyclic = random.u32(..100) < shape.cyclic_percent;
                let fresh = build(mc, tally, shape, number, cyclic)?;
                let place = random.usize(..kept.len());
                let old = kept[place].get(mc);
                let second = old.next.get();
                if second.is_some_and(|second| second.number != old.number) {
                    return Err(Stop::Wrong(format!("structure {} is not what it was", old.number)));
                }
                tally.dying(mc, old, FOLLOW_EVERY);
                kept[place] = mc.root(fresh);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        self.kept.len() as u64 * self.objects_each
    }
}
