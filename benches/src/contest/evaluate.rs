//! Whether a target was reached: decided by the ends of the interval, never by the middle.

use super::measured::Measured;
use super::targets::{Condition, Measure, Target, Value, Who};
use super::{Contestant, Side};
use cyclade_report::statistics::{Estimate, median_estimate, paired_ratio};

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All of the interval is in bounds.
    Reached,
    /// All of it is out of bounds.
    Missed,
    /// The bound is inside of it, or there are too few rounds for one.
    NotSettled,
    /// The machine was not fit to tell; why.
    Inconclusive(String),
    /// Somebody who is needed was not measured.
    NotMeasured,
}

impl Verdict {
    /// In a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Reached => "reached",
            Verdict::Missed => "missed",
            Verdict::NotSettled => "not settled",
            Verdict::Inconclusive(_) => "inconclusive",
            Verdict::NotMeasured => "not measured",
        }
    }
}

/// A target, and what came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The target.
    pub target: Target,
    /// Which workloads.
    pub workload: String,
    /// Whose figures, by name.
    pub sides: String,
    /// What was measured.
    pub estimate: Option<Estimate>,
    /// What that means.
    pub verdict: Verdict,
    /// Was the machine quiet meanwhile?
    pub quiet: bool,
}

/// All that were asked for and whose workloads were run.
#[must_use]
pub fn outcomes(targets: Vec<Target>, results: &[Measured]) -> Vec<Outcome> {
    targets.into_iter().filter_map(|target| outcome(target, results)).collect()
}

/// A value that was found: whose, and in which rounds.
struct Found<'a> {
    result: &'a Measured,
    name: String,
    rounds: Option<Vec<f64>>,
}

fn outcome(target: Target, results: &[Measured]) -> Option<Outcome> {
    let found = |value: &Value| find(value, results);
    let (sides, found, mut rounds) = match &target.measure {
        Measure::Amount(value) => {
            let value = found(value)?;
            let rounds = value.rounds.clone();
            (value.name.clone(), vec![value], rounds.map(|rounds| rounds.iter().map(|&v| (v, 1.0)).collect()))
        }
        Measure::Ratio(ours, other) => {
            let (ours, other) = (found(ours)?, found(other)?);
            let rounds = pair(&ours.rounds, &other.rounds);
            (format!("{} ÷ {}", ours.name, other.name), vec![ours, other], rounds)
        }
        Measure::Growth([large, over], [small, under]) => {
            let all = [found(large)?, found(over)?, found(small)?, found(under)?];
            let through = |first: &Found<'_>, second: &Found<'_>| -> Option<Vec<f64>> {
                Some(pair(&first.rounds, &second.rounds)?.into_iter().map(|(f, s)| f / s).collect())
            };
            let rounds = pair(&through(&all[0], &all[1]), &through(&all[2], &all[3]));
            (format!("{} ÷ {}", all[0].name, all[1].name), all.into(), rounds)
        }
    };
    let mut unfit = None;
    match &target.when {
        Condition::Always => {}
        Condition::AtLeast(value, bound) => {
            let fit = find(value, results).and_then(|found| median_estimate(&found.rounds?));
            let found = fit.map_or("not known".to_owned(), |fit| format!("{:.2}", fit.value));
            if fit.is_none_or(|fit| fit.value < *bound) {
                unfit = Some(format!("{} is {found}, below {bound}", name_of(value)));
            }
        }
        Condition::RoundsAtMost(value, bound) => {
            let fit = find(value, results).and_then(|found| found.rounds).unwrap_or_default();
            let fits = |round: usize| fit.get(round).is_some_and(|value| value <= bound);
            if let Some(all) = &mut rounds {
                let mut round = 0..;
                let measured = all.len();
                all.retain(|_| round.next().is_some_and(fits));
                if measured > 0 && all.is_empty() {
                    unfit = Some(format!("the {} was longer in every round", value.figure));
                }
            }
        }
    }
    let estimate = rounds.as_ref().and_then(|rounds: &Vec<(f64, f64)>| paired_ratio(rounds));
    let mut workload: Vec<&str> = found.iter().map(|found| found.result.workload.name).collect();
    workload.dedup();
    Some(Outcome {
        workload: workload.join(" → "),
        sides,
        verdict: match unfit {
            Some(why) => Verdict::Inconclusive(why),
            None => verdict(estimate.as_ref(), target.at_most),
        },
        estimate,
        quiet: found.iter().all(|found| found.result.is_quiet()),
        target,
    })
}

fn verdict(estimate: Option<&Estimate>, at_most: f64) -> Verdict {
    match estimate.map(|estimate| estimate.interval) {
        None => Verdict::NotMeasured,
        Some(Some(interval)) if interval.high <= at_most => Verdict::Reached,
        Some(Some(interval)) if interval.low > at_most => Verdict::Missed,
        Some(_) => Verdict::NotSettled,
    }
}

fn name_of(value: &Value) -> &'static str {
    match value.who {
        Who::Named(name) => name,
        Who::BestOf(_) => "best",
        Who::BestOfOurs => "best of ours",
        Who::BestPeer => "best peer",
        Who::MedianPeer => "median peer",
    }
}

/// Both in the order of rounds: what one of them has more is left out.
fn pair(first: &Option<Vec<f64>>, second: &Option<Vec<f64>>) -> Option<Vec<(f64, f64)>> {
    let (first, second) = (first.as_ref()?, second.as_ref()?);
    Some(first.iter().copied().zip(second.iter().copied()).collect())
}

/// Nothing, if the workload was not run.
fn find<'a>(value: &Value, results: &'a [Measured]) -> Option<Found<'a>> {
    let result = results.iter().find(|result| result.workload.name == value.workload)?;
    let chosen: Vec<&str> = match value.who {
        Who::Named(name) => vec![name],
        Who::BestOf(names) => names.to_vec(),
        Who::BestOfOurs => side(result, Side::Ours, |c| !c.leaks),
        Who::BestPeer => side(result, Side::Peer, |c| c.frees_cycles && !c.leaks),
        Who::MedianPeer => side(result, Side::Peer, |c| !c.leaks),
    };
    let mut ranked: Vec<(f64, &str)> =
        chosen.into_iter().filter_map(|name| Some((result.median(name, value.figure)?, name))).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let place = if value.who == Who::MedianPeer { ranked.len().saturating_sub(1) / 2 } else { 0 };
    let name = match (ranked.get(place), value.who) {
        (_, Who::Named(name)) => name.to_owned(),
        (Some((_, name)), Who::BestOf(_)) => (*name).to_owned(),
        (Some((_, name)), _) => format!("{} ({name})", name_of(value)),
        (None, _) => name_of(value).to_owned(),
    };
    let rounds = ranked.get(place).and_then(|(_, name)| result.values(name, value.figure));
    Some(Found { result, name, rounds })
}

fn side(result: &Measured, side: Side, also: impl Fn(&Contestant) -> bool) -> Vec<&'static str> {
    result.workload.contestants.iter().filter(|c| c.side == side && also(c)).map(|c| c.name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::targets::{CPU, WALL};
    use super::super::{Figure, Unit, Workload};
    use super::*;

    const SIZE: u64 = 10;

    /// Contestants with a time for one operation in each of six rounds: the same one, or another in the last.
    fn measured(contestants: &[(Contestant, f64)], foreign: f64) -> Measured {
        let rounds = contestants.iter().map(|(_, each)| {
            let round = |factor: f64| {
                [(CPU, each * factor), (WALL, each * factor), ("gap", 100.0 * factor)]
                    .map(|(name, value)| (name.to_owned(), value * SIZE as f64))
                    .into()
            };
            Ok([1.0, 1.01, 0.99, 1.02, 0.98, 1.0].map(round).into())
        });
        Measured {
            rounds: rounds.collect(),
            workload: Workload {
                name: "work",
                operation: "nothing",
                size: SIZE,
                rounds: 6,
                reference: "slow",
                figures: &[Figure { name: "gap", unit: Unit::Milliseconds }],
                contestants: contestants.iter().map(|(contestant, _)| *contestant).collect(),
            },
            again: Ok(Vec::new()),
            foreign: Some(foreign),
            attempts: 1,
            interrupted: false,
        }
    }

    fn peer(name: &'static str) -> Contestant {
        Contestant { frees_cycles: true, ..Contestant::new(name, |_, _| ()) }
    }

    fn field() -> Vec<(Contestant, f64)> {
        vec![
            (peer("ours").ours(), 2.0),
            (peer("leaking").ours().leaks(), 1.0),
            (peer("fast"), 4.0),
            (peer("slow"), 9.0),
            (Contestant::new("counted", |_, _| ()), 3.0),
            (peer("leaking peer").leaks(), 0.5),
            (peer("control").control(), 0.1),
        ]
    }

    fn value(who: Who) -> Value {
        Value { workload: "work", who, figure: CPU }
    }

    fn evaluated(measure: Measure, at_most: f64, when: Condition, foreign: f64) -> Outcome {
        let target = Target { about: "test", measure, at_most, when };
        outcome(target, &[measured(&field(), foreign)]).unwrap()
    }

    fn ratio(ours: Who, other: Who, at_most: f64) -> Outcome {
        evaluated(Measure::Ratio(value(ours), value(other)), at_most, Condition::Always, 0.0)
    }

    #[test]
    fn the_ends_of_the_interval_decide() {
        let verdict = |at_most| ratio(Who::Named("ours"), Who::Named("slow"), at_most).verdict;
        assert_eq!(verdict(0.3), Verdict::Reached);
        assert_eq!(verdict(0.2), Verdict::Missed);
        let noisy =
            |at_most| evaluated(Measure::Amount(value(Who::Named("ours"))), at_most, Condition::Always, 0.0);
        assert_eq!(noisy(2.0).verdict, Verdict::NotSettled);
        assert_eq!((noisy(2.1).verdict, noisy(1.9).verdict), (Verdict::Reached, Verdict::Missed));
    }

    #[test]
    fn best_and_middle_are_chosen_among_those_who_do_the_work() {
        let best = ratio(Who::BestOfOurs, Who::BestPeer, 1.0);
        assert_eq!(best.sides, "best of ours (ours) ÷ best peer (fast)");
        assert_eq!(best.estimate.unwrap().value, 0.5);
        let middle = ratio(Who::Named("ours"), Who::MedianPeer, 1.0);
        assert_eq!(middle.sides, "ours ÷ median peer (fast)");
        let among = ratio(Who::Named("ours"), Who::BestOf(&["slow", "absent", "fast"]), 1.0);
        assert_eq!(among.sides, "ours ÷ fast");
    }

    #[test]
    fn without_the_condition_nothing_is_said() {
        let amount = Measure::Amount(value(Who::Named("ours")));
        let scaling = |bound| Condition::AtLeast(value(Who::Named("slow")), bound);
        assert!(matches!(evaluated(amount, 1.0, scaling(10.0), 0.0).verdict, Verdict::Inconclusive(_)));
        assert_eq!(evaluated(amount, 1.0, scaling(8.0), 0.0).verdict, Verdict::Missed);
        let gap =
            |bound| Condition::RoundsAtMost(Value { figure: "gap", ..value(Who::Named("ours")) }, bound);
        assert!(matches!(evaluated(amount, 1.0, gap(0.0009), 0.0).verdict, Verdict::Inconclusive(_)));
        let some = evaluated(amount, 3.0, gap(0.001), 0.0);
        assert_eq!((some.verdict, some.estimate.unwrap().samples), (Verdict::Reached, 4));
    }

    #[test]
    fn growth_of_the_control_is_divided_out() {
        let [ours, control] = [value(Who::Named("ours")), value(Who::Named("control"))];
        let growth = Measure::Growth([ours, control], [ours, control]);
        assert_eq!(evaluated(growth, 2.0, Condition::Always, 0.0).estimate.unwrap().value, 1.0);
    }

    #[test]
    fn a_restless_machine_and_absent_contestants_are_told() {
        let amount = |who| Measure::Amount(value(who));
        assert!(!evaluated(amount(Who::Named("ours")), 9.0, Condition::Always, 0.04).quiet);
        assert!(evaluated(amount(Who::Named("ours")), 9.0, Condition::Always, 0.02).quiet);
        let absent = evaluated(amount(Who::Named("absent")), 9.0, Condition::Always, 0.0);
        assert_eq!(absent.verdict, Verdict::NotMeasured);
    }

    #[test]
    fn targets_of_workloads_that_were_not_run_are_left_out() {
        let all = super::super::targets::targets(&[]);
        assert!(outcomes(all, &[measured(&field(), 0.0)]).is_empty());
    }
}
