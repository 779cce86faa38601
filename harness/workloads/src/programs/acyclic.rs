//! `acyclic`: small trees without a single cycle, some of which live for a while. Nothing in here needs a cycle collector, so
//! what it costs to be ready for cycles shows.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Gc, Root, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Node<'gc> {
    left: Option<Gc<'gc, Node<'gc>>>,
    right: Option<Gc<'gc, Node<'gc>>>,
    number: u64,
}

/// Leaves of a tree; with the inner nodes, 7 objects.
const LEAVES: usize = 4;
const OBJECTS: u64 = 2 * LEAVES as u64 - 1;

/// One tree in so many is kept for a while, and so many are kept at a time.
const KEEP_EVERY: u64 = 16;
const KEPT: usize = 256;

/// See the module.
pub(crate) struct Acyclic {
    trees: u64,
    kept: Vec<Root<Node<'static>>>,
    random: fastrand::Rng,
}

impl Workload for Acyclic {
    const INFO: Info = Info {
        name: "acyclic",
        about: "small trees without any cycle, most of them short-lived",
        operation: "one tree of seven objects built and dropped",
        size: "objects per round",
        sizes: Sizes::around(200_000),
        scope_ops: 16,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let random = fastrand::Rng::with_seed(params.seed);
        Ok(Acyclic { trees: (params.size / OBJECTS).max(1), kept: Vec::new(), random })
    }

    fn round(&self) -> u64 {
        self.trees
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let (kept, random) = (&mut self.kept, &mut self.random);
        bench.scope(|mc, tally| {
            for number in operations {
                let mut leaves = [None; LEAVES];
                for leaf in &mut leaves {
                    *leaf = Some(tally.alloc(mc, Node { left: None, right: None, number })?);
                }
                let left = tally.alloc(mc, Node { left: leaves[0], right: leaves[1], number })?;
                let right = tally.alloc(mc, Node { left: leaves[2], right: leaves[3], number })?;
                let top = tally.alloc(mc, Node { left: Some(left), right: Some(right), number })?;
                if number % KEEP_EVERY != 0 {
                    tally.dying(mc, top, FOLLOW_EVERY);
                } else if kept.len() < KEPT {
                    kept.push(mc.root(top));
                } else {
                    let place = random.usize(..KEPT);
                    let old = kept[place].get(mc);
                    let intact =
                        old.left.and_then(|left| left.right).is_some_and(|leaf| leaf.number == old.number);
                    if !intact {
                        return Err(Stop::Wrong(format!("tree {} is not what it was", old.number)));
                    }
                    kept[place] = mc.root(top);
                }
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        self.kept.len() as u64 * OBJECTS
    }
}
