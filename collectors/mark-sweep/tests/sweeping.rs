//! Lazy sweeping, parallel marking, and what a sweep meets on its way.

use cyclade_mark_sweep::{Config, Gc, GcVec, Heap, MarkSweep, Mutator, Options, Root, Slot, Trace, WeakRoot};
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

#[derive(Trace)]
struct Node<'gc> {
    next: Slot<'gc, Node<'gc>>,
    back: Slot<'gc, Node<'gc>>,
    number: u64,
}

impl<'gc> Node<'gc> {
    fn new(number: u64) -> Self {
        Node { next: Slot::empty(), back: Slot::empty(), number }
    }
}

/// A ring of `n` nodes with edges both ways.
fn ring<'gc>(mc: &Mutator<'gc, MarkSweep>, n: u64) -> Gc<'gc, Node<'gc>> {
    let first = mc.alloc(Node::new(0));
    let mut last = first;
    for i in 1..n {
        let node = mc.alloc(Node { back: Slot::to(last), ..Node::new(i) });
        last.set(mc, |l| &l.next, Some(node));
        last = node;
    }
    last.set(mc, |l| &l.next, Some(first));
    first.set(mc, |f| &f.back, Some(last));
    first
}

fn eager(min_bytes: u64) -> Config {
    Config { collector: Options { min_bytes, ..Options::default() }, ..Config::default() }
}

#[test]
fn garbage_found_by_an_automatic_collection_does_not_exist_while_it_waits_for_the_sweep() {
    let mut heap = Heap::new(eager(1 << 20));
    let dead = heap.mutate(|mc| ring(mc, 40_000).id());
    assert!(heap.stats().collections > 0, "the ring is larger than what triggers a collection");
    assert!(!heap.contains(dead));
    assert_eq!(heap.len(), 0);
    let kept: Root<Node<'static>> = heap.mutate(|mc| mc.root(ring(mc, 3)));
    assert_eq!(heap.len(), 3);
    drop(kept);
}

#[test]
fn allocation_reuses_swept_cells_instead_of_taking_new_blocks() {
    let mut heap = Heap::new(eager(1 << 20));
    for _ in 0..200 {
        heap.mutate(|mc| ring(mc, 10_000).id());
    }
    let stats = heap.stats();
    assert!(stats.allocated_bytes > 90 << 20, "200 rings of 10,000 objects of 48 bytes");
    assert!(stats.peak_bytes < 8 << 20, "{} bytes at the peak", stats.peak_bytes);
}

#[test]
fn parallel_marking_keeps_exactly_what_sequential_marking_keeps() {
    let mut kept = Vec::new();
    for parallel in [false, true] {
        let options = Options { parallel, automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector: options, ..Config::default() });
        let hub: Root<Hub<'static>> = heap.mutate(|mc| {
            let hub = mc.alloc(Hub { spokes: GcVec::new() });
            for i in 0..3_000 {
                let ring = ring(mc, 1 + i % 20);
                if i % 3 != 0 {
                    hub.edit(mc, |h| &h.spokes).push(ring);
                }
            }
            mc.root(hub)
        });
        let census = heap.census();
        let collection = heap.collect();
        assert_eq!(collection.freed, census.unreachable);
        assert_eq!(heap.len(), census.reachable);
        heap.mutate(|mc| {
            let numbers = hub.get(mc).spokes.iter().map(|ring| ring.number).sum::<u64>();
            assert_eq!(numbers, 0);
        });
        kept.push((collection.freed, heap.len()));
    }
    assert_eq!(kept[0], kept[1]);
}

#[derive(Trace)]
struct Hub<'gc> {
    spokes: GcVec<'gc, Node<'gc>>,
}

/// Counts its drops.
struct Token(Rc<Cell<usize>>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[derive(Trace)]
struct Owner<'gc> {
    me: Slot<'gc, Owner<'gc>>,
    #[allow(dead_code)]
    token: Token,
    padding: Box<[u8]>,
}

#[test]
fn a_sweep_in_slices_drops_each_payload_once_while_huge_objects_come_and_go() {
    let drops = Rc::new(Cell::new(0));
    let mut made = 0;
    let mut heap = Heap::new(eager(512 << 10));
    let mut roots: Vec<Root<Owner<'static>>> = Vec::new();
    for round in 0..8u64 {
        // A huge object has an arena of its own, which is unmapped in the middle of the sweep that follows.
        let _huge: Root<[u64]> =
            heap.mutate(|mc| mc.root(mc.alloc_slice((0..4_200_000u64).map(|i| i ^ round))));
        heap.mutate(|mc| {
            for i in 0..30_000 {
                let token = Token(drops.clone());
                let owner = mc.alloc(Owner { me: Slot::empty(), token, padding: vec![0; 8].into() });
                owner.set(mc, |o| &o.me, Some(owner));
                made += 1;
                if i % 100 == 0 {
                    roots.push(mc.root(owner));
                }
            }
        });
        roots.truncate(200);
        for _ in 0..5 {
            heap.mutate(|_| ());
        }
        // A mark bit that a cut-off sweep left behind would hide these new edges from the next marking.
        heap.mutate(|mc| {
            for root in &roots {
                let token = Token(drops.clone());
                let child = mc.alloc(Owner { me: Slot::empty(), token, padding: vec![1; 8].into() });
                root.get(mc).set(mc, |o| &o.me, Some(child));
                made += 1;
            }
        });
    }
    heap.collect();
    assert_eq!(heap.len(), 2 * roots.len());
    assert_eq!(drops.get(), made - 2 * roots.len());
    heap.mutate(|mc| {
        let children = roots.iter().filter_map(|root| root.get(mc).me.get());
        assert_eq!(children.filter(|child| child.padding[..] == [1; 8]).count(), roots.len());
    });
    drop(heap);
    assert_eq!(drops.get(), made);
}

#[test]
fn a_weak_reference_never_sees_what_lives_at_its_targets_address_later() {
    let mut heap = Heap::new(eager(64 << 10));
    let mut weak: Vec<WeakRoot<Node<'static>>> = Vec::new();
    for _ in 0..200 {
        heap.mutate(|mc| {
            let ring = ring(mc, 100);
            weak.push(ring.downgrade_root(mc));
        });
        assert!(weak.iter().filter(|w| w.is_alive()).count() <= 200);
        for alive in weak.iter().filter_map(WeakRoot::upgrade) {
            heap.mutate(|mc| assert_eq!(alive.get(mc).number, 0, "another object"));
        }
    }
    heap.collect();
    assert!(weak.iter().all(|w| !w.is_alive()));
}

#[test]
fn id_of_a_freed_object_exists_again_only_if_an_object_starts_at_its_very_address() {
    let mut heap = Heap::default();
    let old: Vec<_> = heap.mutate(|mc| (0..10_000).map(|i| mc.alloc(Node::new(i)).id()).collect());
    heap.collect();
    assert_eq!(heap.len(), 0);
    let new: HashSet<_> = heap.mutate(|mc| (0..10_000).map(|_| mc.alloc([0_u64; 6]).id()).collect());
    let again = old.iter().filter(|id| new.contains(id)).count();
    assert!(again > 0 && again < old.len(), "the test is about blocks that are used again: {again}");
    for id in old {
        assert_eq!(heap.contains(id), new.contains(&id), "{id:?}");
    }
}
