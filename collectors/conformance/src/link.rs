//! The plain node of most checks: two edges, a weak reference, a token.

use crate::witness::{Token, Witness};
use cyclade_core::{Collector, Gc, Heap, Mutator, Root, Slot, Trace, Weak};

/// See the module.
#[derive(Debug, Trace)]
pub struct Link<'gc> {
    /// An edge.
    pub next: Slot<'gc, Link<'gc>>,
    /// Another edge.
    pub other: Slot<'gc, Link<'gc>>,
    /// No edge.
    pub weak: Weak<'gc, Link<'gc>>,
    /// Tells when it is dropped.
    pub token: Token,
}

/// A node without edges.
#[must_use]
pub fn link<'gc, C: Collector>(mc: &Mutator<'gc, C>, witness: &Witness) -> Gc<'gc, Link<'gc>> {
    mc.alloc(Link { next: Slot::empty(), other: Slot::empty(), weak: Weak::empty(), token: witness.token() })
}

/// Two nodes that refer to each other.
#[must_use]
pub fn pair<'gc, C: Collector>(mc: &Mutator<'gc, C>, witness: &Witness) -> Gc<'gc, Link<'gc>> {
    let (a, b) = (link(mc, witness), link(mc, witness));
    a.set(mc, |n| &n.next, Some(b));
    b.set(mc, |n| &n.next, Some(a));
    a
}

/// A rooted node without edges.
#[must_use]
pub fn rooted<C: Collector>(heap: &mut Heap<C>, witness: &Witness) -> Root<Link<'static>> {
    heap.mutate(|mc| mc.root(link(mc, witness)))
}

/// A rooted pair.
#[must_use]
pub fn rooted_pair<C: Collector>(heap: &mut Heap<C>, witness: &Witness) -> Root<Link<'static>> {
    heap.mutate(|mc| mc.root(pair(mc, witness)))
}

/// Is the heap still able to do everything? Builds, roots, drops, collects, and compares.
pub fn assert_usable<C: Collector>(heap: &mut Heap<C>) {
    let witness = Witness::default();
    let before = heap.census().reachable;
    let root = heap.mutate(|mc| {
        let a = pair(mc, &witness);
        let leaf = link(mc, &witness);
        a.set(mc, |n| &n.other, Some(leaf));
        mc.root(a)
    });
    assert_eq!(heap.census().reachable, before + 3);
    heap.mutate(|mc| assert!(root.get(mc).next.get().is_some_and(|b| b.next.get() == Some(root.get(mc)))));
    heap.mutate(|mc| root.get(mc).set(mc, |n| &n.other, None));
    heap.collect();
    assert_eq!(witness.dropped(), usize::from(C::PLAN.frees), "the leaf goes, the pair stays");
    drop(root);
    heap.collect();
    assert_eq!(heap.census().reachable, before);
    if C::PLAN.frees_cycles {
        witness.assert_all_dropped_once();
    }
}
