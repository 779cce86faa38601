//! Which objects cycle detection looks at.
//!
//! A *collector object* is one whose type has edges, or stands for a weak reference (`#[trace(weakref)]`), and is not
//! `#[trace(untracked)]`. It is tracked from birth, except that one with
//! `untrack = "container"` (CPython's `dict`) is tracked only while it holds something that may be tracked, and one with
//! `untrack = "immutable"` (`tuple`) stops being tracked when a collection finds that nothing in it may be. Everything else
//! is an *atom*: counted, and neither counted as an allocation nor ever in a generation.
//!
//! An untracked object with edges is to the collector as a root is: what it refers to stays. So a type that is untracked by force
//! hides cycles that lead through it.

use crate::place::{Home, is_untracked};
use crate::{Object, TrialDeletion, TypeInfo, Untrack};

/// Do objects of this type take part in cycle detection at all?
#[inline]
pub(crate) fn is_collected(info: &TypeInfo) -> bool {
    (info.may_be_cyclic() || info.attributes().weakref) && info.attributes().tracked
}

/// May `object` be tracked, now or later? (A tuple that has been untracked stays so; a dictionary may come back.)
#[inline]
fn may_be_tracked(object: Object) -> bool {
    let info = object.type_info();
    is_collected(info) && (info.attributes().untrack != Untrack::Immutable || !is_untracked(object))
}

/// Does the object take part, and is it tracked or not by what it holds?
fn follows_a_rule(object: Object) -> bool {
    let info = object.type_info();
    is_collected(info) && info.attributes().untrack != Untrack::Never
}

impl TrialDeletion {
    /// Is a newborn that takes part tracked at once?
    #[inline]
    pub(crate) fn is_tracked_from_birth(&self, object: Object, info: &TypeInfo) -> bool {
        info.attributes().untrack != Untrack::Container || self.holds_trackable(object)
    }

    /// A newborn that takes part: if it is tracked, it is entered behind those that have joined generation 0.
    #[inline]
    pub(crate) fn enlist(&self, object: Object, tracked: bool) {
        self.generations.birth();
        if tracked {
            self.lists.push_newborn(object);
        }
    }

    /// An untracked object is about to get an edge: it may have to be tracked again. It raises no count.
    #[cold]
    pub(crate) fn reconsider(&self, owner: Object, target: Object) {
        if follows_a_rule(owner) && may_be_tracked(target) {
            self.push_young(owner);
        }
    }

    /// As above, after edges have changed that were not reported one by one.
    #[cold]
    pub(crate) fn reconsider_all(&self, owner: Object) {
        if follows_a_rule(owner) && self.holds_trackable(owner) {
            self.push_young(owner);
        }
    }

    /// Puts an object that is not a newborn at the end of generation 0.
    pub(crate) fn push_young(&self, object: Object) {
        let all_joined = self.generations.joined() == self.lists.end(Home::Young);
        self.lists.push(object, Home::Young);
        if all_joined {
            self.generations.set_joined(self.lists.end(Home::Young));
        }
    }

    fn holds_trackable(&self, object: Object) -> bool {
        let mut found = false;
        self.scanner.borrow_mut().edges(object, |target| found |= may_be_tracked(target));
        found
    }

    /// Untracks the survivors in `home` from index `first` on that have no reason to be tracked, in list order: of kind `rule`.
    pub(crate) fn untrack_survivors(&self, home: Home, first: usize, rule: Untrack) {
        for index in first..self.lists.end(home) {
            if let Some(object) = self.lists.get(home, index)
                && object.type_info().attributes().untrack == rule
                && !self.holds_trackable(object)
            {
                self.lists.remove(object);
            }
        }
    }
}
