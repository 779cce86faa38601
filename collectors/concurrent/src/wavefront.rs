//! The grey objects between what has been scanned and what has not: a stack, and behind it a short queue of objects that the
//! processor is fetching meanwhile.
//!
//! An object is marked before it is pushed, so each is pushed once. Taken from the stack, it is prefetched and waits in a ring of
//! [`AHEAD`] places until it is its turn to be scanned (Cher, Hosking and Vitek 2004): by then its header and edges are in the cache.

use crate::gate::Inside;
use cyclade_core::{Object, Scanner};

/// How far ahead objects are fetched.
const AHEAD: usize = 16;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Wavefront {
    stack: Vec<Object>,
    ahead: [Option<Object>; AHEAD],
    /// Places of the ring that are taken.
    waiting: usize,
    next: usize,
    scanner: Scanner,
}

impl Wavefront {
    pub(crate) fn new() -> Self {
        Wavefront::default()
    }

    /// A grey object: marked, to be scanned.
    #[inline]
    pub(crate) fn push(&mut self, object: Object) {
        self.stack.push(object);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.stack.is_empty() && self.waiting == 0
    }

    /// Forgets everything (a cycle that is given up).
    pub(crate) fn clear(&mut self) {
        self.stack.clear();
        self.ahead = [None; AHEAD];
        self.waiting = 0;
    }

    /// Scans up to `most` objects: every target that `mark` says was not marked becomes grey. Objects with edges in locks are scanned
    /// inside their gate, if there are gates in this `cycle`. Returns how many were scanned; fewer than `most` only if none is left.
    pub(crate) fn scan(&mut self, most: usize, cycle: Option<u64>, mark: impl Fn(Object) -> bool) -> usize {
        let mut scanned = 0;
        while scanned < most {
            let Some(object) = self.take() else { break };
            scanned += 1;
            let inside = match cycle {
                Some(cycle) if object.type_info().edges().in_lock() => {
                    let Some(inside) = Inside::enter(object.word(), cycle) else { continue };
                    Some(inside)
                }
                _ => None,
            };
            let stack = &mut self.stack;
            self.scanner.edges(object, |target| {
                if mark(target) {
                    stack.push(target);
                }
            });
            drop(inside);
        }
        scanned
    }

    #[inline]
    fn take(&mut self) -> Option<Object> {
        loop {
            let fetched = self.stack.pop();
            if let Some(object) = fetched {
                object.prefetch();
                self.waiting += 1;
            } else if self.waiting == 0 {
                return None;
            }
            let ready = std::mem::replace(&mut self.ahead[self.next], fetched);
            self.next = (self.next + 1) % AHEAD;
            if ready.is_some() {
                self.waiting -= 1;
                return ready;
            }
        }
    }
}
