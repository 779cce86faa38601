//! The reference model: what a heap must contain, worked out in plain Rust over numbers.
//!
//! It knows things, edges and root handles, and nothing of heaps. From a collector's [`Plan`] it derives who must be gone after
//! which event; all others that cannot be reached *may* exist, because a collector may collect by itself at any safepoint.

use cyclade_core::Plan;

/// What has happened in the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A root handle was dropped outside of scopes.
    RootDropped,
    /// A scope has ended.
    ScopeEnded,
    /// A scope was left by a panic.
    ScopePanicked,
    /// A full collection has returned.
    Collected,
}

/// One object.
#[derive(Clone, Debug, Default)]
struct Thing {
    /// Targets, one for each edge.
    edges: Vec<usize>,
    /// Root handles.
    handles: usize,
    gone: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Model {
    plan: Plan,
    zeal: bool,
    things: Vec<Thing>,
}

impl Model {
    /// An empty heap under a collector with this plan, with or without zeal.
    #[must_use]
    pub fn new(plan: Plan, zeal: bool) -> Self {
        Model { plan, zeal, things: Vec::new() }
    }

    /// Allocates. Things are numbered from 0.
    pub fn add(&mut self) -> usize {
        self.things.push(Thing::default());
        self.things.len() - 1
    }

    /// Number of things there have been.
    #[must_use]
    pub fn len(&self) -> usize {
        self.things.len()
    }

    /// Has there been nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// One edge more.
    pub fn link(&mut self, from: usize, to: usize) {
        self.things[from].edges.push(to);
    }

    /// One edge less.
    ///
    /// # Panics
    /// If there is no such edge: a mistake in the suite.
    pub fn unlink(&mut self, from: usize, to: usize) {
        let edges = &mut self.things[from].edges;
        let at = edges.iter().position(|&target| target == to);
        edges.swap_remove(at.expect("the model has lost an edge"));
    }

    /// One handle more.
    pub fn root(&mut self, thing: usize) {
        self.things[thing].handles += 1;
    }

    /// One handle less.
    pub fn unroot(&mut self, thing: usize) {
        self.things[thing].handles -= 1;
    }

    /// Must this thing be gone?
    #[must_use]
    pub fn is_gone(&self, thing: usize) -> bool {
        self.things[thing].gone
    }

    /// The collector has found it dead by itself, as it may.
    ///
    /// # Panics
    /// If the collector's plan does not allow that.
    pub fn vanish(&mut self, thing: usize) {
        assert!(
            self.plan.frees_cycles,
            "thing {thing} is gone, though the collector says that it frees no cycles"
        );
        self.things[thing].gone = true;
    }

    /// For each thing: can it be reached from a root?
    #[must_use]
    pub fn reachable(&self) -> Vec<bool> {
        let mut seen = vec![false; self.things.len()];
        let rooted = |thing: &usize| self.things[*thing].handles > 0;
        let mut work: Vec<usize> = (0..self.things.len()).filter(rooted).collect();
        while let Some(thing) = work.pop() {
            if !std::mem::replace(&mut seen[thing], true) {
                work.extend(&self.things[thing].edges);
            }
        }
        seen
    }

    /// For each thing: how many references it has, from things that are not gone and from root handles.
    #[must_use]
    pub fn references(&self) -> Vec<usize> {
        let mut references: Vec<usize> = self.things.iter().map(|thing| thing.handles).collect();
        for thing in self.things.iter().filter(|thing| !thing.gone) {
            for &target in &thing.edges {
                references[target] += 1;
            }
        }
        references
    }

    /// Works out who must be gone now.
    pub fn after(&mut self, event: Event) {
        if event == Event::ScopePanicked {
            return;
        }
        self.free_uncounted();
        let collected = event == Event::Collected || (event == Event::ScopeEnded && self.zeal);
        if collected && self.plan.frees_cycles {
            let reachable = self.reachable();
            for (thing, reachable) in self.things.iter_mut().zip(reachable) {
                thing.gone |= !reachable;
            }
        }
    }

    /// Counting: whatever has no references goes, and takes its edges along. Returns how many those are.
    pub fn free_uncounted(&mut self) -> usize {
        if !self.plan.counts {
            return 0;
        }
        let before = self.things.iter().filter(|thing| thing.gone).count();
        let mut references = self.references();
        let mut work: Vec<usize> =
            (0..self.things.len()).filter(|&i| references[i] == 0 && !self.things[i].gone).collect();
        while let Some(thing) = work.pop() {
            self.things[thing].gone = true;
            for &target in &self.things[thing].edges {
                references[target] -= 1;
                if references[target] == 0 && !self.things[target].gone {
                    work.push(target);
                }
            }
        }
        self.things.iter().filter(|thing| thing.gone).count() - before
    }
}
