//! The oracle: slow, obviously right reachability from the roots.
//!
//! It knows nothing of any collector: it takes the objects that exist, the root table and [`Trace`](crate::Trace), and searches. A
//! verdict on a leak, or on something freed too early, comes from here and never from a collector's own numbers.
//!
//! Dead objects are told apart by what reference counting alone could do about them. An object is *in a dead cycle* if it can reach
//! itself. It is *held by a dead cycle* if one of these is in a cycle and can reach it: counting frees exactly the
//! unreachable objects that are not held. Strongly connected components are found by Tarjan's algorithm (1972) without recursion.

use crate::graph::Graph;
use crate::object::{Object, ObjectId};
use crate::trace::Scanner;
use std::sync::atomic::Ordering::Relaxed;

/// How many objects are reachable, and what the others are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Objects that can be reached from a root.
    pub reachable: usize,
    /// Objects that exist and cannot be reached.
    pub unreachable: usize,
    /// Unreachable objects that are part of a cycle themselves.
    pub in_dead_cycles: usize,
    /// Unreachable objects that are part of a dead cycle or referred to, directly or not, from one: what counting alone never frees.
    pub held_by_dead_cycles: usize,
}

/// As [`Census`], with the ids, each list in order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CensusIds {
    /// See [`Census::reachable`].
    pub reachable: Vec<ObjectId>,
    /// See [`Census::unreachable`].
    pub unreachable: Vec<ObjectId>,
    /// See [`Census::in_dead_cycles`].
    pub in_dead_cycles: Vec<ObjectId>,
    /// See [`Census::held_by_dead_cycles`].
    pub held_by_dead_cycles: Vec<ObjectId>,
}

impl CensusIds {
    /// The numbers alone.
    #[must_use]
    pub fn census(&self) -> Census {
        Census {
            reachable: self.reachable.len(),
            unreachable: self.unreachable.len(),
            in_dead_cycles: self.in_dead_cycles.len(),
            held_by_dead_cycles: self.held_by_dead_cycles.len(),
        }
    }

    pub(crate) fn take(graph: &Graph) -> Self {
        let snapshot = Snapshot::take(graph);
        let mut reachable = vec![false; snapshot.objects.len()];
        let mut work = snapshot.roots.clone();
        snapshot.close(&mut reachable, &mut work);
        let in_cycle = snapshot.cyclic(&reachable);
        let mut held = vec![false; snapshot.objects.len()];
        let mut work: Vec<u32> = (0..snapshot.len()).filter(|&i| in_cycle[i as usize]).collect();
        snapshot.close(&mut held, &mut work);
        let ids = |keep: &dyn Fn(usize) -> bool| {
            let kept = (0..snapshot.objects.len()).filter(|&i| keep(i));
            kept.map(|i| snapshot.objects[i].id()).collect()
        };
        CensusIds {
            reachable: ids(&|i| reachable[i]),
            unreachable: ids(&|i| !reachable[i]),
            in_dead_cycles: ids(&|i| in_cycle[i]),
            held_by_dead_cycles: ids(&|i| held[i] && !reachable[i]),
        }
    }
}

/// A copy of the graph with objects numbered in order of address.
struct Snapshot {
    objects: Vec<Object>,
    /// Edges of object i are `targets[first[i]..first[i + 1]]`.
    first: Vec<usize>,
    targets: Vec<u32>,
    roots: Vec<u32>,
}

impl Snapshot {
    fn take(graph: &Graph) -> Self {
        let mut objects = Vec::new();
        graph.objects(|object| {
            if graph.is_live(object) {
                objects.push(object);
            }
        });
        // While nobody collects, the scratch words are free (K5): they hold each object's number, plus 1.
        for (i, object) in objects.iter().enumerate() {
            graph.scratch(*object).store(i as u32 + 1, Relaxed);
        }
        let number = |object: Object| graph.scratch(object).load(Relaxed).checked_sub(1);
        let mut scanner = Scanner::new();
        let (mut first, mut targets) = (vec![0], Vec::new());
        for &object in &objects {
            scanner.edges(object, |target| targets.extend(number(target)));
            first.push(targets.len());
        }
        let mut roots = Vec::new();
        graph.for_each_root(|object, _| roots.extend(number(object)));
        for &object in &objects {
            graph.scratch(object).store(0, Relaxed);
        }
        Snapshot { objects, first, targets, roots }
    }

    fn len(&self) -> u32 {
        self.objects.len() as u32
    }

    fn targets(&self, of: u32) -> &[u32] {
        &self.targets[self.first[of as usize]..self.first[of as usize + 1]]
    }

    /// Sets `seen` for all in `work` and all that can be reached from there.
    fn close(&self, seen: &mut [bool], work: &mut Vec<u32>) {
        work.retain(|&i| !std::mem::replace(&mut seen[i as usize], true));
        while let Some(i) = work.pop() {
            for &target in self.targets(i) {
                if !std::mem::replace(&mut seen[target as usize], true) {
                    work.push(target);
                }
            }
        }
    }

    /// Which objects outside of `skip` can reach themselves: members of a strongly connected component with more than one member,
    /// or with an edge to themselves.
    fn cyclic(&self, skip: &[bool]) -> Vec<bool> {
        const NEW: u32 = u32::MAX;
        let n = self.objects.len();
        let mut cyclic = vec![false; n];
        let (mut order, mut low) = (vec![NEW; n], vec![0; n]);
        let mut open = Vec::new();
        let mut is_open = vec![false; n];
        let mut next = 0;
        // Instead of recursion: an object, and how many of its edges have been followed.
        let mut path: Vec<(u32, usize)> = Vec::new();
        for start in (0..self.len()).filter(|&i| !skip[i as usize]) {
            if order[start as usize] != NEW {
                continue;
            }
            path.push((start, 0));
            while let Some((at, followed)) = path.last_mut() {
                let i = *at as usize;
                if *followed == 0 && order[i] == NEW {
                    (order[i], low[i]) = (next, next);
                    next += 1;
                    open.push(*at);
                    is_open[i] = true;
                }
                if let Some(&target) = self.targets(*at).get(*followed) {
                    *followed += 1;
                    let t = target as usize;
                    if t == i {
                        cyclic[i] = true;
                    }
                    if skip[t] {
                        continue;
                    }
                    if order[t] == NEW {
                        path.push((target, 0));
                    } else if is_open[t] {
                        low[i] = low[i].min(order[t]);
                    }
                    continue;
                }
                path.pop();
                if let Some(&(parent, _)) = path.last() {
                    low[parent as usize] = low[parent as usize].min(low[i]);
                }
                if low[i] == order[i] {
                    let size = open.iter().rev().position(|&m| m as usize == i).map_or(0, |p| p + 1);
                    for member in open.drain(open.len() - size..) {
                        is_open[member as usize] = false;
                        cyclic[member as usize] |= size > 1;
                    }
                }
            }
        }
        cyclic
    }
}
