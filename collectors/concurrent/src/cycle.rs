//! A cycle: how one phase follows another, at safepoints and in explicit collections. The crate's documentation numbers the steps.
//!
//! Every method here may call user code (observers, payload drops, finalizers) and be entered again from there. So nothing stays borrowed
//! across such a call, and what a method has read before it reads anew.

use crate::crossing::Snapshot;
use crate::wavefront::Wavefront;
use crate::{Concurrent, Phase};
use cyclade_core::{Collection, Graph, Object, PauseKind, Safepoint};
use std::panic::resume_unwind;
use std::time::Instant;

/// The least that backpressure lets a scope allocate beside the marker.
const OUTRUN_BYTES: u64 = 4 << 20;
/// In one explicit collection finalizers may make garbage with finalizers so many times; what is left then waits for the next.
const MOST_ROUNDS: u32 = 16;

/// A safepoint with its collector.
type At<'a, 'b> = &'a Safepoint<'b, Concurrent>;

impl Concurrent {
    // ---- at safepoints ----

    /// One slice of whatever is under way.
    #[cold]
    #[inline(never)]
    pub(crate) fn advance(&self, at: At<'_, '_>) {
        if self.collecting.get() {
            // A finalizer of an explicit collection has closed a scope; the collection goes on by itself.
            return;
        }
        match self.phase.get() {
            Phase::Idle => {
                self.run_finalizers(at, self.options.finalizers_per_safepoint);
                let due = self.requested.get() || at.graph().allocated_bytes() >= self.due.get();
                if due && self.phase.get() == Phase::Idle && self.pending.borrow().is_empty() {
                    self.begin(at);
                }
            }
            Phase::Marking => {
                self.count(|s| s.scopes_beside_marking += 1);
                if at.graph().allocated_bytes() >= self.outrun.get() {
                    self.count(|s| s.waits += 1);
                    self.pause(at, PauseKind::Finish, || self.wait_for_marker(at));
                }
                self.try_finish(at);
            }
            Phase::Finishing => self.pause(at, PauseKind::Finish, || {
                self.finish_some(at, self.options.objects_per_safepoint);
            }),
            Phase::Sweeping => {
                self.run_finalizers(at, self.options.finalizers_per_safepoint);
                if self.phase.get() == Phase::Sweeping {
                    let more = self.pause(at, PauseKind::Sweep, || {
                        at.sweep(self.options.sweep_blocks_per_safepoint.max(1))
                    });
                    if !more {
                        self.end(at);
                    }
                }
            }
        }
        if self.retired.bytes() > 0 {
            self.retired.free_some();
        }
        self.set_attention();
    }

    /// The allocation count at which the next safepoint must look up: at once if there is something to do.
    pub(crate) fn set_attention(&self) {
        let busy = self.phase.get() != Phase::Idle
            || self.requested.get()
            || self.retired.bytes() > 0
            || !self.pending.borrow().is_empty();
        self.attention.set(if busy { 0 } else { self.due.get() });
    }

    /// Step 1 (I1). Pause: bounded, if the marker does the marking.
    fn begin(&self, at: At<'_, '_>) {
        at.begin_collection();
        if self.phase.get() != Phase::Idle || !self.pending.borrow().is_empty() {
            // An observer has got ahead of us: what it began, or a finalizer that it left, comes first.
            return;
        }
        self.requested.set(false);
        self.announced.set(true);
        self.cycle.set(self.cycle.get() + 1);
        let graph = at.graph();
        let allocated = graph.allocated_bytes();
        let live = allocated.saturating_sub(self.freed.get());
        let outrun = (live.max(self.options.min_bytes).max(OUTRUN_BYTES) as f64 * self.options.outrun) as u64;
        self.outrun.set(allocated.saturating_add(outrun));
        if self.options.concurrent && self.marker.borrow_mut().start() {
            self.pause(at, PauseKind::Begin, || {
                graph.set_born_marked(true);
                self.marking.set(true);
                self.phase.set(Phase::Marking);
                self.shared.handover.begin(Snapshot::new(graph, self.cycle.get()));
            });
        } else {
            self.pause(at, PauseKind::Full, || {
                self.mark_here(graph);
                self.decide(graph);
            });
        }
    }

    /// Step 3, if the marker is out of work (the module `handover` says why this is exact). Pause: bounded.
    fn try_finish(&self, at: At<'_, '_>) {
        at.release_pending();
        if !self.shared.handover.is_quiet() {
            return;
        }
        if !self.shades.is_empty() {
            self.shades.give(&self.shared.handover);
            return;
        }
        if let Some(panic) = self.shared.handover.take_failure() {
            self.give_up(at.graph());
            resume_unwind(panic);
        }
        self.pause(at, PauseKind::Finish, || self.decide(at.graph()));
    }

    /// The marks are final: what has none is dead (I4), and the barriers may go.
    fn decide(&self, graph: &Graph) {
        debug_assert!(self.shades.is_empty(), "I3: nothing is grey when marking ends");
        self.marking.set(false);
        graph.count_scratch(self.shared.take_queued());
        graph.begin_sweep();
        if self.finishing.borrow_mut().begin(graph) {
            graph.hold_sweep(true);
            self.phase.set(Phase::Finishing);
        } else {
            self.phase.set(Phase::Sweeping);
        }
    }

    /// Step 4, a slice of it.
    fn finish_some(&self, at: At<'_, '_>, most: usize) {
        let mut finishing = self.finishing.borrow_mut();
        if finishing.step(at, most.max(1)) {
            let dying = finishing.take_dying();
            if self.keep_dying.get() {
                dying.into_iter().for_each(|object| at.graph().finalizable().push(object));
            } else {
                self.pending.borrow_mut().extend(dying);
            }
            at.graph().hold_sweep(false);
            self.phase.set(Phase::Sweeping);
        }
    }

    /// Step 5: up to `most` finalizers. User code. Returns how many were run.
    fn run_finalizers(&self, at: At<'_, '_>, most: usize) -> usize {
        if self.finalizing.replace(true) {
            // A finalizer has closed a scope: the others come after it, not inside.
            return 0;
        }
        let reset = Reset(&self.finalizing);
        let mut ran = 0;
        while ran < most {
            let Some(object) = self.next_finalizer() else { break };
            ran += 1;
            at.finalize(object);
        }
        drop(reset);
        ran
    }

    fn next_finalizer(&self) -> Option<Object> {
        self.pending.borrow_mut().pop_front()
    }

    /// Step 7: all is swept.
    fn end(&self, at: At<'_, '_>) {
        let graph = at.graph();
        let swept = graph.swept();
        let found = Collection {
            unreachable: swept.objects,
            freed: swept.objects,
            resurrected: self.finishing.borrow().resurrected(),
            bytes_freed: swept.bytes,
            pause: self.stood_still.take(),
            ..Collection::default()
        };
        self.freed.set(self.freed.get() + swept.bytes as u64);
        self.phase.set(Phase::Idle);
        self.schedule(graph);
        self.count(|s| s.cycles += 1);
        let ours = self.asked.replace(false);
        if ours {
            let sum = self.found.get();
            self.found.set(Collection {
                unreachable: sum.unreachable + found.unreachable,
                freed: sum.freed + found.freed,
                resurrected: sum.resurrected + found.resurrected,
                bytes_freed: sum.bytes_freed + found.bytes_freed,
                ..sum
            });
        }
        if self.announced.replace(false) {
            at.end_collection(if ours { Collection::default() } else { found });
        }
    }

    /// When the next cycle is due.
    fn schedule(&self, graph: &Graph) {
        let allocated = graph.allocated_bytes();
        let live = allocated.saturating_sub(self.freed.get());
        let more = ((live as f64 * self.options.growth) as u64).max(self.options.min_bytes);
        self.due.set(if self.options.automatic { allocated.saturating_add(more) } else { u64::MAX });
    }

    fn pause<R>(&self, at: At<'_, '_>, kind: PauseKind, work: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = work();
        self.stood_still.set(self.stood_still.get() + start.elapsed());
        at.add_pause(start, kind);
        result
    }

    // ---- marking that the owner waits for ----

    /// Waits until nothing is grey any more.
    fn wait_for_marker(&self, at: At<'_, '_>) {
        loop {
            at.release_pending();
            self.shades.give(&self.shared.handover);
            self.shared.handover.wait_until_quiet();
            if self.shades.is_empty() {
                return;
            }
        }
    }

    /// Marks on the owner's thread, in a pause: no gates, no shared bits.
    fn mark_here(&self, graph: &Graph) {
        let undo = Undo { collector: self, graph };
        let mut grey = Wavefront::new(|object| graph.mark(object));
        graph.for_each_root(|object, _| grey.reach(object));
        grey.scan(usize::MAX, None);
        graph.count_scratch(grey.take_most_bytes());
        std::mem::forget(undo);
    }

    /// Tracing has panicked: the cycle is given up, and everything lives on. Cost: a pass over the mark bits.
    fn give_up(&self, graph: &Graph) {
        self.marking.set(false);
        self.shades.clear();
        graph.set_born_marked(false);
        graph.clear_marks();
        self.phase.set(Phase::Idle);
        self.announced.set(false);
        self.asked.set(false);
        self.keep_dying.set(false);
        self.schedule(graph);
        self.set_attention();
    }

    // ---- explicit collections ----

    /// Finishes what is under way, then does complete cycles until one of them has run no finalizers and dropped no roots.
    pub(crate) fn collect_now(&self, at: At<'_, '_>) -> Collection {
        let reset = Reset(&self.collecting);
        self.collecting.set(true);
        self.found.set(Collection::default());
        // What this cycle finds existed when we were called.
        self.asked.set(self.phase.get() == Phase::Marking);
        self.complete(at);
        for round in 0.. {
            self.run_finalizers_now(at);
            at.release_pending();
            let released = self.released.get();
            self.keep_dying.set(round >= MOST_ROUNDS);
            self.asked.set(true);
            self.cycle.set(self.cycle.get() + 1);
            self.mark_here(at.graph());
            self.decide(at.graph());
            self.complete(at);
            self.keep_dying.set(false);
            at.release_pending();
            if self.pending.borrow().is_empty() && released == self.released.get() {
                break;
            }
        }
        self.requested.set(false);
        self.retired.free_all();
        drop(reset);
        self.set_attention();
        self.stood_still.take();
        self.found.take()
    }

    /// All finalizers that are due, also if one of them is what we have been called from.
    fn run_finalizers_now(&self, at: At<'_, '_>) {
        while let Some(object) = self.next_finalizer() {
            at.finalize(object);
        }
    }

    /// Brings the cycle that is under way, if there is one, to its end. Leaves finalizers pending.
    fn complete(&self, at: At<'_, '_>) {
        loop {
            match self.phase.get() {
                Phase::Idle => return,
                Phase::Marking => {
                    self.wait_for_marker(at);
                    self.try_finish(at);
                }
                Phase::Finishing => self.finish_some(at, usize::MAX),
                Phase::Sweeping => {
                    at.sweep_all();
                    self.end(at);
                }
            }
        }
    }
}

/// Switches a flag off when a method is left, also by a panic.
struct Reset<'a>(&'a std::cell::Cell<bool>);

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Gives the cycle up when tracing panics.
struct Undo<'a> {
    collector: &'a Concurrent,
    graph: &'a Graph,
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.collector.give_up(self.graph);
    }
}
