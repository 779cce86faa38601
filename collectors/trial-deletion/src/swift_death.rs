//! Death by counting where nobody watches: no object of the heap has ever had a finalizer, and nothing is weakly referenced.
//!
//! Then no user code runs at a death but payload's own `Drop`. That is the only one that could tell in which order
//! objects go (and if it makes something that can, the rest goes in the exact order), and under [`Order::Kept`] this order need not be CPython's: all edges of an object are dropped before anything dies by it, and what
//! does waits in the list of zero counts (N2 of the core's `counting`), from which the last one is taken first. So there are no references on a
//! stack (D1), no marks where a death ends, and nothing is put off. An object goes before what it alone has held; nothing else is said of the
//! order.

use crate::place::{Home, place};
use crate::tracking::is_collected;
use crate::{Object, Order, Safepoint, TrialDeletion, TypeInfo, Untrack};

impl TrialDeletion {
    /// An object of this type has been born.
    #[inline]
    pub(crate) fn note_type(&self, info: &TypeInfo) {
        if info.has_finalizer() {
            self.finalizers.set(true);
        }
        if info.attributes().untrack != Untrack::Never {
            self.untracks.set(true);
        }
    }

    /// May objects die in any order?
    #[inline]
    pub(crate) fn may_die_swiftly(&self, safepoint: &Safepoint<'_, Self>) -> bool {
        self.order == Order::Kept && !self.finalizers.get() && !safepoint.graph().has_weak_references()
    }

    /// Frees everything whose count is 0, and what that brings to 0.
    pub(crate) fn bury_swiftly(&self, safepoint: &Safepoint<'_, Self>) {
        while let Some(object) = self.bury_plain(safepoint) {
            self.count_death(safepoint);
            let (home, index) = place(object);
            let emptied = home == Home::Cleared;
            if !emptied {
                self.give_edges_up(object);
            }
            let plain = object.is_plain();
            if !plain && !emptied {
                safepoint.begin_free(object);
            }
            if is_collected(object.type_info()) {
                if self.is_counted(home, index) {
                    self.generations.lower(1);
                }
                self.forget(object, home, index);
            }
            if plain {
                safepoint.release(object);
            } else {
                safepoint.finish_free(object);
                // What the payload held.
                safepoint.release_pending();
                if !self.may_die_swiftly(safepoint) {
                    // The payload has made something that watches.
                    return;
                }
            }
        }
    }

    /// Frees dead objects of whom nothing is to be run, up to one that has a `Drop` or edges that only its `trace` knows, which is returned: it is the next to
    /// go. So there are no panics in here, and what is counted is added up when all is done.
    fn bury_plain(&self, safepoint: &Safepoint<'_, Self>) -> Option<Object> {
        let (mut counted, mut stillborn) = (0, 0);
        let left = loop {
            let Some(object) = self.counts.next_dead() else { break None };
            let Some(info) = object.plain_edges_reversed(|target| self.counts.decrement(target)) else {
                break Some(object);
            };
            self.count_death(safepoint);
            let (home, index) = place(object);
            stillborn += u32::from(self.has_not_joined(home, index));
            counted += usize::from(self.lowers_count(info, home, index));
            if home != Home::Untracked {
                self.lists.vacate(object, home, index);
            }
            safepoint.release(object);
        };
        self.generations.lower(counted);
        self.generations.stillbirths(stillborn);
        self.clip();
        left
    }

    /// Drops all edges of a dead object; what dies by it is listed, the first edge's target uppermost. (D3)
    #[inline]
    fn give_edges_up(&self, object: Object) {
        let attempt = self.counts.attempt(object);
        self.scanner.borrow_mut().edges_reversed(object, |target| self.counts.decrement(target));
        attempt.succeed();
    }
}
