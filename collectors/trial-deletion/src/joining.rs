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

    /// Has [`join`](Self::join) nothing to do?
    #[inline]
    pub(crate) fn nobody_joins(&self) -> bool {
        (self.generations.births() == 0) & (self.generations.joined() == self.lists.end(Home::Young))
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
        let (lists, generations) = (&self.lists, &self.generations);
        let queue = Queue::form(self);
        // Dictionaries without content are born without being entered: they are counted first.
        for _ in 0..queue.uncounted {
            self.count_birth(safepoint);
        }
        let mut index = 0;
        loop {
            index = self.join_while_there_is_room(index);
            if index == lists.end(Home::Waiting) {
                break;
            }
            self.count_birth(safepoint);
            // It may have died by what finalizers of that collection did.
            if lists.get(Home::Waiting, index).is_some() {
                let all_joined = generations.joined() == lists.end(Home::Young);
                lists.pass_on(Home::Waiting, index, Home::Young);
                if all_joined {
                    generations.set_joined(lists.end(Home::Young));
                }
            }
            index += 1;
        }
    }

    /// Those who wait, from `index` on, join up to the one that makes a collection due, which is returned. No user code runs.
    fn join_while_there_is_room(&self, mut index: usize) -> usize {
        let (lists, generations) = (&self.lists, &self.generations);
        let all_joined = generations.joined() == lists.end(Home::Young);
        let (room, end) = (generations.room(), lists.end(Home::Waiting));
        let mut counted = 0;
        while index < end {
            if let Some(object) = lists.get(Home::Waiting, index) {
                let counts = u32::from(counts_by_itself(object));
                if counts > room - counted {
                    break;
                }
                counted += counts;
                lists.pass_on(Home::Waiting, index, Home::Young);
            }
            index += 1;
        }
        generations.raise(counted);
        if all_joined {
            generations.set_joined(lists.end(Home::Young));
        }
        index
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
        let (joined, end) = (generations.joined(), lists.end(Home::Young));
        let births = generations.take_births() as usize;
        // Where nothing is ever untracked, no type is looked at. (A quarter of what forming the queue takes.)
        let every = !collector.untracks.get();
        let counts =
            |index| lists.get(Home::Young, index).is_some_and(|object| every || counts_by_itself(object));
        let uncounted = births.saturating_sub((joined..end).filter(|&index| counts(index)).count());
        let mut first = joined;
        if uncounted == 0 {
            // Those who join before a collection is due have their places already.
            let (room, mut counted) = (generations.room(), 0);
            while first < end && counted + u32::from(counts(first)) <= room {
                counted += u32::from(counts(first));
                first += 1;
            }
            generations.raise(counted);
            generations.set_joined(first);
        }
        for index in first..end {
            if let Some(object) = lists.get(Home::Young, index) {
                lists.push(object, Home::Waiting);
            }
        }
        lists.cut(Home::Young, first);
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
