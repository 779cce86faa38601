//! Marking: on one thread, or in rayon's pool.
//!
//! Both test and set the mark bit before an object is queued, so that each object is fetched once. In the pool, a worker whose
//! stack grows gives its oldest thousand objects away as a new task: old ones lie near the roots and tend to have much below them.

use cyclade_core::{Graph, MarkQueue, Object, Scanner};

/// Objects that are given away at once.
const CHUNK: usize = 1000;

/// Marks everything reachable from `roots`, whose own mark bits are set already.
pub(crate) fn sequential(graph: &Graph, mut grey: MarkQueue) {
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| {
            if graph.mark(target) {
                grey.push(target);
            }
        });
    }
}

/// As [`sequential`], on rayon's threads.
pub(crate) fn parallel(grey: MarkQueue) {
    rayon::scope(|scope| work(scope, grey));
}

fn work<'scope>(scope: &rayon::Scope<'scope>, mut grey: MarkQueue) {
    let mut scanner = Scanner::new();
    while let Some(object) = grey.pop() {
        scanner.edges(object, |target| {
            if Graph::mark_shared(target) {
                grey.push(target);
            }
        });
        if grey.backlog() >= 2 * CHUNK {
            give_away(scope, grey.give_away(CHUNK));
        }
    }
}

fn give_away<'scope>(scope: &rayon::Scope<'scope>, objects: Vec<Object>) {
    scope.spawn(move |scope| {
        let mut grey = MarkQueue::new();
        grey.extend(objects);
        work(scope, grey);
    });
}
