//! The chapters in which nothing happens by itself.

use super::{A, B, Look, Step, Storyteller};
use cyclade_core::{Collector, Heap, ObjectId, Root, Slot};

/// A heap, and the two addresses that the story is about.
pub(super) struct Teller<C: Collector> {
    pub(super) heap: Heap<C>,
    chapter: &'static str,
    a: Option<ObjectId>,
    b: Option<ObjectId>,
    steps: Vec<Step>,
}

impl<C: Storyteller> Teller<C> {
    pub(super) fn new(chapter: &'static str, heap: Heap<C>) -> Self {
        Teller { heap, chapter, a: None, b: None, steps: Vec::new() }
    }

    /// From now on the story is about these.
    pub(super) fn about(&mut self, a: ObjectId, b: Option<ObjectId>) {
        (self.a, self.b) = (Some(a), b);
    }

    fn look(&self, id: Option<ObjectId>) -> Look {
        match id {
            Some(id) => Look {
                ref_count: self.heap.ref_count(id).map(|count| count as u64),
                exists: self.heap.contains(id),
            },
            None => Look { ref_count: C::PLAN.counts.then_some(0), exists: false },
        }
    }

    /// Something was done: what do they look like now?
    pub(super) fn step(&mut self, statement: &str) {
        self.note(statement, None);
    }

    pub(super) fn collect(&mut self) {
        let found = self.heap.collect().unreachable as u64;
        self.note("collect()", Some(found));
    }

    fn note(&mut self, statement: &str, collected: Option<u64>) {
        let step = format!("{}: {statement}", self.chapter);
        self.steps.push(Step { step, a: self.look(self.a), b: self.look(self.b), collected });
    }

    pub(super) fn end(self) -> Vec<Step> {
        self.steps
    }
}

fn lone_a<C: Collector>(heap: &mut Heap<C>) -> Root<A<'static>> {
    heap.mutate(|mc| {
        let a = mc.alloc(A { b: Slot::empty(), me: Slot::empty() });
        mc.root(a)
    })
}

/// `a = A()`, `b = a`, `c = a`, and all of them rebound; then another object at the same address.
pub(super) fn aliases<C: Storyteller>() -> Vec<Step> {
    let mut teller: Teller<C> = Teller::new("aliases", Heap::new(C::manual()));
    let a = lone_a(&mut teller.heap);
    let id = a.id();
    teller.about(id, None);
    teller.step("a = A()");
    let b = a.clone();
    teller.step("b = a");
    let c = a.clone();
    teller.step("c = a");
    drop(c);
    teller.step("c = None");
    drop(b);
    teller.step("b = None");
    drop(a);
    teller.step("a = None");
    teller.collect();
    // Other objects are made until one lies at the old address; then it has three names.
    let mut others = Vec::new();
    for _ in 0..1_000 {
        let other = lone_a(&mut teller.heap);
        let found = other.id() == id;
        others.push(other);
        if found {
            break;
        }
    }
    if let Some(last) = others.last().filter(|other| other.id() == id).cloned() {
        others.push(last.clone());
        others.push(last);
    }
    teller.step("another object, with three names, at that address");
    teller.end()
}

/// A and B refer to each other.
pub(super) fn pair<C: Storyteller>() -> Vec<Step> {
    let mut teller: Teller<C> = Teller::new("pair", Heap::new(C::manual()));
    let (a, b) = pair_in(&mut teller.heap);
    teller.about(a.id(), Some(b));
    teller.step("a = A(); a.b = B(); a.b.a = a");
    drop(a);
    teller.step("a = None");
    teller.collect();
    teller.end()
}

pub(super) fn pair_in<C: Collector>(heap: &mut Heap<C>) -> (Root<A<'static>>, ObjectId) {
    heap.mutate(|mc| {
        let a = mc.alloc(A { b: Slot::empty(), me: Slot::empty() });
        let b = mc.alloc(B { a: Slot::to(a) });
        a.set(mc, |a| &a.b, Some(b));
        (mc.root(a), b.id())
    })
}

/// A refers to B, and that is all.
pub(super) fn acyclic<C: Storyteller>() -> Vec<Step> {
    let mut teller: Teller<C> = Teller::new("no cycle", Heap::new(C::manual()));
    let (a, b) = teller.heap.mutate(|mc| {
        let b = mc.alloc(B { a: Slot::empty() });
        let a = mc.alloc(A { b: Slot::to(b), me: Slot::empty() });
        (mc.root(a), b.id())
    });
    teller.about(a.id(), Some(b));
    teller.step("a = A(); a.b = B()");
    drop(a);
    teller.step("a = None");
    teller.collect();
    teller.end()
}

/// A refers to itself.
pub(super) fn self_reference<C: Storyteller>() -> Vec<Step> {
    let mut teller: Teller<C> = Teller::new("self-reference", Heap::new(C::manual()));
    let a = lone_a(&mut teller.heap);
    teller.about(a.id(), None);
    teller.heap.mutate(|mc| {
        let a = a.get(mc);
        a.set(mc, |a| &a.me, Some(a));
    });
    teller.step("a = A(); a.me = a");
    drop(a);
    teller.step("a = None");
    teller.collect();
    teller.end()
}
