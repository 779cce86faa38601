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
use crate::place::{Home, is_untracked, set_place};
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
/// If it is dropped before it has separated anything (by a panic in somebody's `Trace`), all candidates count as reachable.
pub(crate) struct Trial<'a> {
    graph: &'a Graph,
    lists: &'a Lists,
    /// Where reachable objects go.
    target: Home,
    /// In front of `kept`: reachable. From `next` on: to be looked at.
    candidates: Vec<Option<Object>>,
    kept: usize,
    next: usize,
    aside: Vec<Object>,
    /// Has anything been set aside and joined the queue again?
    rejoined: bool,
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
    /// The candidates' buffer, for reuse.
    pub(crate) buffer: Vec<Option<Object>>,
}

impl<'a> Trial<'a> {
    /// Step 2: every candidate's scratch word is set to its count. Removes gaps.
    pub(crate) fn begin(
        graph: &'a Graph,
        lists: &'a Lists,
        target: Home,
        candidates: Vec<Option<Object>>,
        aside: Vec<Object>,
    ) -> Self {
        let mut trial = Trial {
            graph,
            lists,
            target,
            candidates,
            kept: 0,
            next: 0,
            aside,
            rejoined: false,
            surplus: 0,
            seen: Seen::default(),
        };
        let list = &mut trial.candidates;
        let ahead = lookahead(list.len());
        let (mut end, mut surplus) = (0, 0);
        for i in 0..list.len() {
            prefetch(list, i + ahead);
            if let Some(object) = list[i] {
                list[end] = Some(object);
                end += 1;
                let count = Counts::count(object);
                let held = (count + 1).min(STUCK as usize);
                surplus += count as i64;
                graph.scratch(object).store(held as u32, Relaxed);
            }
        }
        list.truncate(end);
        trial.surplus = surplus;
        spectator::tell(&trial, Step::Counted);
        trial
    }

    /// Step 3: one is subtracted for every edge from one candidate to another. What is left are references from outside.
    pub(crate) fn subtract(&mut self, scanner: &mut Scanner) {
        let (graph, ahead) = (self.graph, lookahead(self.candidates.len()));
        let mut edges = 0;
        for (i, &object) in self.candidates.iter().enumerate() {
            prefetch(&self.candidates, i + ahead);
            let Some(object) = object else { continue };
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
            spectator::tell(self, Step::Subtracted(object));
        }
        self.surplus -= edges;
    }

    /// After step 3: is there a candidate that something outside refers to?
    pub(crate) fn any_held(&self) -> bool {
        self.candidates.iter().flatten().any(|&object| self.graph.scratch(object).load(Relaxed) != UNHELD)
    }

    /// Step 4: what is held from outside, and what that reaches, moves to the target list; the rest is set aside.
    ///
    /// The candidates are a queue. One without references is set aside for the time being; if something reachable turns out to refer
    /// to it, it joins the queue again at its end.
    pub(crate) fn separate(mut self, scanner: &mut Scanner) -> Separated {
        let graph = self.graph;
        let base = self.lists.end(self.target);
        let ahead = lookahead(self.candidates.len());
        self.aside.reserve(self.candidates.len());
        while let Some(Some(object)) = self.candidates.get(self.next).copied() {
            self.next += 1;
            if let Some(&Some(ahead)) = self.candidates.get(self.next + ahead)
                && graph.scratch(ahead).load(Relaxed) != UNHELD
            {
                ahead.prefetch();
            }
            let scratch = graph.scratch(object);
            if scratch.load(Relaxed) == UNHELD {
                scratch.store(ASIDE, Relaxed);
                self.aside.push(object);
                spectator::tell(&self, Step::SetAside(object));
                continue;
            }
            scratch.store(0, Relaxed);
            set_place(object, self.target, base + self.kept);
            self.candidates[self.kept] = Some(object);
            self.kept += 1;
            let (surplus, rejoined) = (&mut self.surplus, &mut self.rejoined);
            *surplus -= Counts::count(object) as i64;
            let candidates = &mut self.candidates;
            let reach = |target: Object| {
                *surplus += 1;
                let scratch = graph.scratch(target);
                match scratch.load(Relaxed) {
                    UNHELD => scratch.store(UNHELD + 1, Relaxed),
                    ASIDE => {
                        scratch.store(UNHELD + 1, Relaxed);
                        *rejoined = true;
                        candidates.push(Some(target));
                    }
                    _ => {}
                }
            };
            if self.seen.reversed {
                visit(scanner, object, reach);
            } else {
                scanner.edges(object, reach);
            }
            spectator::tell(&self, Step::Kept(object));
        }
        self.finish()
    }

    fn finish(mut self) -> Separated {
        let mut aside = std::mem::take(&mut self.aside);
        if self.rejoined {
            aside.retain(|&object| self.graph.scratch(object).load(Relaxed) == ASIDE);
        }
        self.seen.outward = self.surplus != 0;
        let mut buffer = std::mem::take(&mut self.candidates);
        buffer.truncate(self.kept);
        // An empty list takes over a buffer that it fills; otherwise the buffer is more use to the generation it came from.
        if self.lists.end(self.target) == 0 && self.kept > buffer.capacity() / 2 {
            self.lists.put(self.target, std::mem::take(&mut buffer));
        } else {
            self.lists.put_each(self.target, buffer.drain(..));
        }
        Separated { kept: self.kept, aside, seen: self.seen, buffer }
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let kept = self.candidates.iter().take(self.kept);
        let left = self.candidates.iter().skip(self.next.max(self.kept));
        // An object that was set aside and has joined the queue again stands in both: it is entered once.
        let all: Vec<Object> = kept.chain(left).flatten().chain(&self.aside).copied().collect();
        for &object in &all {
            set_place(object, Home::Untracked, 0);
            self.graph.scratch(object).store(0, Relaxed);
        }
        for object in all {
            if is_untracked(object) {
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
fn prefetch(list: &[Option<Object>], index: usize) {
    if let Some(&Some(object)) = list.get(index) {
        object.prefetch();
    }
}
