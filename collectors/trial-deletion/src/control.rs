//! The state of a heap's collector that a program sees and sets: [`TrialDeletion`]'s own methods, and questions about objects ([`Inspect`]).
//! [`gc()`](crate::GcModule::gc) offers all of it under one name.

use crate::place::{Home, home};
use crate::tracking::is_collected;
use crate::{
    Collector, DebugFlags, Finalizer, Flag, GenerationStats, Graph, Object, ObjectId, Rules, Scanner,
    TrialDeletion,
};

/// Reached by [`Heap::collector`](crate::Heap::collector).
impl TrialDeletion {
    /// From now on collections start by themselves.
    pub fn enable(&self) {
        self.generations.set_automatic(true);
    }

    /// From now on no collection starts by itself. Counting goes on.
    pub fn disable(&self) {
        self.generations.set_automatic(false);
    }

    /// Do collections start by themselves?
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.generations.is_automatic()
    }

    /// Sets the thresholds of the three generations; see [`Options::thresholds`](crate::Options::thresholds).
    pub fn set_threshold(&self, thresholds: [u32; 3]) {
        self.generations.set_thresholds(thresholds);
    }

    /// The thresholds of the three generations.
    #[must_use]
    pub fn threshold(&self) -> [u32; 3] {
        self.generations.thresholds()
    }

    /// The counts of the three generations: allocations less frees since the last collection; collections of generation 0 since the last
    /// one of generation 1; collections of generation 1 since the last one of generation 2.
    #[must_use]
    pub fn count(&self) -> [u32; 3] {
        self.generations.counts()
    }

    /// What collections say and keep: see [`DebugFlags`].
    pub fn set_debug(&self, flags: DebugFlags) {
        self.debug.set_flags(flags);
    }

    /// What collections say and keep.
    #[must_use]
    pub fn debug(&self) -> DebugFlags {
        self.debug.flags()
    }

    /// Where the lines go that [`DebugFlags`] asks for: standard error, unless this is called. The lines of a collection are passed on when it is over, and a panic of the sink is treated as one of a callback.
    pub fn set_debug_output(&self, sink: impl FnMut(&str) + 'static) {
        self.debug.set_sink(Some(Box::new(sink)));
    }

    /// What the collections of each generation have done.
    #[must_use]
    pub fn stats(&self) -> [GenerationStats; 3] {
        self.generations.stats()
    }

    /// The generation that is being collected, or was last.
    #[must_use]
    pub fn current_generation(&self) -> usize {
        self.generations.current()
    }

    /// The rules that hold.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.generations.rules()
    }

    /// The objects of a generation, in list order.
    ///
    /// # Panics
    /// If there is no such generation: they are 0, 1 and 2.
    #[must_use]
    #[track_caller]
    pub fn generation(&self, generation: usize) -> Vec<ObjectId> {
        assert!(generation < 3, "there are generations 0 to 2, and no generation {generation}");
        self.lists.objects(Home::GENERATIONS[generation]).map(Object::id).collect()
    }

    /// Sets all tracked objects aside: no collection looks at them again until [`unfreeze`](Self::unfreeze). Resets the counts.
    pub fn freeze(&self) {
        for generation in Home::GENERATIONS {
            self.lists.append(generation, Home::Frozen);
        }
        self.lists.shrink(|| 0);
        self.generations.take_births();
        self.generations.set_joined(0);
        self.generations.reset_counts();
    }

    /// Puts what was frozen at the end of generation 2.
    pub fn unfreeze(&self) {
        self.lists.append(Home::Frozen, Home::Old);
    }

    /// Number of frozen objects.
    #[must_use]
    pub fn freeze_count(&self) -> usize {
        self.lists.len(Home::Frozen)
    }

    /// The frozen objects, in list order.
    #[must_use]
    pub fn frozen(&self) -> Vec<ObjectId> {
        self.lists.objects(Home::Frozen).map(Object::id).collect()
    }

    /// Objects with a legacy finalizer that were found in dead cycles, oldest first. Each is held by one reference.
    #[must_use]
    pub fn garbage(&self) -> Vec<ObjectId> {
        self.garbage.borrow().iter().map(|root| root.id()).collect()
    }

    /// Lets go of the [`garbage`](Self::garbage). What is still in a cycle will be found uncollectable again.
    pub fn clear_garbage(&self) {
        let garbage = self.garbage.take();
        drop(garbage);
    }
}

/// Questions about single objects. Ids of objects that do not exist (any more) are answered, not dereferenced.
pub trait Inspect {
    /// Is the object in one of the generations, or frozen?
    fn is_tracked(&self, id: ObjectId) -> bool;
    /// The object's generation; none if it is untracked or frozen.
    fn generation_of(&self, id: ObjectId) -> Option<usize>;
    /// Has the object's finalizer run, and will it not run again? (Legacy finalizers do.)
    fn is_finalized(&self, id: ObjectId) -> bool;
    /// The targets of the object's edges, in the order in which they are visited, with repeats.
    fn referents(&self, id: ObjectId) -> Vec<ObjectId>;
    /// The objects of the generations with an edge to this one, each once, youngest generation first; frozen ones are not looked at. Cost: a pass over all tracked objects.
    fn referrers(&self, id: ObjectId) -> Vec<ObjectId>;
}

/// A heap's collector and graph.
fn parts(heap: &crate::Heap) -> (&TrialDeletion, &Graph) {
    // SAFETY: K1 to K6: the functions below read, and return ids only.
    unsafe { heap.collector_and_graph() }
}

fn find(heap: &crate::Heap, id: ObjectId) -> Option<Object> {
    let (collector, graph) = parts(heap);
    graph.find(id.address()).filter(|&object| collector.is_live(graph, object))
}

impl Inspect for crate::Heap {
    fn is_tracked(&self, id: ObjectId) -> bool {
        find(self, id).is_some_and(|object| home(object) != Home::Untracked)
    }

    fn generation_of(&self, id: ObjectId) -> Option<usize> {
        let home = home(find(self, id)?);
        Home::GENERATIONS.iter().position(|&generation| generation == home)
    }

    fn is_finalized(&self, id: ObjectId) -> bool {
        let modern = |object: &Object| parts(self).0.finalizer_of(*object) == Finalizer::Modern;
        find(self, id).filter(modern).is_some_and(|object| object.has(Flag::Finalized))
    }

    fn referents(&self, id: ObjectId) -> Vec<ObjectId> {
        find(self, id).map_or_else(Vec::new, |object| {
            let mut ids = Vec::new();
            crate::trial::visit(&mut Scanner::new(), object, |target| ids.push(target.id()));
            ids
        })
    }

    fn referrers(&self, id: ObjectId) -> Vec<ObjectId> {
        let Some(object) = find(self, id) else { return Vec::new() };
        let lists = &parts(self).0.lists;
        let mut scanner = Scanner::new();
        Home::GENERATIONS
            .into_iter()
            .flat_map(|home| lists.objects(home))
            .filter(|&source| {
                debug_assert!(is_collected(source.type_info()));
                let mut refers = false;
                scanner.edges(source, |target| refers |= target == object);
                refers
            })
            .map(Object::id)
            .collect()
    }
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use super::parts;
    use crate::{Heap, Object, ObjectId, Root, Slot, Trace};
    use std::fs::File;
    use std::io::{Read, Seek, SeekFrom};

    #[derive(Trace)]
    struct Large<'gc> {
        _edge: Slot<'gc, Large<'gc>>,
        _bytes: [u64; 500],
    }

    /// Is there memory behind the object's scratch word? A word a page says it, in its highest bit.
    fn scratch_is_resident(heap: &Heap, id: ObjectId) -> std::io::Result<bool> {
        let graph = parts(heap).1;
        let object: Object = graph.find(id.address()).expect("an object");
        let page = std::ptr::from_ref(graph.scratch(object)).addr() / 4096;
        let mut map = File::open("/proc/self/pagemap")?;
        map.seek(SeekFrom::Start(page as u64 * 8))?;
        let mut word = [0; 8];
        map.read_exact(&mut word)?;
        Ok(u64::from_le_bytes(word) >> 63 == 1)
    }

    #[test]
    fn a_full_collection_that_was_asked_for_gives_the_memory_of_scratch_words_back_if_it_is_much() {
        let mut heap = Heap::default();
        let roots: Vec<Root<Large<'static>>> = heap.mutate(|mc| {
            let large = || mc.alloc(Large { _edge: Slot::empty(), _bytes: [0; 500] });
            (0..6_000).map(|_| mc.root(large())).collect()
        });
        let middle = roots[3_000].id();
        heap.collect_generation(1);
        match scratch_is_resident(&heap, middle) {
            Ok(resident) => assert!(resident, "the collection counts there"),
            Err(error) => return println!("skipped: the page map cannot be read: {error}"),
        }
        heap.collect();
        assert!(matches!(scratch_is_resident(&heap, middle), Ok(false)));
    }
}
