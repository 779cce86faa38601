//! The attack: collect while pointers are on the stack, which no collector here looks at.
//!
//! Whom it has hit: rust-lang's first `Gc` (pull request 11399) scanned stacks because of it; Servo panicked, and worse was considered,
//! when a collection began while a cell was borrowed (issue 4778).
//!
//! Why it fails: a scope borrows the heap exclusively, and so does `collect`.
use cyclade_core::{Collector, Heap};

fn attack<C: Collector>(heap: &mut Heap<C>) -> u64 {
    heap.mutate(|mc| {
        let gc = mc.alloc(1_u64);
        heap.collect();
        *gc
    })
}

fn nested<C: Collector>(heap: &mut Heap<C>) {
    heap.mutate(|_| heap.mutate(|_| ()));
}

fn main() {}
