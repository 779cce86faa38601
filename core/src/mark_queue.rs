//! The work list of a tracing collector: a queue of chunks, on the way into which memory is fetched ahead.
//!
//! A mark waits for memory, three times for each edge if nothing is done about it, and for the processor to find out that it has guessed wrong: whether
//! a target has been marked before is not to be predicted. So:
//!
//! 1. *A target's mark bit* is prefetched, and tested and set some edges later. (A quarter of the time of a mark of ten million objects, whose bits
//!    lie in no near cache; nothing lost at a million.)
//! 2. *Without a branch*: a target is written behind the queue's end in any case, and the end moves if it was not marked. (A fifth.)
//! 3. *An object* is prefetched sixteen objects before it is scanned. (Half and more: Cher, Hosking and Vitek 2004.)
//! 4. *The queue stays small*: it is first-in first-out within a chunk of a thousand, and last-in first-out from chunk to chunk, so that it fits into a near
//!    cache and its chunks are used again. (A fifth, against one long queue.)
//!
//! Invariant:
//! - **M1** Every target that was [reached](MarkQueue::reach) and was not marked, and every object that was pushed, is in flight, in a chunk, or has been
//!   popped since.

use crate::object::Object;
use crate::space::Space;
use std::fmt;

/// How far ahead objects are prefetched.
const AHEAD: usize = 16;
/// How many mark bits are being fetched at a time.
const IN_FLIGHT: usize = 16;
/// Objects in a full chunk.
const CHUNK: usize = 1024;

/// The chunk that is filled, the one that is emptied, and the spare one.
const CHUNKS_IN_HAND: usize = 3;

type Chunk = Box<[Option<Object>; CHUNK]>;

fn chunk() -> Chunk {
    Box::new([None; CHUNK])
}

/// Objects that have been found and not been scanned: the grey ones.
///
/// `mark` tests and sets an object's mark bit, and says whether it was not set: [`Graph::mark`](crate::Graph::mark) or
/// [`Graph::mark_shared`](crate::Graph::mark_shared).
pub struct MarkQueue<M> {
    mark: M,
    /// Targets whose bits are being fetched; a ring.
    in_flight: [Option<Object>; IN_FLIGHT],
    turn: usize,
    /// The chunk that is filled, and how far it is.
    back: Chunk,
    filled: usize,
    /// Full chunks; the last is next.
    full: Vec<Chunk>,
    /// The most that there were of them.
    most_full: usize,
    /// The chunk that is emptied: `at` of `end` are done.
    front: Chunk,
    at: usize,
    end: usize,
    /// An empty one.
    spare: Option<Chunk>,
}

impl<M: FnMut(Object) -> bool> MarkQueue<M> {
    /// An empty queue.
    #[must_use]
    pub fn new(mark: M) -> Self {
        MarkQueue {
            mark,
            in_flight: [None; IN_FLIGHT],
            turn: 0,
            back: chunk(),
            filled: 0,
            full: Vec::new(),
            most_full: 0,
            front: chunk(),
            at: 0,
            end: 0,
            spare: None,
        }
    }

    /// The target of an edge, or a root: becomes grey if it is not marked, and is marked, before the queue is empty again.
    #[inline]
    pub fn reach(&mut self, target: Object) {
        Space::prefetch_mark(target);
        self.turn = (self.turn + 1) % IN_FLIGHT;
        if let Some(due) = self.in_flight[self.turn].replace(target) {
            let grey = (self.mark)(due);
            self.append(due, grey);
        }
    }

    /// An object that has been marked already becomes grey.
    #[inline]
    pub fn push(&mut self, object: Object) {
        self.append(object, true);
    }

    /// The next object to scan, if any is left.
    #[inline]
    pub fn pop(&mut self) -> Option<Object> {
        if self.at == self.end {
            return self.refill();
        }
        if let Some(ahead) = self.front[(self.at + AHEAD) % CHUNK] {
            ahead.prefetch();
        }
        let object = self.front[self.at % CHUNK];
        self.at += 1;
        object
    }

    /// Is no object left to scan, and no bit left to test?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.backlog() == 0 && self.in_flight.iter().all(Option::is_none)
    }

    /// Forgets all objects (of a marking that is given up).
    pub fn clear(&mut self) {
        self.in_flight = [None; IN_FLIGHT];
        self.full.clear();
        (self.filled, self.at, self.end) = (0, 0, 0);
    }

    /// Takes the oldest full chunk away, for somebody else to scan.
    #[must_use]
    pub fn give_away(&mut self) -> Option<impl Iterator<Item = Object> + Send + use<M>> {
        (!self.full.is_empty()).then(|| self.full.remove(0).into_iter().flatten())
    }

    /// Writes `object` behind the end, which moves if it is `grey`.
    #[inline]
    fn append(&mut self, object: Object, grey: bool) {
        self.back[self.filled % CHUNK] = Some(object);
        self.filled += usize::from(grey);
        if self.filled == CHUNK {
            self.put_by();
        }
    }

    #[cold]
    #[inline(never)]
    fn put_by(&mut self) {
        let empty = self.spare.take().unwrap_or_else(chunk);
        self.full.push(std::mem::replace(&mut self.back, empty));
        self.most_full = self.most_full.max(self.full.len());
        self.filled = 0;
    }

    /// Turns to the chunk that is filled, or the last that was, and pops from it.
    #[inline(never)]
    fn refill(&mut self) -> Option<Object> {
        if self.filled == 0 && self.full.is_empty() {
            let alone = self.land();
            if self.filled == 0 {
                return alone;
            }
        }
        (self.at, self.end) = (0, 0);
        if self.filled > 0 {
            std::mem::swap(&mut self.front, &mut self.back);
            self.end = std::mem::take(&mut self.filled);
        } else if let Some(full) = self.full.pop() {
            self.spare = Some(std::mem::replace(&mut self.front, full));
            self.end = CHUNK;
        }
        self.front[..self.end.min(AHEAD)].iter().flatten().for_each(|object| object.prefetch());
        self.at = 1;
        self.front[0]
    }

    /// Tests the bits that are in flight, the last one first: the others stand before it, without a gap. If one object becomes grey by it, and no other, it is
    /// returned and need not be queued: so it is in a chain, where there is only one at any time. (Of the build of a list of a million under trial deletion,
    /// 55 of 165 ns for looking no further than that, and 10 for the short way.)
    fn land(&mut self) -> Option<Object> {
        while let Some(due) = self.in_flight[self.turn].take() {
            self.turn = self.turn.wrapping_sub(1) % IN_FLIGHT;
            let grey = (self.mark)(due);
            if grey && self.filled == 0 && self.in_flight[self.turn].is_none() {
                return Some(due);
            }
            self.append(due, grey);
        }
        None
    }
}

impl<M> MarkQueue<M> {
    /// The most bytes that the queue's chunks have taken since this was last asked, for
    /// [`Graph::count_scratch`](crate::Graph::count_scratch).
    #[must_use]
    pub fn take_most_bytes(&mut self) -> usize {
        let chunks = CHUNKS_IN_HAND + std::mem::replace(&mut self.most_full, self.full.len());
        chunks * size_of::<[Option<Object>; CHUNK]>()
    }

    /// Objects waiting to be scanned, those in flight not included.
    #[must_use]
    #[inline]
    pub fn backlog(&self) -> usize {
        self.filled + self.full.len() * CHUNK + self.end - self.at
    }
}

impl<M> fmt::Debug for MarkQueue<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MarkQueue").field("backlog", &self.backlog()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::{BTreeSet, HashSet};
    use std::ptr::{NonNull, without_provenance_mut};

    /// Not an object: an address, which a queue passes on.
    fn object(number: usize) -> Object {
        Object::new(NonNull::new(without_provenance_mut(FIRST + number * 64)).unwrap())
    }

    const FIRST: usize = 1 << 30;

    fn rest(queue: &mut MarkQueue<impl FnMut(Object) -> bool>) -> Vec<Object> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn what_is_reached_is_scanned_once_however_often_and_in_however_many_chunks() {
        let marked = RefCell::new(HashSet::new());
        let mut queue = MarkQueue::new(|object| marked.borrow_mut().insert(object));
        queue.reach(object(0));
        let mut scanned = 0;
        while let Some(at) = queue.pop() {
            scanned += 1;
            let number = (at.id().address() - FIRST) / 64;
            // A graph in which everything is reached three times, and in which many thousands wait.
            (1..=3).for_each(|edge| queue.reach(object((3 * number + edge) % 20_000)));
        }
        assert_eq!((scanned, marked.borrow().len()), (20_000, 20_000));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_target_in_flight_is_something_left_to_do() {
        let mut queue = MarkQueue::new(|_| true);
        queue.reach(object(7));
        assert_eq!((queue.is_empty(), queue.backlog()), (false, 0));
        assert_eq!((queue.pop(), queue.pop()), (Some(object(7)), None));
        assert!(queue.is_empty());
    }

    #[test]
    fn what_is_given_away_is_the_oldest_chunk_and_is_not_scanned_here() {
        let mut queue = MarkQueue::new(|_| true);
        assert!(queue.give_away().is_none());
        (0..3 * CHUNK).for_each(|number| queue.push(object(number)));
        let given: Vec<_> = queue.give_away().unwrap().collect();
        assert_eq!(given, (0..CHUNK).map(object).collect::<Vec<_>>());
        let here: BTreeSet<_> = rest(&mut queue).into_iter().collect();
        assert_eq!(here, (CHUNK..3 * CHUNK).map(object).collect());
    }

    #[test]
    fn most_bytes_are_those_of_the_longest_queue_since_the_last_question() {
        let mut queue = MarkQueue::new(|_| true);
        let bytes = |full: usize| (full + CHUNKS_IN_HAND) * CHUNK * size_of::<usize>();
        (0..3 * CHUNK).for_each(|number| queue.push(object(number)));
        while queue.pop().is_some() {}
        assert_eq!((queue.take_most_bytes(), queue.take_most_bytes()), (bytes(3), bytes(0)));
    }

    #[test]
    fn a_cleared_queue_is_empty_and_can_be_filled_again() {
        let mut queue = MarkQueue::new(|_| true);
        (0..2 * CHUNK + 5).for_each(|number| queue.reach(object(number)));
        queue.clear();
        assert!(queue.is_empty());
        assert_eq!(queue.pop(), None);
        queue.push(object(1));
        assert_eq!(rest(&mut queue), [object(1)]);
    }
}
