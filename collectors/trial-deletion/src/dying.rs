//! The stack of deaths that have begun: what is to be dropped, and what is put off (D1, D3, `death`).

use crate::{CellStack, Object, TrialDeletion};
use std::cell::Cell;
use std::time::Instant;

/// Deaths that have begun.
#[derive(Debug, Default)]
pub(crate) struct Dying {
    /// References to be dropped, and marks (`None`) where a death ends.
    pub(crate) pending: CellStack<Option<Object>>,
    /// Marks on the stack, and one for working off what was put off.
    pub(crate) depth: Cell<u32>,
    /// References to be dropped when the outermost death has ended.
    pub(crate) put_off: CellStack<Object>,
    pub(crate) deaths: Cell<usize>,
    pub(crate) clocked: Cell<Option<Instant>>,
}

impl Dying {
    /// The references of D1.
    pub(crate) fn references(&self) -> impl Iterator<Item = Object> + '_ {
        let pending = (0..self.pending.len()).filter_map(|i| self.pending.get(i).flatten());
        pending.chain((0..self.put_off.len()).filter_map(|i| self.put_off.get(i)))
    }

    /// Reverses the part of the stack from index `low` on.
    pub(crate) fn turn_over(&self, mut low: usize) {
        let pending = &self.pending;
        let mut high = pending.len();
        while low + 1 < high {
            high -= 1;
            if let (Some(a), Some(b)) = (pending.get(low), pending.get(high)) {
                pending.set(low, b);
                pending.set(high, a);
            }
            low += 1;
        }
    }
}

impl TrialDeletion {
    /// To be held while references are put on the stack and dropped (D3).
    #[inline]
    pub(crate) fn unfinished(&self) -> Unfinished<'_> {
        Unfinished { collector: self, base: self.dying.pending.len(), depth: self.dying.depth.get() }
    }
}

/// Keeps what is on the stack above `base` for later, if it is left by a panic (D3).
pub(crate) struct Unfinished<'a> {
    collector: &'a TrialDeletion,
    base: usize,
    depth: u32,
}

impl Unfinished<'_> {
    /// Everything has been dropped.
    #[inline]
    pub(crate) fn end(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unfinished<'_> {
    #[cold]
    fn drop(&mut self) {
        let dying = &self.collector.dying;
        while dying.pending.len() > self.base {
            match dying.pending.pop().flatten() {
                Some(object) => dying.put_off.push(object),
                None => self.collector.generations.lower(1),
            }
        }
        dying.depth.set(self.depth);
        if self.base == 0 {
            dying.deaths.set(0);
            dying.clocked.set(None);
        }
    }
}
