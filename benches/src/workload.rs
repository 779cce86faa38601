//! The workloads: each takes a subject and a size, and says how long the measured part took.

use crate::clock::{Clock, Reading, Spent, time};
use crate::control::hiccup;
use crate::graph::{Graph, ring};
use crate::subject::{Acyclic, Churn, DeadRing, Deep, DoublyLinked, Live, Pairs, Ring, Tree};
use cyclade_report::statistics::SplitMix64;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Entries of the list of [`doubly_linked`].
pub const ENTRIES: u64 = 10_000;

/// Objects of [`live`], [`dead_ring`], [`rings`] and [`deep`].
pub const OBJECTS: usize = 1_000_000;

/// Objects of a list of [`acyclic`].
pub const LENGTH: u64 = 10;

/// Levels of a tree of [`trees`].
pub const LEVELS: u32 = 5;

/// Nodes of such a tree.
pub const NODES: u64 = 341;

/// The seed of every random graph.
pub const SEED: u64 = 0x00C1_C1AD;

/// Figure: the longest of the groups of operations, [`GROUP`] each, hence at least as long as the longest operation.
pub const LONGEST: &str = "longest operation";

/// Figure: the [`hiccup`] control, right after the measured part, for as long.
pub const HICCUP: &str = "hiccup";

/// Operations between two looks at the clock: few enough that a group takes far less than a pause that matters, and enough that the clock costs
/// next to nothing.
pub const GROUP: u64 = 16;

/// The hiccup control takes no longer.
const HICCUP_AT_MOST: Duration = Duration::from_millis(300);

/// `count` operations; what they took, and the longest group.
fn grouped(count: u64, mut operation: impl FnMut(u64)) -> (Spent, Duration) {
    let clock = Clock::start();
    let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
    let mut done = 0;
    while done < count {
        let until = count.min(done + GROUP);
        (done..until).for_each(&mut operation);
        done = until;
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    (clock.elapsed(), longest)
}

fn with_longest(spent: Spent, longest: Duration) -> Reading {
    let hiccup = hiccup::longest(spent.wall.min(HICCUP_AT_MOST));
    let nanoseconds = |time: Duration| time.as_nanos() as f64;
    Reading::from(spent).with(LONGEST, nanoseconds(longest)).with(HICCUP, nanoseconds(hiccup))
}

/// `count` pairs, made and dropped, and a full collection at the end, so that everything a subject can free has been freed within
/// the time. A tenth as many come before, untimed, so that automatic collection has found its pace.
pub fn pairs<S: Pairs>(subject: &mut S, count: u64) -> Spent {
    for payload in 0..count / 10 {
        subject.pair(payload);
    }
    time(|| {
        for payload in 0..count {
            subject.pair(payload);
        }
        subject.collect();
    })
}

/// Figure: processor time of building.
pub const BUILD: &str = "build";

/// Figure: processor time of letting go, and of a full collection after it.
pub const COLLECT: &str = "collect";

/// A ring of `count` objects is built, let go of and collected.
pub fn rings<S: Ring>(subject: &mut S, count: u64) -> Reading {
    let build = time(|| subject.build_ring(count));
    let collect = time(|| {
        subject.drop_ring();
        subject.collect();
    });
    Reading::from(build + collect).part(BUILD, build).part(COLLECT, collect)
}

/// As many trees of [`NODES`] nodes as make `count` nodes, made and dropped, and a full collection at the end. A tenth as many come before, untimed.
pub fn trees<S: Tree>(subject: &mut S, count: u64) -> Spent {
    for _ in 0..count / NODES / 10 {
        subject.tree(LEVELS);
    }
    time(|| {
        for _ in 0..count.div_ceil(NODES) {
            subject.tree(LEVELS);
        }
        subject.collect();
    })
}

/// `count` times the oldest of [`ENTRIES`] entries is replaced by a new one. Before, untimed: the list is filled, and every entry
/// replaced twice.
pub fn doubly_linked<S: DoublyLinked>(subject: &mut S, count: u64) -> Reading {
    for payload in 0..ENTRIES {
        subject.insert(payload);
    }
    for payload in 0..2 * ENTRIES {
        black_box(subject.replace(payload));
    }
    let (spent, longest) = grouped(count, |payload| _ = black_box(subject.replace(payload)));
    with_longest(spent, longest)
}

/// As many lists of [`LENGTH`] objects as make `count` objects, made and dropped, and a full collection at the end. A tenth as many come before,
/// untimed. The longest operation is one list.
pub fn acyclic<S: Acyclic>(subject: &mut S, count: u64) -> Reading {
    for _ in 0..count / LENGTH / 10 {
        subject.list(LENGTH);
    }
    let (spent, longest) = grouped(count.div_ceil(LENGTH), |_| subject.list(LENGTH));
    let last = time(|| subject.collect());
    with_longest(spent + last, longest)
}

/// A chain of `count` objects is built, let go of and collected.
pub fn deep<S: Deep>(subject: &mut S, count: u64) -> Reading {
    let build = time(|| subject.build_chain(count));
    let collect = time(|| {
        subject.drop_chain();
        subject.collect();
    });
    Reading::from(build + collect).part(BUILD, build).part(COLLECT, collect)
}

/// A full collection that finds a dead ring of `count` objects and frees it. The ring lies in memory in the order in which it is linked, or
/// is shuffled.
pub fn dead_ring<S: DeadRing>(subject: &mut S, count: u64, shuffled: bool) -> Spent {
    subject.leave_ring(&ring(count as usize, shuffled.then_some(SEED)));
    time(|| subject.collect())
}

/// Figure: the first full collection.
pub const FIRST: &str = "first collection";

/// Full collections of `graph`, all of it live. The first one after it has been built is a figure of its own (in it, recursive peers pay for the
/// pages of their stack); the second one is the time.
pub fn live<S: Live>(subject: &mut S, graph: &Graph) -> Reading {
    subject.grow(graph);
    let first = time(|| subject.collect());
    let second = time(|| subject.collect());
    Reading::from(second).part(FIRST, first)
}

/// `count` operations on a graph of `live` objects: half of them nodes of a random graph, the others their satellites. One operation goes on to another node
/// at random and gives it a new satellite; the old one is a dead cycle. Before, untimed, every node is given its first satellite, and a full collection.
pub fn churn<S: Churn>(subject: &mut S, live: u64, count: u64) -> Reading {
    let nodes = live / 2;
    subject.grow(&Graph::random(nodes as usize, SEED));
    // Edge 0 leads round through all of them.
    for payload in 0..nodes {
        subject.renew(0, payload);
    }
    subject.collect();
    let mut random = SplitMix64::new(SEED);
    let (spent, longest) = grouped(count, |payload| subject.renew(random.below(2), payload));
    with_longest(spent, longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_done_once_and_in_order() {
        let mut seen = Vec::new();
        grouped(2 * GROUP + 3, |payload| seen.push(payload));
        assert!(seen.iter().copied().eq(0..2 * GROUP + 3));
    }

    #[test]
    fn a_tree_has_as_many_nodes_as_stated() {
        let nodes: u64 = (0..LEVELS).map(|level| u64::from(crate::subject::FAN_OUT).pow(level)).sum();
        assert_eq!(nodes, NODES);
    }
}
