//! The verdict of a run: what the oracle finds before and after the last full collection.
//!
//! Nothing in here believes a collector: what exists is counted by the core, what is reachable by the oracle, what was
//! allocated by the workload, and what must be reachable by the workload's own bookkeeping.

use crate::bench::Bench;
use cyclade_core::{Collector, ObjectId};

/// What the oracle found.
#[derive(Clone, Debug, PartialEq)]
pub struct Audit {
    /// Objects ever allocated.
    pub allocated: u64,
    /// Objects that can be reached after the last full collection.
    pub reachable: u64,
    /// Objects that exist after it and cannot be reached.
    pub leaked: u64,
    /// Those of them that lie in dead cycles or are held by one.
    pub leaked_in_cycles: u64,
    /// Objects that were freed although they could be reached: by the oracle's list across the last collection, or by the
    /// workload's count over the whole run, whichever is more.
    pub freed_while_reachable: u64,
    /// Of what was freed, the share that was garbage.
    pub precision: Option<f64>,
    /// Of what was garbage, the share that was freed.
    pub recall: Option<f64>,
    /// Bytes in use after the last full collection.
    pub live_bytes: u64,
    /// What must not be: text for people.
    pub wrong: Option<String>,
}

/// Collects fully, and looks. `expected` objects must be reachable.
pub fn audit<C: Collector>(bench: &mut Bench<C>, expected: u64) -> Audit {
    // A collector that frees nothing by collecting needs no list of what was reachable before.
    let before: Vec<ObjectId> =
        if C::PLAN.frees_cycles { bench.heap.census_ids().reachable } else { Vec::new() };
    bench.heap.collect();
    let lost = before.iter().filter(|id| !bench.heap.contains(**id)).count() as u64;
    let census = bench.heap.census();
    let (reachable, leaked) = (census.reachable as u64, census.unreachable as u64);
    let held = census.held_by_dead_cycles as u64;
    let allocated = bench.allocated();
    let freed_while_reachable = lost.max(expected.saturating_sub(reachable));
    let garbage = allocated.saturating_sub(expected);
    let freed = allocated.saturating_sub(reachable + leaked);
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let wrong = if freed_while_reachable > 0 {
        Some(format!("{freed_while_reachable} objects were freed that can still be reached"))
    } else if reachable > expected {
        Some(format!("{reachable} objects are reachable where the workload holds {expected}"))
    } else if C::PLAN.frees_cycles && leaked > 0 {
        Some(format!("{leaked} unreachable objects were left by a full collection"))
    } else if C::PLAN.frees && leaked > held {
        Some(format!("{} unreachable objects that no cycle holds were left", leaked - held))
    } else if !C::PLAN.frees && freed > 0 {
        Some(format!("{freed} objects are gone from a heap that never frees"))
    } else {
        None
    };
    Audit {
        allocated,
        reachable,
        leaked,
        leaked_in_cycles: held,
        freed_while_reachable,
        precision: share(freed.saturating_sub(freed_while_reachable), freed),
        recall: share(freed.saturating_sub(freed_while_reachable).min(garbage), garbage),
        live_bytes: bench.heap.stats().used_bytes as u64,
        wrong,
    }
}
