//! Settings of the mark-sweep collector.

/// When to collect, and how to mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Mark in rayon's pool, with as many threads as that has? Otherwise, and when the heap lives on a thread of such a pool (which, while it
    /// waited, would run other jobs that may use the heap), marking is done on the owner's thread. A collection waits for the pool: a job in it that
    /// waits for the heap's own thread waits forever. Default false.
    pub parallel: bool,
    /// A collection is due when this many times the bytes that were live after the last one have been allocated since. Smaller
    /// means less memory and more collections. Default 1.0.
    pub growth: f64,
    /// No collection before this many bytes have been allocated. Default 4 MiB.
    pub min_bytes: u64,
    /// Are collections automatic? Default true.
    pub automatic: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { parallel: false, growth: 1.0, min_bytes: 4 << 20, automatic: true }
    }
}
