//! Depth that depends on data never becomes depth of a stack.

use cyclade_concurrent::{Config, Heap, Options, Phase, Slot, Trace};

#[derive(Trace)]
struct Link<'gc> {
    next: Slot<'gc, Link<'gc>>,
    back: Slot<'gc, Link<'gc>>,
}

#[test]
fn ring_of_ten_million_is_marked_beside_the_mutator_and_freed_on_a_stack_of_8_mib() {
    const LENGTH: usize = 10_000_000;
    let body = || {
        let options = Options { automatic: false, sweep_blocks_per_safepoint: 256, ..Options::default() };
        let mut heap = Heap::new(Config { collector: options, ..Config::default() });
        let ring = heap.mutate(|mc| {
            let first = mc.alloc(Link { next: Slot::empty(), back: Slot::empty() });
            let mut last = first;
            for _ in 1..LENGTH {
                let node = mc.alloc(Link { next: Slot::empty(), back: Slot::to(last) });
                last.set(mc, |n| &n.next, Some(node));
                last = node;
            }
            last.set(mc, |n| &n.next, Some(first));
            first.set(mc, |n| &n.back, Some(last));
            mc.root(first)
        });
        let cycle = |heap: &mut Heap| {
            heap.collector().request_cycle();
            heap.mutate(|_| {});
            while heap.collector().phase() != Phase::Idle {
                heap.mutate(|_| {});
            }
        };
        cycle(&mut heap);
        assert_eq!(heap.len(), LENGTH);
        assert_eq!(heap.collector().statistics().scanned_by_marker, LENGTH as u64);
        drop(ring);
        cycle(&mut heap);
        assert!(heap.is_empty());
    };
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(body).expect("a thread");
    thread.join().expect("no overflow");
}
