//! Death by counting: what happens when the last reference to an object goes.
//!
//! As in CPython, an object that dies (1) has its modern finalizer run, if it has not run before; for that call it stands at the end of
//! generation 0, and stays there if it is held afterwards; (2) has its weak references emptied and their callbacks called,
//! newest first; (3) has its legacy finalizer run, at every death; (4) drops its edges one by one, in the order in which its type is
//! visited; what dies by one of them is dead, with all that hangs on it, before the next one is dropped.
//!
//! (Where nobody watches, and [`Order::Kept`] allows it, objects die by `swift_death`.)
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
//! - **D3** If somebody's `Trace` panics, against its contract, the object is as dead as before, and its turn comes again at the next safepoint; what
//!   is on the stack waits until something dies again, or a collection comes.
//! - **D4** What is put off is in no generation: to a collection it is outside, and what it refers to is held. It exists for nobody else: weak
//!   references to it read dead, and if it is a watcher it is not called. Both end if its finalizer brings it back.

use crate::place::{Home, home, place};
use crate::tracking::is_collected;
use crate::{
    Counts, Due, Finalizer, Flag, Object, PauseKind, Rules, Safepoint, TrialDeletion, TypeInfo, Visit,
};
use std::time::Instant;

/// Cascades of fewer deaths than this are not worth a look at the clock.
const CLOCKED: usize = 64;

/// No deaths that are nested less deep than this are put off.
const SHALLOW: u32 = 50;

/// 3.13 puts off what dies when 50 of 10,000 units of its C stack are left, of which a death takes one, and a script's own code two; and drops
/// it when more than 100 are left.
const DEEP: u32 = 9_948;
const LESS_DEEP: u32 = 9_897;

impl TrialDeletion {
    /// Frees everything whose count is 0, and what that brings to 0.
    #[inline(never)]
    pub(crate) fn bury(&self, safepoint: &Safepoint<'_, Self>) {
        let dying = &self.dying;
        let base = dying.pending.len();
        let unfinished = self.unfinished();
        safepoint.release_pending();
        loop {
            if !self.counts.is_drained() {
                if self.may_die_swiftly(safepoint) {
                    self.bury_swiftly(safepoint);
                    continue;
                }
                let first = self.gather();
                self.drop_pending(safepoint, base, first);
            } else if !dying.put_off.is_empty() && dying.depth.get() <= self.shallow_again() {
                // Put off by a panic.
                self.catch_up(safepoint);
            } else {
                break;
            }
        }
        if base == 0
            && dying.deaths.replace(0) >= CLOCKED
            && let Some(start) = dying.clocked.take()
        {
            safepoint.add_pause(start, PauseKind::Free);
        }
        unfinished.end();
    }

    /// Objects whose count fell to 0 get one back, which is to be dropped: so they die in the order in which their counts fell.
    /// The first of them is left as it is, and returned.
    pub(crate) fn gather(&self) -> Option<Object> {
        let mut first = None;
        while let Some(object) = self.counts.next_dead() {
            if let Some(later) = first.replace(object) {
                self.restore(later);
                self.dying.pending.push(Some(later));
            }
        }
        first
    }

    /// An object whose count is 0 gets a reference back.
    fn restore(&self, object: Object) {
        self.counts.revive(object);
        self.counts.increment(object);
    }

    /// Puts a reference on the stack, which is counted already.
    pub(crate) fn drop_later(&self, object: Object) {
        self.dying.pending.push(Some(object));
    }

    /// How much is on the stack.
    pub(crate) fn pending(&self) -> usize {
        self.dying.pending.len()
    }

    /// `dead`, whose last reference has gone, dies, and then the references on the stack above `base` are dropped.
    pub(crate) fn drop_pending(
        &self,
        safepoint: &Safepoint<'_, Self>,
        base: usize,
        mut dead: Option<Object>,
    ) {
        let pending = &self.dying.pending;
        loop {
            while let Some(object) = dead {
                dead = self.die(safepoint, object);
            }
            if pending.len() <= base {
                return;
            }
            match pending.pop().flatten() {
                Some(object) => dead = self.counts.drop_last(object).then_some(object),
                None => self.end_death(safepoint),
            }
        }
    }

    /// A mark has come off the stack.
    #[inline]
    fn end_death(&self, safepoint: &Safepoint<'_, Self>) {
        let dying = &self.dying;
        self.generations.lower(1);
        dying.depth.set(dying.depth.get() - 1);
        self.leave(safepoint);
    }

    /// A death has ended, and its depth been left.
    #[inline]
    fn leave(&self, safepoint: &Safepoint<'_, Self>) {
        if !self.dying.put_off.is_empty() && self.dying.depth.get() <= self.shallow_again() {
            self.catch_up(safepoint);
        }
    }

    /// Deaths are nested less deep again: what was put off is dropped, the last one first.
    #[cold]
    fn catch_up(&self, safepoint: &Safepoint<'_, Self>) {
        let dying = &self.dying;
        let depth = dying.depth.get();
        // So that this is not called from inside itself.
        dying.depth.set(depth + 1);
        while let Some(object) = dying.put_off.pop() {
            let base = dying.pending.len();
            dying.pending.push(Some(object));
            self.drop_pending(safepoint, base, None);
        }
        dying.depth.set(depth);
    }

    /// Too deep: the object dies later. It is in no generation until then, and weak references read dead (D4).
    #[cold]
    fn put_off(&self, object: Object) {
        // One that has been emptied is dead to everybody already.
        if home(object) != Home::Cleared {
            self.take_out_counted(object);
            self.lists.push(object, Home::PutOff);
        }
        self.restore(object);
        self.dying.put_off.push(object);
    }

    /// How deep deaths may be nested before others are put off.
    #[cold]
    fn deepest(&self) -> u32 {
        if self.generations.rules() < Rules::Since313 { SHALLOW } else { DEEP }
    }

    /// So deep deaths may be nested when those that were put off are dropped.
    #[cold]
    fn shallow_again(&self) -> u32 {
        if self.generations.rules() < Rules::Since313 { 0 } else { LESS_DEEP }
    }

    /// The last reference to the object has gone. Returns the first object that dies by that, if one does; the references behind it are on
    /// the stack.
    #[inline(always)]
    fn die(&self, safepoint: &Safepoint<'_, Self>, object: Object) -> Option<Object> {
        let info = object.type_info();
        let depth = self.dying.depth.get();
        if depth >= SHALLOW && is_collected(info) && depth >= self.deepest() {
            self.put_off(object);
            return None;
        }
        self.count_death(safepoint);
        if !object.is_plain() {
            return self.die_with_ceremony(safepoint, object, is_collected(info));
        }
        let (home, index) = place(object);
        let listed = home != Home::Untracked;
        let marked = self.lowers_count(info, home, index);
        // Edges of an object that a collection has emptied have been dropped.
        let first = match info.may_be_cyclic() && home != Home::Cleared {
            true => self.drop_edges(object, marked),
            false => None,
        };
        if listed {
            if self.has_not_joined(home, index) {
                self.generations.stillbirths(1);
            }
            self.lists.vacate(object, home, index);
            self.clip();
        }
        safepoint.release(object);
        if marked && first.is_none() {
            self.generations.lower(1);
        }
        first
    }

    #[inline]
    pub(crate) fn count_death(&self, safepoint: &Safepoint<'_, Self>) {
        let deaths = self.dying.deaths.get() + 1;
        self.dying.deaths.set(deaths);
        if deaths == CLOCKED {
            self.clock(safepoint);
        }
    }

    /// As [`die`](Self::die), for an object at whose death something must be run.
    #[inline(never)]
    fn die_with_ceremony(
        &self,
        safepoint: &Safepoint<'_, Self>,
        object: Object,
        collected: bool,
    ) -> Option<Object> {
        let dying = &self.dying;
        let emptied = home(object) == Home::Cleared;
        let mut counted = None;
        let attempt = self.counts.attempt(object);
        let nested = dying.depth.get();
        dying.depth.set(nested + u32::from(collected));
        let dead = emptied || self.is_dead_for_good(safepoint, object, &mut counted);
        dying.depth.set(nested);
        if !dead {
            attempt.succeed();
            self.leave(safepoint);
            return None;
        }
        let (home, index) = place(object);
        let marked = collected && counted.unwrap_or_else(|| self.is_counted(home, index));
        let before = dying.pending.len();
        if object.type_info().may_be_cyclic() && !emptied {
            self.push_edges(object, marked);
        }
        attempt.succeed();
        if marked && dying.pending.len() == before {
            dying.pending.push(None);
        }
        if !emptied {
            safepoint.begin_free(object);
        }
        if collected && counted.is_none() {
            self.forget(object, home, index);
        }
        safepoint.finish_free(object);
        // What the payload held.
        safepoint.release_pending();
        let first = self.gather();
        if marked {
            if first.is_none() && dying.pending.len() == before + 1 {
                dying.pending.pop();
                self.generations.lower(1);
                self.leave(safepoint);
            } else {
                dying.depth.set(nested + 1);
            }
        }
        first
    }

    /// Drops the edges of an object up to the first one whose target dies by it. A mark, if `marked`, and the other edges go onto the
    /// stack, the next one uppermost.
    #[inline]
    fn drop_edges(&self, object: Object, marked: bool) -> Option<Object> {
        let (dying, mut first) = (&self.dying, None);
        let mut scanner = self.scanner.borrow_mut();
        let drop = |target: Object| match first {
            Some(_) => dying.pending.push(Some(target)),
            None if self.counts.drop_last(target) => {
                first = Some(target);
                if marked {
                    dying.pending.push(None);
                    dying.depth.set(dying.depth.get() + 1);
                }
            }
            None => {}
        };
        let before = dying.pending.len();
        let attempt = self.counts.attempt(object);
        match object.type_info().attributes().visit {
            Visit::Forward => scanner.edges(object, drop),
            Visit::Reverse => scanner.edges_reversed(object, drop),
        }
        attempt.succeed();
        if dying.pending.len() > before + 2 {
            dying.turn_over(before + usize::from(marked));
        }
        first
    }

    /// So many deaths are a pause.
    #[cold]
    fn clock(&self, safepoint: &Safepoint<'_, Self>) {
        if safepoint.records_pauses() && !self.generations.is_busy() {
            self.dying.clocked.set(Some(Instant::now()));
        }
    }

    /// The edges of an object go onto the stack, the one that is to be dropped first uppermost; if there are any, a mark under them, if `marked`.
    pub(crate) fn push_edges(&self, object: Object, mut marked: bool) {
        let mut scanner = self.scanner.borrow_mut();
        let push = |target: Object| {
            if std::mem::take(&mut marked) {
                self.dying.pending.push(None);
            }
            self.dying.pending.push(Some(target));
        };
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
        // It is dying: its own callbacks must not find it, whatever runs from here on.
        safepoint.forget_callbacks(object);
        if object.has(Flag::HasWeak) {
            // A collection that a callback starts must not take it for garbage of its own: its count is 0.
            if is_collected(object.type_info()) {
                let (home, index) = place(object);
                *counted = Some(self.is_counted(home, index));
                self.forget(object, home, index);
            }
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
            safepoint.clear_weak_silently(object);
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
            self.take_out_counted(object);
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

    /// Is the count of generation 0 to go down when the object is freed? One that has not joined was never counted.
    #[inline]
    pub(crate) fn is_counted(&self, home: Home, index: usize) -> bool {
        !self.has_not_joined(home, index) && home != Home::Waiting
    }

    /// As [`is_counted`](Self::is_counted), of any object: what the collector neither tracks nor ever could is not counted.
    #[inline]
    pub(crate) fn lowers_count(&self, info: &TypeInfo, home: Home, index: usize) -> bool {
        (home != Home::Untracked || is_collected(info)) && self.is_counted(home, index)
    }

    /// A collector object dies: it leaves its list.
    #[inline]
    pub(crate) fn forget(&self, object: Object, home: Home, index: usize) {
        if self.has_not_joined(home, index) {
            self.generations.stillbirths(1);
        }
        self.lists.remove(object);
        self.clip();
    }

    /// Takes a collector object out of its list. One that has not joined yet counts as an object that has from here on.
    fn take_out_counted(&self, object: Object) {
        let (home, index) = place(object);
        if !self.is_counted(home, index) {
            self.generations.raise(1);
        }
        self.forget(object, home, index);
    }

    /// Is what stands there one of the open scope's?
    #[inline]
    pub(crate) fn has_not_joined(&self, home: Home, index: usize) -> bool {
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
