//! The grey objects between what has been scanned and what has not, and the scanning of them, inside the gates where there are locks.
//!
//! An object is marked before it is pushed, so each is pushed once.

use crate::gate::Inside;
use cyclade_core::{MarkQueue, Object, Scanner};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Wavefront {
    grey: MarkQueue,
    scanner: Scanner,
}

impl Wavefront {
    pub(crate) fn new() -> Self {
        Wavefront::default()
    }

    /// A grey object: marked, to be scanned.
    #[inline]
    pub(crate) fn push(&mut self, object: Object) {
        self.grey.push(object);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.grey.is_empty()
    }

    /// Forgets everything (a cycle that is given up).
    pub(crate) fn clear(&mut self) {
        self.grey.clear();
    }

    /// Scans up to `most` objects: every target that `mark` says was not marked becomes grey. Objects with edges in locks are scanned
    /// inside their gate, if there are gates in this `cycle`. Returns how many were scanned; fewer than `most` only if none is left.
    pub(crate) fn scan(&mut self, most: usize, cycle: Option<u64>, mark: impl Fn(Object) -> bool) -> usize {
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
            self.scanner.edges(object, |target| {
                if mark(target) {
                    grey.push(target);
                }
            });
            drop(inside);
        }
        scanned
    }
}
