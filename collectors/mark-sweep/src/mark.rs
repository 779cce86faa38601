//! Marking on one thread: mark bits are tested and set before an object is queued, so that each object is fetched once.

use cyclade_core::{MarkQueue, Object, Scanner};

/// Marks what the `grey` objects reach.
pub(crate) fn all<M: FnMut(Object) -> bool>(grey: &mut MarkQueue<M>) {
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| grey.reach(target));
    }
}

/// As [`all`], until at least `plenty` objects wait, and says if that is so. Otherwise none is left.
pub(crate) fn until<M: FnMut(Object) -> bool>(grey: &mut MarkQueue<M>, plenty: usize) -> bool {
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| grey.reach(target));
        if grey.backlog() >= plenty {
            return true;
        }
    }
    false
}
