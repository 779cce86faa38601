//! `replay`: the object graph of a real program. Built with its shapes and sizes; then its roots are let go of in steps, and after each
//! step what is left is compared with two independent answers: the oracle's, from the heap, and the recorded graph's own.

mod shape;

use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{AllocError, Collector, Root};
use cyclade_heapgraph::HeapGraph;
use shape::Part;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// In how many steps the roots are let go of.
pub(crate) const STEPS: u64 = 10;

/// The graph to replay, and what was seen at each step of the first round.
#[derive(Clone, Debug)]
pub struct GraphInput {
    /// The graph.
    pub graph: Arc<HeapGraph>,
    steps: Rc<RefCell<Vec<ReplayStep>>>,
}

impl GraphInput {
    /// Input for one run.
    #[must_use]
    pub fn new(graph: Arc<HeapGraph>) -> Self {
        GraphInput { graph, steps: Rc::default() }
    }

    /// What was seen.
    #[must_use]
    pub fn steps(&self) -> Vec<ReplayStep> {
        self.steps.borrow().clone()
    }
}

/// What was there after a part of the roots had been let go of and the heap had been collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayStep {
    /// Roots that are left.
    pub roots: u64,
    /// Objects that these reach in the recorded graph.
    pub expected: u64,
    /// Objects that the oracle reaches in the heap: must be the same.
    pub reachable: u64,
    /// Objects that exist and cannot be reached.
    pub unreachable: u64,
    /// Those of them that counting alone can never free.
    pub held_by_cycles: u64,
}

/// See the module.
pub(crate) struct Replay {
    input: GraphInput,
    /// While building: every object. Then: the roots that are left, in the order in which they will go.
    held: Vec<Root<dyn Part<'static>>>,
    /// The nodes that `held` are, once building is done.
    roots: Vec<u32>,
    order: Vec<u32>,
    rounds: u64,
    boxed_bytes: u64,
}

impl Workload for Replay {
    const INFO: Info = Info {
        name: "replay",
        about: "the object graph of a real program, built, then let go of root by root",
        operation: "one object allocated or linked, or one tenth of the roots let go of",
        size: "objects in the graph",
        sizes: Sizes { default: 0, quick: 0, least: 0, most: u32::MAX as u64 },
        scope_ops: 128,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let Some(input) = params.graph.clone() else {
            return Err(Stop::Wrong("no graph was given".to_owned()));
        };
        let graph = &input.graph;
        let boxed = |node| shape::boxed_bytes(graph.edges(node).len(), graph.size(node) as usize) as u64;
        let boxed_bytes = (0..graph.n()).map(boxed).sum();
        // The heap does not count the boxes, so it is asked here whether they may be had: a file of a hundred bytes can announce terabytes.
        if let Some(limit) = params.heap_limit
            && boxed_bytes > limit as u64
        {
            let bytes = usize::try_from(boxed_bytes).unwrap_or(usize::MAX);
            return Err(AllocError::HeapLimit { limit, used: 0, bytes }.into());
        }
        let mut order = graph.roots().to_vec();
        fastrand::Rng::with_seed(params.seed).shuffle(&mut order);
        Ok(Replay { input, held: Vec::new(), roots: Vec::new(), order, rounds: 0, boxed_bytes })
    }

    fn round(&self) -> u64 {
        2 * self.input.graph.n() as u64 + STEPS
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let n = self.input.graph.n() as u64;
        // The three stages of a round; a range may touch more than one.
        let (built, linked) = (
            operations.start.min(n)..operations.end.min(n),
            operations.start.max(n)..operations.end.min(2 * n),
        );
        if !built.is_empty() {
            self.build(bench, built)?;
        }
        if !linked.is_empty() {
            let last = linked.end == 2 * n;
            self.link(bench, linked.start - n..linked.end - n)?;
            if last {
                self.let_go_of_all_but_roots();
            }
        } else if n == 0 && operations.start == 0 {
            self.let_go_of_all_but_roots();
        }
        for step in operations.start.max(2 * n)..operations.end {
            self.step(bench, step - 2 * n)?;
        }
        Ok(())
    }

    fn boxed_bytes(&self) -> u64 {
        self.boxed_bytes
    }

    fn reachable(&self) -> u64 {
        // Rounds end with every root gone.
        0
    }
}

impl Replay {
    fn build<C: Collector>(&mut self, bench: &mut Bench<C>, nodes: Range<u64>) -> Result<(), Stop> {
        let (graph, held) = (&self.input.graph, &mut self.held);
        held.truncate(nodes.start as usize);
        bench.scope(|mc, tally| {
            for node in nodes {
                let node = node as usize;
                let part = shape::build(mc, tally, graph.edges(node).len(), graph.size(node) as usize)?;
                held.push(mc.root(part));
            }
            Ok(())
        })
    }

    fn link<C: Collector>(&mut self, bench: &mut Bench<C>, nodes: Range<u64>) -> Result<(), Stop> {
        let (graph, held) = (&self.input.graph, &self.held);
        bench.scope(|mc, _| {
            for node in nodes {
                let from = held[node as usize].get(mc);
                for (index, target) in graph.edges(node as usize).iter().enumerate() {
                    shape::link(mc, from, index, held[*target as usize].get(mc))?;
                }
            }
            Ok(())
        })
    }

    fn let_go_of_all_but_roots(&mut self) {
        let mut held: Vec<Option<Root<dyn Part<'static>>>> = self.held.drain(..).map(Some).collect();
        self.roots.clear();
        for node in &self.order {
            if let Some(root) = held[*node as usize].take() {
                self.held.push(root);
                self.roots.push(*node);
            }
        }
    }

    fn step<C: Collector>(&mut self, bench: &mut Bench<C>, step: u64) -> Result<(), Stop> {
        let all = self.order.len() as u64;
        let left = (all - all * (step + 1) / STEPS) as usize;
        self.held.truncate(left);
        self.roots.truncate(left);
        bench.heap.collect();
        if step + 1 == STEPS {
            self.rounds += 1;
        }
        if self.rounds > u64::from(step + 1 == STEPS) {
            return Ok(());
        }
        let (graph, roots) = (&self.input.graph, &self.roots);
        let seen = bench.untimed(|heap| {
            let expected = graph.reachable_from(roots.iter().copied()).iter().filter(|seen| **seen).count();
            let census = heap.census();
            ReplayStep {
                roots: roots.len() as u64,
                expected: expected as u64,
                reachable: census.reachable as u64,
                unreachable: census.unreachable as u64,
                held_by_cycles: census.held_by_dead_cycles as u64,
            }
        });
        self.input.steps.borrow_mut().push(seen);
        if seen.reachable != seen.expected {
            return Err(Stop::Wrong(format!(
                "with {} roots left {} objects must be reachable, and {} are",
                seen.roots, seen.expected, seen.reachable
            )));
        }
        Ok(())
    }
}
