//! One collection, step by step. (The essay in the crate's documentation follows the same steps with a worked graph.)

use crate::clearing::Condemned;
use crate::lists::KEPT_BUFFER;
use crate::place::Home;
use crate::trial::{Seen, Separated, Trial};
use crate::{Collection, DebugFlags, Object, Order, Rules, Safepoint, TrialDeletion, Untrack};
use std::time::Instant;

/// For so many bytes in which objects can be allocated, an entry's room in a list is kept. (A page touched for the first time takes 2 microseconds, which
/// is 4 ns an entry: of allocation into an aged heap, a third.)
const BYTES_PER_ENTRY: usize = 48;

impl TrialDeletion {
    /// Collects `generation` and the younger ones.
    pub(crate) fn cycle(&self, safepoint: &Safepoint<'_, Self>, generation: usize) -> Collection {
        let _busy = self.generations.busy();
        let mut collection = Collection::default();
        // What counting alone can free is no matter of the trial (and T1 wants an empty list of the dead).
        self.bury(safepoint);
        let start = self.debug.flags().contains(DebugFlags::STATS).then(Instant::now);
        self.debug.begin(self, generation);
        self.generations.begin(generation);
        let target = Home::GENERATIONS[(generation + 1).min(2)];
        let (aside, seen) = if generation == 2 && self.order == Order::Kept {
            self.linear_trial(safepoint, &mut collection)
        } else {
            self.first_trial(safepoint, generation, target)
        };
        if aside.is_empty() {
            self.keep_buffer(aside);
        } else if self.is_watched(seen) {
            self.take_leave(safepoint, aside, seen, target, &mut collection);
        } else {
            collection.unreachable = aside.len();
            self.clear(safepoint, aside, seen, target, true, &mut collection);
        }
        self.bury(safepoint);
        if generation == 2 {
            self.lists.shrink(|| safepoint.graph().vacant_bytes() / BYTES_PER_ENTRY);
        }
        self.debug.end(&collection, start.map_or(0.0, |start| start.elapsed().as_secs_f64()));
        self.generations.note(generation, &collection);
        self.debug.flush(safepoint);
        collection
    }

    /// Does anybody notice in which order objects of these kinds go, or is told that they do?
    pub(crate) fn is_watched(&self, seen: Seen) -> bool {
        seen.weakly_referenced || seen.finalizer || self.debug.flags() != DebugFlags::NONE
    }

    /// Steps 1 to 4: merge, trial, survivors move up. Returns the unreachable, and what they are like.
    fn first_trial(
        &self,
        safepoint: &Safepoint<'_, Self>,
        generation: usize,
        target: Home,
    ) -> (Vec<Object>, Seen) {
        let younger = Home::GENERATIONS[..generation].iter().copied();
        let left_by_a_panic = [Home::Doomed, Home::Uncollectable];
        let merged = std::iter::once(Home::GENERATIONS[generation]).chain(younger).chain(left_by_a_panic);
        self.generations.set_joined(0);
        let trial = self.weigh(safepoint, merged, target);
        let first = self.lists.end(target);
        let Separated { kept, aside, seen } = trial.separate(&mut self.scanner.borrow_mut());
        let before = self.lists.len(target);
        let condemned = Condemned { collector: self, graph: safepoint.graph(), set: aside, target };
        self.untrack(target, first, seen, generation == 2);
        let untracked = before - self.lists.len(target);
        self.generations.survived(generation, kept - untracked);
        (condemned.into_set(), seen)
    }

    /// Begins a trial of what is in the lists `from`: steps 1 to 3.
    fn weigh<'a>(
        &'a self,
        safepoint: &Safepoint<'a, Self>,
        from: impl Iterator<Item = Home>,
        target: Home,
    ) -> Trial<'a> {
        let mut trial = Trial::begin(safepoint.graph(), &self.lists, from, target, self.buffer.take());
        // A list's content and the candidates, or the latter and those who rejoin.
        safepoint.graph().count_scratch(trial.candidates() * (2 * size_of::<Object>() + size_of::<u32>()));
        trial.subtract(&mut self.scanner.borrow_mut());
        trial
    }

    pub(crate) fn untrack(&self, target: Home, first: usize, seen: Seen, full: bool) {
        if seen.immutable {
            self.untrack_survivors(target, first, Untrack::Immutable);
        }
        if seen.container && full {
            self.untrack_survivors(target, first, Untrack::Container);
        }
    }

    /// Steps 5 to 10, where user code has a say: legacy finalizers, weak references, finalizers, and who is back because of them.
    fn take_leave(
        &self,
        safepoint: &Safepoint<'_, Self>,
        aside: Vec<Object>,
        seen: Seen,
        target: Home,
        collection: &mut Collection,
    ) {
        self.doom(safepoint.graph(), aside);
        if seen.finalizer {
            self.spare_uncollectable();
        }
        let found = self.lists.len(Home::Doomed);
        if self.debug.flags().contains(DebugFlags::COLLECTABLE) {
            for object in self.lists.objects(Home::Doomed) {
                self.debug.tell(DebugFlags::COLLECTABLE, "collectable", object);
            }
        }
        let mut watchers = 0;
        if seen.weakly_referenced {
            watchers = self.clear_weak_references(safepoint, target);
        }
        let resurrectable = seen.finalizer && self.run_finalizers(safepoint);
        let doomed = if resurrectable {
            self.second_trial(safepoint, target, collection)
        } else {
            let doomed: Vec<Object> = self.lists.take(Home::Doomed).into_iter().flatten().collect();
            self.mark_doomed(safepoint.graph(), &doomed);
            doomed
        };
        collection.unreachable = match self.generations.rules() {
            // Counted before finalizers have run, and not corrected.
            Rules::Before34 | Rules::Since34 => found,
            _ => doomed.len(),
        };
        collection.unreachable += watchers;
        if self.debug.flags().contains(DebugFlags::SAVEALL) {
            self.save(safepoint, doomed, target);
        } else {
            self.clear(safepoint, doomed, seen, target, false, collection);
        }
        self.keep_uncollectable(safepoint, target, collection);
    }

    /// Step 8: finalizers have run. Who can be reached now stays.
    fn second_trial(
        &self,
        safepoint: &Safepoint<'_, Self>,
        target: Home,
        collection: &mut Collection,
    ) -> Vec<Object> {
        let before = self.lists.len(target);
        let trial = self.weigh(safepoint, std::iter::once(Home::Doomed), target);
        let aside = if self.generations.rules() < Rules::Since39 && trial.any_held() {
            // All or nothing: a trial that is dropped keeps all its candidates.
            drop(trial);
            Vec::new()
        } else {
            trial.separate(&mut self.scanner.borrow_mut()).aside
        };
        collection.resurrected = self.lists.len(target) - before;
        aside
    }

    pub(crate) fn keep_buffer(&self, mut buffer: Vec<Object>) {
        if buffer.capacity() <= KEPT_BUFFER {
            buffer.clear();
            self.buffer.set(buffer);
        }
    }
}
