//! What a `GcMap` does beyond single insertions and removals, and when the code of its keys runs.

use crate::counting::{Counting, heap};
use cyclade_core::{AllocError, Between, Collector, Config, Finalize, Gc, GcMap, Heap, Mutator, Root, Trace};
use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Compares by name, and runs code of its test's when it is dropped.
#[derive(Clone, Debug)]
struct Key {
    name: u32,
    at_drop: Option<AtDrop>,
}

#[derive(Clone)]
struct AtDrop(Rc<dyn Fn(u32)>);

impl std::fmt::Debug for AtDrop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AtDrop")
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Some(AtDrop(run)) = &self.at_drop {
            run(self.name);
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Key {}

#[derive(Trace)]
struct Table<'gc> {
    map: GcMap<'gc, Key, u64>,
}

fn table(heap: &mut Heap<Counting>) -> Root<Table<'static>> {
    heap.mutate(|mc| mc.root(mc.alloc(Table { map: GcMap::new() })))
}

fn key(name: u32) -> Key {
    Key { name, at_drop: None }
}

/// The keys and the values behind them, in order.
fn content<'gc>(table: Gc<'gc, Table<'gc>>) -> Vec<(u32, u64)> {
    table.as_ref().map.iter().map(|(key, value)| (key.name, *value)).collect()
}

/// `count` entries, n to 10 n.
fn fill<'gc>(mc: &Mutator<'gc, Counting>, table: Gc<'gc, Table<'gc>>, count: u32) {
    table.edit(mc, |t| &t.map).extend((0..count).map(|n| (key(n), mc.alloc(u64::from(n) * 10))));
}

/// The handle of a heap, and a table in it.
type Reached = (Rc<RefCell<Heap<Counting>>>, Root<Table<'static>>);

thread_local! {
    /// For code that can be handed neither.
    static REACHED: RefCell<Option<Reached>> = const { RefCell::new(None) };
}

/// How many entries the reachable table has, as a scope of its own sees it, and if it knows the key 7.
fn look() -> (usize, bool) {
    let (heap, root) = REACHED
        .with_borrow(|reached| reached.as_ref().map(|(heap, root)| (Rc::clone(heap), root.clone())))
        .expect("the test has put them there");
    heap.borrow_mut().mutate(|mc| {
        let map = &root.get(mc).as_ref().map;
        (map.len(), map.contains_key(&key(7)))
    })
}

/// When it is finalized, it inserts a key twice, the second of which looks at the map from its `Drop`. A finalizer is lent the heap
/// and may have the handle as well: that is how a destructor comes by a scope inside another one.
#[derive(Trace)]
#[trace(finalize)]
struct Inserter {
    seen: Rc<RefCell<Vec<(usize, bool)>>>,
}

impl Finalize for Inserter {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let root =
            REACHED.with_borrow(|reached| reached.as_ref().map(|(_, root)| root.clone())).expect("a table");
        heap.mutate(|mc| {
            let seen = Rc::clone(&this.get(mc).seen);
            let at_drop = AtDrop(Rc::new(move |_| seen.borrow_mut().push(look())));
            let mut editor = root.get(mc).edit(mc, |t| &t.map);
            assert!(editor.insert(key(7), mc.alloc(1)).is_none());
            let old = editor.insert(Key { name: 7, at_drop: Some(at_drop) }, mc.alloc(2));
            assert_eq!(old.map(|old| *old), Some(1));
        });
    }
}

#[test]
fn a_duplicate_key_is_dropped_when_the_map_can_be_read_again() {
    let mut heap = heap();
    let (root, seen) = (table(&mut heap), Rc::new(RefCell::new(Vec::new())));
    let last = heap.mutate(|mc| mc.root(mc.alloc(Inserter { seen: Rc::clone(&seen) })));
    REACHED.set(Some((Rc::new(RefCell::new(heap)), root)));
    drop(last);
    assert_eq!(*seen.borrow(), [(1, true)]);
    REACHED.set(None);
}

#[test]
fn a_duplicate_key_leaves_the_first_one_in_the_map() {
    let mut heap = heap();
    let root = table(&mut heap);
    let dropped = Rc::new(RefCell::new(Vec::new()));
    let tagged = |tag: &'static str| {
        let dropped = Rc::clone(&dropped);
        Key { name: 1, at_drop: Some(AtDrop(Rc::new(move |_| dropped.borrow_mut().push(tag)))) }
    };
    heap.mutate(|mc| {
        let mut editor = root.get(mc).edit(mc, |t| &t.map);
        for tag in ["first", "second", "third"] {
            editor.insert(tagged(tag), mc.alloc(0));
        }
        assert_eq!(*dropped.borrow(), ["second", "third"]);
        editor.clear();
    });
    assert_eq!(*dropped.borrow(), ["second", "third", "first"]);
}

#[test]
fn extend_inserts_and_the_last_value_of_a_key_stays() {
    let mut heap = heap();
    let root = table(&mut heap);
    heap.mutate(|mc| {
        fill(mc, root.get(mc), 3);
        root.get(mc).edit(mc, |t| &t.map).extend([(key(1), mc.alloc(7)), (key(3), mc.alloc(8))]);
        assert_eq!(content(root.get(mc)), [(0, 0), (1, 7), (2, 20), (3, 8)]);
    });
    assert_eq!(heap.len(), 5);
}

#[test]
fn retain_keeps_order_and_gives_the_rest_back() {
    let mut heap = heap();
    let root = table(&mut heap);
    heap.mutate(|mc| {
        fill(mc, root.get(mc), 10);
        let mut asked = Vec::new();
        root.get(mc).edit(mc, |t| &t.map).retain(|key, value| {
            asked.push((key.name, *value));
            key.name % 3 == 1
        });
        assert_eq!(asked, (0..10).map(|n| (n, u64::from(n) * 10)).collect::<Vec<_>>());
        assert_eq!(content(root.get(mc)), [(1, 10), (4, 40), (7, 70)]);
        // Lookups agree with the new places.
        assert_eq!(root.get(mc).map.get(&key(7)).map(|value| *value), Some(70));
        assert!(root.get(mc).map.get(&key(6)).is_none());
    });
    assert_eq!(heap.len(), 4);
}

#[test]
fn a_predicate_that_panics_removes_nothing() {
    let mut heap = heap();
    let root = table(&mut heap);
    heap.mutate(|mc| {
        fill(mc, root.get(mc), 6);
        let mut editor = root.get(mc).edit(mc, |t| &t.map);
        let left = catch_unwind(AssertUnwindSafe(|| {
            editor.retain(|key, _| if key.name == 4 { panic!("asked for 4") } else { false });
        }));
        assert!(left.is_err());
        assert_eq!(content(root.get(mc)).len(), 6);
    });
    assert_eq!(heap.len(), 7);
}

#[test]
fn a_removed_key_may_look_at_the_map_when_it_is_dropped() {
    let mut heap = heap();
    let root = table(&mut heap);
    let left = Rc::new(RefCell::new(Vec::new()));
    heap.mutate(|mc| {
        let mut editor = root.get(mc).edit(mc, |t| &t.map);
        for name in 0..4 {
            let left = Rc::clone(&left);
            let at_drop = AtDrop(Rc::new(move |name| left.borrow_mut().push(name)));
            editor.insert(Key { name, at_drop: Some(at_drop) }, mc.alloc(0));
        }
        editor.retain(|key, _| key.name % 2 == 0);
        assert_eq!((left.take(), root.get(mc).map.len()), (vec![1, 3], 2));
        let popped = editor.pop().map(|(key, _)| key.name);
        assert_eq!((popped, left.take(), root.get(mc).map.len()), (Some(2), vec![2], 1));
        drop(editor.drain());
        assert_eq!((left.take(), root.get(mc).map.len()), (vec![0], 0));
    });
}

#[test]
fn drain_returns_everything_in_order_and_empties_the_map() {
    let mut heap = heap();
    let root = table(&mut heap);
    heap.mutate(|mc| {
        fill(mc, root.get(mc), 5);
        let drained: Vec<_> =
            root.get(mc).edit(mc, |t| &t.map).drain().map(|(key, value)| (key.name, *value)).collect();
        assert_eq!(drained, (0..5).map(|n| (n, u64::from(n) * 10)).collect::<Vec<_>>());
        assert!(root.get(mc).map.is_empty() && root.get(mc).map.get(&key(3)).is_none());
        fill(mc, root.get(mc), 2);
        assert_eq!(content(root.get(mc)), [(0, 0), (1, 10)]);
    });
    assert_eq!(heap.len(), 3);
}

#[test]
fn room_can_be_asked_for_and_replacing_a_value_needs_none() {
    let mut heap: Heap<Counting> = Heap::new(Config { heap_limit: Some(4 << 20), ..Config::default() });
    let root = table(&mut heap);
    heap.mutate(|mc| {
        fill(mc, root.get(mc), 4);
        let (one, mut editor) = (mc.alloc(1), root.get(mc).edit(mc, |t| &t.map));
        assert!(matches!(editor.try_reserve(1 << 20), Err(AllocError::HeapLimit { .. })));
        assert!(matches!(editor.try_reserve(usize::MAX), Err(AllocError::OutOfMemory { .. })));
        assert!(editor.try_reserve(100).is_ok());
        let mut next = 4;
        let refused = loop {
            match editor.try_insert(key(next), one) {
                Ok(_) => next += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, AllocError::HeapLimit { .. }), "{refused}");
        assert_eq!(root.get(mc).map.len(), next as usize);
        // The array of values is full to the brim and cannot grow; what is there can still be replaced.
        assert_eq!(editor.try_insert(key(2), one).map(|old| old.map(|old| *old)), Ok(Some(20)));
        assert!(editor.try_insert(key(next), one).is_err() && root.get(mc).map.len() == next as usize);
    });
}
