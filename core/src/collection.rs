//! What collections report, and what a heap tells of itself.

use std::time::{Duration, Instant};

/// What one collection did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// Objects found unreachable: CPython's return value, `freed + uncollectable`.
    pub unreachable: usize,
    /// Objects freed.
    pub freed: usize,
    /// Objects that a finalizer brought back.
    pub resurrected: usize,
    /// Objects found unreachable that may not be freed (cycles with a legacy finalizer).
    pub uncollectable: usize,
    /// Bytes of the cells of the objects freed.
    pub bytes_freed: usize,
    /// How long the mutator stood still.
    pub pause: Duration,
}

/// What a collection callback is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectionEvent {
    /// A collection is about to begin.
    Start,
    /// A collection has ended.
    Stop(Collection),
}

/// What a pause was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PauseKind {
    /// A whole collection.
    Full,
    /// A collection of young objects only.
    Young,
    /// A concurrent cycle begins: the snapshot.
    Begin,
    /// A concurrent cycle's marking ends.
    Finish,
    /// A slice of sweeping.
    Sweep,
    /// Objects freed by counting, at a scope's end or when a root was dropped.
    Free,
}

impl PauseKind {
    /// As written in run records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PauseKind::Full => "full",
            PauseKind::Young => "young",
            PauseKind::Begin => "begin",
            PauseKind::Finish => "finish",
            PauseKind::Sweep => "sweep",
            PauseKind::Free => "free",
        }
    }
}

/// One interval in which the mutator stood still for the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub start: Instant,
    /// How long it lasted.
    pub duration: Duration,
    /// What for.
    pub kind: PauseKind,
}

/// Figures of a heap since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Collections, automatic ones included.
    pub collections: usize,
    /// Objects freed by collections (those freed by counting are not among them).
    pub freed_by_collections: usize,
    /// Sum of [`Collection::unreachable`].
    pub unreachable: usize,
    /// Bytes of cells handed out.
    pub allocated_bytes: u64,
    /// Bytes in blocks and buffers now; what the limit is compared with.
    pub used_bytes: usize,
    /// The most that `used_bytes` was, and beside it the scratch memory of a collection while that lasts: queues, scratch words, lists of what has been
    /// found dead. (The limit does not bound scratch memory.)
    pub peak_bytes: usize,
    /// Bytes of buffers retired and not freed yet.
    pub retired_bytes: usize,
    /// Root handles' entries: rooted objects, counted once for each `Mutator::root`.
    pub roots: usize,
}
