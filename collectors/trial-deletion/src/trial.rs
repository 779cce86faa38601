//! The trial: which objects of a list are reachable from outside of it?
//!
//! Christopher's algorithm (1984), as CPython has it. A scratch word beside each object holds, while the trial lasts:
//!
//! | scratch | meaning |
//! |---|---|
//! | 0 | not in the list, or found reachable and done with |
//! | 1 + n | in the list, n references are not accounted for |
//! | [`STUCK`] | in the list, and its count sticks: reachable |
//! | [`ASIDE`] | set aside: unreachable unless something reachable turns out to refer to it |
//!
//! Invariants:
//! - **T1** From the first count to the end of [`separate`](Trial::separate) no user code runs, so no object changes or goes.
//! - **T2** Afterwards exactly the objects found unreachable have a scratch word other than 0, and it is [`ASIDE`].
//! - **T3** The survivors stand in their list in the order in which they were found reachable, the unreachable ones in the order in
//!   which they were set aside: CPython's orders, which the order of finalizers makes visible.

pub(crate) mod spectator;
#[cfg(test)]
mod worked_graph;

use crate::lists::Lists;
use crate::place::Home;
use crate::{Counts, Finalizer, Flag, Graph, Object, Scanner, Untrack, Visit};
use spectator::Step;
use std::sync::atomic::Ordering::Relaxed;

/// Scratch word of an object that has been set aside.
pub(crate) const ASIDE: u32 = u32::MAX;
/// Scratch word of an object with a count that sticks (or would be too large for a scratch word).
const STUCK: u32 = u32::MAX - 1;
/// No reference is left that is not accounted for.
const UNHELD: u32 = 1;
/// So far ahead objects are fetched from memory.
const AHEAD: usize = 16;
/// A list that is shorter than this is in a cache already.
const LONG: usize = 1 << 14;

/// How far ahead of its place a pass over so many objects fetches them: 16, or never.
#[inline]
pub(crate) fn lookahead(objects: usize) -> usize {
    if objects < LONG { usize::MAX / 2 } else { AHEAD }
}

/// What a trial has met among its candidates, so that later steps can be left out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Type and flags of the last object, as one number.
    last: usize,
    /// An object that is not plain: it has a weak reference, a drop function, a finalizer.
    pub(crate) special: bool,
    /// An edge of the unreachable that leads to something else.
    pub(crate) outward: bool,
    pub(crate) weakly_referenced: bool,
    pub(crate) finalizer: bool,
    pub(crate) immutable: bool,
    pub(crate) container: bool,
    pub(crate) unclearable: bool,
    reversed: bool,
}

impl Seen {
    #[inline]
    pub(crate) fn note(&mut self, object: Object) {
        let tag = object.tag();
        if tag != self.last {
            self.last = tag;
            self.note_kind(object);
        }
    }

    fn note_kind(&mut self, object: Object) {
        let attributes = object.type_info().attributes();
        self.special |= !object.is_plain();
        // A weak reference in the set is detached in the same step.
        self.weakly_referenced |= object.has(Flag::HasWeak) || attributes.weakref;
        self.finalizer |= attributes.finalizer != Finalizer::None;
        self.immutable |= attributes.untrack == Untrack::Immutable;
        self.container |= attributes.untrack == Untrack::Container;
        self.unclearable |= !attributes.clear;
        self.reversed |= attributes.visit == Visit::Reverse;
    }
}

/// One trial.
///
/// If it is dropped before it has separated everything (by a panic in somebody's `Trace`), all candidates count as reachable.
pub(crate) struct Trial<'a> {
    graph: &'a Graph,
    lists: &'a Lists,
    /// Where reachable objects go.
    target: Home,
    /// In list order, without gaps.
    candidates: Vec<Object>,
    /// Those that were set aside and have joined the queue again, behind the candidates.
    rejoined: Vec<Object>,
    kept: usize,
    /// The first candidate that was not set aside, and behind the last.
    span: (usize, usize),
    /// The counts of the candidates that have not been found reachable, less the number of their edges: if 0 in the end, all these edges lead
    /// to one another, since nothing reachable refers to what is not.
    surplus: i64,
    seen: Seen,
}

/// What has come out of a trial.
pub(crate) struct Separated {
    /// Survivors, which stand at the end of the target list now.
    pub(crate) kept: usize,
    /// The unreachable, in order, marked as [`ASIDE`].
    pub(crate) aside: Vec<Object>,
    pub(crate) seen: Seen,
}

impl<'a> Trial<'a> {
    /// Steps 1 and 2: the content of the lists `from`, one behind the other, are the candidates, and everyone's scratch word is set to its count.
    pub(crate) fn begin(
        graph: &'a Graph,
        lists: &'a Lists,
        from: impl Iterator<Item = Home>,
        target: Home,
        mut candidates: Vec<Object>,
    ) -> Self {
        let mut surplus = 0;
        candidates.clear();
        for home in from {
            let gaps = lists.gaps(home);
            let mut content = lists.take(home);
            if gaps > 0 {
                content.retain(Option::is_some);
            }
            let far = content.len() >= LONG;
            // Of known length, so that the vector is not asked for room at each. (6 of 30 instructions.)
            candidates.extend(content.iter().enumerate().map(|(i, object)| {
                if far && let Some(&Some(ahead)) = content.get(i + AHEAD) {
                    ahead.prefetch();
                }
                let object = object.expect("gaps have been taken out");
                let count = Counts::count(object);
                let held = (count + 1).min(STUCK as usize);
                surplus += count as i64;
                graph.scratch(object).store(held as u32, Relaxed);
                object
            }));
            lists.reuse(home, content);
        }
        let trial = Trial {
            graph,
            lists,
            target,
            candidates,
            rejoined: Vec::new(),
            kept: 0,
            span: (0, 0),
            surplus,
            seen: Seen::default(),
        };
        spectator::tell(&trial, Step::Counted, 0);
        trial
    }

    /// Step 3: one is subtracted for every edge from one candidate to another. What is left are references from outside.
    pub(crate) fn subtract(&mut self, scanner: &mut Scanner) {
        let (graph, far) = (self.graph, self.candidates.len() >= LONG);
        let mut edges = 0;
        for (i, &object) in self.candidates.iter().enumerate() {
            if far {
                prefetch(&self.candidates, i + AHEAD);
            }
            self.seen.note(object);
            scanner.edges(object, |target| {
                let scratch = graph.scratch(target);
                let value = scratch.load(Relaxed);
                debug_assert!(value != UNHELD, "N1: more edges to {target:?} than it has references");
                if (UNHELD + 1..STUCK).contains(&value) {
                    scratch.store(value - 1, Relaxed);
                }
                edges += 1;
            });
            spectator::tell(self, Step::Subtracted(object), 0);
        }
        self.surplus -= edges;
    }

    /// Number of candidates.
    pub(crate) fn candidates(&self) -> usize {
        self.candidates.len()
    }

    /// After step 3: is there a candidate that something outside refers to?
    pub(crate) fn any_held(&self) -> bool {
        self.candidates.iter().any(|&object| self.graph.scratch(object).load(Relaxed) != UNHELD)
    }

    /// Step 4: what is held from outside, and what that reaches, moves to the target list; the rest is set aside.
    pub(crate) fn separate(mut self, scanner: &mut Scanner) -> Separated {
        // Two walks, so that the one which is taken nearly always has the edges in place.
        match self.seen.reversed {
            false => self.walk::<false>(scanner),
            true => self.walk::<true>(scanner),
        }
        let mut aside = std::mem::take(&mut self.candidates);
        // Most often all have survived, or none.
        if self.kept == aside.len() {
            aside.clear();
        } else if self.kept > 0 {
            // In front of the first one that was kept, and behind the last, all have been set aside; unless some have joined the queue again.
            let (first, last) = if self.rejoined.is_empty() { self.span } else { (0, aside.len()) };
            let mut end = first;
            for i in first..last {
                aside[end] = aside[i];
                end += usize::from(self.graph.scratch(aside[i]).load(Relaxed) == ASIDE);
            }
            aside.drain(end..last);
        }
        self.seen.outward = self.surplus != 0;
        Separated { kept: self.kept, aside, seen: self.seen }
    }

    /// Candidates from `next` on are set aside, up to the first one that has references: its index.
    #[inline]
    fn set_aside(&self, next: usize) -> usize {
        match self.candidates.get(next) {
            Some(&object) if self.graph.scratch(object).load(Relaxed) == UNHELD => self.set_all_aside(next),
            _ => next,
        }
    }

    /// As above. (Out of line it has the processor's registers for itself: 8 of 35 instructions for each.)
    #[inline(never)]
    fn set_all_aside(&self, mut next: usize) -> usize {
        let (graph, far) = (self.graph, self.candidates.len() >= LONG);
        for &object in &self.candidates[next..] {
            if far
                && let Some(ahead) = self.candidates.get(next + AHEAD)
                && graph.scratch(*ahead).load(Relaxed) != UNHELD
            {
                ahead.prefetch();
            }
            let scratch = graph.scratch(object);
            if scratch.load(Relaxed) != UNHELD {
                break;
            }
            next += 1;
            scratch.store(ASIDE, Relaxed);
            spectator::tell(self, Step::SetAside(object), next);
        }
        next
    }

    /// The candidates are a queue. One without references is set aside for the time being; if something reachable turns out to refer
    /// to it, it joins the queue again at its end.
    fn walk<const REVERSED: bool>(&mut self, scanner: &mut Scanner) {
        let (graph, lists, target) = (self.graph, self.lists, self.target);
        let count = self.candidates.len();
        let mut next = self.set_aside(0);
        self.span.0 = next;
        loop {
            next = self.set_aside(next);
            let object = if let Some(&object) = self.candidates.get(next) {
                next += 1;
                self.span.1 = next;
                object
            } else if let Some(&object) = self.rejoined.get(next - count) {
                next += 1;
                object
            } else {
                return;
            };
            // It is reachable: it leaves the trial, and what it refers to is reachable too.
            graph.scratch(object).store(0, Relaxed);
            lists.push(object, target);
            self.kept += 1;
            let (surplus, rejoined) = (&mut self.surplus, &mut self.rejoined);
            *surplus -= Counts::count(object) as i64;
            let reach = |target: Object| {
                *surplus += 1;
                let scratch = graph.scratch(target);
                match scratch.load(Relaxed) {
                    UNHELD => scratch.store(UNHELD + 1, Relaxed),
                    ASIDE => {
                        scratch.store(UNHELD + 1, Relaxed);
                        rejoined.push(target);
                    }
                    _ => {}
                }
            };
            match REVERSED {
                false => scanner.edges(object, reach),
                true => visit(scanner, object, reach),
            }
            spectator::tell(self, Step::Kept(object), next);
        }
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        for &object in &self.candidates {
            // Those that have been kept stand in the target list already.
            let scratch = self.graph.scratch(object);
            if scratch.load(Relaxed) != 0 {
                scratch.store(0, Relaxed);
                self.lists.push(object, self.target);
            }
        }
    }
}

/// Visits the object's edges in the order that its type asks for.
pub(crate) fn visit(scanner: &mut Scanner, object: Object, visit: impl FnMut(Object)) {
    match object.type_info().attributes().visit {
        Visit::Forward => scanner.edges(object, visit),
        Visit::Reverse => scanner.edges_reversed(object, visit),
    }
}

#[inline]
fn prefetch(list: &[Object], index: usize) {
    if let Some(object) = list.get(index) {
        object.prefetch();
    }
}
