//! Freeing a set of unreachable objects.
//!
//! CPython empties the objects one by one (`tp_clear`) and lets their counts do the rest. Their finalizers have run and their weak references
//! are empty, so nobody watches them. If nothing dies with the set but what goes without a word, the whole set goes at once: references
//! from the set to the rest of the heap are given back, references inside of it need not be, since both ends go. If something that was
//! outside of the trial dies with it (an old object with a finalizer, say), it could tell in which order things go: then they are
//! emptied one by one here too.
//!
//! One thing remains of CPython's way: an object that cannot be emptied (`#[trace(no_clear)]`, like a tuple) goes only if emptying
//! the others brings its count to 0. A cycle of nothing but such objects stays, and so does what it reaches.

use crate::place::{Home, home, set_place};
use crate::trial::{ASIDE, Seen, lookahead};
use crate::{Collection, Counts, Graph, Object, Safepoint, TrialDeletion};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering::Relaxed;

impl TrialDeletion {
    /// Step 9: frees the members of `set`, whose scratch words are [`ASIDE`], and no others'. `untouched`: no user code has run since the trial, so
    /// that what it says of edges that lead out of the set holds.
    pub(crate) fn clear(
        &self,
        safepoint: &Safepoint<'_, Self>,
        set: Vec<Object>,
        seen: Seen,
        target: Home,
        untouched: bool,
        collection: &mut Collection,
    ) {
        let graph = safepoint.graph();
        let found = set.len();
        let mut condemned = Condemned { collector: self, graph, set, target };
        if seen.unclearable {
            self.spare_unclearable(graph, &mut condemned.set, target);
        }
        let inward = untouched && !seen.outward && found == condemned.set.len();
        let outward = if inward { Vec::new() } else { self.outward_edges(graph, &condemned.set) };
        // From here on nothing can stop it.
        let mut set = condemned.into_set();
        if !self.give_back(&outward) {
            return self.clear_one_by_one(safepoint, set, target, collection);
        }
        if seen.special {
            safepoint.begin_free_all(set.iter().copied().filter(|object| !object.is_plain()));
        }
        // Scratch words first (K5): drop functions are user code.
        set.iter().for_each(|&object| graph.scratch(object).store(0, Relaxed));
        collection.freed += set.len();
        self.generations.lower(set.len());
        let mut attended = Vec::new();
        if seen.special {
            attended.extend(set.extract_if(.., |object| !object.is_plain()));
        }
        collection.bytes_freed += safepoint.release_all(&set);
        self.keep_buffer(set);
        for object in attended {
            collection.bytes_freed += safepoint.finish_free(object);
        }
    }

    /// Gives references from the set back, unless something dies by it that says so, or that has edges of its own: then it does nothing,
    /// and returns false.
    fn give_back(&self, outward: &[Object]) -> bool {
        outward.iter().for_each(|&object| self.counts.decrement(object));
        let quiet = |object: &&Object| {
            Counts::count(**object) > 0 || object.is_plain() && !object.type_info().may_be_cyclic()
        };
        let all = outward.iter().all(|object| quiet(&object));
        if !all {
            outward.iter().for_each(|&object| self.counts.increment(object));
            // Takes them out of the list of the dead; none of them is.
            let dead = self.counts.next_dead();
            debug_assert!(dead.is_none());
        }
        all
    }

    /// Step 9 as CPython does it: each member is emptied in turn, and goes when nothing refers to it any more.
    fn clear_one_by_one(
        &self,
        safepoint: &Safepoint<'_, Self>,
        set: Vec<Object>,
        target: Home,
        collection: &mut Collection,
    ) {
        let graph = safepoint.graph();
        collection.freed += set.len();
        for &object in &set {
            collection.bytes_freed += graph.bytes_of(object);
            graph.scratch(object).store(0, Relaxed);
            set_place(object, Home::Untracked, 0);
            self.lists.push(object, Home::Doomed);
        }
        // Those that finalizers have made: nobody reaches an object of the set any more, and none of it is a watcher to be called.
        for &object in &set {
            if !object.is_plain() {
                safepoint.clear_weak_where(object, is_outside);
            }
        }
        self.keep_buffer(set);
        for index in 0..self.lists.end(Home::Doomed) {
            let Some(object) = self.lists.get(Home::Doomed, index) else { continue };
            if !object.type_info().attributes().clear {
                // It goes when the others have let go of it.
                self.lists.relocate(object, target);
                continue;
            }
            let base = self.pending();
            let unfinished = self.unfinished();
            self.counts.increment(object);
            self.drop_later(object);
            self.push_edges(object, false);
            self.lists.relocate(object, Home::Cleared);
            // Its edges are as good as gone: nobody may look at them, the oracle included.
            safepoint.begin_free(object);
            self.drop_pending(safepoint, base, None);
            unfinished.end();
            // What payload held.
            self.bury(safepoint);
        }
        // What is left has been put off, or something that has been put off refers to it: it dies with the outermost death (D4).
        debug_assert!(
            self.lists.len(Home::Cleared) == 0 || !self.dying.put_off.is_empty(),
            "I3: an object of the set is still referred to"
        );
        self.lists.take(Home::Doomed);
    }

    /// The targets of all edges that lead out of `set`, with repeats.
    fn outward_edges(&self, graph: &Graph, set: &[Object]) -> Vec<Object> {
        let mut scanner = self.scanner.borrow_mut();
        let mut outward = Vec::new();
        let ahead = lookahead(set.len());
        for (i, &object) in set.iter().enumerate() {
            if let Some(ahead) = set.get(i + ahead) {
                ahead.prefetch();
            }
            scanner.edges(object, |target| {
                if graph.scratch(target).load(Relaxed) != ASIDE {
                    outward.push(target);
                }
            });
        }
        outward
    }

    /// Takes out of `set` what emptying cannot free, and puts it at the end of the target generation.
    #[cold]
    fn spare_unclearable(&self, graph: &Graph, set: &mut Vec<Object>, target: Home) {
        let mut scanner = self.scanner.borrow_mut();
        // Of the objects that cannot be emptied: how many references they have from one another.
        let mut stuck: HashMap<Object, usize> = set
            .iter()
            .filter(|object| !object.type_info().attributes().clear)
            .map(|&object| (object, 0))
            .collect();
        let members: Vec<Object> = stuck.keys().copied().collect();
        for &object in &members {
            scanner.edges(object, |target| {
                if let Some(references) = stuck.get_mut(&target) {
                    *references += 1;
                }
            });
        }
        // Whoever has none dies when the others have been emptied, and lets go of its own.
        let mut dying: Vec<Object> = members.into_iter().filter(|object| stuck[object] == 0).collect();
        while let Some(object) = dying.pop() {
            stuck.remove(&object);
            scanner.edges(object, |target| {
                if let Some(references) = stuck.get_mut(&target) {
                    *references -= 1;
                    if *references == 0 {
                        dying.push(target);
                    }
                }
            });
        }
        let mut spared: HashSet<Object> = stuck.keys().copied().collect();
        let mut work: Vec<Object> = spared.iter().copied().collect();
        while let Some(object) = work.pop() {
            scanner.edges(object, |target| {
                if graph.scratch(target).load(Relaxed) == ASIDE && spared.insert(target) {
                    work.push(target);
                }
            });
        }
        set.retain(|object| {
            if spared.contains(object) {
                graph.scratch(*object).store(0, Relaxed);
                self.lists.push(*object, target);
            }
            !spared.contains(object)
        });
    }
}

/// Is a watcher neither being freed, nor dying?
pub(crate) fn is_outside(watcher: Object) -> bool {
    home(watcher) != Home::Doomed && Counts::count(watcher) > 0
}

/// A set of unreachable objects that are in no list, as long as it can still be let go: by a panic in somebody's `Trace`. Then it goes to the
/// target generation.
pub(crate) struct Condemned<'a> {
    pub(crate) collector: &'a TrialDeletion,
    pub(crate) graph: &'a Graph,
    pub(crate) set: Vec<Object>,
    pub(crate) target: Home,
}

impl Condemned<'_> {
    pub(crate) fn into_set(mut self) -> Vec<Object> {
        std::mem::take(&mut self.set)
    }
}

impl Drop for Condemned<'_> {
    fn drop(&mut self) {
        for &object in &self.set {
            self.graph.scratch(object).store(0, Relaxed);
            set_place(object, Home::Untracked, 0);
            self.collector.lists.push(object, self.target);
        }
    }
}
