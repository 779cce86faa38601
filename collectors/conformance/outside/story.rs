// What every program here runs: the public calls, in use. `collector` is the collector crate, by whatever name it has.

use collector::{
    Between, Collector, Finalize, Finalizer, Gc, GcMap, GcVec, Locked, Managed, Mutator, ObjectId, Root,
    Slot, Trace, TraceObject, Weak, WeakRoot, alloc_dyn, managed_dyn,
};
use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Trace)]
struct Person<'gc> {
    name: String,
    partner: Slot<'gc, Person<'gc>>,
    parent: Weak<'gc, Person<'gc>>,
    children: GcVec<'gc, Person<'gc>>,
    known: GcMap<'gc, String, Person<'gc>>,
    letters: Locked<BTreeMap<u32, Gc<'gc, str>>>,
    shape: Slot<'gc, dyn Shape<'gc> + 'gc>,
    state: State<'gc>,
}

#[derive(Trace, Default)]
enum State<'gc> {
    #[default]
    Single,
    Married(Gc<'gc, Person<'gc>>),
}

#[derive(Trace)]
struct Tagged<T, const N: usize> {
    values: [T; N],
}

#[derive(Trace)]
struct Wrapped<'gc, #[trace(edges)] T> {
    inner: T,
    next: Slot<'gc, Wrapped<'gc, T>>,
}

trait Shape<'gc>: TraceObject {
    fn area(&self) -> u64;
}
managed_dyn!(Shape<'gc>);

#[derive(Trace)]
struct Square<'gc> {
    side: u64,
    owner: Slot<'gc, Person<'gc>>,
}

impl<'gc> Shape<'gc> for Square<'gc> {
    fn area(&self) -> u64 {
        assert!(self.owner.get().is_some());
        self.side * self.side
    }
}

#[derive(Trace)]
#[trace(finalize)]
struct Ghost<'gc> {
    me: Slot<'gc, Ghost<'gc>>,
}

thread_local! {
    static SAVED: RefCell<Vec<Root<Ghost<'static>>>> = const { RefCell::new(Vec::new()) };
}

impl Finalize for Ghost<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        SAVED.with_borrow_mut(|saved| saved.push(this.clone()));
        heap.mutate(|mc| this.get(mc).set(mc, |g| &g.me, None));
    }
}

impl Person<'_> {
    fn named(name: &str) -> Self {
        Person {
            name: name.to_owned(),
            partner: Slot::empty(),
            parent: Weak::empty(),
            children: GcVec::new(),
            known: GcMap::new(),
            letters: Locked::default(),
            shape: Slot::empty(),
            state: State::Single,
        }
    }
}

fn couple<'gc, C: Collector>(mc: &Mutator<'gc, C>) -> Gc<'gc, Person<'gc>> {
    let ada = mc.alloc(Person::named("Ada"));
    let bob = mc.alloc(Person { state: State::Married(ada), ..Person::named("Bob") });
    ada.set(mc, |p| &p.partner, Some(bob));
    bob.set_weak(mc, |p| &p.parent, Some(ada));
    ada.edit(mc, |p| &p.children).extend([bob, bob]);
    ada.edit(mc, |p| &p.known).insert("bob".to_owned(), bob);
    ada.borrow_mut(mc, |p| &p.letters).insert(7, mc.alloc_str("dear Bob"));
    let square = alloc_dyn!(mc, Square { side: 3, owner: Slot::to(ada) } => Shape<'_>);
    ada.set(mc, |p| &p.shape, Some(square));
    assert!(matches!(bob.state, State::Married(who) if who == ada && who.name == "Ada"));
    assert_eq!(bob.parent.upgrade(mc), Some(ada));
    assert_eq!(ada.children.iter().map(|c| c.name.len()).sum::<usize>(), 6);
    assert_eq!(ada.known.get("bob"), Some(bob));
    assert_eq!(&*ada.letters.borrow(mc)[&7], "dear Bob");
    assert_eq!(ada.shape.get().map(|s| s.area()), Some(9));
    ada.edit(mc, |p| &p.children).clear();
    ada.edit(mc, |p| &p.known).clear();
    ada.borrow_mut(mc, |p| &p.letters).clear();
    ada.set(mc, |p| &p.shape, None);
    ada
}

fn name_of<C: Collector>(_: &Mutator<'_, C>) -> &'static str {
    C::NAME
}

pub fn story(heap: &mut collector::Heap, frees_cycles: bool) {
    let (a, b): (Root<Person<'static>>, ObjectId) = heap.mutate(|mc| {
        let ada = couple(mc);
        (mc.root(ada), ada.partner.get().map(Gc::id).expect("a partner"))
    });
    heap.collect();
    let weak: WeakRoot<Person<'static>> = a.downgrade();
    let id = a.id();
    if let Some(count) = heap.ref_count(id) {
        assert_eq!((count, heap.ref_count(b)), (2, Some(1)));
    }
    drop(a.clone());
    drop(a);
    assert!(heap.contains(id) && heap.contains(b) && weak.is_alive());
    assert_eq!(heap.census().in_dead_cycles, 2);
    let found = heap.collect();
    assert_eq!(found.unreachable, if frees_cycles { 2 } else { 0 });
    assert_eq!((heap.contains(id), weak.is_alive()), (!frees_cycles, !frees_cycles));

    let wrapped = heap.mutate(|mc| {
        let row: Gc<'_, [Tagged<u8, 2>]> = mc.alloc_slice((0..3).map(|n| Tagged { values: [n, n + 1] }));
        assert_eq!(row.iter().map(|t| u32::from(t.values[1])).sum::<u32>(), 6);
        let first = mc.alloc(Wrapped { inner: row, next: Slot::empty() });
        first.set(mc, |w| &w.next, Some(first));
        assert!(mc.try_alloc(Person::named("Eve")).is_ok());
        mc.root(first)
    });
    heap.collect();
    heap.mutate(|mc| assert_eq!(wrapped.get(mc).inner.len(), 3));

    let ghost = heap.mutate(|mc| {
        let ghost = mc.alloc(Ghost { me: Slot::empty() });
        ghost.set(mc, |g| &g.me, Some(ghost));
        mc.root(ghost)
    });
    let id = ghost.id();
    drop(ghost);
    heap.collect();
    assert!(heap.contains(id), "kept by its finalizer, or never freed");
    let saved = SAVED.take();
    assert_eq!(saved.len(), usize::from(frees_cycles));
    drop(saved);
    heap.collect();
    assert_eq!(heap.contains(id), !frees_cycles);
    assert_eq!(<Ghost<'static> as Managed>::ATTRIBUTES.finalizer, Finalizer::Modern);
    println!("{}: ok", heap.mutate(|mc| name_of(mc)));
}
