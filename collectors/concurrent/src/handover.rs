//! The handover: how work gets from the owner to the marker, and how the owner knows that there is none left.
//!
//! One mutex guards an inbox. The owner puts in the beginning of a cycle and, later, batches of objects that its barrier has shaded;
//! the marker takes them out one by one, and says that it *rests* when the inbox is empty and it has nothing left to scan. Neither holds
//! the lock for longer than it takes to move a vector.
//!
//! # Why termination is exact
//!
//! Invariants:
//! - **H1** Every grey object (marked, its edges not yet followed), and every target on its way to be marked, is in the marker's hands, in the
//!   inbox, or in the owner's buffer.
//! - **H2** Only the owner fills its buffer and the inbox. The marker sets *resting* under the lock, when its hands and the inbox are
//!   empty; and from then on, until the owner puts something in, it has nothing to do.
//!
//! At a safepoint no barrier runs. If [`is_quiet`](Handover::is_quiet) says that the marker rests and the inbox is empty, and the owner's
//! buffer is empty, then by H1 there is no grey object at all, and by H2 none can come into being. What the marker did before it
//! rested happened before the owner's look, because both hold the lock. One thread of each kind: no second round of asking is needed.

use crate::primitive::{Condvar, Mutex, MutexGuard};
use std::any::Any;
use std::sync::PoisonError;

/// Objects from the owner.
#[derive(Debug)]
pub(crate) struct Batch<T> {
    pub(crate) items: Vec<T>,
    /// Have they been marked by the barrier, or are they copies of edges that nobody has looked at?
    pub(crate) marked: bool,
}

/// What the marker is to do next.
#[derive(Debug)]
pub(crate) enum Work<J, T> {
    /// A cycle begins.
    Begin(J),
    /// More grey objects.
    Batch(Batch<T>),
    /// The heap goes.
    Stop,
}

/// How a tracing panic is carried to the owner.
pub(crate) type Failure = Box<dyn Any + Send>;

struct Inbox<J, T> {
    job: Option<J>,
    batches: Vec<Batch<T>>,
    resting: bool,
    stop: bool,
    failure: Option<Failure>,
    /// How many objects the marker may scan in all.
    allowance: u64,
}

impl<J, T> Inbox<J, T> {
    fn is_quiet(&self) -> bool {
        self.resting && self.batches.is_empty() && self.job.is_none()
    }
}

/// See the module. `J` is what a cycle begins with, `T` an object.
pub(crate) struct Handover<J, T> {
    inbox: Mutex<Inbox<J, T>>,
    for_marker: Condvar,
    for_owner: Condvar,
}

impl<J, T> Handover<J, T> {
    pub(crate) fn new() -> Self {
        let inbox = Inbox {
            job: None,
            batches: Vec::new(),
            resting: true,
            stop: false,
            failure: None,
            allowance: u64::MAX,
        };
        Handover { inbox: Mutex::new(inbox), for_marker: Condvar::new(), for_owner: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inbox<J, T>> {
        // No code that can panic runs under the lock.
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the owner's side ----

    /// A cycle begins.
    pub(crate) fn begin(&self, job: J) {
        let mut inbox = self.lock();
        inbox.job = Some(job);
        inbox.resting = false;
        drop(inbox);
        self.for_marker.notify_one();
    }

    /// More grey objects.
    pub(crate) fn give(&self, batch: Batch<T>) {
        self.lock().batches.push(batch);
        self.for_marker.notify_one();
    }

    /// Has the marker nothing to do (see the module)?
    pub(crate) fn is_quiet(&self) -> bool {
        self.lock().is_quiet()
    }

    /// Waits until the marker has nothing to do.
    pub(crate) fn wait_until_quiet(&self) {
        let mut inbox = self.lock();
        while !inbox.is_quiet() {
            inbox = self.for_owner.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The panic that ended this cycle's marking, if one did.
    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.lock().failure.take()
    }

    /// Tells the marker to end, whatever it is doing.
    pub(crate) fn stop(&self) {
        self.lock().stop = true;
        self.for_marker.notify_one();
    }

    /// The marker may scan so many objects in all, from now on.
    pub(crate) fn allow(&self, objects: u64) {
        self.lock().allowance = objects;
        self.for_marker.notify_one();
    }

    // ---- the marker's side ----

    /// The marker's hands are empty: waits for the next work.
    pub(crate) fn next(&self) -> Work<J, T> {
        let mut inbox = self.lock();
        loop {
            if inbox.stop {
                return Work::Stop;
            }
            if let Some(job) = inbox.job.take() {
                return Work::Begin(job);
            }
            if let Some(batch) = inbox.batches.pop() {
                inbox.resting = false;
                return Work::Batch(batch);
            }
            inbox.resting = true;
            self.for_owner.notify_one();
            inbox = self.for_marker.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tracing has panicked: this cycle cannot be completed.
    pub(crate) fn fail(&self, failure: Failure) {
        self.lock().failure.get_or_insert(failure);
    }

    /// How many objects the marker may scan now, having scanned so many; waits while it is none. `None`: it must end.
    pub(crate) fn allowance(&self, scanned: u64) -> Option<u64> {
        let mut inbox = self.lock();
        loop {
            if inbox.stop {
                return None;
            }
            if inbox.allowance > scanned {
                return Some(inbox.allowance - scanned);
            }
            inbox = self.for_marker.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<J, T> std::fmt::Debug for Handover<J, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inbox = self.lock();
        f.debug_struct("Handover")
            .field("resting", &inbox.resting)
            .field("batches", &inbox.batches.len())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicUsize;
    use loom::thread;
    use std::sync::atomic::Ordering::Relaxed;

    fn marker(handover: &Arc<Handover<usize, usize>>, sum: &Arc<AtomicUsize>) -> thread::JoinHandle<()> {
        let (handover, sum) = (handover.clone(), sum.clone());
        thread::spawn(move || {
            loop {
                match handover.next() {
                    Work::Begin(job) => _ = sum.fetch_add(job, Relaxed),
                    Work::Batch(batch) => _ = sum.fetch_add(batch.items.iter().sum(), Relaxed),
                    Work::Stop => return,
                }
            }
        })
    }

    #[test]
    fn quiet_means_that_everything_given_has_been_worked_off() {
        loom::model(|| {
            let handover = Arc::new(Handover::new());
            let sum = Arc::new(AtomicUsize::new(0));
            let marker = marker(&handover, &sum);
            handover.begin(1);
            handover.give(Batch { items: vec![10], marked: true });
            if handover.is_quiet() {
                assert_eq!(sum.load(Relaxed), 11, "H2");
            }
            handover.give(Batch { items: vec![100], marked: false });
            handover.wait_until_quiet();
            assert_eq!(sum.load(Relaxed), 111);
            handover.stop();
            marker.join().expect("the marker ends");
        });
    }

    #[test]
    fn stopping_ends_a_marker_whatever_it_waits_for() {
        loom::model(|| {
            let handover = Arc::new(Handover::<usize, usize>::new());
            handover.allow(0);
            let marker = {
                let handover = handover.clone();
                thread::spawn(move || {
                    if let Work::Begin(_) = handover.next() {
                        assert_eq!(handover.allowance(0), None);
                    }
                })
            };
            handover.begin(1);
            handover.stop();
            marker.join().expect("the marker ends");
        });
    }
}
