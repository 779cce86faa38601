//! An object that stands for a weak reference may hold its `Weak`s in any shape: all are emptied when it is found unreachable.

use cyclade_trial_deletion::{
    Between, Collector, Finalize, Gc, GcModule, Heap, Locked, Mutator, Root, Slot, Trace, TrialDeletion, Weak,
};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};

thread_local! { static ALIVE: RefCell<Vec<(&'static str, bool)>> = const { RefCell::new(Vec::new()) }; }

#[derive(Trace)]
struct Subject;

type To<'gc> = Weak<'gc, Subject>;

#[derive(Trace)]
struct Inner<'gc> {
    weak: To<'gc>,
}

#[derive(Trace)]
enum Either<'gc> {
    This(To<'gc>),
    #[expect(dead_code, reason = "there must be another one")]
    That,
}

/// As CPython's `weakref.WeakSet`, if it were one object.
#[derive(Trace)]
#[trace(weakref, finalize)]
struct References<'gc> {
    me: Slot<'gc, References<'gc>>,
    plain: To<'gc>,
    option: Option<To<'gc>>,
    result: Result<To<'gc>, u8>,
    boxed: Box<To<'gc>>,
    array: [To<'gc>; 1],
    boxed_slice: Box<[To<'gc>]>,
    tuple: (u8, To<'gc>),
    reverse: Reverse<To<'gc>>,
    inner: Inner<'gc>,
    either: Either<'gc>,
    vec: Vec<To<'gc>>,
    deque: VecDeque<To<'gc>>,
    list: LinkedList<To<'gc>>,
    hash_map: HashMap<u8, To<'gc>>,
    tree_map: BTreeMap<u8, To<'gc>>,
    locked: Locked<To<'gc>>,
    locked_vec: Locked<Vec<To<'gc>>>,
    nested: Locked<HashMap<u8, Vec<Option<To<'gc>>>>>,
}

impl<'gc> References<'gc> {
    fn to(target: Gc<'gc, Subject>, mc: &Mutator<'gc, TrialDeletion>) -> Self {
        let weak = || target.downgrade(mc);
        References {
            me: Slot::empty(),
            plain: weak(),
            option: Some(weak()),
            result: Ok(weak()),
            boxed: Box::new(weak()),
            array: [weak()],
            boxed_slice: Box::new([weak()]),
            tuple: (0, weak()),
            reverse: Reverse(weak()),
            inner: Inner { weak: weak() },
            either: Either::This(weak()),
            vec: vec![weak()],
            deque: VecDeque::from([weak()]),
            list: LinkedList::from([weak()]),
            hash_map: HashMap::from([(0, weak())]),
            tree_map: BTreeMap::from([(0, weak())]),
            locked: Locked::new(weak()),
            locked_vec: Locked::new(vec![weak()]),
            nested: Locked::new(HashMap::from([(0, vec![Some(weak())])])),
        }
    }

    /// Which of them still read something?
    fn alive<C: Collector>(&self, mc: &Mutator<'gc, C>) -> Vec<(&'static str, bool)> {
        let mut all = Vec::new();
        let mut read = |name, weak: &To<'gc>| all.push((name, weak.upgrade(mc).is_some()));
        read("plain", &self.plain);
        self.option.iter().for_each(|weak| read("option", weak));
        self.result.iter().for_each(|weak| read("result", weak));
        read("boxed", &self.boxed);
        self.array.iter().for_each(|weak| read("array", weak));
        self.boxed_slice.iter().for_each(|weak| read("boxed slice", weak));
        read("tuple", &self.tuple.1);
        read("reverse", &self.reverse.0);
        read("inner", &self.inner.weak);
        if let Either::This(weak) = &self.either {
            read("either", weak);
        }
        self.vec.iter().for_each(|weak| read("vec", weak));
        self.deque.iter().for_each(|weak| read("deque", weak));
        self.list.iter().for_each(|weak| read("list", weak));
        self.hash_map.values().for_each(|weak| read("hash map", weak));
        self.tree_map.values().for_each(|weak| read("tree map", weak));
        read("locked", &self.locked.borrow(mc));
        self.locked_vec.borrow(mc).iter().for_each(|weak| read("locked vec", weak));
        self.nested.borrow(mc).values().flatten().flatten().for_each(|weak| read("nested", weak));
        all
    }
}

impl Finalize for References<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        ALIVE.set(heap.mutate(|mc| this.get(mc).alive(mc)));
    }
}

#[test]
fn weak_references_in_every_container_are_emptied_when_their_object_is_found_unreachable() {
    let mut heap = Heap::default();
    heap.gc().disable();
    let subject = heap.mutate(|mc| mc.root(mc.alloc(Subject)));
    let references = heap.mutate(|mc| {
        let references = mc.alloc(References::to(subject.get(mc), mc));
        references.set(mc, |r| &r.me, Some(references));
        mc.root(references)
    });
    let before = heap.mutate(|mc| references.get(mc).alive(mc));
    assert!(before.len() == 18 && before.iter().all(|(_, alive)| *alive), "{before:?}");
    drop(references);
    assert_eq!(heap.gc().collect(), 1);
    let after = ALIVE.take();
    assert_eq!(after.len(), 18);
    let left: Vec<_> = after.into_iter().filter(|(_, alive)| *alive).collect();
    assert!(left.is_empty(), "not emptied: {left:?}");
}

/// A weak reference without a callback: it has no edge at all.
#[derive(Trace)]
#[trace(weakref)]
struct Bare<'gc> {
    target: To<'gc>,
}

#[derive(Trace)]
#[trace(finalize)]
struct Holder<'gc> {
    me: Slot<'gc, Holder<'gc>>,
    bare: Slot<'gc, Bare<'gc>>,
}

impl Finalize for Holder<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        let bare = |mc: &Mutator<'_, C>| Some(this.get(mc).bare.get()?.target.upgrade(mc).is_some());
        ALIVE.set(heap.mutate(|mc| bare(mc)).map(|alive| ("bare", alive)).into_iter().collect());
    }
}

#[test]
fn an_object_that_is_nothing_but_a_weak_reference_is_emptied_too() {
    let mut heap = Heap::default();
    heap.gc().disable();
    let subject = heap.mutate(|mc| mc.root(mc.alloc(Subject)));
    let bare = heap.mutate(|mc| {
        let bare = mc.alloc(Bare { target: subject.get(mc).downgrade(mc) });
        let holder = mc.alloc(Holder { me: Slot::empty(), bare: Slot::to(bare) });
        holder.set(mc, |h| &h.me, Some(holder));
        bare.id()
    });
    assert!(heap.gc().is_tracked(bare), "as CPython's weak references are");
    assert_eq!((heap.gc().collect(), ALIVE.take()), (2, vec![("bare", false)]));
    assert_eq!(heap.len(), 1);
}
