//! Identity: ids are addresses, answered for whatever they name now, without being dereferenced.

use crate::link::{link, pair, rooted, rooted_pair};
use crate::mode::{Mode, applies};
use crate::witness::Witness;
use cyclade_core::{Collector, ObjectId};

/// After a free the address may come back, and then it names the new object.
pub fn reused_address_names_the_new_object<C: Collector>(mode: Mode) {
    if !applies::<C>("identity::reused_address_names_the_new_object", C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let old = rooted(&mut heap, &witness);
    let id = old.id();
    assert!(heap.type_name(id).is_some_and(|name| name.contains("Link")));
    drop(old);
    heap.collect();
    assert!(!heap.contains(id) && heap.type_name(id).is_none() && heap.size_of(id).is_none());
    assert_eq!(heap.ref_count(id), C::PLAN.counts.then_some(0));
    let mut fill = Vec::new();
    while !heap.contains(id) {
        assert!(fill.len() < 1 << 20, "the address never came back");
        heap.mutate(|mc| fill.extend((0..1000).map(|_| mc.root(link(mc, &witness)))));
    }
    assert_eq!(
        heap.ref_count(id),
        C::PLAN.counts.then_some(1),
        "the count of the object that lives there now"
    );
}

/// Ids of another heap, and of one that has been dropped, are answered without being dereferenced.
pub fn ids_of_other_heaps_are_foreign<C: Collector>(mode: Mode) {
    let (mut heap, mut other, witness) = (mode.heap::<C>(), mode.heap::<C>(), Witness::default());
    let (own, foreign) = (rooted_pair(&mut heap, &witness), rooted_pair(&mut other, &witness));
    let unknown = C::PLAN.counts.then_some(0);
    assert!(heap.contains(own.id()) && !heap.contains(foreign.id()));
    assert!(other.contains(foreign.id()) && !other.contains(own.id()));
    assert_eq!((heap.ref_count(foreign.id()), other.ref_count(own.id())), (unknown, unknown));
    drop(other);
    assert!(!heap.contains(foreign.id()));
    assert_eq!(heap.ref_count(foreign.id()), unknown);
}

/// `len`, `contains` and `ref_count` agree with each other at every step of the tutorial's story.
pub fn tutorial_story<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let counts = |n: usize| C::PLAN.counts.then_some(n);
    let a = rooted_pair(&mut heap, &witness);
    let (id_a, id_b) = heap.mutate(|mc| (a.id(), a.get(mc).next.get().expect("a pair").id()));
    assert_eq!((heap.ref_count(id_a), heap.ref_count(id_b)), (counts(2), counts(1)));
    drop(a);
    assert!(heap.contains(id_a) && heap.contains(id_b), "the cycle keeps itself");
    assert_eq!((heap.ref_count(id_a), heap.ref_count(id_b)), (counts(1), counts(1)));
    let found = heap.collect();
    assert_eq!(found.unreachable, if C::PLAN.frees_cycles { 2 } else { 0 });
    assert_eq!(heap.contains(id_a) || heap.contains(id_b), !C::PLAN.frees_cycles);
    assert_eq!(heap.ref_count(id_a), counts(if C::PLAN.frees_cycles { 0 } else { 1 }));
}

/// Aliases: a name is a root handle; rebinding drops one.
pub fn aliases_count<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let counts = |n: usize| C::PLAN.counts.then_some(n);
    let a = rooted(&mut heap, &witness);
    let id: ObjectId = a.id();
    assert_eq!(heap.ref_count(id), counts(1));
    let b = a.clone();
    assert_eq!(heap.ref_count(id), counts(2));
    let c = heap.mutate(|mc| mc.root(b.get(mc)));
    assert_eq!(heap.ref_count(id), counts(3));
    drop(b);
    assert_eq!(heap.ref_count(id), counts(2));
    drop(a);
    assert_eq!(heap.ref_count(id), counts(1));
    drop(c);
    assert_eq!(heap.contains(id), !C::PLAN.counts, "counting frees at once, others later");
    heap.collect();
    assert_eq!(heap.contains(id), !C::PLAN.frees);
}

/// Pointers compare, hash and print by identity, so that nothing walks a cycle.
pub fn pointers_compare_and_print_by_identity<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    heap.mutate(|mc| {
        let (a, b) = (pair(mc, &witness), pair(mc, &witness));
        assert!(a == a.as_ref().next.get().and_then(|n| n.next.get()).expect("a cycle") && a != b);
        assert_eq!(format!("{a:?}"), format!("Gc({})", a.id()));
        assert!(format!("{:?}", *a).len() < 400, "printing a node walks the graph");
        let set: std::collections::HashSet<_> = [a, b, a].into_iter().collect();
        assert_eq!(set.len(), 2);
        assert_eq!(format!("{:?}", mc.root(a)), format!("Root({})", a.id()));
    });
}

/// An explicit collection has finished: what it found dead does not exist, and every payload has been dropped.
pub fn collect_has_finished_when_it_returns<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    for round in 1..=3 {
        heap.mutate(|mc| {
            for _ in 0..500 {
                let _ = pair(mc, &witness);
            }
        });
        heap.collect();
        assert_eq!(heap.len(), if C::PLAN.frees_cycles { 0 } else { round * 1000 });
        assert_eq!(witness.dropped(), if C::PLAN.frees_cycles { round * 1000 } else { 0 });
    }
    drop(heap);
    witness.assert_all_dropped_once();
}
