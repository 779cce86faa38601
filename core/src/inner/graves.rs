//! Heaps that died in the middle of their own work: emptied, and not freed yet (I1).
//!
//! Callers further out still hold references to such a heap when it is emptied. Its memory goes when the thread's next heap comes or
//! goes, or when the thread ends, but never while the thread unwinds.

use std::cell::RefCell;
use std::ptr::NonNull;

/// An emptied heap, and how to free its memory.
pub(super) struct Grave {
    pub(super) inner: NonNull<()>,
    pub(super) free: unsafe fn(NonNull<()>),
}

/// The graves of a thread.
struct Graveyard(RefCell<Vec<Grave>>);

thread_local! {
    static GRAVES: Graveyard = const { Graveyard(RefCell::new(Vec::new())) };
}

impl Graveyard {
    fn clear(&self) {
        for grave in self.0.take() {
            // SAFETY: an orphan enters the list as the last thing of its outermost operation, which then returns without calling
            // anything else, or unwinds, and while the thread unwinds nobody calls this. Taken out of the list, so once.
            unsafe { (grave.free)(grave.inner) };
        }
    }
}

impl Drop for Graveyard {
    fn drop(&mut self) {
        self.clear();
    }
}

/// If the thread is so far gone that its list is, the memory is given up.
pub(super) fn add(grave: Grave) {
    let _ = GRAVES.try_with(|graves| graves.0.borrow_mut().push(grave));
}

/// Frees the heaps whose operations have all been left.
pub(super) fn clear() {
    if !std::thread::panicking() {
        let _ = GRAVES.try_with(Graveyard::clear);
    }
}
