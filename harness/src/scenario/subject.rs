//! What only some collectors can be asked: generations, thresholds, freezing, the garbage list.

use super::state;
use cyclade_concurrent::Concurrent;
use cyclade_core::{Collection, Collector, Config, Heap, ObjectId};
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::{
    Between, DebugFlags, GcModule, Info, Inspect, Options, Order, Phase, Rules, TrialDeletion,
};

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
    SaveAll(bool),
    /// While the state says so.
    LogCollections,
}

/// Edges that come from others, or lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    From,
    To,
}

/// A collector that scenarios run on. What it cannot do, it leaves out.
pub(crate) trait Subject: Collector {
    /// As a program starts: no collection by itself, and by the rules of that version of CPython.
    fn settings(_python: Option<[u32; 3]>) -> Config<Self> {
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

    /// Are weak references emptied when they are garbage themselves, though they may be resurrected?
    fn detaches_garbage(_heap: &Heap<Self>) -> bool {
        false
    }

    /// Has the object's finalizer run, and will it not run again?
    fn is_finalized(_heap: &Heap<Self>, _id: ObjectId) -> bool {
        false
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
    fn settings(_: Option<[u32; 3]>) -> Config<Self> {
        let collector = cyclade_mark_sweep::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

impl Subject for Concurrent {
    fn settings(_: Option<[u32; 3]>) -> Config<Self> {
        let collector = cyclade_concurrent::Options { automatic: false, ..Default::default() };
        Config { collector, ..Config::default() }
    }
}

impl Subject for TrialDeletion {
    fn settings(python: Option<[u32; 3]>) -> Config<Self> {
        // Thresholds are the format's, whatever the version's are.
        let rules = python.and_then(|version| Rules::of_python(version).ok()).unwrap_or_default();
        let collector = Options { automatic: false, rules, order: Order::Python, ..Options::default() };
        Config { collector, ..Config::default() }
    }

    fn collect_young(heap: &mut Heap<Self>, generation: usize) -> Collection {
        heap.collect_generation(generation)
    }

    #[expect(private_interfaces, reason = "called by this module only")]
    fn grant(heap: &mut Heap<Self>, wish: Wish) -> bool {
        let mut gc = heap.gc();
        match wish {
            Wish::Automatic(true) => gc.enable(),
            Wish::Automatic(false) => gc.disable(),
            Wish::Thresholds(thresholds) => gc.set_threshold(thresholds),
            Wish::Freeze(true) => gc.freeze(),
            Wish::Freeze(false) => gc.unfreeze(),
            Wish::ClearGarbage => gc.clear_garbage(),
            Wish::SaveAll(on) => gc.set_debug(if on { DebugFlags::SAVEALL } else { DebugFlags::NONE }),
            Wish::LogCollections => state::with(|state| {
                // One callback is enough: it looks whether it is to log.
                if !std::mem::replace(&mut state.hears_collections, true) {
                    gc.on_collection(log_collection);
                }
            }),
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

    fn detaches_garbage(heap: &Heap<Self>) -> bool {
        heap.collector().rules() >= Rules::Since38
    }

    fn is_finalized(heap: &Heap<Self>, id: ObjectId) -> bool {
        Inspect::is_finalized(heap, id)
    }

    #[expect(private_interfaces, reason = "called by this module only")]
    fn neighbours(heap: &Heap<Self>, id: ObjectId, side: Side) -> Option<Vec<ObjectId>> {
        Some(match side {
            Side::From => heap.referrers(id),
            Side::To => heap.referents(id),
        })
    }
}

fn log_collection(phase: Phase, info: Info, _: &mut Between<'_, TrialDeletion>) {
    state::with(|state| {
        if state.logs_collections {
            let phase = if phase == Phase::Start { "start" } else { "stop" };
            let Info { generation, collected, uncollectable } = info;
            let line = format!("{} {phase} {generation} {collected} {uncollectable}", state.pc);
            state.log.collections.push(line);
        }
    });
}
