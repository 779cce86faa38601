//! Buffers of `GcVec` and `GcMap` that have been replaced while a marker may be reading them.
//!
//! A marker that reads such a buffer is pinned in the heap's epoch. A buffer retired in epoch e is freed when the epoch has advanced
//! twice, which takes the marker's leave (Fraser 2004; crossbeam-epoch). When no cycle is marking, nobody reads, and it is
//! freed at once. The heap has an epoch of its own: a marker of another heap keeps nothing alive here.

use crossbeam_epoch::{Collector, LocalHandle};
use cyclade_core::RetiredBuffer;
use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The owner's place in the epoch, and what it has retired.
#[derive(Default)]
pub(crate) struct Retired {
    owner: OnceCell<LocalHandle>,
    bytes: Arc<AtomicUsize>,
}

impl Retired {
    /// Frees `buffer` as soon as no marker can be reading it.
    pub(crate) fn defer(&self, epoch: &Collector, buffer: RetiredBuffer) {
        self.bytes.fetch_add(buffer.bytes(), Relaxed);
        let bytes = Arc::clone(&self.bytes);
        self.owner.get_or_init(|| epoch.register()).pin().defer(move || {
            bytes.fetch_sub(buffer.bytes(), Relaxed);
            drop(buffer);
        });
    }

    /// Bytes retired and not freed yet.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    /// Frees some of what may be freed. Cost: bounded (some hundred buffers).
    pub(crate) fn free_some(&self) {
        if let Some(owner) = self.owner.get() {
            owner.pin().flush();
        }
    }

    /// Frees all of it. Nobody else is pinned: the marker rests.
    pub(crate) fn free_all(&self) {
        // Each turn advances the epoch or frees something; that it always does is crossbeam's affair, so the turns are counted.
        let mut turns = self.bytes() / size_of::<usize>() + 8;
        while self.bytes() > 0 && turns > 0 {
            self.free_some();
            turns -= 1;
        }
    }
}

impl fmt::Debug for Retired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retired").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
