//! Mark-sweep: stop the world, mark what the roots reach, free the rest.
//!
//! # What it is
//!
//! The oldest tracing collector, as well made as we can: no barrier, no counts, nothing to pay for a write. When enough has been
//! allocated, the next safepoint marks everything reachable, on one thread or on several, and whatever is unmarked is free.
//!
//! # The cycle
//!
//! 1. *Finish the last sweep*, if blocks are left. All mark bits are zero now.
//! 2. *Mark.* (a) Every rooted object's bit is set and the object queued: it is grey. (b) A grey object is taken from the queue, and its
//!    edges are followed: targets whose bit was clear are marked and queued. The world is stopped throughout; (c) when the queue is
//!    empty, marked is the same as reachable.
//! 3. *Finalize*, if unmarked objects have finalizers that have not run: (a) weak references to unmarked objects are emptied; (b) the
//!    finalizers run; (c) they may have changed anything, so bits are cleared and step 2 is done again. Objects of the first round that
//!    are marked now have been resurrected. (d) Objects that died meanwhile, with a finalizer, are kept for the next collection.
//! 4. *Sweep.* Blocks of plain objects are swept by `alloc &= mark`, when an allocation needs one or a few at each safepoint;
//!    blocks with payloads to drop or weak references to empty at the safepoint itself. An explicit `collect` sweeps all.
//!
//! Worked example: a root to `A`, `A ⇄ B`, and `C ⇄ D` beside. Queue `[A]`; `A` is scanned, `B` marked: `[B]`; `B` is scanned, `A` is marked
//! already: `[]`. Bits: A 1, B 1, C 0, D 0. The sweep turns alloc `1111` into `1100`: C and D are gone, and nobody looked at them.
//!
//! # Invariants
//!
//! - **I1** When marking begins, all mark bits are zero and no sweep is under way.
//! - **I2** (tri-colour) While marking, no object that has been scanned refers to an unmarked one that is not on its way to be marked
//!   (M1): the world is stopped, and targets are queued when their source is scanned.
//! - **I3** When the sweep begins, the list of finalizable objects names marked objects only.
//!
//! # What it cannot do
//!
//! Stop briefly: the pause grows with what is live. Free at once: garbage lies until the next collection.
//!
//! # Cost
//!
//! Marking: one visit per live object and edge. Sweeping plain blocks: one word operation per 64 cells' worth of bitmap. Writes:
//! a store. Memory: two bits per 32 bytes, and up to `1 + growth` times what is live.
//!
//! # Lineage
//!
//! McCarthy 1960 (mark and sweep); Hughes 1982 (lazy sweeping); Boehm 2000 and Cher, Hosking and Vitek 2004 (prefetching while
//! marking); Oancea, Mycroft and Watt 2009 (marking in partitions, on several threads).
#![doc = include_str!("../README.md")]

mod mark;
mod options;
mod partitions;

pub use cyclade_core::*;
pub use options::Options;

use std::cell::Cell;

/// A heap that is marked and swept.
pub type Heap = cyclade_core::Heap<MarkSweep>;
/// Settings of such a heap.
pub type Config = cyclade_core::Config<MarkSweep>;

/// Blocks swept at a safepoint while a lazy sweep is under way.
const BLOCKS_PER_SAFEPOINT: usize = 8;

/// Stop-the-world mark-sweep.
#[derive(Debug)]
pub struct MarkSweep {
    options: Options,
    /// Collect when this many bytes have been allocated in the heap's life; never, if not asked to.
    due: Cell<u64>,
}

impl MarkSweep {
    /// Steps 1 to 4 up to the beginning of the sweep.
    fn condemn(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        let graph = safepoint.graph();
        safepoint.sweep_all();
        self.mark(graph, []);
        let resurrected = self.finalize(safepoint);
        let marked = graph.marked();
        let growth = (marked.live_bytes as f64 * self.options.growth) as u64;
        if self.options.automatic {
            self.due.set(graph.allocated_bytes() + growth.max(self.options.min_bytes));
        }
        graph.begin_sweep();
        Collection {
            unreachable: marked.dead,
            freed: marked.dead,
            resurrected,
            bytes_freed: marked.dead_bytes,
            ..Collection::default()
        }
    }

    /// Step 2: marks what the roots, and `more`, reach.
    fn mark(&self, graph: &Graph, more: impl IntoIterator<Item = Object>) {
        let _marking = graph.marking();
        let mut grey = MarkQueue::new(Graph::mark_apart);
        graph.for_each_root(|object, _| grey.reach(object));
        more.into_iter().for_each(|object| grey.reach(object));
        // On a worker of a pool, waiting means running other people's jobs, which may have roots and weak references of this heap.
        let scratch = if self.options.parallel && rayon::current_thread_index().is_none() {
            rayon::scope(|_| partitions::mark(grey))
        } else {
            mark::all(&mut grey);
            grey.take_most_bytes()
        };
        graph.count_scratch(scratch);
    }

    /// Step 3. Returns how many objects came back.
    fn finalize(&self, safepoint: &Safepoint<'_, Self>) -> usize {
        let graph = safepoint.graph();
        let mut waiting = graph.finalizable().take();
        waiting.retain(|&object| Graph::is_marked(object) || safepoint.must_finalize(object));
        let (kept, dead): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|&object| Graph::is_marked(object));
        graph.finalizable().append(kept);
        if dead.is_empty() {
            return 0;
        }
        let mut unreachable = Vec::new();
        graph.objects(|object| {
            if !Graph::is_marked(object) {
                unreachable.push(object);
            }
        });
        for &object in &unreachable {
            safepoint.clear_weak(object);
        }
        graph.clear_marks();
        for object in dead {
            safepoint.finalize(object);
        }
        safepoint.release_pending();
        self.mark(graph, []);
        let resurrected = unreachable.into_iter().filter(|&object| Graph::is_marked(object)).count();
        // (d): those that finalizers have cut loose, or made and dropped, wait for the next collection.
        let waiting = graph.finalizable().take();
        let late: Vec<_> = waiting.iter().copied().filter(|&object| !Graph::is_marked(object)).collect();
        graph.finalizable().append(waiting);
        self.mark(graph, late);
        resurrected
    }
}

// SAFETY: K1: the only objects kept between safepoints are finalizable ones, which are marked when a sweep begins (I3). K2, K3: by I2
// marked is reachable when the sweep begins, and what is unmarked has had its finalizer. K4: barriers do nothing. K5: `condemn` leaves
// marks to the sweep; scratch words are not used. K6: rayon's workers run while the owner waits.
unsafe impl Collector for MarkSweep {
    const NAME: &'static str = "mark-sweep";
    const PLAN: Plan =
        Plan { frees_cycles: true, frees: true, counts: false, concurrent: false, barrier: Barrier::None };
    type Options = Options;

    fn new(options: &Options) -> Self {
        let due = if options.automatic { options.min_bytes } else { u64::MAX };
        MarkSweep { options: options.clone(), due: Cell::new(due) }
    }

    #[inline]
    fn safepoint(&self, safepoint: &Safepoint<'_, Self>, _: Reason) {
        let graph = safepoint.graph();
        if graph.is_sweeping() {
            safepoint.sweep(BLOCKS_PER_SAFEPOINT);
        }
        if graph.allocated_bytes() >= self.due.get() {
            safepoint.collect_by(PauseKind::Full, || self.condemn(safepoint));
        }
    }

    #[inline]
    fn is_quiet(&self, graph: &Graph) -> bool {
        !graph.is_sweeping() & (graph.allocated_bytes() < self.due.get())
    }

    fn collect(&self, safepoint: &Safepoint<'_, Self>) -> Collection {
        let collection = self.condemn(safepoint);
        safepoint.sweep_all();
        collection
    }
}
