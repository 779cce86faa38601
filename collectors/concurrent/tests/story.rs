//! The tutorial's story, and what the collector tells of itself on the way.

use cyclade_concurrent::{Config, Gc, Heap, Options, Phase, Root, Slot, Trace, WeakRoot};

#[derive(Trace)]
struct Node<'gc> {
    peer: Slot<'gc, Node<'gc>>,
}

type Nodes = Root<Node<'static>>;

fn pair(heap: &mut Heap) -> (Nodes, Nodes) {
    heap.mutate(|mc| {
        let a = mc.alloc(Node { peer: Slot::empty() });
        let b: Gc<'_, Node<'_>> = mc.alloc(Node { peer: Slot::to(a) });
        a.set(mc, |n| &n.peer, Some(b));
        (mc.root(a), mc.root(b))
    })
}

#[test]
fn a_dropped_cycle_exists_until_it_is_collected() {
    let mut heap = Heap::default();
    let (a, b) = pair(&mut heap);
    let (a_id, b_id) = (a.id(), b.id());
    let weak: WeakRoot<Node<'static>> = a.downgrade();
    drop((a, b));
    assert!(heap.contains(a_id) && heap.contains(b_id) && weak.is_alive());
    assert_eq!(heap.ref_count(a_id), None, "nothing is counted");
    let found = heap.collect();
    assert_eq!((found.unreachable, found.freed, found.resurrected), (2, 2, 0));
    assert!(!heap.contains(a_id) && !heap.contains(b_id) && !weak.is_alive());
    assert!(heap.is_empty());
    assert_eq!(heap.collect().unreachable, 0);
}

#[test]
fn a_root_keeps_the_whole_cycle() {
    let mut heap = Heap::default();
    let (a, b) = pair(&mut heap);
    let b_id = b.id();
    drop(b);
    assert_eq!(heap.collect().unreachable, 0);
    assert!(heap.contains(b_id));
    drop(a);
    assert_eq!(heap.collect().unreachable, 2);
}

#[test]
fn a_requested_cycle_passes_through_its_phases_at_safepoints() {
    let options = Options { automatic: false, ..Options::default() };
    let mut heap = Heap::new(Config { collector: options, ..Config::default() });
    let (kept, dropped) = (pair(&mut heap).0, pair(&mut heap).0);
    let dead = dropped.id();
    drop(dropped);
    heap.collector().request_cycle();
    assert_eq!(heap.collector().phase(), Phase::Idle);
    heap.mutate(|_| {});
    assert_eq!(heap.collector().phase(), Phase::Marking);
    assert!(heap.contains(dead), "nothing is dead while marking");
    while heap.collector().phase() == Phase::Marking {
        heap.mutate(|_| {});
    }
    assert!(!heap.contains(dead), "found dead, not swept, does not exist");
    assert_eq!(heap.len(), 2);
    while heap.collector().phase() != Phase::Idle {
        heap.mutate(|_| {});
    }
    assert_eq!(heap.collector().statistics().cycles, 1);
    let stats = heap.stats();
    assert_eq!((stats.collections, stats.freed_by_collections), (1, 2));
    drop(kept);
}

#[test]
fn without_a_thread_marking_happens_in_the_pause_that_begins_a_cycle() {
    let options = Options { automatic: false, concurrent: false, ..Options::default() };
    let mut heap = Heap::new(Config { collector: options, ..Config::default() });
    let dead = pair(&mut heap).0.id();
    heap.collector().request_cycle();
    heap.mutate(|_| {});
    assert_eq!(heap.collector().phase(), Phase::Sweeping);
    assert!(!heap.contains(dead));
    while heap.collector().phase() != Phase::Idle {
        heap.mutate(|_| {});
    }
    assert_eq!(heap.collector().statistics().scanned_by_marker, 0);
}

#[test]
fn an_explicit_collection_that_meets_a_cycle_under_way_is_exact() {
    let mut heap = Heap::new(Config { collector: Options::eager(), ..Config::default() });
    for scopes in 0..12 {
        let (a, b) = pair(&mut heap);
        for _ in 0..scopes {
            heap.mutate(|_| {});
        }
        let id = a.id();
        heap.mutate(|_| {});
        drop((a, b));
        assert_eq!(heap.collect().unreachable, 2, "after {scopes} scopes");
        assert!(!heap.contains(id) && heap.is_empty());
        assert_eq!(heap.collector().phase(), Phase::Idle);
    }
}

#[test]
fn cycles_begin_by_themselves_and_keep_garbage_bounded() {
    let options = Options { min_bytes: 1 << 20, ..Options::default() };
    let mut heap = Heap::new(Config { collector: options, ..Config::default() });
    // At least 128 MB; and as much more as the marker, which may have to wait for a processor, needs for three cycles.
    let mut scopes = 0;
    while scopes < 40_000 || heap.collector().statistics().cycles < 3 {
        heap.mutate(|mc| {
            for _ in 0..100 {
                let a = mc.alloc(Node { peer: Slot::empty() });
                a.set(mc, |n| &n.peer, Some(a));
            }
        });
        scopes += 1;
        assert!(scopes < 1_000_000, "no three cycles in {scopes} scopes");
    }
    // About 10 MB when the marker runs at once; when it does not, backpressure bounds what piles up beside each marking.
    let stats = heap.stats();
    assert!(stats.peak_bytes as u64 <= stats.allocated_bytes / 2, "{} bytes at most", stats.peak_bytes);
}
