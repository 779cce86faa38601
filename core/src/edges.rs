//! Which words of a value are edges, as far as the type alone tells.
//!
//! A struct whose edges are plain `Gc` and `Slot` fields has them at constant offsets. The derive adds these up at compile
//! time, so that a collector walks such an object with a loop over a few numbers and calls no function. Everything else
//! (enums, collections, `Locked`) is *dynamic*: the collector calls [`Trace::trace`](crate::Trace::trace).

/// More constant edges than this make a type dynamic.
const MOST: usize = 12;

/// Stands for the number of edges of a type that is dynamic, so that one look says which way an object's edges are to be read.
pub(crate) const DYNAMIC: u8 = u8::MAX;

/// Where the edges of a type are. Built by `#[derive(Trace)]`.
#[derive(Clone, Copy, Debug)]
pub struct Edges {
    offsets: [u16; MOST],
    /// Number of offsets, or [`DYNAMIC`].
    count: u8,
    locked: bool,
    /// The type is exactly one pointer that is never null.
    pointer: bool,
}

impl Edges {
    /// The type has no edges. `trace` is not called for it, except to empty the weak references in an object that stands for them
    /// (`#[trace(weakref)]`).
    pub const NONE: Edges = Edges { offsets: [0; MOST], count: 0, locked: false, pointer: false };

    /// Only `trace` knows. The edges may lie in locks, for all that is known here.
    pub const DYNAMIC: Edges = Edges { count: DYNAMIC, locked: true, ..Edges::NONE };

    /// What a box or collection holds. Its content's edges are not asked for, so that a type may contain itself.
    pub(crate) const INDIRECT: Edges = Edges::DYNAMIC;

    /// An [`EdgeBuffer`](crate::edge_buffer::EdgeBuffer): only `trace` knows, and it may run at any time, since every word is atomic.
    pub(crate) const BUFFER: Edges = Edges { count: DYNAMIC, ..Edges::NONE };

    /// Exactly one edge, at offset 0: a pointer to an object, or null.
    #[must_use]
    pub const fn word() -> Edges {
        Edges { count: 1, ..Edges::NONE }
    }

    /// The type is one edge and nothing else, and never null, so that the compiler puts `None` into the null: `Gc`.
    pub(crate) const fn pointer() -> Edges {
        Edges { pointer: true, ..Edges::word() }
    }

    /// The edges of an `Option` of the type. (`size_of` of both, as a check that `None` is the null.)
    pub(crate) const fn in_option(self, size: usize, size_of_option: usize) -> Edges {
        if self.pointer && size == size_of_option { Edges::word() } else { Edges::NONE.with_variant(self) }
    }

    /// These edges, and those of a field at `offset` of the same struct.
    #[must_use]
    pub const fn with_field(mut self, offset: usize, field: Edges) -> Edges {
        self.pointer = false;
        self.locked |= field.locked;
        if self.is_dynamic() || field.is_dynamic() || self.count as usize + field.count as usize > MOST {
            return self.made_dynamic();
        }
        let mut i = 0;
        while i < field.count as usize {
            let at = offset + field.offsets[i] as usize;
            if at > u16::MAX as usize {
                return self.made_dynamic();
            }
            self.offsets[self.count as usize] = at as u16;
            self.count += 1;
            i += 1;
        }
        self
    }

    /// These edges, and those of a field of an enum's variant or of something behind a pointer: dynamic if there are any.
    #[must_use]
    pub const fn with_variant(mut self, field: Edges) -> Edges {
        if field.is_none() {
            return self;
        }
        self.locked |= field.locked;
        self.made_dynamic()
    }

    /// The same, with the note that some edges lie in a [`Locked`](crate::Locked).
    pub(crate) const fn in_locked(self) -> Edges {
        if self.is_none() { self } else { Edges { locked: true, ..self.made_dynamic() } }
    }

    /// `count` values of the type side by side, `stride` bytes apart.
    pub(crate) const fn repeated(self, count: usize, stride: usize) -> Edges {
        if self.is_none() || count == 0 {
            return Edges::NONE;
        }
        let mut all = Edges::NONE;
        let mut i = 0;
        while i < count && !all.is_dynamic() {
            all = all.with_field(i * stride, self);
            i += 1;
        }
        all
    }

    /// Is there no edge at all, so that the type is payload?
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.count == 0
    }

    /// The offsets, if they are constant.
    #[must_use]
    #[inline]
    pub fn offsets(&self) -> Option<&[u16]> {
        if self.is_dynamic() { None } else { Some(&self.offsets[..self.count as usize]) }
    }

    /// Number of constant offsets, or [`DYNAMIC`].
    #[inline]
    pub(crate) fn count(&self) -> u8 {
        self.count
    }

    /// The first `N` offsets, which count if there are as many.
    #[inline]
    pub(crate) fn first<const N: usize>(&self) -> [u16; N] {
        const { assert!(N <= MOST) };
        std::array::from_fn(|i| self.offsets[i])
    }

    const fn is_dynamic(&self) -> bool {
        self.count == DYNAMIC
    }

    /// Do some of the edges lie in a [`Locked`](crate::Locked), where they may only be read while nobody writes?
    #[must_use]
    pub const fn in_lock(self) -> bool {
        self.locked
    }

    const fn made_dynamic(self) -> Edges {
        Edges { count: DYNAMIC, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_add_up_to_constant_offsets() {
        let pair = Edges::NONE.with_field(8, Edges::word()).with_field(24, Edges::word());
        assert_eq!(pair.offsets(), Some(&[8, 24][..]));
        let nested = Edges::NONE.with_field(16, pair).with_field(0, Edges::NONE);
        assert_eq!(nested.offsets(), Some(&[24, 40][..]));
        assert!(!nested.is_none() && !nested.in_lock());
    }

    #[test]
    fn too_many_or_too_far_becomes_dynamic_and_stays_so() {
        let many = Edges::word().repeated(MOST + 1, 8);
        assert_eq!(many.offsets(), None);
        assert!(!many.is_none());
        assert_eq!(Edges::NONE.with_field(70_000, Edges::word()).offsets(), None);
        assert_eq!(many.with_field(0, Edges::word()).offsets(), None);
    }

    #[test]
    fn a_variant_without_edges_changes_nothing() {
        assert!(Edges::NONE.with_variant(Edges::NONE).is_none());
        assert_eq!(Edges::NONE.with_variant(Edges::word()).offsets(), None);
        assert!(Edges::word().in_locked().in_lock());
        assert!(Edges::NONE.in_locked().is_none());
    }
}
