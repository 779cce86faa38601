//! Between marking and sweeping: dead objects that have a finalizer are kept, with everything they refer to.
//!
//! What is dead has just been decided: it is what is not marked. The mutator cannot reach it any more, so it cannot change it
//! either: no barrier is needed, and the work may be cut into slices with scopes between. The sweep is held back meanwhile.
//!
//! 1. Objects that the last cycle kept for finalizers are looked at: those that are marked have been resurrected.
//! 2. The list of finalizable objects is gone through. Dead ones join the queue of finalizers, in order of birth; all are looked at before
//!    any is marked, so that one finalizable object does not hide another.
//! 3. They are marked, and what they refer to. The weak references of each are emptied in the same step in which it is marked, so that
//!    at no time a dead object is handed out: it is unmarked, or its weak references are empty.

use crate::Concurrent;
use cyclade_core::{CellStack, Graph, Object, Safepoint, Scanner};
use std::cell::Cell;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Finishing {
    /// What the last cycle kept (step 1); then, what this one keeps.
    before: Vec<Object>,
    kept: CellStack<Object>,
    candidates: Vec<Object>,
    looked_at: usize,
    /// Dead and to be finalized.
    dying: Vec<Object>,
    revived: usize,
    grey: CellStack<Object>,
    scanner: Scanner,
    resurrected: Cell<usize>,
}

impl Finishing {
    /// Marking has ended. False if there is nothing to do. Cost: bounded.
    pub(crate) fn begin(&mut self, graph: &Graph) -> bool {
        self.before = self.kept.take();
        self.candidates = graph.finalizable().take();
        self.looked_at = 0;
        self.revived = 0;
        self.resurrected.set(0);
        !self.before.is_empty() || !self.candidates.is_empty()
    }

    /// Objects that finalizers of the last cycle have brought back.
    pub(crate) fn resurrected(&self) -> usize {
        self.resurrected.get()
    }

    /// Works on up to `most` objects. True when all is done; then [`take_dying`](Self::take_dying).
    pub(crate) fn step(&mut self, safepoint: &Safepoint<'_, Concurrent>, most: usize) -> bool {
        let graph = safepoint.graph();
        for _ in 0..most {
            if let Some(object) = self.before.pop() {
                self.resurrected.set(self.resurrected.get() + usize::from(Graph::is_marked(object)));
            } else if let Some(&object) = self.candidates.get(self.looked_at) {
                self.looked_at += 1;
                if !safepoint.must_finalize(object) {
                    continue;
                }
                if Graph::is_marked(object) {
                    graph.finalizable().push(object);
                } else {
                    self.dying.push(object);
                }
            } else if let Some(&object) = self.dying.get(self.revived) {
                self.revived += 1;
                Self::revive(safepoint, &self.kept, &self.grey, object);
            } else if let Some(object) = self.grey.pop() {
                let (kept, grey) = (&self.kept, &self.grey);
                let unfinished = PutBack { grey, object };
                self.scanner.edges(object, |target| Self::revive(safepoint, kept, grey, target));
                std::mem::forget(unfinished);
            } else {
                self.candidates = Vec::new();
                return true;
            }
        }
        false
    }

    fn revive(
        safepoint: &Safepoint<'_, Concurrent>,
        kept: &CellStack<Object>,
        grey: &CellStack<Object>,
        object: Object,
    ) {
        if safepoint.graph().mark(object) {
            safepoint.clear_weak(object);
            kept.push(object);
            grey.push(object);
        }
    }

    /// Objects whose finalizers are due.
    pub(crate) fn take_dying(&mut self) -> Vec<Object> {
        std::mem::take(&mut self.dying)
    }
}

/// An object stays grey if tracing it panics.
struct PutBack<'a> {
    grey: &'a CellStack<Object>,
    object: Object,
}

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        self.grey.push(self.object);
    }
}
