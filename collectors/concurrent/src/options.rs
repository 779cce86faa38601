//! Settings of the concurrent collector.

/// When a cycle begins, and how its work is cut up.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Does a thread of its own mark while the mutator goes on? If not, the owner's thread marks in the pause that begins a cycle, and
    /// all else is the same, barriers included: so that the barrier's price can be measured alone. Default true.
    pub concurrent: bool,
    /// Do cycles begin by themselves? If not, only by `collect` and [`request_cycle`](crate::Concurrent::request_cycle). Default true.
    pub automatic: bool,
    /// A cycle begins when this many times the bytes that were live after the last one have been allocated since. Smaller means
    /// less memory and more cycles. Default 1.0.
    pub growth: f64,
    /// No cycle begins before this many bytes have been allocated. Default 4 MiB.
    pub min_bytes: u64,
    /// Backpressure: when, since a cycle's marking began, this many times the bytes that were live at its beginning (or `min_bytes`, or
    /// 4 MiB, if that is more) have been allocated, the next safepoint waits until the marking has ended. Default 2.0.
    pub outrun: f64,
    /// Blocks of 64 KiB swept at each safepoint while there are some left to sweep. Smaller means shorter pauses. Default 4.
    pub sweep_blocks_per_safepoint: usize,
    /// Objects that one safepoint looks at between marking and sweeping: finalizable ones, and those that are kept for
    /// finalizers. Default 2048.
    pub objects_per_safepoint: usize,
    /// Finalizers run at one safepoint. Default 16.
    pub finalizers_per_safepoint: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            concurrent: true,
            automatic: true,
            growth: 1.0,
            min_bytes: 4 << 20,
            outrun: 2.0,
            sweep_blocks_per_safepoint: 4,
            objects_per_safepoint: 2048,
            finalizers_per_safepoint: 16,
        }
    }
}

impl Options {
    /// One cycle after another, in the smallest steps: for tests, where as much as possible should happen beside the mutator.
    #[must_use]
    pub fn eager() -> Self {
        Options {
            growth: 0.0,
            min_bytes: 0,
            sweep_blocks_per_safepoint: 1,
            objects_per_safepoint: 3,
            finalizers_per_safepoint: 1,
            ..Options::default()
        }
    }
}
