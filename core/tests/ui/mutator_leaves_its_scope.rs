//! The attack: keep the mutator, and allocate or write when no scope is open.
//!
//! Whom it has hit: gc-arena changed the signatures of `mutate` twice until its context could not be had at `'static`
//! (pull requests 28, 61 and 65).
//!
//! Why it fails: the reference to the mutator is branded as the pointers are.
use cyclade_core::{Collector, Heap, Mutator};

fn attack<'a, C: Collector>(heap: &'a mut Heap<C>) {
    let mut kept: Option<&'a Mutator<'a, C>> = None;
    heap.mutate(|mc| kept = Some(mc));
    drop(kept);
}

fn main() {}
