//! CPython's `gc` module, function by function, for one heap.

use crate::{Between, CollectionEvent, DebugFlags, GenerationStats, Heap, Inspect, ObjectId, TrialDeletion};
use std::fmt;

/// Gives a heap its [`Module`].
pub trait GcModule {
    /// What CPython's `gc` module offers, for this heap.
    fn gc(&mut self) -> Module<'_>;
}

impl GcModule for Heap {
    fn gc(&mut self) -> Module<'_> {
        Module { heap: self }
    }
}

/// CPython's `gc` module for one heap.
///
/// | CPython | here |
/// |---|---|
/// | `gc.isenabled()` | [`is_enabled`](Module::is_enabled) |
/// | `gc.get_threshold()`, `get_count()`, `get_stats()` | [`threshold`](Module::threshold), [`count`](Module::count), [`stats`](Module::stats) |
/// | `gc.get_objects(g)` | [`objects`](Module::objects), [`objects_of`](Module::objects_of) |
/// | `gc.get_referrers(..)`, `get_referents(..)` | [`referrers`](Module::referrers), [`referents`](Module::referents) |
/// | `gc.get_freeze_count()` | [`freeze_count`](Module::freeze_count) |
/// | `gc.callbacks.append(f)` | [`on_collection`](Module::on_collection) |
/// | `gc.garbage.clear()` | [`clear_garbage`](Module::clear_garbage) |
/// | `gc.get_debug()` | [`debug`](Module::debug) |
/// | `sys.getrefcount(x) - 1` | [`ref_count`](Module::ref_count) |
/// | `id(x)` | [`ObjectId`] |
/// | `sys.unraisablehook` | [`Heap::on_unraisable`](crate::Heap::on_unraisable) |
///
/// Everything else is called as there. Objects are named by their ids, which keep nothing alive; an id at which no object lives is answered
/// with "no" and "none".
///
/// ```
/// use cyclade_trial_deletion::{GcModule, Heap, Slot, Trace};
///
/// #[derive(Trace)]
/// struct Node<'gc> {
///     me: Slot<'gc, Node<'gc>>,
/// }
///
/// let mut heap = Heap::default();
/// heap.gc().disable();
/// let id = heap.mutate(|mc| {
///     let node = mc.alloc(Node { me: Slot::empty() });
///     node.set(mc, |n| &n.me, Some(node));
///     node.id()
/// });
/// assert_eq!(heap.gc().count(), [1, 0, 0]);
/// assert_eq!(heap.gc().objects(), [id]);
/// assert_eq!(heap.gc().referrers(&[id]), [id]);
/// assert_eq!(heap.gc().collect(), 1);
/// assert!(heap.gc().objects().is_empty());
/// ```
#[derive(Debug)]
pub struct Module<'h> {
    heap: &'h mut Heap,
}

/// There are generations 0, 1 and 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidGeneration(pub usize);

impl fmt::Display for InvalidGeneration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid generation {}: there are generations 0, 1 and 2", self.0)
    }
}

impl std::error::Error for InvalidGeneration {}

/// When a callback is called: the first argument of CPython's callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// `"start"`: a collection is about to begin.
    Start,
    /// `"stop"`: it has ended.
    Stop,
}

/// What a callback is told: the second argument of CPython's callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The generation that is collected, with all younger ones.
    pub generation: usize,
    /// Objects that were found unreachable, less the uncollectable; 0 at the start.
    pub collected: usize,
    /// Objects that were found unreachable and cannot be freed; 0 at the start.
    pub uncollectable: usize,
}

fn valid(generation: usize) -> Result<usize, InvalidGeneration> {
    if generation < 3 { Ok(generation) } else { Err(InvalidGeneration(generation)) }
}

impl Module<'_> {
    /// `gc.enable()`: collections start by themselves from now on.
    pub fn enable(&mut self) {
        self.heap.collector().enable();
    }

    /// `gc.disable()`: no collection starts by itself from now on. Counting goes on, also that of `get_count`.
    pub fn disable(&mut self) {
        self.heap.collector().disable();
    }

    /// `gc.isenabled()`
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.heap.collector().is_enabled()
    }

    /// `gc.collect()`: a full collection. Returns the number of unreachable objects that were found: those that were freed, and the
    /// uncollectable. (CPython's number is often larger than what a program seems to have made: its classes, frames and dictionaries are objects
    /// too.) 0 inside of a collection.
    pub fn collect(&mut self) -> usize {
        self.heap.collect().unreachable
    }

    /// `gc.collect(generation)`: collects a generation and the younger ones.
    ///
    /// # Errors
    /// If there is no such generation (CPython: `ValueError: invalid generation`).
    pub fn collect_generation(&mut self, generation: usize) -> Result<usize, InvalidGeneration> {
        Ok(self.heap.collect_generation(valid(generation)?).unreachable)
    }

    /// `gc.set_threshold(t0, t1, t2)`: a generation is due when its count is above its threshold. With 0 for the first, no collection starts by
    /// itself.
    pub fn set_threshold(&mut self, thresholds: [u32; 3]) {
        self.heap.collector().set_threshold(thresholds);
    }

    /// `gc.get_threshold()`
    #[must_use]
    pub fn threshold(&self) -> [u32; 3] {
        self.heap.collector().threshold()
    }

    /// `gc.get_count()`: allocations less frees since the last collection; collections of generation 0 since the last one of generation 1;
    /// those of generation 1 since the last one of generation 2.
    #[must_use]
    pub fn count(&self) -> [u32; 3] {
        self.heap.collector().count()
    }

    /// `gc.get_stats()`: what the collections of each generation have done.
    #[must_use]
    pub fn stats(&self) -> [GenerationStats; 3] {
        self.heap.collector().stats()
    }

    /// `gc.get_objects()`: all tracked objects that are not frozen, youngest generation first, each in its list's order.
    #[must_use]
    pub fn objects(&self) -> Vec<ObjectId> {
        (0..3).flat_map(|generation| self.heap.collector().generation(generation)).collect()
    }

    /// `gc.get_objects(generation)`
    ///
    /// # Errors
    /// If there is no such generation.
    pub fn objects_of(&self, generation: usize) -> Result<Vec<ObjectId>, InvalidGeneration> {
        Ok(self.heap.collector().generation(valid(generation)?))
    }

    /// `gc.get_referrers(..)`: the tracked objects with an edge to one of these, each once, youngest generation first. Cost: a pass over all
    /// tracked objects for each.
    #[must_use]
    pub fn referrers(&self, ids: &[ObjectId]) -> Vec<ObjectId> {
        let mut seen = std::collections::HashSet::new();
        let all = ids.iter().flat_map(|&id| self.heap.referrers(id));
        all.filter(|&id| seen.insert(id)).collect()
    }

    /// `gc.get_referents(..)`: the targets of these objects' edges, with repeats, in the order in which they are visited.
    #[must_use]
    pub fn referents(&self, ids: &[ObjectId]) -> Vec<ObjectId> {
        ids.iter().flat_map(|&id| self.heap.referents(id)).collect()
    }

    /// `gc.is_tracked(x)`: is it in one of the generations, or frozen?
    #[must_use]
    pub fn is_tracked(&self, id: ObjectId) -> bool {
        self.heap.is_tracked(id)
    }

    /// `gc.is_finalized(x)`: has its finalizer run?
    #[must_use]
    pub fn is_finalized(&self, id: ObjectId) -> bool {
        self.heap.is_finalized(id)
    }

    /// `gc.freeze()`: sets all tracked objects aside; no collection looks at them until [`unfreeze`](Self::unfreeze).
    pub fn freeze(&mut self) {
        self.heap.collector().freeze();
    }

    /// `gc.unfreeze()`: puts what was frozen at the end of generation 2.
    pub fn unfreeze(&mut self) {
        self.heap.collector().unfreeze();
    }

    /// `gc.get_freeze_count()`
    #[must_use]
    pub fn freeze_count(&self) -> usize {
        self.heap.collector().freeze_count()
    }

    /// `gc.callbacks.append(f)`: calls `callback` when a collection begins and when it has ended. A collection that the callback asks for does
    /// nothing.
    pub fn on_collection(
        &mut self,
        mut callback: impl FnMut(Phase, Info, &mut Between<'_, TrialDeletion>) + 'static,
    ) {
        self.heap.on_collection(move |event, between| {
            let generation = between.collector().current_generation();
            let (phase, collected, uncollectable) = match event {
                CollectionEvent::Start => (Phase::Start, 0, 0),
                CollectionEvent::Stop(did) => {
                    (Phase::Stop, did.unreachable - did.uncollectable, did.uncollectable)
                }
            };
            callback(phase, Info { generation, collected, uncollectable }, between);
        });
    }

    /// `gc.garbage`: uncollectable objects with a legacy finalizer, and with [`DebugFlags::SAVEALL`] everything that would have been freed, oldest
    /// first. Each is held by one reference.
    #[must_use]
    pub fn garbage(&self) -> Vec<ObjectId> {
        self.heap.collector().garbage()
    }

    /// `gc.garbage.clear()`: lets go of them. What is still in a cycle with a legacy finalizer will be found uncollectable again.
    pub fn clear_garbage(&mut self) {
        self.heap.collector().clear_garbage();
    }

    /// `gc.set_debug(flags)`
    pub fn set_debug(&mut self, flags: DebugFlags) {
        self.heap.collector().set_debug(flags);
    }

    /// `gc.get_debug()`
    #[must_use]
    pub fn debug(&self) -> DebugFlags {
        self.heap.collector().debug()
    }

    /// `sys.getrefcount(x) - 1`: edges and root handles. CPython's function says one more, since its own argument refers to the object
    /// while it counts.
    #[must_use]
    pub fn ref_count(&self, id: ObjectId) -> usize {
        self.heap.ref_count(id).unwrap_or(0)
    }
}
