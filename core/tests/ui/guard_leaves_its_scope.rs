//! The attack: keep a guard, an editor or an iterator beyond the scope, and write when nobody is told.
//!
//! Whom it has hit: `thread::scoped` (rust-lang/rust issue 24292) showed what becomes of guards that nobody has to drop.
//!
//! Why it fails: guards borrow the mutator, so they end with the scope, dropped or not.
use cyclade_core::{Collector, Gc, GcVec, Heap, Locked, Root, Trace};

#[derive(Trace)]
struct Node<'gc> {
    list: GcVec<'gc, Node<'gc>>,
    locked: Locked<Vec<Gc<'gc, Node<'gc>>>>,
}

fn write_guard<C: Collector>(heap: &mut Heap<C>, root: &Root<Node<'static>>) {
    let guard = heap.mutate(|mc| root.get(mc).borrow_mut(mc, |n| &n.locked));
    drop(guard);
}

fn editor<C: Collector>(heap: &mut Heap<C>, root: &Root<Node<'static>>) {
    let editor = heap.mutate(|mc| root.get(mc).edit(mc, |n| &n.list));
    drop(editor);
}

fn main() {}
