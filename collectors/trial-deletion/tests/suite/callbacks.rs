//! Callbacks of weak references that use the heap while an object dies by counting.

use cyclade_trial_deletion::{Heap, Root, Slot, Trace};
use std::cell::Cell;
use std::rc::Rc;

#[test]
fn a_death_callback_that_collects_does_not_free_the_dying_object_twice() {
    for threshold in [0, 1] {
        let mut heap = Heap::default();
        heap.collector().set_threshold([threshold, 10, 10]);
        let (root, drops) = {
            let drops = Rc::new(Cell::new(0));
            let root: Root<Owner<'static>> =
                heap.mutate(|mc| mc.root(mc.alloc(Owner { me: Slot::empty(), token: Token(drops.clone()) })));
            (root, drops)
        };
        let seen = Rc::new(Cell::new(false));
        let told = seen.clone();
        heap.on_death(&root.downgrade(), move |between| {
            between.collect();
            for _ in 0..10 {
                between.mutate(|mc| mc.alloc(Owner { me: Slot::empty(), token: Token(Rc::default()) }).id());
            }
            told.set(true);
        });
        drop(root);
        assert!(seen.get());
        assert_eq!(drops.get(), 1);
        assert_eq!(heap.len(), 0);
    }
}

/// Counts its drops.
struct Token(Rc<Cell<usize>>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[derive(Trace)]
struct Owner<'gc> {
    me: Slot<'gc, Owner<'gc>>,
    #[allow(dead_code)]
    token: Token,
}
