//! A heap side by side with the reference model: every operation is done in both, and [`World::verify`] compares them.

use crate::mode::Mode;
use crate::model::{Event, Model};
use crate::scope::{Node, Scope};
use crate::witness::Witness;
use cyclade_core::{Collection, Collector, Heap, ObjectId, Root, WeakRoot};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A root handle, and the thing that it holds.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) root: Root<Node<'static>>,
    pub(crate) thing: usize,
}

/// What the world knows besides the heap.
#[derive(Debug)]
pub struct Book {
    /// The model.
    pub model: Model,
    /// The witness of all payloads.
    pub witness: Witness,
    pub(crate) ids: Vec<ObjectId>,
    /// Serial numbers of the things that have a token.
    pub(crate) serials: Vec<Option<usize>>,
    /// Targets of the things' weak references.
    pub(crate) weak: HashMap<usize, usize>,
    pub(crate) handles: Vec<Handle>,
    weak_handles: Vec<(WeakRoot<Node<'static>>, usize)>,
}

/// See the module.
#[derive(Debug)]
pub struct World<C: Collector> {
    /// The heap.
    pub heap: Heap<C>,
    /// The other side.
    pub book: Book,
}

impl<C: Collector> World<C> {
    /// An empty heap and an empty model.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        let book = Book {
            model: Model::new(C::PLAN, mode.is_zeal()),
            witness: Witness::default(),
            ids: Vec::new(),
            serials: Vec::new(),
            weak: HashMap::new(),
            handles: Vec::new(),
            weak_handles: Vec::new(),
        };
        World { heap: mode.heap(), book }
    }

    /// Runs `work` in a scope, and compares afterwards.
    pub fn scope(&mut self, work: impl for<'gc> FnOnce(&mut Scope<'_, 'gc, C>)) {
        let book = &mut self.book;
        self.heap.mutate(|mc| work(&mut Scope { mc, book }));
        self.book.model.after(Event::ScopeEnded);
        self.verify();
    }

    /// Runs `work` in a scope that is left by a panic, and compares afterwards.
    pub fn panicking_scope(&mut self, work: impl for<'gc> FnOnce(&mut Scope<'_, 'gc, C>)) {
        let (heap, book) = (&mut self.heap, &mut self.book);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            heap.mutate(|mc| {
                work(&mut Scope { mc, book });
                resume_unwind(Box::new(Expected));
            });
        }));
        match outcome {
            Err(panic) if !panic.is::<Expected>() => resume_unwind(panic),
            _ => {}
        }
        self.book.model.after(Event::ScopePanicked);
        self.verify();
    }

    /// Clones a handle. The index is taken modulo the number of handles.
    pub fn clone_root(&mut self, index: usize) {
        self.book.clone_root(index);
        self.verify();
    }

    /// Drops a handle.
    pub fn drop_root(&mut self, index: usize) {
        if self.book.drop_root(index) {
            self.book.model.after(Event::RootDropped);
            self.verify();
        }
    }

    /// Drops all handles of a thing.
    pub fn drop_roots_of(&mut self, thing: usize) {
        while let Some(index) = self.book.handles.iter().position(|handle| handle.thing == thing) {
            self.drop_root(index);
        }
    }

    /// Makes a weak handle of what a handle holds.
    pub fn downgrade(&mut self, index: usize) {
        if let Some(handle) = self.book.handle(index) {
            let weak = (handle.root.downgrade(), handle.thing);
            self.book.weak_handles.push(weak);
        }
        self.verify();
    }

    /// Turns a weak handle into a root, if its target exists.
    pub fn upgrade(&mut self, index: usize) {
        let Some(at) = index.checked_rem(self.book.weak_handles.len()) else { return };
        let (weak, thing) = &self.book.weak_handles[at];
        if let Some(root) = weak.upgrade() {
            let thing = *thing;
            assert_eq!(root.id(), self.book.ids[thing], "a weak handle has led to another object");
            self.book.model.root(thing);
            self.book.handles.push(Handle { root, thing });
        }
        self.verify();
    }

    /// A full collection, compared with what the model expects of its figures too.
    pub fn collect(&mut self) -> Collection {
        // What counting alone frees (after a scope that was left by a panic) is not the collection's work.
        let counted = self.book.model.free_uncounted();
        let before = self.heap.len() - counted;
        let leaves = self.book.leaves_gone();
        let collection = self.heap.collect();
        self.book.model.after(Event::Collected);
        self.verify();
        let gone = before - self.heap.len();
        // A counting collector need not look at objects without edges to free them: CPython does not report these.
        let leaves = if C::PLAN.counts { self.book.leaves_gone() - leaves } else { 0 };
        let (freed, unreachable) = (collection.freed, collection.unreachable);
        assert!(
            (gone - leaves..=gone).contains(&freed) && unreachable == freed,
            "{gone} objects are gone, {leaves} of them leaves, and the collection says {collection:?}"
        );
        assert_eq!((collection.resurrected, collection.uncollectable), (0, 0));
        if C::PLAN.frees_cycles {
            for (thing, serial) in self.book.serials.iter().enumerate() {
                if let Some(serial) = serial.filter(|_| self.book.model.is_gone(thing)) {
                    let drops = self.book.witness.drops_of(serial);
                    assert_eq!(
                        drops, 1,
                        "`collect` has returned, and the payload of thing {thing} was dropped {drops} times"
                    );
                }
            }
        }
        collection
    }

    /// Compares the heap with the model and the oracle. Call at safepoints only.
    ///
    /// The first check of all touches nothing in the heap but its bitmaps: were a reachable object freed, this
    /// would find it before freed memory is read.
    ///
    /// # Panics
    /// If they differ.
    pub fn verify(&mut self) {
        let World { heap, book } = self;
        let name = C::NAME;
        let reachable = book.model.reachable();
        // Where addresses were reused, the youngest thing there is the one that can exist.
        let mut youngest = HashMap::new();
        for (thing, &id) in book.ids.iter().enumerate() {
            youngest.insert(id, thing);
        }
        for thing in 0..book.model.len() {
            let dropped = book.serials[thing].is_some_and(|serial| book.witness.drops_of(serial) > 0);
            let exists = !dropped && youngest[&book.ids[thing]] == thing && heap.contains(book.ids[thing]);
            assert!(exists || !reachable[thing], "`{name}` has freed thing {thing}, which is reachable");
            if book.model.is_gone(thing) {
                assert!(!exists, "thing {thing} should be gone under `{name}`, and exists");
                if C::PLAN.counts && !C::PLAN.frees_cycles {
                    assert!(
                        dropped || book.serials[thing].is_none(),
                        "the payload of thing {thing} was not dropped"
                    );
                }
            } else if !exists {
                book.model.vanish(thing);
            }
        }
        let ids_of = |choose: &dyn Fn(usize) -> bool| {
            let things = (0..book.model.len()).filter(|&thing| !book.model.is_gone(thing) && choose(thing));
            let mut ids: Vec<ObjectId> = things.map(|thing| book.ids[thing]).collect();
            ids.sort_unstable();
            ids
        };
        let existing = ids_of(&|_| true);
        assert_eq!(heap.len(), existing.len(), "number of objects under `{name}`");
        let census = heap.census_ids();
        assert_eq!(census.reachable, ids_of(&|thing| reachable[thing]), "what the oracle reaches");
        assert_eq!(census.unreachable, ids_of(&|thing| !reachable[thing]), "what the oracle does not reach");
        let references = book.model.references();
        for thing in (0..book.model.len()).filter(|&thing| !book.model.is_gone(thing)) {
            let expected = C::PLAN.counts.then_some(references[thing]);
            assert_eq!(
                heap.ref_count(book.ids[thing]),
                expected,
                "references to thing {thing} under `{name}`"
            );
        }
        for (weak, thing) in &book.weak_handles {
            assert_eq!(weak.is_alive(), !book.model.is_gone(*thing), "a weak handle of thing {thing}");
        }
    }

    /// Drops the heap and checks that every payload has been dropped once.
    pub fn finish(self) {
        let World { heap, book } = self;
        drop(heap);
        book.witness.assert_all_dropped_once();
        for (weak, _) in &book.weak_handles {
            assert!(!weak.is_alive() && weak.upgrade().is_none(), "a weak handle outlives its heap");
        }
        // The roots are inert from here on; dropping them must be harmless.
        drop(book.handles);
    }
}

/// The payload of panics that are part of a check.
#[derive(Debug)]
pub struct Expected;

impl Book {
    pub(crate) fn handle(&self, index: usize) -> Option<&Handle> {
        self.handles.get(index.checked_rem(self.handles.len())?)
    }

    pub(crate) fn clone_root(&mut self, index: usize) {
        if let Some(handle) = self.handle(index) {
            let copy = Handle { root: handle.root.clone(), thing: handle.thing };
            self.model.root(copy.thing);
            self.handles.push(copy);
        }
    }

    pub(crate) fn drop_root(&mut self, index: usize) -> bool {
        let Some(at) = index.checked_rem(self.handles.len()) else { return false };
        let handle = self.handles.swap_remove(at);
        self.model.unroot(handle.thing);
        drop(handle);
        true
    }

    /// How many things of a type without edges (those are the ones without a token) are gone.
    fn leaves_gone(&self) -> usize {
        (0..self.model.len())
            .filter(|&thing| self.serials[thing].is_none() && self.model.is_gone(thing))
            .count()
    }

    /// Number of root handles.
    #[must_use]
    pub fn handles(&self) -> usize {
        self.handles.len()
    }
}
