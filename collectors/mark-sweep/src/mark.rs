//! Marking: on one thread, or in rayon's pool.
//!
//! Both test and set the mark bit before an object is queued, so that each object is fetched once. In the pool, a worker whose
//! stack grows gives its oldest thousand objects away as a new task: old ones lie near the roots and tend to have much below them.

use cyclade_core::{Graph, MarkQueue, Object, Scanner};

/// When so many objects wait, some of them are given away.
const PLENTY: usize = 2048;

/// Marks everything reachable from what is `grey`.
pub(crate) fn sequential<M: FnMut(Object) -> bool>(mut grey: MarkQueue<M>) {
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| grey.reach(target));
    }
}

/// As [`sequential`], on rayon's threads.
pub(crate) fn parallel(grey: Vec<Object>) {
    rayon::scope(|scope| work(scope, grey.into_iter()));
}

/// Marks what the `grey` objects reach, whose own mark bits are set.
fn work<'scope>(scope: &rayon::Scope<'scope>, objects: impl Iterator<Item = Object>) {
    let mut grey = MarkQueue::new(Graph::mark_shared);
    objects.for_each(|object| grey.push(object));
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| grey.reach(target));
        if grey.backlog() >= PLENTY
            && let Some(objects) = grey.give_away()
        {
            scope.spawn(move |scope| work(scope, objects));
        }
    }
}
