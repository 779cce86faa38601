//! A heap that dies in the middle of its own work (invariant I1): a payload's `Drop` owns its handle, and the heap is dropped by the cascade,
//! or the collection, or the scope's end that it is working on.
//!
//! Such a heap is emptied when its outermost operation is left. Operations further out still hold references to its memory, so that is kept
//! until the thread's next heap comes or goes, or the thread ends; while the thread unwinds, nothing is freed.

use crate::counting::{Counting, heap, heap_around};
use cyclade_core::{Heap, Root, Slot, Trace};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// A heap's handle, where a payload can reach it.
type Handle = Rc<RefCell<Option<Heap<Counting>>>>;

/// Drops the heap when it is dropped, and may panic after that.
struct Fuse {
    handle: Handle,
    panics: bool,
    burnt: Rc<Cell<u32>>,
}

impl Drop for Fuse {
    fn drop(&mut self) {
        self.burnt.set(self.burnt.get() + 1);
        // Taken out first: where the heap's own work has the handle borrowed, nobody else may.
        let heap = self.handle.try_borrow_mut().ok().and_then(|mut handle| handle.take());
        drop(heap);
        if self.panics {
            resume_unwind(Box::new("the fuse panics"));
        }
    }
}

#[derive(Trace)]
struct Bomb<'gc> {
    next: Slot<'gc, Bomb<'gc>>,
    _fuse: Fuse,
}

/// A heap with a chain of bombs that hangs on one root. `inside` tells when the heap's memory is freed, `burnt` counts payload drops.
struct Scene {
    handle: Handle,
    root: Option<Root<Bomb<'static>>>,
    inside: Rc<()>,
    burnt: Rc<Cell<u32>>,
}

impl Scene {
    fn new(length: usize, panics: bool) -> Self {
        let (inside, burnt) = (Rc::new(()), Rc::new(Cell::new(0)));
        let handle = Rc::new(RefCell::new(None));
        let mut heap = heap_around(&inside);
        let root = heap.mutate(|mc| {
            let mut next = None;
            for _ in 0..length {
                let fuse = Fuse { handle: Rc::clone(&handle), panics, burnt: Rc::clone(&burnt) };
                next = Some(mc.alloc(Bomb { next: next.map_or_else(Slot::empty, Slot::to), _fuse: fuse }));
            }
            mc.root(next.expect("a bomb"))
        });
        handle.replace(Some(heap));
        Scene { handle, root: Some(root), inside, burnt }
    }

    /// Drops the root, and with it the chain and the heap.
    fn set_off(&mut self) {
        drop(self.root.take());
    }

    fn is_emptied(&self) -> bool {
        self.handle.borrow().is_none() && self.root.is_none()
    }

    fn is_freed(&self) -> bool {
        Rc::strong_count(&self.inside) == 1
    }
}

#[test]
fn every_payload_is_dropped_once_and_the_memory_goes_with_the_next_heap() {
    let mut scene = Scene::new(3, false);
    scene.set_off();
    assert!(scene.is_emptied() && scene.burnt.get() == 3);
    assert!(!scene.is_freed(), "freed under the feet of the operation that it died in");
    drop(heap());
    assert!(scene.is_freed());
}

#[test]
fn a_heap_that_comes_clears_the_grave_as_well_as_one_that_goes() {
    let mut scene = Scene::new(1, false);
    let older = heap();
    scene.set_off();
    drop(older);
    assert!(scene.is_freed());
    let mut scene = Scene::new(1, false);
    scene.set_off();
    let _newer = heap();
    assert!(scene.is_freed());
}

#[test]
fn memory_of_a_threads_last_heap_goes_with_the_thread() {
    // Dropped when the thread's own variables are: tells how many owners `inside` had left at that moment.
    struct AtTheEnd(Rc<()>, std::sync::mpsc::Sender<usize>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let _ = self.1.send(Rc::strong_count(&self.0));
        }
    }
    thread_local! {
        static LAST: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
    }
    let (send, receive) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        // Registered before the graves are, so that it is dropped after them.
        LAST.set(None);
        let mut scene = Scene::new(2, false);
        scene.set_off();
        LAST.set(Some(AtTheEnd(Rc::clone(&scene.inside), send)));
    });
    assert!(thread.join().is_ok());
    // On some systems the order is the other one; then the grave's share is still there.
    let left = receive.recv().expect("the thread's variables are dropped");
    assert!(left == 1 || !cfg!(target_os = "linux"), "{left} owners are left");
}

#[test]
fn a_payload_that_panics_after_that_is_heard_of_when_the_heap_has_been_emptied() {
    let mut scene = Scene::new(3, true);
    let panic = catch_unwind(AssertUnwindSafe(|| scene.set_off())).expect_err("the first panic is resumed");
    assert_eq!(panic.downcast_ref(), Some(&"the fuse panics"));
    assert!(scene.is_emptied() && scene.burnt.get() == 3 && !scene.is_freed());
    drop(heap());
    assert!(scene.is_freed());
}

#[test]
fn nothing_is_freed_while_the_thread_unwinds() {
    /// Lets heaps come and go while the thread unwinds, and looks.
    struct Meanwhile<'a>(&'a Scene, &'a Cell<bool>);
    impl Drop for Meanwhile<'_> {
        fn drop(&mut self) {
            assert!(std::thread::panicking());
            drop(heap());
            self.1.set(self.0.is_freed());
        }
    }
    let mut scene = Scene::new(2, false);
    scene.set_off();
    let freed = Cell::new(true);
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _meanwhile = Meanwhile(&scene, &freed);
        resume_unwind(Box::new(()));
    }));
    assert!(unwound.is_err() && !freed.get(), "freed while the thread unwinds");
    drop(heap());
    assert!(scene.is_freed());
}
