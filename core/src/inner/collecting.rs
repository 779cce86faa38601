//! Collections: those that are asked for, those that a collector starts, and what goes with each: observers, statistics, the record of
//! pauses, and under zeal the oracle.

use super::Inner;
use crate::collection::{Collection, CollectionEvent, PauseKind, Stats};
use crate::collector::Collector;
use crate::graph::{Graph, State};
use crate::oracle::CensusIds;
use crate::safepoint::Safepoint;
use std::time::Instant;

impl<C: Collector> Inner<C> {
    pub(crate) fn collect_from_outside(&self) -> Collection {
        self.collect_now(|safepoint| self.collect(safepoint))
    }

    /// A collection that somebody has asked for, and what is due after it. Inside a scope or another operation: nothing.
    fn collect_now(&self, collect: impl FnOnce(&Safepoint<'_, C>) -> Collection) -> Collection {
        if self.graph.state.get() != State::Idle || std::thread::panicking() {
            return Collection::default();
        }
        self.sealed(|safepoint| {
            self.release_pending();
            let collection = collect(safepoint);
            safepoint.run_due();
            collection
        })
    }

    #[track_caller]
    pub(crate) fn collect_generation_from_outside(&self, generation: usize) -> Collection {
        assert!(
            generation < C::GENERATIONS,
            "collector `{}` has generations 0 to {}, and was asked to collect {generation}",
            C::NAME,
            C::GENERATIONS - 1
        );
        let kind = if generation + 1 == C::GENERATIONS { PauseKind::Full } else { PauseKind::Young };
        self.collect_now(|safepoint| {
            self.announce(generation);
            self.collect_by(safepoint, kind, || self.collector.collect_generation(safepoint, generation))
        })
    }

    pub(super) fn collect(&self, safepoint: &Safepoint<'_, C>) -> Collection {
        self.announce(C::GENERATIONS - 1);
        self.collect_by(safepoint, PauseKind::Full, || self.collector.collect(safepoint))
    }

    fn announce(&self, generation: usize) {
        if !self.graph.collecting.get() {
            self.collector.announced(generation);
        }
    }

    pub(crate) fn collect_by(
        &self,
        safepoint: &Safepoint<'_, C>,
        kind: PauseKind,
        by: impl FnOnce() -> Collection,
    ) -> Collection {
        if self.graph.collecting.replace(true) {
            return Collection::default();
        }
        let reset = Collecting { graph: &self.graph };
        let start = Instant::now();
        self.notify(CollectionEvent::Start);
        self.graph.disturbed.set(false);
        let reachable = self.graph.zeal().map(|_| CensusIds::take(&self.graph).reachable);
        let mut collection = by();
        if let Some(reachable) = reachable {
            let lost = reachable.iter().filter(|id| self.find(**id).is_none()).count();
            // What a finalizer or callback has cut loose meanwhile may go, and what dropped roots have held.
            assert!(
                lost == 0 || self.graph.disturbed.get(),
                "collector `{}` has freed {lost} reachable objects",
                C::NAME
            );
        }
        safepoint.run_due();
        collection.pause = start.elapsed();
        self.graph.add_pause(start, kind);
        self.count(&collection);
        self.notify(CollectionEvent::Stop(collection));
        drop(reset);
        collection
    }

    /// Adds a collection to the heap's statistics.
    pub(crate) fn count(&self, collection: &Collection) {
        let stats = self.graph.stats.get();
        self.graph.stats.set(Stats {
            collections: stats.collections + 1,
            freed_by_collections: stats.freed_by_collections + collection.freed,
            unreachable: stats.unreachable + collection.unreachable,
            ..stats
        });
    }

    /// Tells the observers of a collection that is not made in one piece; here as there, they get zeros if they collect themselves.
    pub(crate) fn notify_as_collecting(&self, event: CollectionEvent) {
        let before = self.graph.collecting.replace(true);
        self.notify(event);
        self.graph.collecting.set(before);
    }

    fn notify(&self, event: CollectionEvent) {
        if self.observers.borrow().is_empty() {
            return;
        }
        // Taken out while they run, so that an observer may add others.
        let mut observers = self.observers.take();
        for observer in &mut observers {
            self.user_code(|between| observer(event, between));
        }
        let mut added = self.observers.take();
        observers.append(&mut added);
        self.observers.replace(observers);
    }
}

/// A collection is under way, until it is left, also by a panic.
struct Collecting<'a> {
    graph: &'a Graph,
}

impl Drop for Collecting<'_> {
    fn drop(&mut self) {
        self.graph.collecting.set(false);
    }
}
