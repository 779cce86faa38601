//! Floating garbage: what is dead when a collection beside the mutator ends, and was not found by it.
//!
//! A marker that traces a snapshot keeps everything that was alive when it began, and everything allocated since; what died meanwhile floats
//! until the next cycle. Only the oracle can tell how much that is, and it takes a pass over the whole heap. So it is not looked for in the
//! measured part: when that is over, the same workload goes on for some rounds more, and the oracle looks whenever a cycle
//! has ended. What has died while the cycle swept is in the figure too: nobody has found it either.

use crate::bench::Bench;
use crate::driver::attempt;
use crate::workload::{Params, Stop, Workload};
use cyclade_core::{Collector, Heap};
use std::time::{Duration, Instant};

/// After so many cycles no further round is begun.
const CYCLES: u32 = 3;
/// Nor after so long.
const LONGEST: Duration = Duration::from_millis(250);

/// Goes on with whole rounds and returns the most bytes that were found dead at the end of a cycle; `None` if none ended.
///
/// # Errors
/// If the workload stops.
pub(crate) fn peak_bytes<C: Collector, W: Workload>(
    bench: &mut Bench<C>,
    workload: &mut W,
    params: &Params,
) -> Result<Option<u64>, Stop> {
    let (start, longest) = (Instant::now(), LONGEST.min(params.budget));
    let (mut peak, mut found) = (None, 0);
    let mut cycles = bench.heap.stats().collections;
    loop {
        let round = workload.round();
        let mut position = 0;
        while position < round {
            let until = round.min(position + W::INFO.scope_ops);
            attempt(bench, workload, position..until)?;
            position = until;
            let now = bench.heap.stats().collections;
            if now != cycles && found < CYCLES {
                cycles = now;
                found += 1;
                peak = peak.max(Some(dead_bytes(&bench.heap)));
            }
        }
        if found == CYCLES || start.elapsed() >= longest {
            return Ok(peak);
        }
    }
}

fn dead_bytes<C: Collector>(heap: &Heap<C>) -> u64 {
    let dead = heap.census_ids().unreachable;
    dead.into_iter().filter_map(|id| heap.size_of(id)).map(|bytes| bytes as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cyclade_core::{Config, Slot, Trace};

    #[derive(Trace)]
    struct Node<'gc> {
        peer: Slot<'gc, Node<'gc>>,
    }

    #[test]
    fn dead_bytes_are_those_of_unreachable_objects_alone() {
        let collector = cyclade_concurrent::Options { automatic: false, ..Default::default() };
        let mut heap: cyclade_concurrent::Heap = Heap::new(Config { collector, ..Config::default() });
        assert_eq!(dead_bytes(&heap), 0);
        let (kept, each) = heap.mutate(|mc| {
            let kept = mc.alloc(Node { peer: Slot::empty() });
            for _ in 0..100 {
                let a = mc.alloc(Node { peer: Slot::to(kept) });
                let b = mc.alloc(Node { peer: Slot::to(a) });
                a.set(mc, |node| &node.peer, Some(b));
            }
            (mc.root(kept), kept.id())
        });
        let size = heap.size_of(each).expect("it is rooted") as u64;
        assert_eq!(dead_bytes(&heap), 200 * size);
        heap.collect();
        assert_eq!(dead_bytes(&heap), 0);
        drop(kept);
    }
}
