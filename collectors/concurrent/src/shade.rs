//! The owner's buffer of shaded objects, on their way to the marker.

use crate::crossing::{Grey, Snapshot};
use crate::handover::{Batch, Handover};
use cyclade_core::{CellStack, Object};

/// Objects that make a batch which is handed over at once, in the middle of a scope.
const BATCH: usize = if cfg!(test) { 4 } else { 1024 };

/// What the barrier has collected since the last handover.
#[derive(Debug, Default)]
pub(crate) struct Shades {
    /// Marked by the barrier, to be scanned.
    marked: CellStack<Grey>,
    /// Copied out of locks: nobody has looked at their marks yet.
    copied: CellStack<Grey>,
}

impl Shades {
    /// Is the buffer empty (H1)?
    pub(crate) fn is_empty(&self) -> bool {
        self.marked.is_empty() && self.copied.is_empty()
    }

    /// An object that has been marked just now.
    #[inline]
    pub(crate) fn push_marked(&self, object: Object) {
        self.marked.push(Grey(object));
    }

    /// An edge's target, as it is found.
    #[inline]
    pub(crate) fn push_copied(&self, object: Object) {
        self.copied.push(Grey(object));
    }

    /// Hands everything over if it makes a batch.
    #[inline]
    pub(crate) fn give_if_many(&self, handover: &Handover<Snapshot, Grey>) {
        if self.marked.len() + self.copied.len() >= BATCH {
            self.give(handover);
        }
    }

    /// Hands everything over.
    #[cold]
    pub(crate) fn give(&self, handover: &Handover<Snapshot, Grey>) {
        for (stack, marked) in [(&self.marked, true), (&self.copied, false)] {
            if !stack.is_empty() {
                handover.give(Batch { items: stack.take(), marked });
            }
        }
    }

    /// Forgets everything (a cycle that is given up).
    pub(crate) fn clear(&self) {
        self.marked.clear();
        self.copied.clear();
    }
}
