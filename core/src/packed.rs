//! A list of objects that takes little memory while it is left alone.
//!
//! Objects that were allocated one after the other lie in memory at a constant distance from one another, up to the end of their block.
//! A list in order of allocation is therefore mostly arithmetic: where its first object is, how far it is to the next. So the list is
//! held in chunks of 64 entries, each as the cheapest of three shapes that it fits:
//!
//! | shape | the objects of the chunk | bytes per entry |
//! |---|---|---:|
//! | run | one after the other at a constant distance, with one jump at most (from the end of a block to the next) | 0.4 |
//! | near | anywhere within one MiB: two types by turns, what is left of a run after deaths | 2.4 |
//! | loose | anywhere | 8.4 |
//!
//! An entry whose object has been taken out is a *gap*: a bit of its chunk is cleared, and the indexes of the others stay. The last entries,
//! up to 127, are a plain array, the *tail*: a chunk is made of the first 64 of 128, and is unmade when the tail has run empty, so that
//! a list that grows and shrinks by one entry makes no chunk.
//!
//! An object that comes out of a list is one that was put in: the same address, and a pointer into the same arena. So to hand one out is
//! what copying it would be, and its user's promise (K1) is the same.
//!
//! Invariants:
//! - **Q1** Entry i stands in chunk i / 64 at place i % 64, and behind the chunks in the tail.
//! - **Q2** An entry is an object exactly if it was pushed and has not been taken out since; then it is the one that was pushed.
//! - **Q3** The objects of a run or near chunk lie in one arena, at the base's address or behind it.
//! - **Q4** Of the near (loose) chunks, in order, number n has its entries at index n of `near` (`loose`), which hold no others.

use crate::object::Object;
use crate::space::share_arena;
use std::fmt;

/// Entries of a chunk.
const CHUNK: usize = u64::BITS as usize;
/// So many entries at the end wait until a chunk is made of the first of them.
const TAIL: usize = 2 * CHUNK;
/// Objects are aligned to this; near chunks measure in it.
const UNIT: usize = 16;

const _: () = assert!(size_of::<Chunk>() == 24);

/// Sixty-four entries.
struct Chunk {
    /// A bit for each entry that is no gap.
    present: u64,
    /// The object of the lowest address; none if the chunk was made of gaps.
    base: Option<Object>,
    shape: Shape,
}

/// Where the objects of a chunk are.
#[derive(Clone, Copy)]
enum Shape {
    /// The base stands at place `first`; each further place is `stride` units on, and those from `split` on another `jump`.
    Run { first: u8, split: u8, stride: u8, jump: u32 },
    /// Distances from the base are element `at` of `near`.
    Near { at: u32 },
    /// Element `at` of `loose`.
    Loose { at: u32 },
}

/// A list of objects, with gaps.
#[derive(Default)]
pub struct PackedList {
    chunks: Vec<Chunk>,
    /// For each near chunk, how many units its objects lie behind the base.
    near: Vec<[u16; CHUNK]>,
    loose: Vec<[Option<Object>; CHUNK]>,
    tail: Vec<Option<Object>>,
    gaps: usize,
}

impl PackedList {
    /// Number of entries, gaps included: the index that the next object will get.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.chunks.len() * CHUNK + self.tail.len()
    }

    /// Is there no entry?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of gaps.
    #[must_use]
    #[inline]
    pub fn gaps(&self) -> usize {
        self.gaps
    }

    /// The object at `index`, unless there is a gap or the end of the list. Cost: constant.
    #[must_use]
    #[inline]
    pub fn get(&self, index: usize) -> Option<Object> {
        match self.chunks.get(index / CHUNK) {
            Some(chunk) => self.in_chunk(chunk, index % CHUNK),
            None => self.tail.get(index - self.chunks.len() * CHUNK).copied().flatten(),
        }
    }

    #[inline]
    fn in_chunk(&self, chunk: &Chunk, place: usize) -> Option<Object> {
        if chunk.present >> place & 1 == 0 {
            return None;
        }
        // Q3: what is behind the base is in its arena.
        match chunk.shape {
            Shape::Run { first, split, stride, jump } => chunk.base.map(|base| {
                let jump = if place >= usize::from(split) { jump as usize } else { 0 };
                base.behind(((place - usize::from(first)) * usize::from(stride) + jump) * UNIT)
            }),
            Shape::Near { at } => {
                chunk.base.map(|base| base.behind(usize::from(self.near[at as usize][place]) * UNIT))
            }
            Shape::Loose { at } => self.loose[at as usize][place],
        }
    }

    /// Puts an object at the end. Cost: constant; every 64th time, a look at 64 entries.
    #[inline]
    pub fn push(&mut self, object: Object) {
        self.tail.push(Some(object));
        if self.tail.len() == TAIL {
            self.pack();
        }
    }

    /// Leaves a gap at `index`. True if there was an object.
    #[inline]
    pub fn take_out(&mut self, index: usize) -> bool {
        let (chunk, place) = (index / CHUNK, index % CHUNK);
        let found = if let Some(chunk) = self.chunks.get_mut(chunk) {
            let found = chunk.present >> place & 1 == 1;
            chunk.present &= !(1 << place);
            found
        } else {
            let at = index - self.chunks.len() * CHUNK;
            self.tail.get_mut(at).is_some_and(|entry| entry.take().is_some())
        };
        self.gaps += usize::from(found);
        found
    }

    /// Leaves gaps where `wanted` is false, and does not touch the objects there.
    pub fn keep(&mut self, wanted: impl Fn(Object) -> bool) {
        for index in 0..self.len() {
            if self.get(index).is_some_and(|object| !wanted(object)) {
                self.take_out(index);
            }
        }
    }

    /// Drops the entries from index `end` on.
    pub fn truncate(&mut self, end: usize) {
        while self.len() > end {
            self.pop();
        }
    }

    /// Drops the gaps at the end. Cost: that of the gaps.
    pub fn trim(&mut self) {
        while self.gaps > 0 && self.get(self.len() - 1).is_none() {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if self.tail.is_empty() {
            self.unpack();
        }
        if self.tail.pop() == Some(None) {
            self.gaps -= 1;
        }
    }

    /// The objects, in order.
    pub fn iter(&self) -> impl Iterator<Item = Object> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Makes a chunk of the first entries of the tail.
    #[cold]
    #[inline(never)]
    fn pack(&mut self) {
        let mut entries = [None; CHUNK];
        entries.copy_from_slice(&self.tail[..CHUNK]);
        self.tail.drain(..CHUNK);
        let chunk = plain_run(&entries).unwrap_or_else(|| self.chunk(&entries));
        self.chunks.push(chunk);
    }

    /// A chunk of these entries.
    fn chunk(&mut self, entries: &[Option<Object>; CHUNK]) -> Chunk {
        let present = (0..CHUNK).fold(0, |bits, place| bits | u64::from(entries[place].is_some()) << place);
        let base = entries.iter().flatten().min().copied();
        let shape = run(entries).or_else(|| self.store_near(entries, base)).unwrap_or_else(|| {
            self.loose.push(*entries);
            Shape::Loose { at: number(self.loose.len() - 1) }
        });
        Chunk { present, base, shape }
    }

    /// The shape of `entries` that are all within reach of `base`; their distances are stored (Q4).
    fn store_near(&mut self, entries: &[Option<Object>; CHUNK], base: Option<Object>) -> Option<Shape> {
        let base = base?;
        let mut distances = [0; CHUNK];
        for (entry, distance) in entries.iter().zip(&mut distances) {
            if let Some(object) = entry {
                *distance = u16::try_from(units_behind(base, *object)?).ok()?;
            }
        }
        self.near.push(distances);
        Some(Shape::Near { at: number(self.near.len() - 1) })
    }

    /// Makes a tail of the last chunk.
    #[cold]
    #[inline(never)]
    fn unpack(&mut self) {
        let Some(chunk) = self.chunks.pop() else { return };
        let entries = std::array::from_fn::<_, CHUNK, _>(|place| self.in_chunk(&chunk, place));
        self.tail.extend(entries);
        match chunk.shape {
            Shape::Run { .. } => {}
            Shape::Near { at } => self.near.truncate(at as usize),
            Shape::Loose { at } => self.loose.truncate(at as usize),
        }
    }
}

/// A chunk of `entries` if they are a run without a gap or a jump: what [`run`] finds too, in a twelfth of the time.
fn plain_run(entries: &[Option<Object>; CHUNK]) -> Option<Chunk> {
    let (base, last) = (entries[0]?, entries[CHUNK - 1]?);
    let stride = units_behind(base, entries[1]?)?;
    let address = |entry: Option<Object>| entry.map_or(0, |object| object.id().address());
    let first = base.id().address();
    let as_expected = |(place, &entry)| address(entry) == first + place * stride * UNIT;
    let all = entries.iter().enumerate().map(as_expected).fold(true, |all, one| all & one);
    let stride = u8::try_from(stride).ok().filter(|_| all && share_arena(base, last))?;
    let shape = Shape::Run { first: 0, split: CHUNK as u8, stride, jump: 0 };
    Some(Chunk { present: !0, base: Some(base), shape })
}

/// The shape of `entries` if they are a run. Gaps fit into any.
fn run(entries: &[Option<Object>; CHUNK]) -> Option<Shape> {
    let mut objects = entries.iter().enumerate().filter_map(|(place, entry)| Some((place, (*entry)?)));
    let (first, base) = objects.next().unzip();
    let (first, mut stride, mut split, mut jump) = (first.unwrap_or(0), 0, CHUNK, 0);
    for (place, object) in objects {
        let distance = units_behind(base?, object)?;
        if stride == 0 {
            stride = distance / (place - first);
        }
        let ahead = distance.checked_sub((place - first) * stride)?;
        if ahead != jump && split < CHUNK {
            return None;
        }
        if ahead != jump {
            (split, jump) = (place, ahead);
        }
    }
    let byte = |number| u8::try_from(number).ok();
    Some(Shape::Run {
        first: byte(first)?,
        split: byte(split)?,
        stride: byte(stride)?,
        jump: u32::try_from(jump).ok()?,
    })
}

/// How many units `object` lies behind `base`, if it does, in the same arena.
fn units_behind(base: Object, object: Object) -> Option<usize> {
    let distance = object.id().address().checked_sub(base.id().address())?;
    (distance.is_multiple_of(UNIT) && share_arena(base, object)).then_some(distance / UNIT)
}

/// A position among chunks: a list of 2^38 objects takes more memory than there is.
fn number(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 chunks")
}

impl fmt::Debug for PackedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedList")
            .field("len", &self.len())
            .field("gaps", &self.gaps)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::HEADER_BYTES;
    use std::ptr::{NonNull, without_provenance_mut};

    /// Not an object: an address, which a list passes on.
    fn object(address: usize) -> Object {
        Object::new(NonNull::new(without_provenance_mut(address)).unwrap())
    }

    /// The first object that an arena could hold, if it had no tables.
    const ARENA: usize = (7 << 25) + HEADER_BYTES;

    fn list(addresses: impl IntoIterator<Item = usize>) -> PackedList {
        let mut list = PackedList::default();
        addresses.into_iter().for_each(|address| list.push(object(address)));
        list
    }

    fn shapes(list: &PackedList) -> [usize; 3] {
        [list.chunks.len() - list.near.len() - list.loose.len(), list.near.len(), list.loose.len()]
    }

    /// Random numbers (Marsaglia 2003).
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            for shift in [13, -7, 17_i32] {
                self.0 ^= if shift > 0 { self.0 << shift } else { self.0 >> -shift };
            }
            (self.0 % bound as u64) as usize
        }
    }

    #[test]
    fn each_chunk_has_the_cheapest_shape_that_it_fits() {
        let by_turns = |i| ARENA + i % 2 * 65_536 + i / 2 * 48;
        let scattered = |i| ARENA + i * 77_777 % 401 * 65_536;
        let in_a_row = |i: usize| ARENA + i * 48;
        for (name, shape, address) in [
            ("one after the other", [3, 0, 0], &in_a_row as &dyn Fn(usize) -> usize),
            ("two types by turns", [0, 3, 0], &by_turns),
            ("from last to first", [0, 3, 0], &|i| ARENA + 65_536 - i * 48),
            ("a jump in each direction", [1, 2, 0], &|i| ARENA + i * 48 + i / 40 % 2 * 4_096),
            ("larger than a run can say", [0, 3, 0], &|i| ARENA + i * 4_096),
            ("far from one another", [0, 0, 3], &scattered),
            ("not aligned", [0, 0, 3], &|i| ARENA + i * i * 8),
            ("across the end of a block", [3, 0, 0], &|i| ARENA + i * 48 + i / 70 * 1_024),
            ("across the end of an arena", [2, 0, 1], &|i| ARENA - 32 * 48 + i * 48 + i / 96 % 2 * 4_096),
        ] {
            let list = list((0..4 * CHUNK).map(address));
            assert_eq!(shapes(&list), shape, "{name}");
            let found: Vec<_> = list.iter().map(|object| object.id().address()).collect();
            assert_eq!(found, (0..4 * CHUNK).map(address).collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn run_with_gaps_is_a_run() {
        let mut list = list((0..TAIL - 1).map(|i| ARENA + i * 32));
        [0, 1, 5, 63].into_iter().for_each(|index| assert!(list.take_out(index)));
        list.push(object(ARENA));
        assert_eq!(shapes(&list), [1, 0, 0]);
        assert_eq!((list.get(1), list.get(2), list.get(5)), (None, Some(object(ARENA + 64)), None));
        assert_eq!((list.len(), list.gaps()), (TAIL, 4));
    }

    #[test]
    fn list_that_grows_and_shrinks_by_one_entry_makes_no_chunk() {
        let mut list = list((0..TAIL).map(|i| ARENA + i * 32));
        for _ in 0..3 {
            let (chunks, end) = (list.chunks.len(), list.len());
            list.truncate(end - 1);
            list.push(object(ARENA));
            assert_eq!((list.chunks.len(), list.len()), (chunks, end));
        }
        list.truncate(CHUNK);
        list.truncate(CHUNK - 1);
        assert_eq!((list.chunks.len(), list.tail.len()), (0, CHUNK - 1));
    }

    /// Q1 to Q4, of random programs: each step is made on an array too.
    #[test]
    fn packed_list_is_the_array_that_it_stands_for() {
        for seed in 1..=if cfg!(miri) { 4 } else { 400 } {
            let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
            let (mut list, mut model) = (PackedList::default(), Vec::<Option<Object>>::new());
            let mut next = ARENA;
            for step in 0..60 {
                match random.below(10) {
                    0..=5 => {
                        let stride = [32, 48, 48, 1 << 10, 1 << 21][random.below(5)];
                        for _ in 0..random.below(200) {
                            // Now and then something lies between two objects.
                            next += stride * if random.below(40) == 0 { 3 } else { 1 };
                            list.push(object(next));
                            model.push(Some(object(next)));
                        }
                    }
                    6 | 7 if !model.is_empty() => {
                        for _ in 0..random.below(100) {
                            let index = random.below(model.len());
                            assert_eq!(list.take_out(index), model[index].take().is_some());
                        }
                    }
                    8 => {
                        let end = model.len() - random.below(model.len() / 4 + 1);
                        list.truncate(end);
                        model.truncate(end);
                        list.trim();
                        while model.last() == Some(&None) {
                            model.pop();
                        }
                    }
                    _ => {
                        let odd = |object: Object| object.id().address() / 16 % 7 != 3;
                        list.keep(odd);
                        model.iter_mut().for_each(|entry| *entry = entry.filter(|&object| odd(object)));
                    }
                }
                let found: Vec<_> = (0..list.len()).map(|index| list.get(index)).collect();
                assert_eq!(found, model, "seed {seed}, step {step}");
                let gaps = model.iter().filter(|entry| entry.is_none()).count();
                assert_eq!((list.gaps(), list.get(model.len())), (gaps, None), "seed {seed}, step {step}");
                let stored = list.chunks.iter().filter(|chunk| matches!(chunk.shape, Shape::Near { .. }));
                assert_eq!(stored.count(), list.near.len(), "Q4, seed {seed}, step {step}");
            }
        }
    }
}
