//! Death by counting: what happens when the last reference to an object goes.
//!
//! As in CPython, an object that dies (1) has its modern finalizer run, if it has not run before; for that call it stands at the end of
//! generation 0, and stays there if it is held afterwards; (2) has its weak references emptied and their callbacks called,
//! newest first; (3) has its legacy finalizer run, at every death; (4) drops its edges one by one, in the order in which its type is
//! visited; what dies by one of them is dead, with all that hangs on it, before the next one is dropped.
//!
//! CPython does (4) by recursion. Here it is a stack of references that have still to be dropped: the edges of an object are put on top
//! of it, the first one uppermost, and under them a mark that says where the object's death ends. From there on it is counted
//! as freed. CPython bounds its recursion by putting objects off that die too deep in it (the *trashcan*), which can be observed by the order of
//! deaths; so this is done here too, and bounds the stack.
//!
//! Invariants:
//! - **D1** A reference on the stack, or put off, is counted. So what it refers to is alive to everybody, collections included, until its turn has
//!   come.
//! - **D2** User code that runs at a death finds its own part of the stack empty and leaves it so: what it causes has come to its end before it
//!   returns.

use crate::place::{Home, home, place};
use crate::tracking::is_collected;
use crate::{CellStack, Counts, Due, Finalizer, Flag, Object, PauseKind, Rules, Safepoint, TrialDeletion, Visit};
use std::cell::Cell;
use std::time::Instant;

/// Cascades of fewer deaths than this are not worth a look at the clock.
const CLOCKED: usize = 64;

/// Deaths that have begun.
#[derive(Debug, Default)]
pub(crate) struct Dying {
    /// References to be dropped, and marks (`None`) where a death ends.
    pending: CellStack<Option<Object>>,
    /// Marks on the stack, and one for working off what was put off.
    depth: Cell<u32>,
    /// References to be dropped when the outermost death has ended.
    put_off: CellStack<Object>,
    deaths: Cell<usize>,
}

impl Dying {
    /// The references of D1.
    pub(crate) fn references(&self) -> impl Iterator<Item = Object> + '_ {
        let pending = (0..self.pending.len()).filter_map(|i| self.pending.get(i).flatten());
        pending.chain((0..self.put_off.len()).filter_map(|i| self.put_off.get(i)))
    }
}

impl TrialDeletion {
    /// Frees everything whose count is 0, and what that brings to 0.
    pub(crate) fn bury(&self, safepoint: &Safepoint<'_, Self>) {
        let dying = &self.dying;
        let base = dying.pending.len();
        safepoint.release_pending();
        if self.counts.is_drained() {
            return;
        }
        let outermost = base == 0 && !self.generations.is_busy();
        let start = (outermost && safepoint.records_pauses()).then(Instant::now);
        dying.deaths.set(if outermost { 0 } else { dying.deaths.get() });
        loop {
            self.gather();
            if dying.pending.len() == base {
                break;
            }
            self.drop_pending(safepoint, base);
            if dying.depth.get() == 0 && !dying.put_off.is_empty() {
                self.catch_up(safepoint);
            }
            safepoint.release_pending();
        }
        if let Some(start) = start
            && dying.deaths.get() >= CLOCKED
        {
            safepoint.add_pause(start, PauseKind::Free);
        }
    }

    /// Objects whose count fell to 0 get one back, which is to be dropped: so they die in the order in which their counts fell.
    pub(crate) fn gather(&self) {
        while let Some(object) = self.counts.next_dead() {
            self.counts.revive(object);
            self.counts.increment(object);
            self.dying.pending.push(Some(object));
        }
    }

    /// Puts a reference on the stack, which is counted already.
    pub(crate) fn drop_later(&self, object: Object) {
        self.dying.pending.push(Some(object));
    }

    /// How much is on the stack.
    pub(crate) fn pending(&self) -> usize {
        self.dying.pending.len()
    }

    /// Drops the references on the stack above `base`.
    pub(crate) fn drop_pending(&self, safepoint: &Safepoint<'_, Self>, base: usize) {
        let dying = &self.dying;
        while dying.pending.len() > base {
            match dying.pending.pop().flatten() {
                Some(object) => {
                    if self.counts.drop_last(object) {
                        self.die(safepoint, object);
                    }
                }
                None => {
                    self.generations.lower(1);
                    dying.depth.set(dying.depth.get() - 1);
                    if dying.depth.get() == 0 && !dying.put_off.is_empty() {
                        self.catch_up(safepoint);
                    }
                }
            }
        }
    }

    /// The outermost death has ended: what was put off is dropped, the last one first.
    #[cold]
    fn catch_up(&self, safepoint: &Safepoint<'_, Self>) {
        let dying = &self.dying;
        // So that this is not called from inside itself.
        dying.depth.set(1);
        while let Some(object) = dying.put_off.pop() {
            let base = dying.pending.len();
            dying.pending.push(Some(object));
            self.drop_pending(safepoint, base);
        }
        dying.depth.set(0);
    }

    /// How deep deaths may be nested before others are put off.
    #[inline]
    fn deepest(&self) -> u32 {
        if self.generations.rules() < Rules::Since313 { 50 } else { 9_900 }
    }

    /// The last reference to the object has gone.
    fn die(&self, safepoint: &Safepoint<'_, Self>, object: Object) {
        let dying = &self.dying;
        let info = object.type_info();
        let collected = is_collected(info);
        if collected && dying.depth.get() >= self.deepest() {
            self.counts.revive(object);
            self.counts.increment(object);
            dying.put_off.push(object);
            return;
        }
        let plain = object.is_plain();
        // Edges of an object that a collection has emptied have been dropped.
        let emptied = home(object) == Home::Cleared;
        let mut counted = None;
        if !plain {
            let nested = dying.depth.get();
            dying.depth.set(nested + u32::from(collected));
            let dead = self.is_dead_for_good(safepoint, object, &mut counted);
            dying.depth.set(nested);
            if !dead {
                return;
            }
            safepoint.begin_free(object);
        }
        dying.deaths.set(dying.deaths.get() + 1);
        let marked = collected && counted.unwrap_or_else(|| self.forget(object));
        if marked {
            dying.pending.push(None);
        }
        let before = dying.pending.len();
        if info.may_be_cyclic() && !emptied {
            self.push_edges(object);
        }
        if plain {
            safepoint.release(object);
        } else {
            safepoint.finish_free(object);
            // What the payload held.
            safepoint.release_pending();
            self.gather();
        }
        if marked {
            if dying.pending.len() == before {
                dying.pending.pop();
                self.generations.lower(1);
            } else {
                dying.depth.set(dying.depth.get() + 1);
            }
        }
    }

    /// The edges of an object go onto the stack, the one that is to be dropped first uppermost.
    pub(crate) fn push_edges(&self, object: Object) {
        let mut scanner = self.scanner.borrow_mut();
        let push = |target: Object| self.dying.pending.push(Some(target));
        match object.type_info().attributes().visit {
            Visit::Forward => scanner.edges_reversed(object, push),
            Visit::Reverse => scanner.edges(object, push),
        }
    }

    /// Runs what user code wants to be run at this death; false if the object is held again. `counted`: see [`forget`](Self::forget), if it
    /// had to be called.
    fn is_dead_for_good(
        &self,
        safepoint: &Safepoint<'_, Self>,
        object: Object,
        counted: &mut Option<bool>,
    ) -> bool {
        let style = self.finalizer_of(object);
        if style == Finalizer::Modern
            && !object.has(Flag::Finalized)
            && !self.finalize_dying(safepoint, object)
        {
            return false;
        }
        if object.has(Flag::HasWeak) {
            // A collection that a callback starts must not take it for garbage of its own: its count is 0.
            *counted = is_collected(object.type_info()).then(|| self.forget(object));
            let due = safepoint.take_callbacks(object, |watcher| Counts::count(watcher) > 0);
            self.call_all(safepoint, due);
        }
        if style == Finalizer::Legacy {
            if !self.finalize_dying(safepoint, object) {
                if *counted == Some(false) {
                    self.generations.raise(1);
                }
                return false;
            }
            // Weak references that it has made are emptied without a word, since part of the object is gone by now.
            drop(safepoint.take_callbacks(object, |_| false));
            if counted.is_some() {
                self.lists.remove(object);
                self.clip();
            }
        }
        true
    }

    /// Calls the callbacks of one object. All watchers are held until all have been called.
    fn call_all(&self, safepoint: &Safepoint<'_, Self>, mut due: Vec<Due>) {
        due.iter_mut().for_each(|due| safepoint.call(due));
        while let Some(last) = due.pop() {
            drop(last);
            self.bury(safepoint);
        }
    }

    /// Finalizes an object whose count is 0, and says if it still is.
    fn finalize_dying(&self, safepoint: &Safepoint<'_, Self>, object: Object) -> bool {
        if is_collected(object.type_info()) {
            if self.has_not_joined(object) {
                self.generations.stillbirth();
                self.generations.raise(1);
            }
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

    /// A collector object dies: it leaves its list. True if the count of generation 0 is to go down when it is freed; one that has not joined
    /// was never counted.
    #[inline]
    fn forget(&self, object: Object) -> bool {
        let stillborn = self.has_not_joined(object);
        if stillborn {
            self.generations.stillbirth();
        }
        let waiting = home(object) == Home::Waiting;
        self.lists.remove(object);
        self.clip();
        !stillborn && !waiting
    }

    /// Is the object one of the open scope's?
    #[inline]
    fn has_not_joined(&self, object: Object) -> bool {
        let (home, index) = place(object);
        home == Home::Young && index >= self.generations.joined()
    }

    /// Generation 0 may have become shorter.
    #[inline]
    pub(crate) fn clip(&self) {
        let end = self.lists.end(Home::Young);
        if self.generations.joined() > end {
            self.generations.set_joined(end);
        }
    }
}
