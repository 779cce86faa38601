//! How new objects join generation 0, and how that starts collections.
//!
//! CPython's rules up to 3.11 collect inside the allocation that makes the count exceed the threshold, without the new object. Here
//! nothing can be collected inside a scope, so a scope's allocations are taken up when it has ended, one by one, in their order:
//! the one that makes the count exceed the threshold starts a collection before it joins. To that collection, it and those after it
//! are outside, and what they refer to is held from outside. Several collections that a scope has made due run at its end, one
//! after another.
//!
//! Objects that died in the scope in which they were born neither join nor count. In almost every scope the threshold is far away: then
//! joining moves a boundary.

use crate::place::Home;
use crate::{Object, PauseKind, Rules, Safepoint, TrialDeletion, Untrack};

impl TrialDeletion {
    /// The objects of the scope that has ended join generation 0.
    #[inline]
    pub(crate) fn join(&self, safepoint: &Safepoint<'_, Self>) {
        match self.generations.births() {
            0 => self.generations.set_joined(self.lists.end(Home::Young)),
            births if self.generations.is_due_after(births) => self.join_and_collect(safepoint),
            _ => self.join_all(),
        }
    }

    #[cold]
    #[inline(never)]
    fn join_and_collect(&self, safepoint: &Safepoint<'_, Self>) {
        if self.generations.rules() < Rules::Since312 {
            self.join_one_by_one(safepoint);
        } else {
            self.join_all();
            self.collect_by_itself(safepoint);
        }
    }

    /// All join, and no collection starts.
    #[inline]
    pub(crate) fn join_all(&self) {
        self.generations.raise(self.generations.take_births());
        self.generations.set_joined(self.lists.end(Home::Young));
    }

    fn join_one_by_one(&self, safepoint: &Safepoint<'_, Self>) {
        let queue = Queue::form(self);
        // Dictionaries without content are born without being entered: they are counted first.
        for _ in 0..queue.uncounted {
            self.count_birth(safepoint);
        }
        let mut index = 0;
        while index < self.lists.end(Home::Waiting) {
            if self.lists.get(Home::Waiting, index).is_some_and(counts_by_itself) {
                self.count_birth(safepoint);
            }
            // It may have died by what finalizers of that collection did.
            if let Some(object) = self.lists.get(Home::Waiting, index) {
                self.lists.remove(object);
                self.push_young(object);
            }
            index += 1;
        }
    }

    fn count_birth(&self, safepoint: &Safepoint<'_, Self>) {
        self.generations.raise(1);
        if self.generations.is_due_after(0) {
            self.collect_by_itself(safepoint);
        }
    }

    #[cold]
    fn collect_by_itself(&self, safepoint: &Safepoint<'_, Self>) {
        let tracked = || Home::GENERATIONS.iter().map(|&home| self.lists.len(home)).sum();
        let Some(generation) = self.generations.choice(tracked) else { return };
        // Held already while the observers are told that a collection begins.
        let _busy = self.generations.busy();
        self.generations.announce(generation);
        let kind = if generation == 2 { PauseKind::Full } else { PauseKind::Young };
        safepoint.collect_by(kind, || self.cycle(safepoint, generation));
    }
}

/// Is the object one whose own entry stands for its birth?
fn counts_by_itself(object: Object) -> bool {
    object.type_info().attributes().untrack != Untrack::Container
}

/// The newborns, taken out of generation 0 until each one's turn has come. Whoever is left, after a panic, joins.
struct Queue<'a> {
    collector: &'a TrialDeletion,
    uncounted: usize,
}

impl<'a> Queue<'a> {
    fn form(collector: &'a TrialDeletion) -> Self {
        let (lists, generations) = (&collector.lists, &collector.generations);
        let mut counted = 0;
        for index in generations.joined()..lists.end(Home::Young) {
            if let Some(object) = lists.get(Home::Young, index) {
                lists.push(object, Home::Waiting);
                counted += usize::from(counts_by_itself(object));
            }
        }
        lists.cut(Home::Young, generations.joined());
        let uncounted = (generations.take_births() as usize).saturating_sub(counted);
        Queue { collector, uncounted }
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        for object in self.collector.lists.take(Home::Waiting).into_iter().flatten() {
            self.collector.push_young(object);
        }
    }
}
