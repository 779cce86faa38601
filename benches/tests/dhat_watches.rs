//! dhat's word on callbacks: a watcher that outlives many targets keeps nothing of them.

use cyclade_trial_deletion::{Heap, Root, Slot, Trace};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

#[derive(Trace)]
struct Node<'gc> {
    _next: Slot<'gc, Node<'gc>>,
}

fn node(heap: &mut Heap) -> Root<Node<'static>> {
    heap.mutate(|mc| mc.root(mc.alloc(Node { _next: Slot::empty() })))
}

#[test]
fn a_watcher_that_outlives_its_targets_keeps_nothing_of_them() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let mut heap = Heap::default();
    let watcher = node(&mut heap);
    // Some targets live on: their callbacks stay.
    let living: Vec<_> = (0..10).map(|_| node(&mut heap)).collect();
    for target in &living {
        heap.watch(&watcher, &target.downgrade(), |_, _| unreachable!("it lives"));
    }
    let mut outlive = |targets: usize| {
        for _ in 0..targets {
            let target = node(&mut heap);
            heap.watch(&watcher, &target.downgrade(), |_, _| {});
        }
        dhat::HeapStats::get().curr_blocks
    };
    let (few, many) = (outlive(1_000), outlive(100_000));
    // What is not needed any more is looked for when the list is full, so a few may still be there, fewer than live on.
    dhat::assert!(many.abs_diff(few) <= 20, "{few} blocks after 1,000 targets, {many} after 101,000");
    drop(heap);
    drop((watcher, living));
}
