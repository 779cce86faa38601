//! Objects with as many references as fit into no byte, or into one exactly: a full collection adds references up in bytes, as long as all counts do.

use cyclade_trial_deletion::{Config, Gc, Heap, ObjectId, Options, Root, Slot, Trace};

/// Around the numbers at which a byte, or two, begin again.
const NUMBERS: &[usize] =
    if cfg!(miri) { &[1, 255, 256, 257] } else { &[1, 255, 256, 257, 511, 512, 768, 65_536] };

#[derive(Trace)]
struct Node<'gc> {
    itself: Slot<'gc, Node<'gc>>,
    to: Slot<'gc, Node<'gc>>,
}

fn heap() -> Heap {
    let collector = Options { automatic: false, ..Options::default() };
    Heap::new(Config { collector, ..Config::default() })
}

/// So many nodes that refer to themselves, and a root of each.
fn loops(heap: &mut Heap, number: usize) -> Vec<Root<Node<'static>>> {
    heap.mutate(|mc| {
        let new = |_| {
            let node = mc.alloc(Node { itself: Slot::empty(), to: Slot::empty() });
            node.set(mc, |n| &n.itself, Some(node));
            mc.root(node)
        };
        (0..number).map(new).collect()
    })
}

fn point(heap: &mut Heap, from: &[Root<Node<'static>>], to: &Root<Node<'static>>) {
    heap.mutate(|mc| {
        let to: Gc<'_, Node<'_>> = to.get(mc);
        from.iter().for_each(|from| from.get(mc).set(mc, |n| &n.to, Some(to)));
    });
}

fn ids(roots: &[Root<Node<'static>>]) -> Vec<ObjectId> {
    roots.iter().map(Root::id).collect()
}

#[test]
fn what_only_the_dead_refer_to_goes_however_many_they_are() {
    for &number in NUMBERS {
        let mut heap = heap();
        let (hub, spokes) = (loops(&mut heap, 1), loops(&mut heap, number));
        point(&mut heap, &spokes, &hub[0]);
        point(&mut heap, &hub, &spokes[0]);
        drop((hub, spokes));
        assert_eq!(heap.collect().freed, number + 1);
        assert!(heap.is_empty());
    }
}

#[test]
fn what_the_living_refer_to_stays_however_many_of_the_dead_do_so() {
    for &number in NUMBERS {
        let mut heap = heap();
        let (live, dead) = (loops(&mut heap, 1), loops(&mut heap, number));
        point(&mut heap, &dead, &live[0]);
        assert_eq!(heap.ref_count(live[0].id()), Some(number + 2));
        drop(dead);
        assert_eq!(heap.collect().freed, number);
        // Its root, and itself.
        assert_eq!(heap.ref_count(live[0].id()), Some(2));
        heap.mutate(|mc| live[0].get(mc).set(mc, |n| &n.itself, None));
        drop(live);
        assert!(heap.is_empty());
    }
}

#[test]
fn what_the_frozen_refer_to_stays_however_many_they_are() {
    for &number in NUMBERS {
        let mut heap = heap();
        let frozen = loops(&mut heap, number);
        heap.collector().freeze();
        let held = loops(&mut heap, 1);
        point(&mut heap, &frozen, &held[0]);
        heap.mutate(|mc| held[0].get(mc).set(mc, |n| &n.itself, None));
        let (all, id) = (ids(&frozen), held[0].id());
        drop((held, frozen));
        assert_eq!(heap.collect().freed, 0);
        assert_eq!(heap.ref_count(id), Some(number));
        heap.collector().unfreeze();
        assert_eq!(heap.collect().freed, number + 1);
        assert!(all.into_iter().chain([id]).all(|id| !heap.contains(id)));
    }
}

#[test]
fn a_count_that_is_met_late_spoils_nothing_that_has_been_added_up_before() {
    // So many that the bytes of the last ones lie where the words of the first ones do.
    let number = if cfg!(miri) { 1_000 } else { 600_000 };
    for (large, watched) in [(0, false), (number - 1, false), (number - 1, true)] {
        let mut heap = heap();
        let frozen = loops(&mut heap, 1);
        heap.collector().freeze();
        let nodes = loops(&mut heap, number);
        point(&mut heap, &nodes[300..600], &nodes[large]);
        // Held by what is no candidate, so that its tally is not 0.
        point(&mut heap, &frozen, &nodes[number - 1]);
        let weak = watched.then(|| nodes[7].downgrade());
        drop((nodes, frozen));
        assert_eq!(heap.collect().freed, number - 1, "the large count is that of object {large}");
        assert_eq!(heap.len(), 2);
        assert!(weak.is_none_or(|weak| !weak.is_alive()));
    }
}
