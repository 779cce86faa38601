//! Concurrent marking: a thread traces a snapshot of the graph while the program goes on changing it.
//!
//! # What it is
//!
//! A tracing collector for programs that must not stand still for as long as it takes to look at the whole heap. Each heap has a
//! marker thread, started when its first cycle begins. The mutator is stopped twice in a cycle, at the end of a scope, for a
//! time that depends neither on the size of the heap nor on the number of roots, weak references, finalizable objects or mark bits. All
//! else happens beside it, or in slices whose size [`Options`] sets.
//!
//! Marking beside a mutator has one hazard. The marker has scanned A and has not come to B yet; the mutator moves the only edge to C
//! from B into A. The marker never meets C, and C would be freed in use. The *deletion barrier* prevents it: before an edge
//! is overwritten, its old target is shaded. So whatever could be reached when the cycle began is marked, whatever becomes of the edges.
//!
//! # The cycle
//!
//! 1. *Begin* (the mutator is stopped, briefly). No mark bit is set and no sweep is under way. From now on (a) objects are born marked;
//!    (b) the barrier is on; (c) the marker is told to start. The snapshot is the graph at this moment; nobody copies it.
//! 2. *Mark* (the mutator runs; the barrier is on). (a) The marker goes through the root table itself. (b) It marks and scans what it
//!    finds. (c) The mutator shades the old target of every edge it overwrites, the object of every root it drops, and whatever a
//!    weak reference hands out: it sets the mark and puts the object into a buffer, which goes to the marker at safepoints or when it is
//!    full. (d) Before an object's `Locked` is written for the first time in the cycle, marker and mutator agree at the object's
//!    *gate* who reads its edges: the marker, then the mutator waits for this one object; or the mutator, which copies them
//!    to its buffer, unmarked, in one pass. (e) Buffers of `GcVec` and `GcMap` that are outgrown are retired in the heap's epoch, in which
//!    the marker is pinned. (f) If allocation outruns the marker ([`Options::outrun`]), a safepoint waits for it.
//! 3. *Finish* (stopped, briefly), at the first safepoint at which the marker is out of work and the buffer is empty: then nothing is grey.
//!    What is unmarked is dead from this moment. The barrier goes off.
//! 4. *Keep what finalizers need* (in slices between scopes; no barrier), only if there are finalizable objects. Dead ones are
//!    marked with all they refer to, their weak references emptied. No block is swept meanwhile.
//! 5. *Finalize* (user code, a few at each safepoint). Each finalizer runs once. What stays dead is freed by the next cycle.
//! 6. *Sweep* (in slices at safepoints, and when an allocation needs a block). Payloads are dropped on the owner's thread.
//! 7. *Idle*. The next cycle is due when enough has been allocated; not before all finalizers have run.
//!
//! An explicit [`collect`](cyclade_core::Heap::collect) finishes what is under way and then does complete cycles, marking on the owner's thread since nobody runs
//! that could be disturbed, until one of them has run no finalizer and dropped no root: afterwards everything unreachable is gone.
//!
//! Observers are told when a cycle begins (1) and when it has been swept (7), with scopes in between. Of one that `collect` takes over while it
//! marks they hear that it ended with zeros: what it finds is in what `collect` returns.
//!
//! A worked example: a root to `A`, `A → B → C`. *Begin.* The marker scans `A`: `B` is marked. Before it comes to `B`, the mutator
//! takes `C` out of `B` and puts it into `A`: the barrier shades `C` and puts it into the buffer. The marker scans `B`, which is empty, and
//! rests. At the next safepoint the buffer goes over; the marker scans `C` and rests; at the safepoint after that, *finish*. `A`, `B` and `C` are
//! marked. Had the mutator then dropped `C` altogether, it would have stayed until the next cycle: floating garbage.
//!
//! # Invariants
//!
//! - **I1** When a cycle begins, all mark bits are zero, no sweep is under way, and no finalizer is due.
//! - **I2** While the marker may be at work nothing is freed, but retired buffers that it cannot be reading (their epoch has passed).
//! - **I3** (snapshot) While marking, an edge of the snapshot is in its place and its owner has still to be scanned, or its target is marked or
//!   in a buffer on its way to the marker. New objects are marked, and are never scanned. When nothing is grey and the buffers
//!   are empty, all of the snapshot is marked.
//! - **I4** From *finish* on, an object exists if it is marked or was born later; and what exists refers only to what exists (once step 4 is
//!   done).
//! - **I5** Marker and mutator never read and write the same `Locked` at the same time (G1, G2 of the module `gate`).
//! - **I6** Nothing crosses between the threads but objects, through the handover's lock (H1, H2 of the module `handover`).
//!
//! # What it cannot do
//!
//! Free soon. What dies while a cycle marks is found by the next one (*floating garbage*), and what a finalizer has been kept for
//! goes a cycle later still. It needs more memory than a collector that stops the world, and a second processor to be
//! worth it. A single object with very many edges is scanned in one piece: if it has a lock, its writer waits that long. Beyond backpressure
//! a safepoint waits as long as marking takes; so does `collect`. One mutator: beginning with several takes two acknowledgements from each
//! (Doligez and Gonthier 1994).
//!
//! # Cost
//!
//! A write: a load, a test and a branch; while marking, also a look at the old target's mark bit, and once per object an atomic
//! or. A scope's end: one comparison; while marking, one uncontended lock. The first write to a `Locked` in a cycle: one pass over its owner's
//! edges. Marking takes another processor's time, and memory bandwidth from everybody. A thread per heap that has begun a cycle.
//!
//! # Lineage
//!
//! Dijkstra, Lamport, Martin, Scholten and Steffens 1978 (marking on the fly, three colours); Yuasa 1990 (snapshot at the
//! beginning); Doligez and Gonthier 1994 (many mutators, on real memory); Cher, Hosking and Vitek 2004 (prefetching); Fraser 2004
//! (epochs for memory that others may be reading).
#![doc = include_str!("../README.md")]

mod crossing;
mod cycle;
mod finishing;
mod gate;
mod handover;
mod marker;
mod options;
mod primitive;
mod retired;
mod shade;
mod statistics;
mod wavefront;

pub use cyclade_core::*;
#[doc(hidden)]
pub use marker::Leash;
pub use options::Options;
pub use statistics::{Phase, Statistics};

use finishing::Finishing;
use marker::{Marker, Shared};
use retired::Retired;
use shade::Shades;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A heap that is marked by a thread of its own while the mutator goes on.
pub type Heap = cyclade_core::Heap<Concurrent>;
/// Settings of such a heap.
pub type Config = cyclade_core::Config<Concurrent>;

/// Concurrent marking from a snapshot at the beginning.
#[derive(Debug)]
pub struct Concurrent {
    /// Must the barrier shade? First, since every write reads it.
    marking: Cell<bool>,
    phase: Cell<Phase>,
    /// Safepoints do nothing before so many bytes have been allocated in the heap's life.
    attention: Cell<u64>,
    /// The number of the current or last cycle, for the gates.
    cycle: Cell<u64>,
    shades: Shades,
    shared: Arc<Shared>,
    marker: RefCell<Marker>,
    retired: Retired,
    scanner: RefCell<Scanner>,
    finishing: RefCell<Finishing>,
    /// Objects whose finalizers are due, in order of birth. No cycle begins while there are some, so they exist (K1).
    pending: RefCell<VecDeque<Object>>,
    options: Options,
    /// A cycle begins when so many bytes have been allocated in the heap's life.
    due: Cell<u64>,
    requested: Cell<bool>,
    /// While marking: a safepoint waits for the marker when so many bytes have been allocated in the heap's life.
    outrun: Cell<u64>,
    /// Bytes of objects that have been freed in the heap's life.
    freed: Cell<u64>,
    /// Roots dropped in the heap's life.
    released: Cell<u64>,
    /// Does an explicit collection run? Do finalizers run?
    collecting: Cell<bool>,
    finalizing: Cell<bool>,
    /// Do dead objects with finalizers wait for another cycle?
    keep_dying: Cell<bool>,
    /// Have observers been told that this cycle has begun?
    announced: Cell<bool>,
    /// Does what this cycle finds count for the explicit collection?
    asked: Cell<bool>,
    found: Cell<Collection>,
    stood_still: Cell<Duration>,
    shaded: Cell<u64>,
    statistics: Cell<Statistics>,
}

impl Concurrent {
    /// Where the cycle stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Figures since the heap was made.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            scanned_by_marker: self.shared.scanned(),
            shaded: self.shaded.get(),
            ..self.statistics.get()
        }
    }

    /// A cycle begins at the next safepoint at which none is under way, whether it is due or not.
    pub fn request_cycle(&self) {
        self.requested.set(true);
        self.attention.set(0);
    }

    /// For tests: holds the marker, and watches it from inside of scopes.
    #[doc(hidden)]
    #[must_use]
    pub fn leash(&self) -> Leash {
        Leash(Arc::clone(&self.shared))
    }

    fn count(&self, change: impl FnOnce(&mut Statistics)) {
        let mut statistics = self.statistics.get();
        change(&mut statistics);
        self.statistics.set(statistics);
    }

    /// Marks an object that the snapshot may have and the marker may miss (I3).
    #[cold]
    fn shade(&self, object: Object) {
        if Graph::mark_shared(object) {
            self.shaded.set(self.shaded.get() + 1);
            self.shades.push_marked(object);
            self.shades.give_if_many(&self.shared.handover);
        }
    }
}

// SAFETY: K1: the objects kept between safepoints are those in shade buffers and in the marker's hands, while nothing is freed (I2), and
// finalizable, pending and kept ones, which are marked when a sweep begins. K2: I3 when marking ends. K3: I4, and a new edge to a dead object
// cannot be had: its weak references are empty or say no. K4: barriers mark, copy and push. K5: the sweep clears the marks (I1); no
// scratch words. K6: the marker does just that, inside the gate where there are locks (I5), and is joined by `shut_down`.
unsafe impl Collector for Concurrent {
    const NAME: &'static str = "concurrent";
    const PLAN: Plan =
        Plan { frees_cycles: true, frees: true, counts: false, concurrent: true, barrier: Barrier::Deletion };
    type Options = Options;

    fn new(options: &Options) -> Self {
        let marker = Marker::new();
        let due = if options.automatic { options.min_bytes } else { u64::MAX };
        Concurrent {
            marking: Cell::new(false),
            phase: Cell::default(),
            attention: Cell::new(due),
            cycle: Cell::new(0),
            shades: Shades::default(),
            shared: Arc::clone(&marker.shared),
            marker: RefCell::new(marker),
            retired: Retired::default(),
            scanner: RefCell::default(),
            finishing: RefCell::default(),
            pending: RefCell::default(),
            options: options.clone(),
            due: Cell::new(due),
            requested: Cell::new(false),
            outrun: Cell::new(u64::MAX),
            freed: Cell::new(0),
            released: Cell::new(0),
            collecting: Cell::new(false),
            finalizing: Cell::new(false),
            keep_dying: Cell::new(false),
            announced: Cell::new(false),
            asked: Cell::new(false),
            found: Cell::default(),
            stood_still: Cell::default(),
            shaded: Cell::new(0),
            statistics: Cell::default(),
        }
    }

    #[inline]
    fn born(&self, _: &Graph, object: Object, info: &'static TypeInfo) {
        if self.marking.get() && info.edges().in_lock() {
            gate::born(object.word(), self.cycle.get());
        }
    }

    #[inline]
    fn write(&self, _: &Graph, _: Object, old: Option<Object>, _: Option<Object>) {
        if self.marking.get()
            && let Some(old) = old
        {
            self.shade(old);
        }
    }

    fn log(&self, _: &Graph, owner: Object) {
        let cycle = self.cycle.get();
        if !self.marking.get() || gate::is_done(owner.word(), cycle) {
            return;
        }
        // Copying before closing: the marker may be reading at the same time, which harms neither.
        let mut copied = 0;
        self.scanner.borrow_mut().edges(owner, |target| {
            self.shades.push_copied(target);
            copied += 1;
        });
        gate::close(owner.word(), cycle);
        self.count(|s| s.copied += copied);
        self.shades.give_if_many(&self.shared.handover);
    }

    #[inline]
    fn release(&self, _: &Graph, object: Object) {
        self.released.set(self.released.get() + 1);
        if self.marking.get() {
            self.shade(object);
        }
    }

    #[inline]
    fn upgraded(&self, _: &Graph, object: Object) {
        if self.marking.get() {
            self.shade(object);
        }
    }

    fn retire(&self, _: &Graph, buffer: RetiredBuffer) {
        if self.marking.get() {
            self.retired.defer(&self.shared.epoch, buffer);
        }
    }

    #[inline]
    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        if safepoint.graph().allocated_bytes() >= self.attention.get() {
            self.advance(safepoint);
        }
    }

    #[inline]
    fn is_quiet(&self, graph: &Graph) -> bool {
        graph.allocated_bytes() < self.attention.get()
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        self.collect_now(safepoint)
    }

    fn shut_down(&self, _: &Graph) {
        self.marker.borrow_mut().stop();
    }

    fn check(&self, graph: &Graph) {
        let mut scanner = Scanner::new();
        let phase = self.phase.get();
        graph.objects(|object| {
            assert!(
                phase != Phase::Idle || !Graph::is_marked(object),
                "I1: {object:?} is marked between cycles"
            );
            // While finishing, what is kept comes back to life piece by piece.
            scanner.edges(object, |target| {
                assert!(
                    phase == Phase::Finishing || graph.find(target.id().address()).is_some(),
                    "I4: {object:?} ({}) exists and refers to {target:?}, which does not",
                    object.type_info().name()
                );
            });
        });
    }

    fn retired_bytes(&self) -> usize {
        self.retired.bytes()
    }
}
