//! Writes to ordinary fields only: the range check of every one folds away, so the slow path is not linked.

use cyclade_mark_sweep::{Gc, GcMap, GcVec, Heap, Locked, Slot, Trace};

#[derive(Trace)]
struct Node<'gc> {
    payload: u64,
    slot: Slot<'gc, Node<'gc>>,
    pair: (u8, Slot<'gc, Node<'gc>>),
    array: [Slot<'gc, Node<'gc>>; 3],
    list: GcVec<'gc, Node<'gc>>,
    map: GcMap<'gc, u8, Node<'gc>>,
    locked: Locked<Option<Gc<'gc, Node<'gc>>>>,
}

fn main() {
    let mut heap = Heap::default();
    let root = heap.mutate(|mc| {
        let node = mc.alloc(Node {
            payload: 1,
            slot: Slot::empty(),
            pair: (0, Slot::empty()),
            array: [const { Slot::empty() }; 3],
            list: GcVec::new(),
            map: GcMap::new(),
            locked: Locked::default(),
        });
        node.set(mc, |n| &n.slot, Some(node));
        node.set(mc, |n| &n.pair.1, Some(node));
        node.set(mc, |n| &n.array[2], Some(node));
        assert!(node.take(mc, |n| &n.array[2]).is_some());
        node.edit(mc, |n| &n.list).push(node);
        node.edit(mc, |n| &n.map).insert(1, node);
        *node.borrow_mut(mc, |n| &n.locked) = Some(node);
        mc.root(node)
    });
    heap.mutate(|mc| assert!(root.get(mc).slot.get().is_some_and(|n| n.payload == 1)));
    println!("ordinary: ok");
}
