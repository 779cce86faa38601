//! An object that watches itself.

use crate::counting::heap;
use cyclade_core::*;
use std::cell::RefCell;

thread_local! { static KEPT: RefCell<Vec<Root<W<'static>>>> = const { RefCell::new(Vec::new()) }; }
#[derive(Trace)]
struct W<'gc> {
    me: Slot<'gc, W<'gc>>,
    number: u64,
}
#[test]
fn an_object_that_watches_itself_is_not_handed_out_when_it_dies() {
    let mut heap = heap();
    let w: Root<W<'static>> = heap.mutate(|mc| mc.root(mc.alloc(W { me: Slot::empty(), number: 7 })));
    heap.watch(&w, &w.downgrade(), |w, _| KEPT.with_borrow_mut(|k| k.push(w.clone())));
    drop(w);
    heap.mutate(|_| ());
    let kept = KEPT.take();
    for k in &kept {
        let number = heap.mutate(|mc| k.get(mc).number);
        assert!(heap.contains(k.id()) && number == 7, "a rooted object has been freed");
    }
}
