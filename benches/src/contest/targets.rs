//! What we set out to reach: ratios of our times to those of controls and peers, and a few amounts.

use super::{Contestant, Side, Workload};
use crate::control::{allocation, marking, threads, trial_deletion, writing};
use crate::gauge::{
    allocation as allocating, marking as gauging, memory, scopes, sweeping, writing as edges,
};
use crate::python::NAME as CPYTHON;
use crate::workload::{HICCUP, LONGEST};

/// Processor time of all of a measurement. A figure that every contestant has.
pub const CPU: &str = "cpu";

/// Time on the wall of all of a measurement. A figure that every contestant has.
pub const WALL: &str = "wall";

/// Whose figure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// This contestant's.
    Named(&'static str),
    /// That of the fastest of those there are among these.
    BestOf(&'static [&'static str]),
    /// That of our fastest collector which leaves nothing behind.
    BestOfOurs,
    /// That of the fastest peer which frees cycles.
    BestPeer,
    /// That of the middle one of all peers that leave nothing behind.
    MedianPeer,
}

/// A figure that was measured in every round.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// The workload's name.
    pub workload: &'static str,
    /// Whose.
    pub who: Who,
    /// Which: [`CPU`], [`WALL`], or one of the workload's own.
    pub figure: &'static str,
}

/// What is compared with the bound.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    /// One figure through another.
    Ratio(Value, Value),
    /// The figure itself; a time for one operation.
    Amount(Value),
    /// What the first ratio has become since the second: the growth of ours through the growth of the control.
    Growth([Value; 2], [Value; 2]),
}

/// When a target can be decided at all.
#[derive(Clone, Copy, Debug)]
pub enum Condition {
    /// Always.
    Always,
    /// If the median of this figure is so much at least.
    AtLeast(Value, f64),
    /// In rounds in which this figure of the same contestant is so much at most.
    RoundsAtMost(Value, f64),
}

/// Something to reach.
#[derive(Clone, Debug)]
pub struct Target {
    /// What it is about.
    pub about: &'static str,
    /// What is measured.
    pub measure: Measure,
    /// It is to be so much at most.
    pub at_most: f64,
    /// When it can be decided.
    pub when: Condition,
}

fn value(workload: &'static str, who: &'static str) -> Value {
    Value { workload, who: Who::Named(who), figure: CPU }
}

fn target(about: &'static str, measure: Measure, at_most: f64) -> Target {
    Target { about, measure, at_most, when: Condition::Always }
}

/// `ours` through `other`, on the same workload.
fn ratio(
    about: &'static str,
    workload: &'static str,
    ours: &'static str,
    other: &'static str,
    at_most: f64,
) -> Target {
    target(about, Measure::Ratio(value(workload, ours), value(workload, other)), at_most)
}

fn amount(
    about: &'static str,
    workload: &'static str,
    ours: &'static str,
    figure: &'static str,
    at_most: f64,
) -> Target {
    target(about, Measure::Amount(Value { figure, ..value(workload, ours) }), at_most)
}

const OURS: [&str; 5] = ["null", "refcount", "trial-deletion", "mark-sweep", "concurrent"];
const COUNTING: [&str; 2] = ["refcount", "trial-deletion"];
const TRACING: [&str; 2] = ["mark-sweep", "concurrent"];

/// What the workloads that are given can tell about.
#[must_use]
pub fn targets(workloads: &[Workload]) -> Vec<Target> {
    let mut all = against_controls();
    all.extend(against_chosen_peers());
    all.extend(workloads.iter().flat_map(against_peers));
    all
}

fn against_controls() -> Vec<Target> {
    let mut all = Vec::new();
    let marked = ["mark random 1e6", "mark random 1e7", "mark shuffled 1e6", "mark shuffled 1e7"];
    for workload in marked {
        all.extend(TRACING.map(|ours| ratio("full mark, one thread", workload, ours, marking::NAME, 1.3)));
    }
    for workload in marked {
        let wall = |who| Value { figure: WALL, ..value(workload, who) };
        let scaling = Value { figure: gauging::SCALING, ..value(workload, threads::NAME) };
        all.push(Target {
            when: Condition::AtLeast(scaling, 1.8),
            ..target(
                "full mark, two threads",
                Measure::Ratio(wall(gauging::TWO_THREADS), wall("mark-sweep")),
                0.67,
            )
        });
    }
    all.extend(OURS.map(|ours| ratio("fresh allocation", allocating::FRESH, ours, allocation::BUMP, 2.0)));
    let aged = allocating::INTO_HOLES;
    for ours in &OURS[1..] {
        all.push(ratio("allocation into holes", aged, ours, allocation::CURSOR, 1.5));
    }
    for ours in &OURS[1..] {
        let best = Value { who: Who::BestOf(allocating::MALLOCS), ..value(aged, "") };
        all.push(target("allocation into holes", Measure::Ratio(value(aged, ours), best), 0.2));
    }
    all.extend(TRACING.map(|ours| amount("sweep, ns", sweeping::SWEEP, ours, CPU, 0.05)));
    all.push(ratio("lazy sweep", allocating::LAZY, "mark-sweep", allocation::SWEPT_CURSOR, 1.5));
    all.push(ratio("trial deletion", "dead ring", "trial-deletion", trial_deletion::NAME, 1.6));
    all.push(ratio("trial deletion", "mark random 1e6", "trial-deletion", trial_deletion::NAME, 1.3));
    all.extend(COUNTING.map(|ours| ratio("count up and down", edges::WRITE, ours, writing::COUNT, 1.5)));
    all.push(ratio("barrier, nobody marks", edges::WRITE, "concurrent", writing::STORE, 2.5));
    for ours in OURS {
        let at_most = if ours == "concurrent" { 8.0 } else { 3.0 };
        all.push(amount("scope, ns", scopes::SCOPE, ours, CPU, at_most));
    }
    for workload in ["doubly-linked", "acyclic"] {
        for ours in OURS {
            let hiccup = Value { figure: HICCUP, ..value(workload, ours) };
            all.push(Target {
                when: Condition::RoundsAtMost(hiccup, 0.2),
                ..amount("longest operation, ms", workload, ours, LONGEST, 1.0)
            });
        }
    }
    let room = memory::OBJECT * 1.03;
    all.extend(OURS.map(|ours| amount("bytes at rest", memory::MEMORY, ours, memory::RESIDENT, room)));
    for (ours, control) in [
        ("mark-sweep", marking::NAME),
        ("concurrent", marking::NAME),
        ("trial-deletion", trial_deletion::NAME),
    ] {
        let at = |workload| [value(workload, ours), value(workload, control)];
        let growth = Measure::Growth(at("mark random 1e7"), at("mark random 1e5"));
        all.push(target("growth, 1e5 to 1e7", growth, 2.0));
    }
    all
}

fn against_chosen_peers() -> Vec<Target> {
    let chosen = |workload, ours, peer, at_most| ratio("a chosen peer", workload, ours, peer, at_most);
    vec![
        chosen("pairs", "mark-sweep", "gc-arena", 1.0),
        chosen("pairs", "trial-deletion", "gcmodule", 0.5),
        chosen("doubly-linked", "refcount", "Rc/Weak by hand", 1.0),
        chosen("live", "mark-sweep", "gc", 0.5),
        chosen("pairs", "trial-deletion", CPYTHON, 1.0 / 8.0),
        chosen("dead ring", "trial-deletion", CPYTHON, 1.0 / 12.0),
        chosen("shuffled ring", "trial-deletion", CPYTHON, 1.0 / 40.0),
        chosen("live", "trial-deletion", CPYTHON, 1.0 / 8.0),
    ]
}

/// The best of ours is 1.5 times faster than the best peer; each of ours that frees cycles beats the median peer.
fn against_peers(workload: &Workload) -> Vec<Target> {
    let peer = |c: &&Contestant| c.side == Side::Peer && !c.leaks;
    if !workload.contestants.iter().any(|c| peer(&c) && c.frees_cycles) {
        return Vec::new();
    }
    let of = |who| Value { who, ..value(workload.name, "") };
    let mut all = vec![target(
        "best of ours ÷ best peer",
        Measure::Ratio(of(Who::BestOfOurs), of(Who::BestPeer)),
        1.0 / 1.5,
    )];
    for ours in workload.contestants.iter().filter(|c| c.side == Side::Ours && c.frees_cycles) {
        let measure = Measure::Ratio(of(Who::Named(ours.name)), of(Who::MedianPeer));
        all.push(target("each of ours ÷ median peer", measure, 1.0));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::workloads;
    use super::*;

    #[test]
    fn every_target_is_of_something_that_is_measured() {
        let workloads = workloads();
        let check = |value: &Value| {
            let found = workloads.iter().find(|workload| workload.name == value.workload);
            let workload = found.unwrap_or_else(|| panic!("no workload {}", value.workload));
            let known = |name: &str| workload.contestants.iter().any(|c| c.name == name);
            match value.who {
                Who::Named(name) => assert!(known(name), "{name} in {}", value.workload),
                Who::BestOf(names) => assert!(names.iter().any(|name| known(name)), "{}", value.workload),
                Who::BestOfOurs | Who::BestPeer | Who::MedianPeer => {}
            }
            let own = workload.figures.iter().any(|figure| figure.name == value.figure);
            assert!(own || [CPU, WALL].contains(&value.figure), "{} in {}", value.figure, value.workload);
        };
        for target in targets(&workloads) {
            match target.measure {
                Measure::Amount(value) => check(&value),
                Measure::Ratio(ours, other) => [ours, other].iter().for_each(check),
                Measure::Growth(large, small) => large.iter().chain(&small).for_each(check),
            }
            match target.when {
                Condition::Always => {}
                Condition::AtLeast(value, _) | Condition::RoundsAtMost(value, _) => check(&value),
            }
        }
    }
}
