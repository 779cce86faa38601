//! A `Trace` written by hand that panics, which breaks its contract (rule 3). The contract makes that its author's fault; a collector
//! must keep the heap whole all the same: nothing reachable is freed, nothing is dropped twice, and once tracing works again,
//! so does everything else.
//!
//! Tracing is made to panic at its n-th call, for every n until a whole story runs without reaching it: at births, where counting collectors
//! trace; in marking, in subtracting, in separating; in zeal's own look at the heap; and in cascades of frees. There, an object that cannot be
//! traced is as dead as before, and its turn comes again at the next safepoint.

use crate::link::{Link, assert_usable, link};
use crate::mode::Mode;
use crate::panics::{Planned, panic_now};
use crate::witness::{Token, Witness};
use cyclade_core::{Branded, Collector, Edges, Gc, Heap, Managed, Mutator, Root, Slot, Trace, Tracer};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// After so many more calls, on whichever thread, tracing panics once.
#[derive(Clone)]
struct Fuse(Arc<AtomicUsize>);

const NEVER: usize = usize::MAX;

impl Fuse {
    fn set(&self, calls: usize) {
        self.0.store(calls, Relaxed);
    }

    fn burn(&self) {
        let left = self.0.fetch_update(Relaxed, Relaxed, |left| match left {
            NEVER => None,
            0 => Some(NEVER),
            left => Some(left - 1),
        });
        if left == Ok(0) {
            panic_now();
        }
    }
}

struct Touchy<'gc> {
    next: Slot<'gc, Touchy<'gc>>,
    more: Slot<'gc, Touchy<'gc>>,
    other: Slot<'gc, Link<'gc>>,
    fuse: Fuse,
    _token: Token,
}

// SAFETY: visits all edges, in order. It panics before the first one, against rule 3: what a collector makes of that is what is checked
// here, and it must not be anything worse than a panic and a leak.
#[allow(unsafe_code, reason = "a panicking `Trace` cannot be had without writing one by hand")]
unsafe impl Trace for Touchy<'_> {
    const EDGES: Edges = Edges::DYNAMIC;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.fuse.burn();
        self.next.trace(tracer);
        self.more.trace(tracer);
        self.other.trace(tracer);
    }
}

impl Managed for Touchy<'static> {
    type At<'gc> = Touchy<'gc>;
}

impl<'gc> Branded<'gc> for Touchy<'gc> {
    type Static = Touchy<'static>;
}

/// Objects in a string, each of which has a leaf.
const LENGTH: usize = 3;

/// A chain of [`LENGTH`] objects, or a ring, each of them with a leaf.
fn string<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    fuse: &Fuse,
    witness: &Witness,
    ring: bool,
) -> Gc<'gc, Touchy<'gc>> {
    let make = |next: Option<Gc<'gc, Touchy<'gc>>>| {
        mc.alloc(Touchy {
            next: next.map_or_else(Slot::empty, Slot::to),
            more: Slot::empty(),
            other: Slot::to(link(mc, witness)),
            fuse: fuse.clone(),
            _token: witness.token(),
        })
    };
    let last = make(None);
    let first = (1..LENGTH).fold(last, |next, _| make(Some(next)));
    if ring {
        last.set(mc, |t| &t.next, Some(first));
    }
    first
}

/// A step that may be left by the planned panic, and by no other.
fn step<R>(work: impl FnOnce() -> R) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work))
        && !panic.is::<Planned>()
    {
        resume_unwind(panic);
    }
}

/// Everything that hangs on these roots is there, and nothing else is reachable.
#[track_caller]
fn assert_whole<C: Collector>(heap: &mut Heap<C>, roots: &[Root<Touchy<'static>>], witness: &Witness) {
    assert_eq!(witness.dropped(), 0, "something reachable was dropped");
    assert_eq!(heap.census().reachable, roots.len() * LENGTH * 2);
    heap.mutate(|mc| {
        for root in roots {
            let mut at = Some(root.get(mc));
            for _ in 0..LENGTH {
                let object = at.expect("an object of the string");
                assert!(object.other.get().is_some_and(|leaf| leaf.next.get().is_none()));
                at = object.next.get();
            }
        }
    });
}

/// Runs `story` with tracing that panics at its first call, at its second, and so on, until the story comes to its end without.
fn at_every_call<C: Collector>(mode: Mode, story: impl Fn(Heap<C>, &Fuse, usize)) {
    let mut calls = 0;
    loop {
        let fuse = Fuse(Arc::new(AtomicUsize::new(NEVER)));
        story(mode.heap(), &fuse, calls);
        if fuse.0.swap(NEVER, Relaxed) != NEVER {
            break;
        }
        calls += 1;
    }
    println!("`{}` traced {calls} times", C::NAME);
}

/// Wherever tracing panics in births and collections, what is reachable stays, and afterwards the heap does all that it should.
pub fn panic_in_births_and_collections_harms_nothing<C: Collector>(mode: Mode) {
    at_every_call::<C>(mode, |mut heap, fuse, calls| {
        let (live, dead) = (Witness::default(), Witness::default());
        let mut rooted =
            |witness: &Witness, ring: bool| heap.mutate(|mc| mc.root(string(mc, fuse, witness, ring)));
        let roots = [rooted(&live, true), rooted(&live, false)];
        drop([rooted(&dead, true), rooted(&dead, false)]);
        fuse.set(calls);
        step(|| heap.collect());
        // All of it is linked into what lives, until tracing works again: so that nothing dies here.
        step(|| heap.mutate(|mc| roots[0].get(mc).set(mc, |t| &t.more, Some(string(mc, fuse, &dead, true)))));
        step(|| heap.collect());
        let left = fuse.0.swap(NEVER, Relaxed);
        // A marker's panic may be on its way still.
        step(|| heap.mutate(|_| ()));
        step(|| heap.collect());
        heap.mutate(|mc| roots[0].get(mc).set(mc, |t| &t.more, None));
        heap.collect();
        assert_whole(&mut heap, &roots, &live);
        heap.collect();
        assert_whole(&mut heap, &roots, &live);
        if C::PLAN.frees_cycles {
            dead.assert_all_dropped_once();
            assert_eq!(heap.len(), roots.len() * LENGTH * 2, "tracing has panicked at call {calls}");
        }
        drop(roots);
        heap.collect();
        if C::PLAN.frees_cycles {
            live.assert_all_dropped_once();
            assert!(heap.is_empty());
        }
        assert_usable(&mut heap);
        drop(heap);
        live.assert_all_dropped_once();
        dead.assert_all_dropped_once();
        fuse.set(left);
    });
}

/// Wherever tracing panics when objects die, what is reachable stays, and what is dead goes once tracing works again.
pub fn panic_at_a_death_only_puts_it_off<C: Collector>(mode: Mode) {
    at_every_call::<C>(mode, |mut heap, fuse, calls| {
        let (live, ring, chain) = (Witness::default(), Witness::default(), Witness::default());
        let mut rooted =
            |witness: &Witness, ring: bool| heap.mutate(|mc| mc.root(string(mc, fuse, witness, ring)));
        let roots = [rooted(&live, true), rooted(&live, false)];
        let lost = [rooted(&ring, true), rooted(&chain, false)];
        // From what dies, edges lead to what lives.
        heap.mutate(|mc| {
            for (from, to) in lost.iter().zip(&roots) {
                from.get(mc).set(mc, |t| &t.more, Some(to.get(mc)));
            }
        });
        fuse.set(calls);
        step(|| drop(lost));
        step(|| heap.mutate(|mc| _ = string(mc, fuse, &chain, false)));
        step(|| heap.collect());
        let left = fuse.0.swap(NEVER, Relaxed);
        for _ in 0..2 {
            step(|| heap.mutate(|_| ()));
            step(|| heap.collect());
        }
        assert_whole(&mut heap, &roots, &live);
        if C::PLAN.frees {
            chain.assert_all_dropped_once();
        }
        if C::PLAN.frees_cycles {
            ring.assert_all_dropped_once();
            assert_eq!(heap.len(), roots.len() * LENGTH * 2, "tracing has panicked at call {calls}");
        }
        assert_usable(&mut heap);
        drop(roots);
        heap.collect();
        // A token that is dropped a second time panics.
        drop(heap);
        fuse.set(left);
    });
}
