//! Two records against each other: what counts as a regression, and what does not.

use cyclade_report::compare::{self, Change, Metric, Note};
use cyclade_report::record::{Cell, Environment, Leaks, PauseTotals, Plan};
use cyclade_report::table::Style;
use cyclade_report::{Comparison, RunRecord, Status};

use crate::support::sample;

fn record(speeds: &[f64], change: impl Fn(&mut Cell)) -> RunRecord {
    let mut record = RunRecord::new(Environment::default(), Plan::default());
    for (repeat, speed) in speeds.iter().enumerate() {
        let mut cell = Cell::new("mark-sweep", "tree", 1_000, repeat as u32, Status::Ok);
        cell.ops_per_second = Some(*speed);
        change(&mut cell);
        record.cells.push(cell);
    }
    record
}

fn pauses(max: u64) -> impl Fn(&mut Cell) {
    move |cell| {
        cell.pause_ns = Some(PauseTotals { max: max + u64::from(cell.repeat), p99: 7, ..Default::default() })
    }
}

fn change(before: &RunRecord, after: &RunRecord, threshold: f64, metric: Metric) -> Change {
    let comparison = Comparison::between(before, after, threshold);
    comparison.differences.iter().find(|difference| difference.metric == metric).unwrap().change
}

const STEADY: [f64; 3] = [100.0, 101.0, 99.0];

#[test]
fn a_record_is_no_regression_of_itself_even_without_a_threshold() {
    let record = sample::record();
    let comparison = Comparison::between(&record, &record, 0.0);
    assert!(comparison.differences.iter().all(|difference| difference.change == Change::Alike));
    assert!(comparison.differences.len() > 100 && !comparison.has_regression());
}

#[test]
fn throughput_that_fell_beyond_the_threshold_is_worse_and_the_other_way_better() {
    let (fast, slow) = (record(&STEADY, |_| ()), record(&[80.0, 81.0, 79.0], |_| ()));
    assert_eq!(change(&fast, &slow, 0.05, Metric::Throughput), Change::Worse);
    assert_eq!(change(&slow, &fast, 0.05, Metric::Throughput), Change::Better);
    assert_eq!(change(&fast, &slow, 0.30, Metric::Throughput), Change::Small);
}

#[test]
fn a_difference_within_the_noise_is_alike_however_small_the_threshold() {
    let (before, after) = (record(&[100.0, 140.0, 70.0], |_| ()), record(&[90.0, 65.0, 130.0], |_| ()));
    assert_eq!(change(&before, &after, 0.0, Metric::Throughput), Change::Alike);
}

#[test]
fn longer_pauses_are_worse() {
    let (short, long) = (record(&STEADY, pauses(1_000)), record(&STEADY, pauses(1_500)));
    assert_eq!(change(&short, &long, 0.1, Metric::PauseMax), Change::Worse);
    assert_eq!(change(&long, &short, 0.1, Metric::PauseMax), Change::Better);
    let none = record(&STEADY, |cell| cell.pause_ns = Some(PauseTotals::default()));
    assert_eq!(change(&none, &long, 0.1, Metric::PauseMax), Change::Worse);
    assert_eq!(change(&none, &none, 0.1, Metric::PauseMax), Change::Alike);
}

#[test]
fn without_an_interval_throughput_goes_by_the_threshold_and_tails_must_double() {
    let (before, slow) = (record(&[100.0], pauses(1_000)), record(&[80.0], pauses(1_500)));
    assert_eq!(change(&before, &slow, 0.05, Metric::Throughput), Change::Worse);
    assert_eq!(change(&before, &slow, 0.05, Metric::PauseMax), Change::Alike);
    assert_eq!(change(&before, &record(&[100.0], pauses(2_500)), 0.05, Metric::PauseMax), Change::Worse);
    assert!(Comparison::between(&before, &slow, 0.05).notes.contains(&Note::NoInterval));
}

#[test]
fn one_more_leaked_object_is_worse_whatever_the_threshold() {
    let leaking = |leaked| record(&STEADY, move |c| c.leaks = Some(Leaks { leaked, ..Leaks::default() }));
    assert_eq!(change(&leaking(5), &leaking(6), 10.0, Metric::Leaked), Change::Worse);
    assert_eq!(change(&leaking(5), &leaking(5), 0.0, Metric::Leaked), Change::Alike);
    assert_eq!(change(&leaking(5), &leaking(0), 0.0, Metric::Leaked), Change::Better);
}

#[test]
fn a_process_that_no_longer_finishes_is_worse() {
    let before = record(&STEADY, |_| ());
    let mut after = before.clone();
    (after.cells[1].status, after.cells[1].signal) = (Status::Crashed, Some(11));
    let comparison = Comparison::between(&before, &after, 0.05);
    let worse: Vec<_> = comparison.regressions().map(|difference| difference.metric).collect();
    assert_eq!(worse, [Metric::Outcome]);
    assert_eq!(comparison.regressions().next().unwrap().after, "crashed: signal 11 (1 of 3)");
    assert_eq!(change(&after, &before, 0.05, Metric::Outcome), Change::Better);
}

#[test]
fn what_else_differs_and_what_is_missing_is_noted_and_is_no_regression() {
    let before = record(&STEADY, |_| ());
    let mut after = before.clone();
    after.environment.cpu = "another".into();
    after.cells.iter_mut().for_each(|cell| cell.workload = "hub".into());
    let comparison = Comparison::between(&before, &after, 0.05);
    let notes: Vec<String> = comparison.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "The processor is not the same: , then another.",
            "Only in the first record: mark-sweep on tree at size 1000.",
            "Only in the second record: mark-sweep on hub at size 1000.",
        ]
    );
    assert!(!comparison.has_regression());
    assert!(compare::render(&comparison, Style::plain()).ends_with("The records have no row in common.\n"));
}

#[test]
fn the_text_names_what_changed_and_ends_with_the_verdict() {
    let (fast, slow) = (record(&STEADY, pauses(1_000)), record(&[80.0, 81.0, 79.0], pauses(1_000)));
    insta::assert_snapshot!(compare::render(&Comparison::between(&fast, &slow, 0.05), Style::plain()));
}
