//! What the collector tells of its own work.

/// Where a cycle stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No cycle is under way: barriers are off, mark bits are zero.
    #[default]
    Idle,
    /// The marker traces the snapshot: barriers are on, objects are born marked.
    Marking,
    /// What is dead is known. Dead objects with finalizers, and what they refer to, are being kept, slice by slice. No barrier.
    Finishing,
    /// What is dead is being freed, slice by slice and by allocations. No barrier.
    Sweeping,
}

/// Figures since the heap was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Cycles completed.
    pub cycles: u64,
    /// Scopes that ended while the marker was at work: what concurrency is about.
    pub scopes_beside_marking: u64,
    /// Objects that the marker has scanned.
    pub scanned_by_marker: u64,
    /// Objects shaded by the deletion barrier, by dropped roots and by upgraded weak references.
    pub shaded: u64,
    /// Edges copied out of objects with locks, before their first write in a cycle.
    pub copied: u64,
    /// Safepoints that waited for the marker because allocation had outrun it.
    pub waits: u64,
}
