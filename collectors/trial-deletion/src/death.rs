//! Death by counting: what happens when the last reference to an object goes.
//!
//! As in CPython, an object that dies (1) has its modern finalizer run, if it has not run before; for that call it stands at the end of
//! generation 0, and stays there if it is held afterwards; (2) has its weak references emptied and their callbacks called,
//! newest first; (3) has its legacy finalizer run, at every death; (4) gives its edges back, in the order in which they are
//! visited. What dies by (4) is taken up before the next object, without recursion.

use crate::place::{Home, place};
use crate::tracking::is_collected;
use crate::{Counts, Finalizer, Flag, Object, PauseKind, Rules, Safepoint, TrialDeletion, Visit};
use std::time::Instant;

/// Cascades of fewer deaths than this are not worth a look at the clock.
const CLOCKED: usize = 64;

impl TrialDeletion {
    /// Frees everything whose count is 0, and what that brings to 0.
    pub(crate) fn bury(&self, safepoint: &Safepoint<'_, Self>) {
        let (mut deaths, mut start) = (0_usize, None);
        loop {
            safepoint.release_pending();
            let Some(object) = self.counts.next_dead() else { break };
            deaths += 1;
            if deaths == CLOCKED && safepoint.records_pauses() && !self.generations.is_busy() {
                start = Some(Instant::now());
            }
            let plain = object.is_plain();
            let mut forgotten = false;
            if !plain {
                if !self.is_dead_for_good(safepoint, object, &mut forgotten) {
                    continue;
                }
                safepoint.begin_free(object);
            }
            if is_collected(object.type_info()) {
                if forgotten {
                    // A legacy finalizer has put it back into generation 0 for its call.
                    self.lists.remove(object);
                    self.clip();
                } else {
                    self.forget(object);
                }
            }
            if object.type_info().may_be_cyclic() {
                self.give_edges_back(object);
            }
            if plain {
                safepoint.release(object);
            } else {
                safepoint.finish_free(object);
            }
        }
        if let Some(start) = start {
            safepoint.add_pause(start, PauseKind::Free);
        }
    }

    /// Runs what user code wants to be run at this death; false if the object is held again.
    fn is_dead_for_good(
        &self,
        safepoint: &Safepoint<'_, Self>,
        object: Object,
        forgotten: &mut bool,
    ) -> bool {
        let style = self.finalizer_of(object);
        if style == Finalizer::Modern
            && !object.has(Flag::Finalized)
            && !self.finalize_dying(safepoint, object)
        {
            return false;
        }
        if object.has(Flag::HasWeak) {
            safepoint.clear_weak(object);
            if is_collected(object.type_info()) {
                // A collection that a callback starts must not take it for garbage of its own: its count is 0.
                self.forget(object);
                *forgotten = true;
            }
            safepoint.run_due();
        }
        style != Finalizer::Legacy || self.finalize_dying(safepoint, object)
    }

    /// Finalizes an object whose count is 0, and says if it still is.
    fn finalize_dying(&self, safepoint: &Safepoint<'_, Self>, object: Object) -> bool {
        if is_collected(object.type_info()) {
            self.lists.remove(object);
            self.clip();
            self.push_young(object);
        }
        safepoint.finalize(object);
        safepoint.release_pending();
        let dead = Counts::count(object) == 0;
        if !dead {
            self.counts.revive(object);
        }
        dead
    }

    /// Which kind of finalizer the object has under these rules.
    pub(crate) fn finalizer_of(&self, object: Object) -> Finalizer {
        match object.type_info().attributes().finalizer {
            Finalizer::Modern if self.generations.rules() == Rules::Before34 => Finalizer::Legacy,
            style => style,
        }
    }

    /// A collector object dies: it leaves its list, and the count of generation 0 goes down.
    #[inline]
    fn forget(&self, object: Object) {
        let (home, index) = place(object);
        if home == Home::Young && index >= self.generations.joined() {
            self.generations.stillbirth();
        } else if home != Home::Waiting {
            self.generations.lower(1);
        }
        self.lists.remove(object);
        self.clip();
    }

    /// Generation 0 may have become shorter.
    #[inline]
    fn clip(&self) {
        let end = self.lists.end(Home::Young);
        if self.generations.joined() > end {
            self.generations.set_joined(end);
        }
    }

    /// The list of the dead is a stack: the edge whose target is to die first is given back last.
    fn give_edges_back(&self, object: Object) {
        let mut scanner = self.scanner.borrow_mut();
        match object.type_info().attributes().visit {
            Visit::Forward => scanner.edges_reversed(object, |target| self.counts.decrement(target)),
            Visit::Reverse => scanner.edges(object, |target| self.counts.decrement(target)),
        }
    }
}
