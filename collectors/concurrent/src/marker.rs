//! The marker: a thread that traces the snapshot while the mutator goes on.
//!
//! One per heap, started when its first cycle begins. It marks with an atomic test-and-set on the side bits, because the owner marks new
//! and shaded objects in the same words. While it traces it is pinned in the heap's own epoch, so that no buffer of a
//! `GcVec` or `GcMap` is freed under its hands; every [`STRIDE`] objects it pins itself anew, so that older ones may go.

use crate::crossing::{Grey, Snapshot};
use crate::handover::{Batch, Handover, Work};
use crate::wavefront::Wavefront;
use crossbeam_epoch as epoch;
use cyclade_core::{Graph, Object};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread::{Builder, JoinHandle};

/// Objects scanned between two looks at the rest of the world.
const STRIDE: usize = 256;

/// What owner and marker share.
pub(crate) struct Shared {
    pub(crate) handover: Handover<Snapshot, Grey>,
    pub(crate) epoch: epoch::Collector,
    /// Objects that the marker has scanned in its life.
    scanned: AtomicU64,
    /// The most bytes that the marker's queue has taken in this cycle.
    queued: AtomicUsize,
    /// Must the marker ask how many objects it may scan, or whether it is to end?
    ask: AtomicBool,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("handover", &self.handover).field("scanned", &self.scanned).finish()
    }
}

impl Shared {
    pub(crate) fn scanned(&self) -> u64 {
        self.scanned.load(Relaxed)
    }

    /// The most bytes that the marker's queue has taken since the last time.
    pub(crate) fn take_queued(&self) -> usize {
        self.queued.swap(0, Relaxed)
    }
}

/// A test's hold on the marker.
#[derive(Clone, Debug)]
pub struct Leash(pub(crate) Arc<Shared>);

impl Leash {
    /// Objects that the marker has scanned in its life.
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.0.scanned()
    }

    /// Lets the marker scan only so many objects in its life; it waits in between.
    pub fn allow(&self, objects: u64) {
        self.0.ask.store(true, Relaxed);
        self.0.handover.allow(objects);
    }
}

/// The owner's side of the marker.
#[derive(Debug)]
pub(crate) struct Marker {
    pub(crate) shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Marker {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            handover: Handover::new(),
            epoch: epoch::Collector::new(),
            scanned: AtomicU64::new(0),
            queued: AtomicUsize::new(0),
            ask: AtomicBool::new(false),
        };
        Marker { shared: Arc::new(shared), thread: None }
    }

    /// Starts the thread if it is not there. False if the system gives none.
    pub(crate) fn start(&mut self) -> bool {
        if self.thread.is_none() {
            let shared = Arc::clone(&self.shared);
            self.thread = Builder::new().name("cyclade-marker".into()).spawn(move || run(&shared)).ok();
        }
        self.thread.is_some()
    }

    /// Ends the thread and waits for it: afterwards it touches nothing of the heap (X2).
    pub(crate) fn stop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.shared.ask.store(true, Relaxed);
            self.shared.handover.stop();
            // It catches every panic itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(shared: &Shared) {
    let handle = shared.epoch.register();
    let mut grey = Wavefront::new(Graph::mark_shared);
    let mut cycle = 0;
    loop {
        let work = shared.handover.next();
        let traced = catch_unwind(AssertUnwindSafe(|| {
            let mut guard = handle.pin();
            match work {
                Work::Stop => return false,
                Work::Begin(snapshot) => {
                    // If we were woken on the owner's processor, it goes first: it is in a pause.
                    std::thread::yield_now();
                    cycle = snapshot.cycle;
                    snapshot.roots(|object| grey.reach(object));
                }
                Work::Batch(Batch { items, marked }) => {
                    for Grey(object) in items {
                        if marked {
                            grey.push(object);
                        } else {
                            grey.reach(object);
                        }
                    }
                }
            }
            trace(shared, &mut grey, cycle, &mut guard)
        }));
        match traced {
            Ok(true) => {}
            Ok(false) => return,
            Err(failure) => {
                grey.clear();
                shared.handover.fail(failure);
            }
        }
    }
}

/// Scans until nothing is grey. False if the marker is to end.
fn trace(
    shared: &Shared,
    grey: &mut Wavefront<impl FnMut(Object) -> bool>,
    cycle: u64,
    guard: &mut epoch::Guard,
) -> bool {
    while !grey.is_empty() {
        let mut most = STRIDE;
        if shared.ask.load(Relaxed) {
            match shared.handover.allowance(shared.scanned.load(Relaxed)) {
                Some(left) => most = most.min(usize::try_from(left).unwrap_or(usize::MAX)),
                None => return false,
            }
        }
        let scanned = grey.scan(most, Some(cycle));
        shared.scanned.fetch_add(scanned as u64, Relaxed);
        // Between two objects: no buffer is being read.
        guard.repin();
    }
    shared.queued.fetch_max(grey.take_most_bytes(), Relaxed);
    true
}
