//! What can go wrong, for people.

use std::fmt;

/// No memory for an object or for the buffer of a collection of edges.
///
/// Inside a scope nothing can be collected: leave it, collect, and try once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllocError {
    /// The heap's own limit ([`Config::heap_limit`](crate::Config::heap_limit)) would be passed.
    HeapLimit {
        /// The limit, in bytes.
        limit: usize,
        /// Bytes in blocks and buffers before the attempt.
        used: usize,
        /// Bytes that were asked for.
        bytes: usize,
    },
    /// The system has no more memory.
    OutOfMemory {
        /// Bytes that were asked for.
        bytes: usize,
    },
}

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllocError::HeapLimit { limit, used, bytes } => write!(
                f,
                "heap limit reached: {bytes} bytes more, with {used} in use, would pass the limit of {limit}; leave the scope, collect, and try again, or raise `Config::heap_limit`"
            ),
            AllocError::OutOfMemory { bytes } => {
                write!(f, "the system has no {bytes} bytes to give to the heap")
            }
        }
    }
}

impl std::error::Error for AllocError {}

/// A root was used with a heap that it does not belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongHeap {
    pub(crate) root: HeapId,
    pub(crate) heap: HeapId,
}

impl fmt::Display for WrongHeap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.root.0 == 0 {
            write!(f, "this root belongs to a heap that has been dropped, not to {}", self.heap)
        } else {
            write!(f, "this root belongs to {}, not to {}", self.root, self.heap)
        }
    }
}

impl std::error::Error for WrongHeap {}

/// Names a heap in messages: unique in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeapId(pub(crate) u64);

impl fmt::Display for HeapId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "heap #{}", self.0)
    }
}
