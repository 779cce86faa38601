//! Reference counts, for all collectors that count.
//!
//! A count is the number of edges and root handles that refer to an object; pointers on the stack of a scope are not counted. So an
//! object whose count falls to 0 in a scope may still be in use there: it is put into a list of such objects and looked at
//! again when the scope has ended (deferred reference counting, Deutsch and Bobrow 1976, but with a table of exactly the
//! safepoint's length: roots are counted, so nothing on a stack need be scanned).
//!
//! An object that a [`Locked`](crate::Locked) field was borrowed for writing in gives its edges up at the borrow and counts them
//! again when the scope ends (coalesced counting, Levanoni and Petrank 2001): single writes meanwhile are not counted.
//!
//! The collector's word of a header: bits 0 to 31 the count, bit 32 whether the object is in the list, the rest is for the
//! collector on top. A count of `u32::MAX` sticks: such an object is never freed by counting.
//!
//! Invariants:
//! - **N1** Outside of scopes, the count of every live object is the number of edges of live objects to it plus its root handles (or it
//!   sticks).
//! - **N2** Every live object with count 0 is in the list, or is the youngest object of all.

use crate::cell_stack::CellStack;
use crate::collection::PauseKind;
use crate::collector::Collector;
use crate::graph::Graph;
use crate::object::Object;
use crate::safepoint::Safepoint;
use crate::trace::{Scanner, edge_at};
use crate::type_info::TypeInfo;
use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

const COUNT: u64 = u32::MAX as u64;
const LISTED: u64 = 1 << 32;
/// Cascades of fewer deaths than this are not worth a look at the clock: they are no pause.
const CLOCKED: usize = 64;
/// The first bit of the collector's word that is the collector's own.
pub const FIRST_FREE_BIT: u32 = 33;

/// The counts of one heap.
#[derive(Debug, Default)]
pub struct Counts {
    /// Objects whose count was 0 when they were put here.
    zeros: CellStack<Object>,
    /// The youngest object, which nobody has looked at yet.
    newborn: Cell<Option<Object>>,
    scanner: RefCell<Scanner>,
}

impl Counts {
    /// A new object of type `info`: counts its edges. It is listed when the next one is born or the scope ends, if nothing refers to it
    /// by then (N2): most objects are linked to before, and never come near the list.
    #[inline]
    pub fn born(&self, object: Object, info: &TypeInfo) {
        // First: tracing may panic (K7).
        match info.edges().offsets() {
            Some(offsets) => {
                offsets.iter().filter_map(|&at| edge_at(object, at)).for_each(|to| self.increment(to));
            }
            None => self.add_edges(object),
        }
        if let Some(elder) = self.newborn.replace(Some(object)) {
            self.list_if_dead(elder);
        }
    }

    #[inline]
    fn list_if_dead(&self, object: Object) {
        let word = object.word().load(Relaxed);
        if word & (COUNT | LISTED) == 0 {
            object.word().store(word | LISTED, Relaxed);
            self.zeros.push(object);
        }
    }

    /// One reference more.
    #[inline]
    pub fn increment(&self, object: Object) {
        let word = object.word();
        let old = word.load(Relaxed);
        if old & COUNT != COUNT {
            word.store(old + 1, Relaxed);
        }
    }

    /// One reference less.
    #[inline]
    pub fn decrement(&self, object: Object) {
        let word = object.word();
        let old = word.load(Relaxed);
        if old & COUNT == COUNT {
            return;
        }
        debug_assert!(old & COUNT > 0, "N1: a reference to {object:?} was never counted");
        let new = old - 1;
        if new & (COUNT | LISTED) == 0 {
            word.store(new | LISTED, Relaxed);
            self.zeros.push(object);
        } else {
            word.store(new, Relaxed);
        }
    }

    /// One reference less, for collectors that work the list off themselves. True if it was the last one: then the object is the
    /// caller's, as one that [`next_dead`](Self::next_dead) gave. (If the object is in the list already, it stays there.)
    #[inline]
    #[must_use]
    pub fn drop_last(&self, object: Object) -> bool {
        let word = object.word();
        let old = word.load(Relaxed);
        if old & COUNT == COUNT {
            return false;
        }
        debug_assert!(old & COUNT > 0, "N1: a reference to {object:?} was never counted");
        let new = old - 1;
        let last = new & (COUNT | LISTED) == 0;
        if last && self.newborn.get() == Some(object) {
            // The caller frees it: it was born in a scope that was too deeply nested for a safepoint.
            self.newborn.set(None);
        }
        word.store(if last { new | LISTED } else { new }, Relaxed);
        last
    }

    /// A write: the new target first, in case both are the same.
    #[inline]
    pub fn write(&self, old: Option<Object>, new: Option<Object>) {
        if let Some(new) = new {
            self.increment(new);
        }
        if let Some(old) = old {
            self.decrement(old);
        }
    }

    /// Counts all edges of `object`.
    pub fn add_edges(&self, object: Object) {
        self.scanner.borrow_mut().edges(object, |target| self.increment(target));
    }

    /// Takes all edges of `object` back.
    pub fn remove_edges(&self, object: Object) {
        self.scanner.borrow_mut().edges(object, |target| self.decrement(target));
    }

    /// The count.
    #[must_use]
    #[inline]
    pub fn count(object: Object) -> usize {
        (object.word().load(Relaxed) & COUNT) as usize
    }

    /// Is there something to free?
    #[must_use]
    #[inline]
    pub fn is_drained(&self) -> bool {
        self.settle_newborn();
        self.zeros.is_empty()
    }

    /// Is there nothing to free, and nobody to look at? Then a safepoint has nothing to do for counts.
    #[must_use]
    #[inline]
    pub fn is_quiet(&self) -> bool {
        self.newborn.get().is_none() & self.zeros.is_empty()
    }

    /// The next object whose count is 0, if there is one, for collectors that work the list off themselves. It stays flagged as listed,
    /// so that it does not come into the list a second time while its finalizer runs: the caller frees it, or
    /// [`revive`](Self::revive)s it.
    #[inline]
    pub fn next_dead(&self) -> Option<Object> {
        self.settle_newborn();
        self.next_listed()
    }

    #[inline]
    fn settle_newborn(&self) {
        if let Some(newborn) = self.newborn.get() {
            self.newborn.set(None);
            self.list_if_dead(newborn);
        }
    }

    #[inline]
    fn next_listed(&self) -> Option<Object> {
        while let Some(object) = self.zeros.pop() {
            if Counts::count(object) == 0 {
                return Some(object);
            }
            self.revive(object);
        }
        None
    }

    /// An object that [`next_dead`](Self::next_dead) gave has references again.
    #[inline]
    pub fn revive(&self, object: Object) {
        object.word().store(object.word().load(Relaxed) & !LISTED, Relaxed);
    }

    /// To be held from before the edges of a dead object are read until they have been: if its `Trace` panics, the object is as dead as before, and
    /// its turn comes again.
    #[inline]
    #[must_use = "if it is dropped, the object's turn comes again"]
    pub fn attempt(&self, object: Object) -> Attempt<'_> {
        Attempt { counts: self, object }
    }

    /// Frees everything whose count is 0, and what that brings to 0, without recursion: finalizer (once, and the object may
    /// come back), weak references, edges, value, cell.
    ///
    /// Cost: proportional to what is freed and to its edges.
    pub fn drain<C: Collector>(&self, safepoint: &Safepoint<'_, C>) {
        safepoint.release_pending();
        self.settle_newborn();
        for _ in 0..CLOCKED {
            let Some(object) = self.next_listed() else { return };
            self.free(safepoint, object);
        }
        self.drain_by_the_clock(safepoint);
    }

    #[cold]
    fn drain_by_the_clock<C: Collector>(&self, safepoint: &Safepoint<'_, C>) {
        let clocked = safepoint.records_pauses() && !safepoint.graph().collecting.get();
        let start = clocked.then(Instant::now);
        while let Some(object) = self.next_listed() {
            self.free(safepoint, object);
        }
        if let Some(start) = start {
            safepoint.add_pause(start, PauseKind::Free);
        }
    }

    // Always: a call costs as much as half of what is done here.
    #[inline(always)]
    fn free<C: Collector>(&self, safepoint: &Safepoint<'_, C>, object: Object) {
        if let Some(info) = object.plain_type()
            && let Some(offsets) = info.edges().offsets()
        {
            // Last edge first onto the stack of zeros: the first edge's target is freed first.
            offsets.iter().rev().filter_map(|&at| edge_at(object, at)).for_each(|to| self.decrement(to));
            safepoint.release(object);
        } else {
            self.free_with_care(safepoint, object);
        }
    }

    /// Frees an object that has something to run, to look up, or edges that only its `trace` knows.
    #[inline(never)]
    fn free_with_care<C: Collector>(&self, safepoint: &Safepoint<'_, C>, object: Object) {
        if safepoint.must_finalize(object) {
            // Rooted meanwhile; when that root's release has come through, the object is listed again if it is still dead.
            self.revive(object);
            safepoint.finalize(object);
        } else {
            // Before anything else is done to it.
            let attempt = self.attempt(object);
            self.scanner.borrow_mut().edges_reversed(object, |target| self.decrement(target));
            attempt.succeed();
            safepoint.begin_free(object);
            safepoint.finish_free(object);
        }
        safepoint.release_pending();
        self.settle_newborn();
    }

    /// Checks N1 and N2 against the graph: slow, for zeal.
    ///
    /// # Panics
    /// If a count is wrong.
    pub fn check(&self, graph: &Graph) {
        self.check_beside(graph, std::iter::empty(), |_| true);
    }

    /// As [`check`](Self::check), where the collector itself holds references that are counted, and only some objects still have
    /// theirs.
    ///
    /// # Panics
    /// If a count is wrong.
    pub fn check_beside(
        &self,
        graph: &Graph,
        held: impl Iterator<Item = Object>,
        refers: impl Fn(Object) -> bool,
    ) {
        let mut scanner = Scanner::new();
        let mut expected = std::collections::HashMap::new();
        graph.for_each_root(|object, handles| *expected.entry(object).or_insert(0) += handles as usize);
        held.for_each(|object| *expected.entry(object).or_insert(0) += 1);
        let mut sources = Vec::new();
        graph.objects(|object| sources.push(object));
        for &source in sources.iter().filter(|&&source| refers(source)) {
            scanner.edges(source, |target| *expected.entry(target).or_insert(0) += 1);
        }
        for object in sources {
            let (count, expected) = (Counts::count(object), expected.get(&object).copied().unwrap_or(0));
            assert!(
                count == expected || count as u64 == COUNT,
                "N1: the count of {object:?} ({}) is {count}, and {expected} references exist",
                object.type_info().name()
            );
            assert!(
                count > 0 || object.word().load(Relaxed) & LISTED != 0 || self.newborn.get() == Some(object),
                "N2: {object:?} has no references and is not listed"
            );
        }
    }
}

/// An attempt to free an object that [`Counts::next_dead`] gave or [`Counts::drop_last`] said is dead. If it is dropped before it has succeeded,
/// by a panic, the object is put back into the list.
#[derive(Debug)]
pub struct Attempt<'a> {
    counts: &'a Counts,
    object: Object,
}

impl Attempt<'_> {
    /// The object's edges have been read, or it is not dead after all.
    #[inline]
    pub fn succeed(self) {
        std::mem::forget(self);
    }
}

impl Drop for Attempt<'_> {
    #[cold]
    fn drop(&mut self) {
        self.counts.zeros.push(self.object);
    }
}
