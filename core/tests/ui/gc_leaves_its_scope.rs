//! The attack: carry a pointer out of its scope, let a collection free the object, and follow it.
//!
//! Whom it has hit: every collector whose handles are plain values and whose roots are found by other means, such as the
//! stack scanning of rust-lang's own first `Gc` (pull request 11399) and of boehm-rs (issue 1).
//!
//! Why it fails: the brand is a lifetime that the closure cannot name outside of itself. Keep a `Root` instead.
use cyclade_core::{Collector, Gc, Heap};

fn returned<C: Collector>(heap: &mut Heap<C>) -> u64 {
    let kept = heap.mutate(|mc| mc.alloc(1_u64));
    heap.collect();
    *kept
}

fn stored<C: Collector>(heap: &mut Heap<C>) {
    let mut kept: Option<Gc<'_, u64>> = None;
    heap.mutate(|mc| kept = Some(mc.alloc(1_u64)));
    heap.collect();
    drop(kept);
}

fn lent<C: Collector>(heap: &mut Heap<C>) -> u64 {
    let kept: &u64 = heap.mutate(|mc| mc.alloc(1_u64).as_ref());
    heap.collect();
    *kept
}

fn main() {}
