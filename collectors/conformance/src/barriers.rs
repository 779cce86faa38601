//! Edges that move while a collector may be looking: many scopes, each hiding the only edge to an object somewhere else.
//!
//! This is the textbook attack on incremental and concurrent marking (the "lost object" of Dijkstra 1978): take the edge out of a
//! place that has not been scanned and put it into one that has. A collector without the right barrier frees a live object.

use crate::mode::Mode;
use crate::witness::{Token, Witness};
use cyclade_core::{Collector, Gc, GcMap, GcVec, Heap, Locked, Mutator, Root, Slot, Trace, Weak};

#[derive(Trace)]
struct Holder<'gc> {
    slot: Slot<'gc, Prize>,
    list: GcVec<'gc, Prize>,
    map: GcMap<'gc, u8, Prize>,
    locked: Locked<Option<Gc<'gc, Prize>>>,
    weak: Weak<'gc, Prize>,
    next: Slot<'gc, Holder<'gc>>,
}

#[derive(Trace)]
struct Prize {
    token: Token,
}

/// How an edge is held.
#[derive(Clone, Copy, Debug)]
enum Place {
    Slot,
    List,
    Map,
    Locked,
}

const PLACES: [Place; 4] = [Place::Slot, Place::List, Place::Map, Place::Locked];

fn take<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    from: Gc<'gc, Holder<'gc>>,
    place: Place,
) -> Option<Gc<'gc, Prize>> {
    match place {
        Place::Slot => from.take(mc, |h| &h.slot),
        Place::List => from.edit(mc, |h| &h.list).pop(),
        Place::Map => from.edit(mc, |h| &h.map).remove(&7),
        Place::Locked => from.borrow_mut(mc, |h| &h.locked).take(),
    }
}

fn put<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    to: Gc<'gc, Holder<'gc>>,
    place: Place,
    prize: Gc<'gc, Prize>,
) {
    match place {
        Place::Slot => to.set(mc, |h| &h.slot, Some(prize)),
        Place::List => to.edit(mc, |h| &h.list).push(prize),
        Place::Map => assert!(to.edit(mc, |h| &h.map).insert(7, prize).is_none()),
        Place::Locked => *to.borrow_mut(mc, |h| &h.locked) = Some(prize),
    }
}

/// A list of holders, rooted at its head only.
fn holders<C: Collector>(heap: &mut Heap<C>, count: usize) -> Root<Holder<'static>> {
    heap.mutate(|mc| {
        let mut head: Option<Gc<'_, Holder<'_>>> = None;
        for _ in 0..count {
            head = Some(mc.alloc(Holder {
                slot: Slot::empty(),
                list: GcVec::new(),
                map: GcMap::new(),
                locked: Locked::default(),
                weak: Weak::empty(),
                next: head.map_or_else(Slot::empty, Slot::to),
            }));
        }
        mc.root(head.expect("holders"))
    })
}

/// Garbage gives the collector something to do, and a freed cell somebody to be reused by.
fn litter<C: Collector>(heap: &mut Heap<C>, pieces: usize) {
    heap.mutate(|mc| {
        for _ in 0..pieces {
            mc.alloc_str("garbage of some length");
        }
    });
}

fn nth<'gc>(mut at: Gc<'gc, Holder<'gc>>, n: usize) -> Gc<'gc, Holder<'gc>> {
    for _ in 0..n {
        at = at.next.get().expect("a holder");
    }
    at
}

/// One object, whose only edge moves to another holder in every scope, in every combination of places.
pub fn object_whose_only_edge_keeps_moving_survives<C: Collector>(mode: Mode) {
    const HOLDERS: usize = 12;
    for (from, to) in PLACES.into_iter().flat_map(|from| PLACES.map(|to| (from, to))) {
        let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
        let head = holders(&mut heap, HOLDERS);
        let id = heap.mutate(|mc| {
            let prize = mc.alloc(Prize { token: witness.token() });
            put(mc, nth(head.get(mc), 0), from, prize);
            prize.id()
        });
        let (mut at, mut place) = (0, from);
        for round in 0..200 {
            let goal = (at * 5 + 7 + round) % HOLDERS;
            let into = if round % 2 == 0 { to } else { from };
            heap.mutate(|mc| {
                let head = head.get(mc);
                let prize = take(mc, nth(head, at), place).expect("the prize");
                put(mc, nth(head, goal), into, prize);
            });
            // Before anything is read through the edge.
            assert_eq!(witness.dropped(), 0, "round {round}, {from:?} to {to:?}: the object was freed");
            assert!(heap.contains(id), "round {round}, {from:?} to {to:?}: the object was freed");
            (at, place) = (goal, into);
            litter(&mut heap, 20);
        }
        heap.collect();
        assert_eq!(heap.census().reachable, HOLDERS + 1);
        heap.mutate(|mc| {
            assert_eq!(take(mc, nth(head.get(mc), at), place).map(|p| p.token.serial()), Some(0))
        });
        heap.collect();
        assert_eq!(heap.contains(id), !C::PLAN.frees);
    }
}

/// An object that only a weak reference knows, turned into an edge in the last moment.
pub fn object_saved_by_a_weak_upgrade_survives<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let head = holders(&mut heap, 4);
    let mut saved = 0;
    for round in 0..300 {
        heap.mutate(|mc| {
            let prize = mc.alloc(Prize { token: witness.token() });
            let holder = nth(head.get(mc), round % 4);
            holder.set_weak(mc, |h| &h.weak, Some(prize));
            holder.set(mc, |h| &h.slot, Some(prize));
        });
        heap.mutate(|mc| nth(head.get(mc), round % 4).set(mc, |h| &h.slot, None));
        litter(&mut heap, 10);
        let id = heap.mutate(|mc| {
            let holder = nth(head.get(mc), round % 4);
            let prize = holder.weak.upgrade(mc)?;
            nth(head.get(mc), (round + 1) % 4).edit(mc, |h| &h.list).push(prize);
            Some((prize.id(), prize.token.serial()))
        });
        if let Some((id, serial)) = id {
            saved += 1;
            litter(&mut heap, 10);
            assert!(
                witness.drops_of(serial) == 0 && heap.contains(id),
                "round {round}: an upgraded object was freed"
            );
        }
    }
    heap.collect();
    assert_eq!(witness.issued() - witness.dropped(), if C::PLAN.frees { saved } else { 300 });
    assert_eq!(heap.census().reachable, 4 + saved);
}

/// Objects passed on from new holder to new holder: each is hidden in an object that was born after marking began.
pub fn object_hidden_in_new_objects_survives<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let mut root = holders(&mut heap, 1);
    let id = heap.mutate(|mc| {
        let prize = mc.alloc(Prize { token: witness.token() });
        root.get(mc).set(mc, |h| &h.slot, Some(prize));
        prize.id()
    });
    for round in 0..400 {
        let new = holders(&mut heap, 1);
        heap.mutate(|mc| {
            let prize = root.get(mc).take(mc, |h| &h.slot).expect("the prize");
            new.get(mc).set(mc, |h| &h.slot, Some(prize));
        });
        root = new;
        assert!(witness.dropped() == 0 && heap.contains(id), "round {round}: the object was freed");
    }
    heap.collect();
    assert_eq!((heap.census().reachable, heap.contains(id)), (2, true));
}

/// A list that is shuffled, shortened and refilled in every scope loses nothing and keeps nothing.
pub fn shuffled_list_keeps_exactly_its_elements<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let head = holders(&mut heap, 1);
    for round in 0..200_usize {
        heap.mutate(|mc| {
            let mut list = head.get(mc).edit(mc, |h| &h.list);
            for i in 0..8 {
                list.push(mc.alloc(Prize { token: witness.token() }));
                let len = head.get(mc).list.len();
                let (a, b) = ((round * 7 + i) % len, (round * 3 + i * 5) % len);
                let (x, y) = (head.get(mc).list.get(a), head.get(mc).list.get(b));
                list.set(a, y.expect("an element"));
                list.set(b, x.expect("an element"));
            }
            while head.get(mc).list.len() > 30 {
                let at = (round * 11) % head.get(mc).list.len();
                let _ = if round % 3 == 0 { list.remove(at) } else { list.swap_remove(at) };
            }
        });
        let serials = heap.mutate(|mc| {
            let mut serials: Vec<usize> = head.get(mc).list.iter().map(|p| p.token.serial()).collect();
            serials.sort_unstable();
            serials.dedup();
            serials
        });
        assert!(
            serials.iter().all(|&serial| witness.drops_of(serial) == 0),
            "round {round}: an element was freed"
        );
        assert_eq!(heap.census().reachable, 1 + serials.len());
    }
    heap.collect();
    assert_eq!(witness.issued() - witness.dropped(), if C::PLAN.frees { 30 } else { 1600 });
}
