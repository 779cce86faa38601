//! Settings of a heap.

use crate::collector::Collector;
use std::fmt;

/// Settings of a heap; `Config::default()` is right for most programs.
///
/// ```
/// use cyclade_core::{Collector, Config, Heap};
///
/// fn small_heap<C: Collector>() -> Heap<C> {
///     Heap::new(Config { heap_limit: Some(256 << 20), ..Config::default() })
/// }
/// ```
pub struct Config<C: Collector> {
    /// Bytes that blocks and buffers may take; beyond that, allocation fails with
    /// [`AllocError::HeapLimit`](crate::AllocError::HeapLimit). `None`: as much as the system gives. The heap takes memory in
    /// blocks of 64 KiB, at least one for each size class in use.
    pub heap_limit: Option<usize>,
    /// Looks for mistakes; slow. `None` in production.
    pub zeal: Option<Zeal>,
    /// The collector's own settings.
    pub collector: C::Options,
}

impl<C: Collector> Default for Config<C> {
    fn default() -> Self {
        Config { heap_limit: None, zeal: None, collector: C::Options::default() }
    }
}

impl<C: Collector> Clone for Config<C> {
    fn clone(&self) -> Self {
        Config { heap_limit: self.heap_limit, zeal: self.zeal, collector: self.collector.clone() }
    }
}

impl<C: Collector> fmt::Debug for Config<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("heap_limit", &self.heap_limit)
            .field("zeal", &self.zeal)
            .field("collector", &self.collector)
            .finish()
    }
}

/// Zeal mode: freed values are overwritten, the heap is collected at every n-th safepoint, the collector's invariants are
/// checked at every safepoint, and the oracle is asked before and after every collection whether anything reachable
/// has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zeal {
    /// Collect at every n-th safepoint; 0 for never.
    pub collect_every: u32,
}

impl Default for Zeal {
    fn default() -> Self {
        Zeal { collect_every: 1 }
    }
}
