//! `live`: a large random graph that stays, with small cycles dying beside it. What a collector pays for what it cannot free.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Gc, GcVec, Mutator, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Node<'gc> {
    edges: [Slot<'gc, Node<'gc>>; 3],
    number: u64,
}

impl Node<'_> {
    fn new(number: u64) -> Self {
        Node { edges: [Slot::empty(), Slot::empty(), Slot::empty()], number }
    }
}

/// How the mutator gets at its nodes: a few roots, each with a list.
#[derive(Trace)]
struct Page<'gc> {
    nodes: GcVec<'gc, Node<'gc>>,
}

const PAGE: u64 = 1024;

/// See the module.
pub(crate) struct Live {
    nodes: u64,
    pages: Vec<Root<Page<'static>>>,
    random: fastrand::Rng,
}

impl Live {
    fn pick<'gc, C: Collector>(
        mc: &Mutator<'gc, C>,
        pages: &[Root<Page<'static>>],
        number: u64,
    ) -> Result<Gc<'gc, Node<'gc>>, Stop> {
        let page = pages[(number / PAGE) as usize].get(mc);
        let node = page.nodes.get((number % PAGE) as usize).filter(|node| node.number == number);
        node.ok_or_else(|| Stop::Wrong(format!("live node {number} is not what it was")))
    }
}

impl Workload for Live {
    const INFO: Info = Info {
        name: "live",
        about: "a large live random graph that is rewired, with cyclic garbage made beside it",
        operation: "one edge of a live node changed, one pair that refers to it made and dropped",
        size: "live nodes",
        sizes: Sizes { default: 200_000, quick: 10_000, least: 20, most: 10_000_000 },
        scope_ops: 64,
        steady: true,
    };

    fn set_up<C: Collector>(bench: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let nodes = params.size.max(1);
        let mut random = fastrand::Rng::with_seed(params.seed);
        let mut pages = Vec::new();
        for first in (0..nodes).step_by(PAGE as usize) {
            let until = nodes.min(first + PAGE);
            pages.push(bench.scope(|mc, tally| -> Result<_, Stop> {
                let page = tally.alloc(mc, Page { nodes: GcVec::new() })?;
                for number in first..until {
                    let node = tally.alloc(mc, Node::new(number))?;
                    page.edit(mc, |page| &page.nodes).try_push(node)?;
                }
                Ok(mc.root(page))
            })?);
        }
        for first in (0..nodes).step_by(PAGE as usize) {
            bench.scope(|mc, _| -> Result<_, Stop> {
                for number in first..nodes.min(first + PAGE) {
                    let node = Self::pick(mc, &pages, number)?;
                    for edge in 0..node.edges.len() {
                        let target = Self::pick(mc, &pages, random.u64(..nodes))?;
                        node.set(mc, |node| &node.edges[edge], Some(target));
                    }
                }
                Ok(())
            })?;
        }
        Ok(Live { nodes, pages, random })
    }

    fn round(&self) -> u64 {
        (self.nodes / 4).clamp(1_000, 50_000)
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let (pages, random, nodes) = (&self.pages, &mut self.random, self.nodes);
        bench.scope(|mc, tally| {
            for i in operations {
                let node = Self::pick(mc, pages, random.u64(..nodes))?;
                let target = Self::pick(mc, pages, random.u64(..nodes))?;
                node.set(mc, |node| &node.edges[(i % 3) as usize], Some(target));
                let a = tally.alloc(mc, Node::new(i))?;
                let b = tally.alloc(mc, Node::new(i))?;
                a.set(mc, |node| &node.edges[0], Some(b));
                a.set(mc, |node| &node.edges[1], Some(node));
                b.set(mc, |node| &node.edges[0], Some(a));
                tally.dying(mc, a, FOLLOW_EVERY);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        self.nodes + self.pages.len() as u64
    }
}
