//! Reference counting with CPython's generational cycle detection.
//!
//! # What it is
//!
//! Every object knows how many edges and roots refer to it, and goes when the last one goes: that is `cyclade-refcount`. What refers to
//! itself keeps its own count up; a *cycle detector* looks for such objects now and then. It asks of a list of objects: if all references
//! from one of these to another are taken away, which counts are above zero still? Those objects are held from outside, and what
//! they reach is alive. The rest holds nothing but itself, and is freed.
//!
//! Objects are young, middle-aged or old (generations 0, 1, 2), and the young are looked at most often. Order, thresholds, finalizers and
//! return values are CPython's, to the letter; the inside is not (no lists are chased).
//!
//! # The cycle
//!
//! 1. **Merge.** The lists of the younger generations are appended to that of the generation to be collected, youngest first. Take four objects,
//!    in list order, of which a root holds A, and D and E are garbage that refers to something alive:
//!
//!    ```text
//!      root --> A <==> B        list     B  A  D  E
//!               ^               counts   1  3  1  1
//!               +---- E <==> D
//!    ```
//! 2. **Count.** A scratch word beside each object takes its count.
//!
//!    ```text
//!                                        B  A  D  E
//!      scratch                           1  3  1  1
//!    ```
//! 3. **Subtract** one for every edge from an object of the list to another: A→B, B→A, D→E, E→D, E→A. What is left are references from
//!    outside of the list.
//!
//!    ```text
//!                                        B  A  D  E
//!      scratch                           0  1  0  0
//!    ```
//! 4. **Separate.** The list is walked as a queue. An object with scratch 0 is set aside for now; one above 0 is alive, and what it refers to is
//!    too: a 0 further on becomes a 1, and what had been set aside joins the queue again, at its end. B is set aside; A is alive and brings
//!    B back; D and E are set aside; B, in its second turn, is alive.
//!
//!    ```text
//!      alive: A B     moved up to the end of the next generation
//!      aside: D E     unreachable
//!    ```
//!
//!    Survivors that cannot be part of a cycle are untracked (`untrack` of [`Attributes`]).
//! 5. **Legacy finalizers.** Unreachable objects with one, and what they reach, are uncollectable: they are kept. (Before 3.4, this was the lot of
//!    every finalizer: [`Rules::Before34`].)
//! 6. **Weak references** to the unreachable are emptied, all of them, and those that are unreachable themselves; then callbacks are
//!    called, newest first. Objects that these belong to move to the end of the next generation.
//! 7. **Finalizers** run, each once in an object's life, in list order, with everything intact.
//! 8. **Second trial**, if any has run: steps 2 to 4 on the unreachable. What is held from outside now has been resurrected, and what it reaches
//!    with it: these stay. (From 3.4 to 3.8, one of them keeps all: [`Rules::Since34`] to [`Rules::Since38`].)
//! 9. **Clear.** The rest goes at once: edges that lead out of the set are given back, payload is dropped, cells are released. (Member by
//!    member, if something outside dies with it that could tell.)
//! 10. The uncollectable go into the next generation, and those with a legacy finalizer into [`garbage`](TrialDeletion::garbage).
//!
//! ```
//! use cyclade_trial_deletion::{Heap, Slot, Trace};
//!
//! #[derive(Trace)]
//! struct Node<'gc> {
//!     peer: Slot<'gc, Node<'gc>>,
//!     other: Slot<'gc, Node<'gc>>,
//! }
//!
//! let mut heap = Heap::default();
//! let (root, b) = heap.mutate(|mc| {
//!     let node = || mc.alloc(Node { peer: Slot::empty(), other: Slot::empty() });
//!     let (b, a, d, e) = (node(), node(), node(), node());
//!     for (from, to) in [(a, b), (b, a), (d, e), (e, d)] {
//!         from.set(mc, |n| &n.peer, Some(to));
//!     }
//!     e.set(mc, |n| &n.other, Some(a));
//!     (mc.root(a), b.id())
//! });
//! assert_eq!(heap.ref_count(root.id()), Some(3));
//! assert_eq!(heap.collect_generation(0).unreachable, 2);
//! assert_eq!(heap.collector().generation(1), [root.id(), b]); // A, then B
//! assert_eq!(heap.ref_count(root.id()), Some(2)); // E has let go of it
//! ```
//!
//! # Invariants
//!
//! - **I1** Outside of scopes the count of an object is exactly the number of edges and root handles that refer to it (N1 of the core's
//!   `counting`).
//! - **I2** Outside of scopes and collections nothing with count 0 exists, and every tracked object stands in exactly one list (L1, `lists`).
//! - **I3** While a trial lasts no user code runs (T1, `trial`); what it finds unreachable, nothing outside of it refers to.
//! - **I4** While user code runs in a collection, every unreachable object is in a list from which its death takes it (F1, `finalization`).
//! - **I5** Scratch words are 0 whenever user code runs.
//!
//! Deaths by counting have their own (D1 to D4, `death`). What CPython calls by which name here: [`Module`].
//!
//! # What it cannot do
//!
//! Find a dead cycle before a collection of the oldest generation in it; CPython's thresholds leave old garbage lying for long in a heap that has
//! stopped growing ([`Full::Growth`] bounds it). Find a cycle through a type that is `#[trace(untracked)]`, or a frozen one. Free a cycle with a legacy finalizer.
//! Stop in the middle: a full collection is one pause, proportional to the objects that are tracked.
//!
//! # Cost
//!
//! A write: two counts. A new object: two entries in lists. A collection of the young: three passes over the list, in list order, with what is ahead
//! prefetched, and two or three over its edges. One of everything (see `linear`): a mark of what the roots reach, and one walk in order of
//! address over the rest. Scratch words lie in a side array (4 bytes for every 32 of heap; 1 is used by collections of everything), so that counting down dirties no object; a large heap gives
//! their memory back when a full collection that was asked for has ended. A young tracked object has 8 bytes of list beside its header: a list is
//! an array, and the header's free bits say where an object stands in it. An old one has half a byte, where objects lie in memory in the order of
//! the list (`PackedList` in the core), 2 where they lie near one another, and 8 where they do not.
//!
//! # Lineage
//!
//! Christopher 1984 had the idea that CPython follows: subtract internal counts over a set of candidates, and trace from what is left.
//! *Trial deletion* proper, of Martínez, Wachenchauzer and Lins 1990, does it locally, from one suspect object: it deletes an edge on
//! trial, follows it, and restores what turns out to be alive; Bacon and Rajan 2001 made that linear and concurrent. Neil Schemenauer wrote
//! CPython's collector (2000, with Tim Peters and others) over *all* container objects; Martin von Löwis added the quarter rule (2008), Antoine
//! Pitrou safe finalization (PEP 442, 2013). It is known as trial deletion everywhere, and so this crate is called that too.
#![doc = include_str!("../README.md")]

pub use cyclade_core::*;

mod clearing;
mod control;
mod cycle;
mod death;
mod debug;
mod dying;
mod finalization;
mod gc_module;
mod generations;
mod joining;
mod linear;
mod lists;
mod options;
mod place;
mod swift_death;
mod tracking;
mod trial;

pub use control::Inspect;
pub use debug::DebugFlags;
pub use gc_module::{GcModule, Info, InvalidGeneration, Module, Phase};
pub use generations::GenerationStats;
pub use options::{Full, Options, Order, Rules, UnknownVersion};

use debug::Debugging;
use dying::Dying;
use generations::Generations;
use lists::Lists;
use std::cell::{Cell, RefCell};
use std::fmt;

/// A heap with counts and cycle detection.
pub type Heap = cyclade_core::Heap<TrialDeletion>;
/// Settings of such a heap.
pub type Config = cyclade_core::Config<TrialDeletion>;

/// Reference counting with CPython's generational cycle detection.
pub struct TrialDeletion {
    counts: Counts,
    dying: Dying,
    debug: Debugging,
    order: Order,
    /// Has an object with a finalizer ever been born?
    finalizers: Cell<bool>,
    /// Has a full collection met a count that fits into no byte?
    large_counts: Cell<bool>,
    /// Has an object ever been born that may be untracked, and tracked again?
    untracks: Cell<bool>,
    lists: Lists,
    generations: Generations,
    garbage: RefCell<Vec<AnyRoot>>,
    scanner: RefCell<Scanner>,
    /// The buffer of the last collection's unreachable objects.
    buffer: Cell<Vec<Object>>,
}

// SAFETY: K1: an object is freed by `bury`, by `clear` or by the sweep of `linear` only; the first takes it out of its list (L1), the second out of
// the vector that alone names it, the third takes all that is not marked out of the lists. K2, K3: `bury` frees what has count 0, to which by I1
// nothing refers; `clear` and the sweep free a set to which by I3 nothing outside of it refers, and by F2 no weak reference. K4: barriers
// count and push onto lists. K5: I5 and A1 (T2; `doom` and `clear` reset the rest). K6: no thread. K7: `born` counts before it lists.
unsafe impl Collector for TrialDeletion {
    const NAME: &'static str = "trial-deletion";
    const PLAN: Plan =
        Plan { frees_cycles: true, frees: true, counts: true, concurrent: false, barrier: Barrier::Counting };
    const GENERATIONS: usize = 3;
    type Options = Options;

    fn new(options: &Options) -> Self {
        TrialDeletion {
            counts: Counts::default(),
            dying: Dying::default(),
            debug: Debugging::default(),
            order: options.order,
            finalizers: Cell::new(false),
            large_counts: Cell::new(false),
            untracks: Cell::new(false),
            lists: Lists::default(),
            generations: Generations::new(options),
            garbage: RefCell::default(),
            scanner: RefCell::default(),
            buffer: Cell::default(),
        }
    }

    // Always: the compiler knows the type where the object is made. (Out of line, it took 72 of an object's 388 instructions in pairs.)
    #[inline(always)]
    fn born(&self, _: &Graph, object: Object, info: &'static TypeInfo) {
        let collected = tracking::is_collected(info);
        // First: tracing may panic (K7).
        let tracked = collected && self.is_tracked_from_birth(object, info);
        self.counts.born(object, info);
        self.note_type(info);
        if collected {
            self.enlist(object, tracked);
        }
    }

    #[inline]
    fn write(&self, _: &Graph, owner: Object, old: Option<Object>, new: Option<Object>) {
        self.counts.write(old, new);
        if let Some(target) = new
            && place::is_untracked(owner)
        {
            self.reconsider(owner, target);
        }
    }

    fn log(&self, _: &Graph, owner: Object) {
        self.counts.remove_edges(owner);
    }

    fn unlog(&self, _: &Graph, owner: Object) {
        self.counts.add_edges(owner);
        if place::is_untracked(owner) {
            self.reconsider_all(owner);
        }
    }

    #[inline]
    fn retain(&self, _: &Graph, object: Object) {
        self.counts.increment(object);
    }

    #[inline]
    fn release(&self, _: &Graph, object: Object) {
        self.counts.decrement(object);
    }

    // Always: at the end of most scopes little is to be done, and what is done rarely is out of line.
    #[inline(always)]
    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        if !self.counts.is_drained() {
            self.bury(safepoint);
        }
        self.join(safepoint);
        if self.lists.are_untidy() {
            self.lists.tidy(|| self.generations.set_joined(self.lists.end(place::Home::Young)));
        }
    }

    #[inline]
    fn is_quiet(&self, _: &Graph) -> bool {
        // Without a branch for each.
        self.counts.is_quiet() & self.nobody_joins() & !self.lists.are_untidy()
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        self.collect_generation(safepoint, Self::GENERATIONS - 1)
    }

    fn collect_generation(&self, safepoint: &Safepoint<'_, Self>, generation: usize) -> Collection {
        let _busy = self.generations.busy();
        self.bury(safepoint);
        self.join_all();
        let collection = self.cycle(safepoint, generation);
        // Somebody wants a tidy heap. One that collects by itself is going to use them again.
        if generation == 2 {
            safepoint.graph().give_scratch_back();
        }
        collection
    }

    fn announced(&self, generation: usize) {
        self.generations.announce(generation);
    }

    #[inline]
    fn is_live(&self, graph: &Graph, object: Object) -> bool {
        graph.exists(object) && place::home(object) != place::Home::PutOff
    }

    fn ref_count(&self, _: &Graph, object: Object) -> Option<usize> {
        Some(Counts::count(object))
    }

    fn check(&self, graph: &Graph) {
        // What has been emptied refers to nothing (`clearing`).
        let refers = |object| place::home(object) != place::Home::Cleared;
        self.counts.check_beside(graph, self.dying.references(), refers);
        self.lists.check(graph);
    }
}

impl fmt::Debug for TrialDeletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrialDeletion")
            .field("generations", &self.generations)
            .field("garbage", &self.garbage.borrow().len())
            .finish_non_exhaustive()
    }
}
