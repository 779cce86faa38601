//! The tutorial's story, and the cases around it that every tutorial tells.

use cyclade_trial_deletion::{Heap, ObjectId, Root, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    peer: Slot<'gc, Node<'gc>>,
}

fn pair(heap: &mut Heap) -> (Root<Node<'static>>, ObjectId) {
    heap.mutate(|mc| {
        let a = mc.alloc(Node { peer: Slot::empty() });
        let b = mc.alloc(Node { peer: Slot::to(a) });
        a.set(mc, |n| &n.peer, Some(b));
        (mc.root(a), b.id())
    })
}

#[test]
fn counts_two_and_one_then_one_and_one_then_gone() {
    let mut heap = Heap::default();
    heap.collector().disable();
    let (a, b) = pair(&mut heap);
    let a_id = a.id();
    assert_eq!((heap.ref_count(a_id), heap.ref_count(b)), (Some(2), Some(1)));
    drop(a);
    assert_eq!((heap.ref_count(a_id), heap.ref_count(b)), (Some(1), Some(1)));
    assert!(heap.contains(a_id) && heap.contains(b));
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, found.uncollectable), (2, 2, 0));
    assert!(found.bytes_freed >= 2 * (16 + 8));
    assert!(!heap.contains(a_id) && !heap.contains(b));
    assert_eq!((heap.ref_count(a_id), heap.len()), (Some(0), 0));
}

#[test]
fn a_pair_that_is_held_survives() {
    let mut heap = Heap::default();
    let (a, b) = pair(&mut heap);
    assert_eq!(heap.collect().unreachable, 0);
    assert!(heap.contains(a.id()) && heap.contains(b));
}

#[test]
fn an_acyclic_pair_goes_at_once_and_leaves_nothing_to_collect() {
    let mut heap = Heap::default();
    let a = heap.mutate(|mc| {
        let b = mc.alloc(Node { peer: Slot::empty() });
        mc.root(mc.alloc(Node { peer: Slot::to(b) }))
    });
    assert_eq!(heap.len(), 2);
    drop(a);
    assert_eq!((heap.len(), heap.collect().unreachable), (0, 0));
}

#[test]
fn an_object_that_refers_to_itself_is_found() {
    let mut heap = Heap::default();
    let id = heap.mutate(|mc| {
        let a = mc.alloc(Node { peer: Slot::empty() });
        a.set(mc, |n| &n.peer, Some(a));
        a.id()
    });
    assert_eq!(heap.ref_count(id), Some(1));
    assert_eq!(heap.collect().unreachable, 1);
    assert_eq!(heap.len(), 0);
}

#[test]
fn automatic_collection_finds_pairs_once_it_is_enabled() {
    let mut heap = Heap::default();
    heap.collector().disable();
    for _ in 0..1000 {
        drop(pair(&mut heap));
    }
    assert_eq!(heap.len(), 2000);
    heap.collector().enable();
    assert!(heap.collector().is_enabled());
    drop(pair(&mut heap));
    // The newborn that crossed the threshold stayed outside, and holds its peer's count up.
    assert!(heap.len() <= 2, "{} objects are left", heap.len());
}

#[test]
fn ring_of_ten_million_is_collected_on_a_small_stack() {
    #[derive(Trace)]
    struct Ring<'gc> {
        next: Slot<'gc, Ring<'gc>>,
        back: Slot<'gc, Ring<'gc>>,
    }
    const N: usize = if cfg!(miri) { 1_000 } else { 10_000_000 };
    let work = || {
        let mut heap = Heap::default();
        heap.collector().disable();
        let first = heap.mutate(|mc| {
            let first = mc.alloc(Ring { next: Slot::empty(), back: Slot::empty() });
            let mut last = first;
            for _ in 1..N {
                let node = mc.alloc(Ring { next: Slot::empty(), back: Slot::to(last) });
                last.set(mc, |n| &n.next, Some(node));
                last = node;
            }
            last.set(mc, |n| &n.next, Some(first));
            first.set(mc, |n| &n.back, Some(last));
            mc.root(first)
        });
        assert_eq!(heap.collect().unreachable, 0);
        drop(first);
        assert_eq!(heap.collect().unreachable, N);
        assert_eq!(heap.len(), 0);
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap();
}
