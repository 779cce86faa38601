//! Where an object stands: in which list, and at which index.
//!
//! CPython links the objects of a generation into a list through their headers. Here a list is an array of objects, and the object's
//! collector word says where it stands in which one, above the bits that the counts need:
//!
//! ```text
//!   63                    37 36  33 32 31                  0
//!   +-----------------------+------+--+---------------------+
//!   | index, modulo 2^27    | home |L | count               |
//!   +-----------------------+------+--+---------------------+
//! ```
//!
//! So an object is taken out of its list in constant time, and a pass over a generation reads an array from front to back.

use crate::{FIRST_FREE_BIT, Object};
use std::sync::atomic::Ordering::Relaxed;

const HOME_BITS: u32 = 4;
const HOME_MASK: u64 = (1 << HOME_BITS) - 1;
const INDEX_SHIFT: u32 = FIRST_FREE_BIT + HOME_BITS;
const BELOW: u64 = (1 << FIRST_FREE_BIT) - 1;
/// Indexes are stored modulo this; a longer list is probed in strides of it.
pub(crate) const INDEX_MODULUS: usize = 1 << (64 - INDEX_SHIFT);

/// The list that an object is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub(crate) enum Home {
    /// None: the object is not tracked.
    Untracked = 0,
    /// Generation 0.
    Young = 1,
    /// Generation 1.
    Middle = 2,
    /// Generation 2.
    Old = 3,
    /// Set aside by `freeze`: no collection looks at it.
    Frozen = 4,
    /// Found unreachable by the collection that is under way.
    Doomed = 5,
    /// Found unreachable, and kept because of a legacy finalizer.
    Uncollectable = 6,
    /// Allocated in the scope that has just ended, and about to join generation 0.
    Waiting = 7,
    /// Unreachable, and emptied already; others that still have to be emptied refer to it.
    Cleared = 8,
    /// Its last reference has gone, and its death is put off.
    PutOff = 9,
}

impl Home {
    /// Number of lists, the one of untracked objects, which is not kept, included.
    pub(crate) const COUNT: usize = 10;

    /// The three generations.
    pub(crate) const GENERATIONS: [Home; 3] = [Home::Young, Home::Middle, Home::Old];

    /// All lists.
    pub(crate) fn lists() -> impl Iterator<Item = Home> {
        Home::ALL[1..Home::COUNT].iter().copied()
    }

    /// By number; the numbers that the bits could also say are not used.
    const ALL: [Home; 1 << HOME_BITS] = [
        Home::Untracked,
        Home::Young,
        Home::Middle,
        Home::Old,
        Home::Frozen,
        Home::Doomed,
        Home::Uncollectable,
        Home::Waiting,
        Home::Cleared,
        Home::PutOff,
        Home::Untracked,
        Home::Untracked,
        Home::Untracked,
        Home::Untracked,
        Home::Untracked,
        Home::Untracked,
    ];

    #[inline]
    fn from_word(word: u64) -> Home {
        Home::ALL[(word >> FIRST_FREE_BIT & HOME_MASK) as usize]
    }

    #[inline]
    fn bits(self, index: usize) -> u64 {
        (self as u64) << FIRST_FREE_BIT | (index as u64) << INDEX_SHIFT
    }
}

/// The object's list.
#[inline]
pub(crate) fn home(object: Object) -> Home {
    Home::from_word(object.word().load(Relaxed))
}

/// Is the object in one of the three generations?
#[inline]
pub(crate) fn is_in_generation(object: Object) -> bool {
    (object.word().load(Relaxed) >> FIRST_FREE_BIT & HOME_MASK).wrapping_sub(Home::Young as u64) < 3
}

/// Is the object in no list?
#[inline]
pub(crate) fn is_untracked(object: Object) -> bool {
    object.word().load(Relaxed) & HOME_MASK << FIRST_FREE_BIT == 0
}

/// The object's list, and its index there modulo [`INDEX_MODULUS`].
#[inline]
pub(crate) fn place(object: Object) -> (Home, usize) {
    let word = object.word().load(Relaxed);
    (Home::from_word(word), (word >> INDEX_SHIFT) as usize)
}

/// Notes where a newborn stands, whose count is 0 and which is in no list.
#[inline]
pub(crate) fn set_first_place(object: Object, home: Home, index: usize) {
    debug_assert!(object.word().load(Relaxed) == 0);
    object.word().store(home.bits(index), Relaxed);
}

/// Notes where the object stands now. Stores only if that is news, so that a pass over objects which stay where they are does
/// not dirty their memory.
#[inline]
pub(crate) fn set_place(object: Object, home: Home, index: usize) {
    let word = object.word();
    let old = word.load(Relaxed);
    let new = old & BELOW | home.bits(index);
    if old != new {
        word.store(new, Relaxed);
    }
}
