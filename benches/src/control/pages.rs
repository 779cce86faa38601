//! Arrays in memory that comes straight from the system, in huge pages where it has them: as our heaps take theirs.

use bytemuck::{Pod, cast_slice, cast_slice_mut};
use memmap2::MmapMut;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// An array of zeros.
pub struct Pages<T> {
    map: MmapMut,
    len: usize,
    content: PhantomData<T>,
}

impl<T: Pod> Pages<T> {
    /// `len` zeros. The pages are touched now, so that no measured part pays for them.
    ///
    /// # Panics
    /// If the system has no memory left.
    #[must_use]
    pub fn new(len: usize) -> Self {
        // An empty mapping is refused.
        let bytes = (len * size_of::<T>()).max(1);
        let mut map = MmapMut::map_anon(bytes).expect("memory from the system");
        #[cfg(target_os = "linux")]
        if let Err(refused) = map.advise(memmap2::Advice::HugePage) {
            // A kernel without huge pages: then ours have none either.
            drop(refused);
        }
        for byte in map.iter_mut().step_by(4096) {
            *byte = 0;
        }
        Pages { map, len, content: PhantomData }
    }
}

impl<T: Pod> Deref for Pages<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        cast_slice(&self.map[..self.len * size_of::<T>()])
    }
}

impl<T: Pod> DerefMut for Pages<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        cast_slice_mut(&mut self.map[..self.len * size_of::<T>()])
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_zeros_and_keep_what_is_written() {
        let mut pages = Pages::<[u64; 6]>::new(10_001);
        assert_eq!((pages.len(), pages[10_000]), (10_001, [0; 6]));
        pages[10_000][5] = 7;
        assert_eq!(pages[10_000], [0, 0, 0, 0, 0, 7]);
        assert!(Pages::<u32>::new(0).is_empty());
    }
}
