//! A cycle with a finalizer: uncollectable before Python 3.4, ordinary since.

use super::teller::Teller;
use super::{Step, Storyteller};
use cyclade_core::{Between, Collector, Finalize, Gc, Heap, ObjectId, Root, Slot, Trace};

/// `class A: def __del__(self): ...`
#[derive(Trace)]
#[trace(finalize)]
struct Mourned<'gc> {
    peer: Slot<'gc, Mourned<'gc>>,
}

impl Finalize for Mourned<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
}

fn pair_in<C: Collector>(heap: &mut Heap<C>) -> (Root<Mourned<'static>>, ObjectId) {
    heap.mutate(|mc| {
        let a: Gc<'_, Mourned<'_>> = mc.alloc(Mourned { peer: Slot::empty() });
        let b = mc.alloc(Mourned { peer: Slot::to(a) });
        a.set(mc, |a| &a.peer, Some(b));
        (mc.root(a), b.id())
    })
}

pub(super) fn story<C: Storyteller>() -> Vec<Step> {
    let mut steps = Vec::new();
    for (chapter, config) in C::rules().into_iter().flatten() {
        let mut teller: Teller<C> = Teller::new(chapter, Heap::new(config));
        let (a, b) = pair_in(&mut teller.heap);
        teller.about(a.id(), Some(b));
        teller.step("a = A(); a.b = B(); a.b.a = a, both with __del__");
        drop(a);
        teller.step("a = None");
        teller.collect();
        steps.extend(teller.end());
    }
    steps
}
