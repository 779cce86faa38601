//! Memory of objects at rest: built in scopes of a thousand, collected once, nothing going on.
//!
//! What the process has of the machine's memory, less what it had before, for each object; and what the heap says of itself. (The resident set is known on
//! Linux only.) The objects form chains, so that neither the program nor a collection needs much memory beside, which the system's allocator might keep. The
//! peak is that of another heap, with a random graph, in a full collection: scratch memory belongs to it.

use super::Manual;
use super::allocation::allocate;
use crate::clock::Reading;
use crate::contest::{Contestant, Figure, Unit, Workload};
use crate::graph::Graph;
use crate::ours::Ours;
use crate::subject::{Grow, Subject};
use crate::workload::SEED;
use cyclade_concurrent::Concurrent;
use cyclade_core::Heap;
use cyclade_mark_sweep::MarkSweep;
use cyclade_null::Null;
use cyclade_refcount::RefCount;
use cyclade_trial_deletion::TrialDeletion;

/// The workload.
pub const MEMORY: &str = "memory";
/// Figure: of the resident set.
pub const RESIDENT: &str = "resident bytes";
/// Figure: in the heap's blocks and buffers.
pub const USED: &str = "used bytes";
/// Figure: at most, so far.
pub const PEAK: &str = "peak bytes";

/// Payload of a node and its header: a size class of its own.
pub const OBJECT: f64 = 48.0;

/// Bytes of the resident set.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}

fn ours<C: Manual>() -> Contestant {
    Contestant::new(C::NAME, |objects, report| {
        let mut heads = Vec::with_capacity(objects as usize / 1_000);
        let before = resident();
        let mut heap = Heap::<C>::new(C::manual());
        allocate(&mut heap, objects, &mut heads);
        heap.collect();
        let each = |bytes: f64| bytes / objects as f64;
        let mut reading = Reading::default().with(USED, each(heap.stats().used_bytes as f64));
        if let Some((before, now)) = before.zip(resident()) {
            reading = reading.with(RESIDENT, each(now - before));
        }
        let mut random = Ours::<C>::with(C::manual());
        random.grow(&Graph::random(objects as usize, SEED));
        random.collect();
        report(reading.with(PEAK, each(random.heap.stats().peak_bytes as f64)));
    })
    .ours()
}

pub(super) fn workload() -> Workload {
    Workload {
        name: MEMORY,
        operation: "object of 48 bytes, at rest",
        size: 4_000_000,
        rounds: 3,
        reference: "null",
        figures: &[
            Figure { name: RESIDENT, unit: Unit::Bytes },
            Figure { name: USED, unit: Unit::Bytes },
            Figure { name: PEAK, unit: Unit::Bytes },
        ],
        contestants: vec![
            ours::<Null>(),
            ours::<RefCount>(),
            ours::<TrialDeletion>(),
            ours::<MarkSweep>(),
            ours::<Concurrent>(),
        ],
    }
}
