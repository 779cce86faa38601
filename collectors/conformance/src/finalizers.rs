//! Finalizers: once per object, with everything intact, and free to bring the object back (PEP 442).

use crate::link::assert_usable;
use crate::mode::{Mode, applies};
use crate::witness::{Token, Witness};
use cyclade_core::{Between, Collection, Collector, Finalize, Gc, Heap, Mutator, Root, Slot, Trace};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a finalizer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Nothing,
    KeepRoot,
    LinkFromHolder,
    Collect,
    DropKept,
    DropNext,
}

/// What finalizers leave behind, and find.
#[derive(Default)]
struct Log {
    /// Names, in the order of finalization.
    finalized: RefCell<Vec<usize>>,
    /// Roots saved by finalizers, or laid ready for them.
    kept: RefCell<Vec<Root<Guarded<'static>>>>,
    collections: RefCell<Vec<Collection>>,
    neighbours_seen: Cell<usize>,
}

#[derive(Trace)]
#[trace(finalize)]
struct Guarded<'gc> {
    next: Slot<'gc, Guarded<'gc>>,
    name: usize,
    act: Act,
    log: Rc<Log>,
    chained: RefCell<Option<Root<Guarded<'static>>>>,
    token: Token,
}

impl Finalize for Guarded<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let (act, log) = heap.mutate(|mc| {
            let this = this.get(mc);
            this.log.finalized.borrow_mut().push(this.name);
            if let Some(next) = this.next.get() {
                assert!(next.token.serial() < usize::MAX && mc.root(next).id() == next.id());
                this.log.neighbours_seen.set(this.log.neighbours_seen.get() + 1);
            }
            (this.act, Rc::clone(&this.log))
        });
        match act {
            Act::Nothing => {}
            Act::KeepRoot => log.kept.borrow_mut().push(this.clone()),
            Act::LinkFromHolder => heap.mutate(|mc| {
                let holder = log.kept.borrow()[0].get(mc);
                holder.set(mc, |n| &n.next, Some(this.get(mc)));
            }),
            Act::Collect => log.collections.borrow_mut().push(heap.collect()),
            Act::DropKept => {
                let kept = log.kept.take();
                let ids: Vec<_> = kept.iter().map(Root::id).collect();
                drop(kept);
                if C::PLAN.counts {
                    assert!(
                        ids.iter().all(|&id| !heap.contains(id)),
                        "roots dropped in a finalizer act at once"
                    );
                }
            }
            Act::DropNext => {
                let next = heap.mutate(|mc| this.get(mc).chained.take());
                drop(next);
            }
        }
    }
}

struct Stage<C: Collector> {
    heap: Heap<C>,
    log: Rc<Log>,
    witness: Witness,
}

impl<C: Collector> Stage<C> {
    fn new(mode: Mode) -> Self {
        Stage { heap: mode.heap(), log: Rc::default(), witness: Witness::default() }
    }

    /// A ring of rooted objects that do this; returns the root of the first.
    fn ring(&mut self, acts: &[Act]) -> Root<Guarded<'static>> {
        let (log, witness) = (Rc::clone(&self.log), self.witness.clone());
        self.heap.mutate(|mc| {
            let ring: Vec<_> =
                acts.iter().enumerate().map(|(i, &act)| guarded(mc, &log, &witness, i, act)).collect();
            for (i, node) in ring.iter().enumerate() {
                node.set(mc, |n| &n.next, Some(ring[(i + 1) % ring.len()]));
            }
            mc.root(ring[0])
        })
    }

    fn single(&mut self, name: usize, act: Act) -> Root<Guarded<'static>> {
        let (log, witness) = (Rc::clone(&self.log), self.witness.clone());
        self.heap.mutate(|mc| mc.root(guarded(mc, &log, &witness, name, act)))
    }

    fn finalized(&self) -> usize {
        self.log.finalized.borrow().len()
    }
}

fn guarded<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    log: &Rc<Log>,
    witness: &Witness,
    name: usize,
    act: Act,
) -> Gc<'gc, Guarded<'gc>> {
    mc.alloc(Guarded {
        next: Slot::empty(),
        name,
        act,
        log: Rc::clone(log),
        chained: RefCell::default(),
        token: witness.token(),
    })
}

/// An object that nothing refers to is finalized once, then freed.
pub fn finalizer_runs_once_then_the_object_is_freed<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.single(0, Act::Nothing);
    stage.heap.collect();
    assert_eq!(stage.finalized(), 0, "finalized while it lives");
    drop(root);
    (0..3).for_each(|_| {
        stage.heap.collect();
    });
    assert_eq!(stage.finalized(), usize::from(C::PLAN.frees));
    assert_eq!(stage.heap.is_empty(), C::PLAN.frees);
    assert_eq!(stage.witness.dropped(), usize::from(C::PLAN.frees));
}

/// All finalizers of a dead cycle run, each with its edges intact, before any payload is dropped.
pub fn finalizers_of_a_dead_cycle_see_it_whole<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.ring(&[Act::Nothing; 4]);
    drop(root);
    let found = stage.heap.collect();
    let expected = if C::PLAN.frees_cycles { 4 } else { 0 };
    assert_eq!((stage.finalized(), stage.log.neighbours_seen.get()), (expected, expected));
    assert_eq!((found.unreachable, found.resurrected), (expected, 0));
    assert_eq!(stage.witness.dropped(), expected);
}

/// A finalizer that keeps a root brings its object back, and all it refers to; the next death is final.
pub fn object_resurrected_by_a_root_is_whole_and_not_finalized_again<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.ring(&[Act::Nothing, Act::KeepRoot, Act::Nothing]);
    drop(root);
    let found = stage.heap.collect();
    assert_eq!(stage.heap.len(), 3);
    assert_eq!(stage.witness.dropped(), 0);
    if C::PLAN.frees_cycles {
        assert_eq!((found.freed, stage.finalized()), (0, 3), "{found:?}");
        assert!(found.resurrected > 0, "{found:?}");
        assert_eq!(stage.heap.census().reachable, 3);
    }
    stage.log.kept.take();
    stage.heap.collect();
    assert_eq!(stage.finalized(), if C::PLAN.frees_cycles { 3 } else { 0 });
    assert_eq!(stage.heap.is_empty(), C::PLAN.frees_cycles);
    drop(stage.heap);
    stage.witness.assert_all_dropped_once();
}

/// The same for a single object whose count falls to 0.
pub fn acyclic_object_resurrected_by_a_root_lives_until_that_is_dropped<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.single(0, Act::KeepRoot);
    let id = root.id();
    drop(root);
    stage.heap.collect();
    assert!(stage.heap.contains(id));
    assert_eq!(stage.log.kept.borrow().len(), usize::from(C::PLAN.frees));
    stage.log.kept.take();
    stage.heap.collect();
    assert_eq!(stage.heap.contains(id), !C::PLAN.frees);
    assert_eq!(stage.finalized(), usize::from(C::PLAN.frees));
}

/// A finalizer that stores an edge to its object brings it back for as long as that edge is there.
pub fn object_resurrected_by_an_edge_lives_as_long_as_the_edge<C: Collector>(mode: Mode) {
    for cyclic in [false, true] {
        let name = "finalizers::object_resurrected_by_an_edge_lives_as_long_as_the_edge";
        let frees = if cyclic { C::PLAN.frees_cycles } else { C::PLAN.frees };
        if !applies::<C>(name, frees, "frees nothing of that kind") {
            return;
        }
        let mut stage = Stage::<C>::new(mode);
        let holder = stage.single(9, Act::Nothing);
        stage.log.kept.borrow_mut().push(holder.clone());
        let root = if cyclic {
            stage.ring(&[Act::LinkFromHolder, Act::Nothing])
        } else {
            stage.single(0, Act::LinkFromHolder)
        };
        let id = root.id();
        drop(root);
        stage.heap.collect();
        assert!(stage.heap.contains(id) && stage.witness.dropped() == 0, "the holder has an edge to it");
        assert_eq!(stage.heap.ref_count(id), C::PLAN.counts.then_some(1 + usize::from(cyclic)));
        stage.heap.mutate(|mc| holder.get(mc).set(mc, |n| &n.next, None));
        stage.heap.collect();
        assert!(!stage.heap.contains(id));
        assert_eq!(stage.finalized(), if cyclic { 2 } else { 1 });
        stage.log.kept.take();
        drop(holder);
        drop(stage.heap);
        stage.witness.assert_all_dropped_once();
    }
}

/// A collection that a finalizer asks for inside of a collection returns zeros.
pub fn collection_inside_a_collection_returns_zeros<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.ring(&[Act::Collect, Act::Collect]);
    drop(root);
    stage.heap.collect();
    let expected = if C::PLAN.frees_cycles { 2 } else { 0 };
    assert_eq!(*stage.log.collections.borrow(), vec![Collection::default(); expected]);
    assert_eq!(stage.heap.is_empty(), C::PLAN.frees_cycles);
}

/// A finalizer may drop the last roots of other objects, which have finalizers themselves.
pub fn finalizer_may_drop_other_roots<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let others: Vec<_> = (1..6).map(|name| stage.single(name, Act::Nothing)).collect();
    stage.log.kept.borrow_mut().extend(others);
    let root = stage.single(0, Act::DropKept);
    drop(root);
    (0..3).for_each(|_| {
        stage.heap.collect();
    });
    assert_eq!(stage.finalized(), if C::PLAN.frees { 6 } else { 0 });
    assert_eq!(stage.heap.is_empty(), C::PLAN.frees);
    assert_usable(&mut stage.heap);
    stage.log.kept.take();
    drop(stage.heap);
    stage.witness.assert_all_dropped_once();
}

/// A chain in which each finalizer drops the last root of the next object: the depth of nesting does not grow with it.
pub fn chain_of_finalizers_that_drop_each_other_needs_no_stack<C: Collector>(mode: Mode) {
    let name = "finalizers::chain_of_finalizers_that_drop_each_other_needs_no_stack";
    if !applies::<C>(name, C::PLAN.counts, "does not count: each root would need a collection") {
        return;
    }
    let length = if mode.is_zeal() { 200 } else { 1_000_000 };
    let mut stage = Stage::<C>::new(mode);
    let (log, witness) = (Rc::clone(&stage.log), stage.witness.clone());
    let mut head = None;
    for batch in (0..length).collect::<Vec<_>>().chunks(1000) {
        head = stage.heap.mutate(|mc| {
            for &name in batch {
                let node = guarded(mc, &log, &witness, name, Act::DropNext);
                *node.chained.borrow_mut() = head.take();
                head = Some(mc.root(node));
            }
            head.take()
        });
    }
    assert_eq!(stage.heap.len(), length);
    drop(head);
    // What was too deep to be done at once is done at the next safepoint.
    stage.heap.mutate(|_| ());
    assert_eq!((stage.finalized(), stage.heap.len()), (length, 0));
    assert_eq!(stage.witness.dropped(), length);
}

/// A long chain of edges between objects with finalizers, freed in one go.
pub fn long_chain_of_finalizers_is_freed_without_recursion<C: Collector>(mode: Mode) {
    let length = if mode.is_zeal() { 1000 } else { 300_000 };
    let mut stage = Stage::<C>::new(mode);
    let root = stage.heap.mutate(|mc| {
        let mut head = guarded(mc, &stage.log, &stage.witness, 0, Act::Nothing);
        for name in 1..length {
            let node = guarded(mc, &stage.log, &stage.witness, name, Act::Nothing);
            node.set(mc, |n| &n.next, Some(head));
            head = node;
        }
        mc.root(head)
    });
    drop(root);
    (0..2).for_each(|_| {
        stage.heap.collect();
    });
    assert_eq!(stage.finalized(), if C::PLAN.frees { length } else { 0 });
    assert_eq!(stage.heap.is_empty(), C::PLAN.frees);
}

/// Dropping a heap runs no finalizers.
pub fn dropped_heap_runs_no_finalizers<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.ring(&[Act::KeepRoot, Act::Nothing]);
    let before = stage.finalized();
    drop(stage.heap);
    assert_eq!((before, stage.log.finalized.borrow().len()), (0, 0));
    stage.witness.assert_all_dropped_once();
    drop(root);
}

/// What a finalizer allocates and roots is there afterwards, and what it leaves unrooted goes.
pub fn finalizer_may_allocate<C: Collector>(mode: Mode) {
    let mut stage = Stage::<C>::new(mode);
    let root = stage.ring(&[Act::Nothing, Act::Nothing]);
    stage.heap.mutate(|mc| {
        let extra = guarded(mc, &stage.log, &stage.witness, 7, Act::KeepRoot);
        root.get(mc).set(mc, |n| &n.next, Some(extra));
    });
    drop(root);
    stage.heap.collect();
    assert_eq!(stage.log.kept.borrow().len(), usize::from(C::PLAN.frees));
    assert_usable(&mut stage.heap);
    stage.log.kept.take();
    drop(stage.heap);
    stage.witness.assert_all_dropped_once();
}
