//! The grey objects between what has been scanned and what has not, and the scanning of them, inside the gates where there are locks.
//!
//! An object is marked before it is queued, so each is queued once. A target whose bit is being fetched (M1 of the core) is in these hands, too.

use crate::gate::Inside;
use cyclade_core::{MarkQueue, Object, Scanner};

/// See the module.
pub(crate) struct Wavefront<M> {
    grey: MarkQueue<M>,
    scanner: Scanner,
}

impl<M: FnMut(Object) -> bool> Wavefront<M> {
    /// As [`MarkQueue::new`].
    pub(crate) fn new(mark: M) -> Self {
        Wavefront { grey: MarkQueue::new(mark), scanner: Scanner::new() }
    }

    /// As [`MarkQueue::reach`].
    #[inline]
    pub(crate) fn reach(&mut self, object: Object) {
        self.grey.reach(object);
    }

    /// A grey object: marked, to be scanned.
    #[inline]
    pub(crate) fn push(&mut self, object: Object) {
        self.grey.push(object);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.grey.is_empty()
    }

    /// As [`MarkQueue::take_most_bytes`].
    pub(crate) fn take_most_bytes(&mut self) -> usize {
        self.grey.take_most_bytes()
    }

    /// Forgets everything (a cycle that is given up).
    pub(crate) fn clear(&mut self) {
        self.grey.clear();
    }

    /// Scans up to `most` objects. Those with edges in locks are scanned inside their gate, if there are gates in this `cycle`. Returns how many
    /// were scanned; fewer than `most` only if none is left.
    pub(crate) fn scan(&mut self, most: usize, cycle: Option<u64>) -> usize {
        let mut scanned = 0;
        while scanned < most {
            let Some(object) = self.grey.pop() else { break };
            scanned += 1;
            let inside = match cycle {
                Some(cycle) if object.type_info().edges().in_lock() => {
                    let Some(inside) = Inside::enter(object.word(), cycle) else { continue };
                    Some(inside)
                }
                _ => None,
            };
            let grey = &mut self.grey;
            self.scanner.edges(object, |target| grey.reach(target));
            drop(inside);
        }
        scanned
    }
}
