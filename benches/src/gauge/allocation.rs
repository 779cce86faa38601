//! Allocation of objects of 48 bytes, each initialised and linked to the one before, in scopes of a thousand.
//!
//! *fresh*: into blocks that have been in use and are empty, so that no new page is touched. *aged*: into a heap of a million objects of which
//! every second one, at random, has died and been swept. *lazily swept*: into such a heap after an automatic collection, which leaves the sweep to those
//! who allocate; all of it is swept in the end.

use super::Manual;
use crate::clock::{Reading, time};
use crate::contest::{Contestant, Workload};
use crate::control::allocation::{Aged, BUMP, Bump, CURSOR, Cursor, SWEPT_CURSOR};
use crate::control::{Malloc, System};
use crate::ours::Node;
use cyclade_concurrent::Concurrent;
use cyclade_core::{Collector, Config, Gc, Heap, Root};
use cyclade_mark_sweep::{MarkSweep, Options};
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_report::statistics::SplitMix64;
use cyclade_trial_deletion::TrialDeletion;
use std::hint::black_box;

/// Objects of one scope.
const SCOPE: u64 = 1_000;

/// So many times as many objects as are allocated has the aged heap: half of them are holes, half of the holes are filled.
const AGED: usize = 4;

/// The workloads.
pub const FRESH: &str = "allocation fresh";
/// As above.
pub const INTO_HOLES: &str = "allocation aged";
/// As above.
pub const LAZY: &str = "allocation lazily swept";

/// The allocators that may take part in [`INTO_HOLES`]. This library links only the first: the bench `compare` brings the others.
pub const MALLOCS: &[&str] = &[System::NAME, "mimalloc", "jemalloc"];

/// Chains of [`SCOPE`] objects, each in a scope of its own; their heads are kept in `heads`, whose room has been made before.
pub(super) fn allocate<C: Collector>(heap: &mut Heap<C>, count: u64, heads: &mut Vec<Root<Node<'static>>>) {
    for _ in 0..count.div_ceil(SCOPE) {
        let head = heap.mutate(|mc| {
            let mut last = None;
            for payload in 0..SCOPE {
                last = Some(mc.alloc(Node::linked(last, payload)));
            }
            last.map(|last| mc.root(last))
        });
        heads.extend(head);
    }
}

fn fresh<C: Manual>() -> Contestant {
    Contestant::new(C::NAME, |count, report| {
        let mut heap = Heap::<C>::new(C::manual());
        let mut heads = Vec::with_capacity(count.div_ceil(SCOPE) as usize);
        // The null collector gets new pages each time: it has no others.
        allocate(&mut heap, count, &mut heads);
        heads.clear();
        heap.collect();
        report(time(|| allocate(&mut heap, count, &mut heads)).into());
    })
    .ours()
}

/// What keeps half of a heap alive: lists of its objects.
type Kept = Vec<Root<Vec<Gc<'static, Node<'static>>>>>;

/// Fills `heap` with `objects` objects, and then lets go of every second one, at random: not before, since counting would fill the holes at once.
fn age<C: Collector>(heap: &mut Heap<C>, objects: usize) -> Kept {
    let mut random = SplitMix64::new(1);
    let (kept, dropped): (Kept, Kept) = (0..objects.div_ceil(SCOPE as usize))
        .map(|_| {
            heap.mutate(|mc| {
                let (kept, dropped): (Vec<_>, Vec<_>) = (0..SCOPE)
                    .map(|payload| mc.alloc(Node::new(payload)))
                    .partition(|_| random.below(2) == 0);
                (mc.root(mc.alloc(kept)), mc.root(mc.alloc(dropped)))
            })
        })
        .unzip();
    drop(dropped);
    kept
}

fn aged<C: Manual>() -> Contestant {
    Contestant::new(C::NAME, |count, report| {
        let mut heap = Heap::<C>::new(C::manual());
        let kept = age(&mut heap, AGED * count as usize);
        heap.collect();
        let mut heads = Vec::with_capacity(count.div_ceil(SCOPE) as usize);
        report(time(|| allocate(&mut heap, count, &mut heads)).into());
        drop(kept);
    })
    .ours()
}

/// `M`'s part in [`INTO_HOLES`].
#[must_use]
pub fn malloc<M: Malloc>() -> Contestant {
    Contestant::new(M::NAME, |count, report| {
        let mut heap = Aged::<M>::half_empty(AGED * count as usize);
        report(time(|| _ = black_box(heap.allocate(count as usize))).into());
    })
}

fn lazily_swept() -> Contestant {
    Contestant::new(MarkSweep::NAME, |count, report| {
        let objects = AGED * count as usize;
        // The first collection comes when the heap has been filled, and no other after it. (A hundredth more: the lists that keep the objects.)
        let min_bytes = 48 * (objects + objects / 100) as u64;
        let collector = Options { growth: 1e9, min_bytes, ..Options::default() };
        let mut heap = Heap::<MarkSweep>::new(Config { collector, ..Config::default() });
        let kept = age(&mut heap, objects);
        let mut heads = Vec::with_capacity(2 * objects / SCOPE as usize);
        while heap.stats().collections == 0 {
            allocate(&mut heap, SCOPE, &mut heads);
        }
        report(time(|| allocate(&mut heap, count, &mut heads)).into());
        drop(kept);
    })
    .ours()
}

fn swept_cursor(count: u64, report: &dyn Fn(Reading)) {
    let words = AGED * count as usize / 64;
    let scopes = count.div_ceil(SCOPE) as usize;
    let mut heap = Cursor::half_empty(words * 64, true);
    report(
        time(|| {
            for scope in 0..scopes {
                heap.sweep(scope * words / scopes..(scope + 1) * words / scopes);
                black_box(heap.allocate(SCOPE as usize));
            }
        })
        .into(),
    );
}

pub(super) fn workloads() -> Vec<Workload> {
    let bump = Contestant::new(BUMP, |count, report| {
        let mut heap = Bump::new(count as usize);
        report(time(|| _ = black_box(heap.allocate(count as usize))).into());
    });
    let cursor = Contestant::new(CURSOR, |count, report| {
        let mut heap = Cursor::half_empty(AGED * count as usize, false);
        report(time(|| _ = black_box(heap.allocate(count as usize))).into());
    });
    vec![
        Workload {
            name: FRESH,
            operation: "object of 48 bytes, initialised, in a block that is empty",
            size: 1_000_000,
            rounds: 11,
            reference: BUMP,
            figures: &[],
            contestants: vec![
                fresh::<Null>().leaks(),
                fresh::<RefCount>(),
                fresh::<TrialDeletion>(),
                fresh::<MarkSweep>(),
                fresh::<Concurrent>(),
                bump.control(),
            ],
        },
        Workload {
            name: INTO_HOLES,
            operation: "object of 48 bytes, initialised, in a heap that every second object has left",
            size: 250_000,
            rounds: 11,
            reference: CURSOR,
            figures: &[],
            contestants: vec![
                aged::<RefCount>(),
                aged::<TrialDeletion>(),
                aged::<MarkSweep>(),
                aged::<Concurrent>(),
                cursor.control(),
                malloc::<System>(),
            ],
        },
        Workload {
            name: LAZY,
            operation: "object of 48 bytes, initialised, while a heap that every second object has left is swept",
            size: 250_000,
            rounds: 11,
            reference: SWEPT_CURSOR,
            figures: &[],
            contestants: vec![lazily_swept(), Contestant::new(SWEPT_CURSOR, swept_cursor).control()],
        },
    ]
}
