//! What user code is told before unreachable objects are freed.
//!
//! Invariants:
//! - **F1** While user code runs, every object of the set stands in the list `Doomed` or `Uncollectable`, and its scratch word is 0: one that
//!   dies by what user code does leaves the list as from any other, and is not freed twice.
//! - **F2** Weak references to the set are empty before anything of the user's runs, so nothing but a finalizer of the set itself can bring
//!   an object of it back.

use crate::clearing::is_outside;
use crate::place::{Home, home};
use crate::trial::{ASIDE, visit};
use crate::{
    Collection, Counts, DebugFlags, Finalizer, Flag, Graph, Object, Rules, Safepoint, TrialDeletion,
};
use std::sync::atomic::Ordering::Relaxed;

impl TrialDeletion {
    /// Establishes F1.
    pub(crate) fn doom(&self, graph: &Graph, set: Vec<Object>) {
        for &object in &set {
            graph.scratch(object).store(0, Relaxed);
            self.lists.push(object, Home::Doomed);
        }
        self.keep_buffer(set);
    }

    /// No user code will run any more until the set is gone: its members are marked again.
    pub(crate) fn mark_doomed(&self, graph: &Graph, set: &[Object]) {
        for &object in set {
            graph.scratch(object).store(ASIDE, Relaxed);
        }
    }

    /// Step 5: objects with a legacy finalizer, and what they reach inside the set, are uncollectable: nobody could tell in which order
    /// the finalizers of a cycle should run.
    pub(crate) fn spare_uncollectable(&self) {
        for index in 0..self.lists.end(Home::Doomed) {
            if let Some(object) = self.lists.get(Home::Doomed, index)
                && self.finalizer_of(object) == Finalizer::Legacy
            {
                self.lists.relocate(object, Home::Uncollectable);
            }
        }
        let mut scanner = self.scanner.borrow_mut();
        let mut index = 0;
        while let Some(object) = self.lists.get(Home::Uncollectable, index) {
            index += 1;
            visit(&mut scanner, object, |target| {
                if home(target) == Home::Doomed {
                    self.lists.relocate(target, Home::Uncollectable);
                }
            });
        }
    }

    /// Step 6: all weak references to the set are emptied, and those that objects of the set stand for; after that, callbacks are called,
    /// newest first for each object, except for those of watchers in the set. A watcher goes to the end of the target generation when its
    /// callback has returned, or dies. Returns how many have died.
    pub(crate) fn clear_weak_references(&self, safepoint: &Safepoint<'_, Self>, target: Home) -> usize {
        let mut due = Vec::new();
        let detaches = self.generations.rules() >= Rules::Since38;
        for object in self.lists.objects(Home::Doomed) {
            if detaches && object.type_info().attributes().weakref {
                safepoint.detach(object);
            }
            if object.has(Flag::HasWeak) {
                due.append(&mut safepoint.take_callbacks(object, is_outside));
            }
        }
        let mut freed = 0;
        for mut due in due {
            let watcher = due.watcher();
            safepoint.call(&mut due);
            self.bury(safepoint);
            let last = watcher.is_some_and(|watcher| Counts::count(watcher) == 1);
            if let Some(watcher) = watcher
                && !last
                && home(watcher) != Home::Untracked
            {
                self.lists.relocate(watcher, target);
                self.clip();
            }
            freed += usize::from(last);
            drop(due);
            self.bury(safepoint);
        }
        freed
    }

    /// Step 7: every finalizer that has not run yet runs, in order, with its object held. True if any has.
    pub(crate) fn run_finalizers(&self, safepoint: &Safepoint<'_, Self>) -> bool {
        let mut any = false;
        for index in 0..self.lists.end(Home::Doomed) {
            let Some(object) = self.lists.get(Home::Doomed, index) else { continue };
            if self.finalizer_of(object) == Finalizer::Modern && !object.has(Flag::Finalized) {
                any = true;
                safepoint.finalize(object);
                // Lets go of it, and frees what died meanwhile.
                self.bury(safepoint);
            }
        }
        any
    }

    /// Step 9, if everything is to be saved: the set goes into the garbage list and to the end of the target generation.
    pub(crate) fn save(&self, safepoint: &Safepoint<'_, Self>, set: Vec<Object>, target: Home) {
        for object in set {
            safepoint.graph().scratch(object).store(0, Relaxed);
            self.garbage.borrow_mut().push(safepoint.root(object));
            self.lists.push(object, target);
        }
    }

    /// Step 10: the uncollectable go to the end of the target generation, those with a legacy finalizer into the garbage list as well.
    pub(crate) fn keep_uncollectable(
        &self,
        safepoint: &Safepoint<'_, Self>,
        target: Home,
        collection: &mut Collection,
    ) {
        let save_all = self.debug.flags().contains(DebugFlags::SAVEALL);
        for object in self.lists.take(Home::Uncollectable).into_iter().flatten() {
            self.debug.tell(DebugFlags::UNCOLLECTABLE, "uncollectable", object);
            if save_all || self.finalizer_of(object) == Finalizer::Legacy {
                self.garbage.borrow_mut().push(safepoint.root(object));
            }
            self.lists.push(object, target);
            collection.uncollectable += 1;
            collection.unreachable += 1;
        }
    }
}
