//! Objects of every size and alignment.

use crate::link::{Link, link, rooted};
use crate::mode::Mode;
use crate::witness::{Token, Witness};
use cyclade_core::{Collector, Gc, Slot, Trace};

#[derive(Debug, Trace)]
struct Nothing;

#[derive(Debug, Trace)]
#[repr(align(64))]
struct Line<'gc> {
    link: Slot<'gc, Link<'gc>>,
    _token: Token,
}

#[derive(Debug, Trace)]
#[repr(align(4096))]
struct Page<'gc> {
    link: Slot<'gc, Link<'gc>>,
    own: Slot<'gc, Page<'gc>>,
    _token: Token,
}

/// Objects without size are objects: each has an identity.
pub fn zero_sized_objects_are_distinct<C: Collector>(mode: Mode) {
    let mut heap = mode.heap::<C>();
    let (a, b) = heap.mutate(|mc| (mc.root(mc.alloc(Nothing)), mc.root(mc.alloc(Nothing))));
    assert!(a.id() != b.id() && heap.contains(a.id()) && heap.contains(b.id()));
    assert_eq!(heap.len(), 2);
    drop(a);
    heap.collect();
    assert_eq!(heap.len(), if C::PLAN.frees { 1 } else { 2 });
    let none = heap.mutate(|mc| {
        let none: Gc<'_, [Nothing]> = mc.alloc_slice([]);
        let many: Gc<'_, [Nothing]> = mc.alloc_slice((0..1000).map(|_| Nothing));
        let text = mc.alloc_str("");
        assert!(none.is_empty() && many.len() == 1000 && text.is_empty());
        (mc.root(none), mc.root(many), mc.root(text))
    });
    heap.collect();
    heap.mutate(|mc| {
        assert_eq!((none.0.get(mc).len(), none.1.get(mc).len(), none.2.get(mc).len()), (0, 1000, 0))
    });
}

/// Alignment of up to 64 KiB is kept, and such objects hold edges, die and come back like others.
pub fn over_aligned_objects_hold_edges_and_are_freed<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    for _ in 0..3 {
        let roots = heap.mutate(|mc| {
            let leaf = link(mc, &witness);
            let line = mc.alloc(Line { link: Slot::to(leaf), _token: witness.token() });
            let page = mc.alloc(Page { link: Slot::empty(), own: Slot::empty(), _token: witness.token() });
            page.set(mc, |p| &p.own, Some(page));
            page.set(mc, |p| &p.link, Some(leaf));
            let row = mc.alloc_slice((0..3).map(|_| Line { link: Slot::to(leaf), _token: witness.token() }));
            assert!(line.id().address() % 64 == 0 && page.id().address() % 4096 == 0);
            assert!(std::ptr::from_ref(&row[1]).addr() % 64 == 0);
            (mc.root(line), mc.root(page), mc.root(row))
        });
        let before = heap.census().reachable;
        heap.collect();
        assert_eq!(heap.census().reachable, before);
        heap.mutate(|mc| {
            let leaf = roots.0.get(mc).link.get();
            assert!(
                leaf.is_some() && roots.1.get(mc).link.get() == leaf && roots.2.get(mc)[2].link.get() == leaf
            );
            roots.2.get(mc).set(mc, |row| &row[1].link, None);
        });
        drop(roots);
        heap.collect();
        assert_eq!(heap.is_empty(), C::PLAN.frees_cycles);
    }
    drop(heap);
    witness.assert_all_dropped_once();
}

/// A slice of more than a whole arena: its edges are followed and written, and its memory is given back.
pub fn huge_slice_of_edges_keeps_its_targets<C: Collector>(mode: Mode) {
    const ITEMS: usize = 5 << 20;
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let empty = heap.stats().used_bytes;
    let root = heap.mutate(|mc| {
        let row = mc.alloc_slice((0..ITEMS).map(|_| Slot::<Link<'_>>::empty()));
        for at in [0, 1, ITEMS / 2, ITEMS - 1] {
            row.set(mc, |row| &row[at], Some(link(mc, &witness)));
        }
        mc.root(row)
    });
    assert!(heap.size_of(root.id()).is_some_and(|bytes| bytes >= 40 << 20));
    heap.collect();
    assert_eq!(heap.len(), 5);
    heap.mutate(|mc| {
        let row = root.get(mc);
        assert_eq!(row.iter().filter(|slot| slot.get().is_some()).count(), 4);
        row.set(mc, |row| &row[ITEMS - 1], None);
    });
    heap.collect();
    assert_eq!(heap.len(), if C::PLAN.frees { 4 } else { 5 });
    let id = root.id();
    drop(root);
    heap.collect();
    assert_eq!(heap.contains(id), !C::PLAN.frees);
    if C::PLAN.frees {
        assert!(
            heap.is_empty() && heap.stats().used_bytes < empty + (1 << 20),
            "the memory was not given back"
        );
    }
}

/// Strings of every length up to past the largest cell, and some beyond, keep their content.
pub fn every_size_keeps_its_content<C: Collector>(mode: Mode) {
    let mut heap = mode.heap::<C>();
    let lengths = (0..300).chain((300..9000).step_by(97)).chain([16_000, 32_700, 32_768, 65_536, 1 << 20]);
    let texts: Vec<String> =
        lengths.map(|len| (0..len).map(|i| char::from(b'a' + (i % 23) as u8)).collect()).collect();
    let roots: Vec<_> = heap.mutate(|mc| {
        texts.iter().map(|text| (mc.root(mc.alloc_str(text)), mc.alloc_str(text).id())).collect()
    });
    heap.collect();
    assert_eq!(heap.len(), if C::PLAN.frees { texts.len() } else { 2 * texts.len() });
    heap.mutate(|mc| {
        for ((root, twin), text) in roots.iter().zip(&texts) {
            assert_eq!(&*root.get(mc), text);
            assert_ne!(root.id(), *twin);
        }
    });
}

/// Memory that was freed is used again: churn does not grow the heap.
pub fn churn_reuses_memory<C: Collector>(mode: Mode) {
    if !crate::applies::<C>("layouts::churn_reuses_memory", C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let keep = rooted(&mut heap, &witness);
    let mut peak = 0;
    for round in 0..20 {
        heap.mutate(|mc| {
            for i in 0..500 {
                let _ = link(mc, &witness);
                let _ = mc.alloc_str(&"y".repeat(i % 200));
            }
        });
        heap.collect();
        assert_eq!(heap.len(), 1);
        if round == 4 {
            peak = heap.stats().peak_bytes;
        }
    }
    assert!(heap.stats().peak_bytes <= peak.max(1) * 2, "{} bytes after {peak}", heap.stats().peak_bytes);
    assert!(heap.contains(keep.id()));
}
