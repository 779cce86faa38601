//! What only some collectors can be asked: generations, thresholds, freezing, the garbage list.

use cyclade_concurrent::Concurrent;
use cyclade_core::{Collection, Collector, Config, Heap, ObjectId};
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::{Inspect, TrialDeletion};

/// What a generational collector shows.
pub(super) struct View {
    pub(super) generations: [Vec<ObjectId>; 3],
    pub(super) frozen: Vec<ObjectId>,
    pub(super) garbage: Vec<ObjectId>,
    pub(super) count: [u32; 3],
}

/// Something that a program asks of the collector itself.
pub(super) enum Wish {
    Automatic(bool),
    Thresholds([u32; 3]),
    Freeze(bool),
    ClearGarbage,
}

/// Edges that come from others, or lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    From,
    To,
}

/// A collector that scenarios run on. What it cannot do, it leaves out.
pub(crate) trait Subject: Collector {
    /// As a program starts: no collection by itself.
    fn settings() -> Config<Self> {
        Config::default()
    }

    /// Collects a generation; a collector without generations collects all.
    fn collect_young(heap: &mut Heap<Self>, _generation: usize) -> Collection {
        heap.collect()
    }

    /// False if it cannot.
    #[expect(private_interfaces, reason = "called by this module only")]
    fn grant(_heap: &mut Heap<Self>, _wish: Wish) -> bool {
        false
    }

    /// Generations and lists, if there are any.
    #[expect(private_interfaces, reason = "called by this module only")]
    fn view(_heap: &Heap<Self>) -> Option<View> {
        None
    }

    /// The objects on the other side of the object's edges.
    #[expect(private_interfaces, reason = "called by this module only")]
    fn neighbours(_heap: &Heap<Self>, _id: ObjectId, _side: Side) -> Option<Vec<ObjectId>> {
        None
    }
}

impl Subject for Null {}

impl Subject for RefCount {}

impl Subject for MarkSweep {
    fn settings() -> Config<Self> {
        let collector = cyclade_mark_sweep::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

impl Subject for Concurrent {
    fn settings() -> Config<Self> {
        let collector = cyclade_concurrent::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

impl Subject for TrialDeletion {
    fn settings() -> Config<Self> {
        let collector = cyclade_trial_deletion::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }

    fn collect_young(heap: &mut Heap<Self>, generation: usize) -> Collection {
        heap.collect_generation(generation)
    }

    #[expect(private_interfaces, reason = "called by this module only")]
    fn grant(heap: &mut Heap<Self>, wish: Wish) -> bool {
        let collector = heap.collector();
        match wish {
            Wish::Automatic(true) => collector.enable(),
            Wish::Automatic(false) => collector.disable(),
            Wish::Thresholds(thresholds) => collector.set_threshold(thresholds),
            Wish::Freeze(true) => collector.freeze(),
            Wish::Freeze(false) => collector.unfreeze(),
            Wish::ClearGarbage => collector.clear_garbage(),
        }
        true
    }

    #[expect(private_interfaces, reason = "called by this module only")]
    fn view(heap: &Heap<Self>) -> Option<View> {
        let collector = heap.collector();
        Some(View {
            generations: [collector.generation(0), collector.generation(1), collector.generation(2)],
            frozen: collector.frozen(),
            garbage: collector.garbage(),
            count: collector.count(),
        })
    }

    #[expect(private_interfaces, reason = "called by this module only")]
    fn neighbours(heap: &Heap<Self>, id: ObjectId, side: Side) -> Option<Vec<ObjectId>> {
        Some(match side {
            Side::From => heap.referrers(id),
            Side::To => heap.referents(id),
        })
    }
}
