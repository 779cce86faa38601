//! From cells to rows: what is paired with what, what gets an interval, and what a row says when processes fail.

use cyclade_report::record::{Control, Environment, Leaks, Plan};
use cyclade_report::{Cell, RunRecord, Status, Summary};
use serde_json::Value;

use crate::support::sample;

/// A record with one row per collector, and one process per speed.
fn record(rows: &[(&str, &[f64])]) -> RunRecord {
    let collectors = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
    let plan = Plan { collectors, workloads: vec!["pairs".into()], ..Plan::default() };
    let mut record = RunRecord::new(Environment::default(), plan);
    for (name, speeds) in rows {
        for (repeat, speed) in speeds.iter().enumerate() {
            record.cells.push(cell(name, repeat, *speed, None));
        }
    }
    record
}

fn cell(name: &str, repeat: usize, speed: f64, control: Option<Control>) -> Cell {
    let mut cell = Cell::new(name, "pairs", 1000, repeat as u32, Status::Ok);
    cell.ops_per_second = Some(speed);
    cell.control = control;
    cell
}

fn with_control(first: &[f64], second: &[f64]) -> RunRecord {
    let mut record = record(&[("null", first)]);
    for (repeat, speed) in second.iter().enumerate() {
        record.cells.push(cell("null", repeat, *speed, Some(Control::SameAgainstSame)));
    }
    record
}

#[test]
fn ratios_pair_the_processes_of_one_round() {
    // Rounds drift by a factor of nine; within each round the ratio is 2.
    let record = record(&[("null", &[100.0, 300.0, 900.0]), ("mark-sweep", &[50.0, 150.0, 450.0])]);
    let summary = Summary::from_record(&record);
    let ratio = summary.rows[1].ratio.as_ref().unwrap();
    assert_eq!((ratio.against.as_str(), ratio.estimate.samples), ("null", 3));
    let interval = ratio.estimate.interval.unwrap();
    assert!((interval.low - 0.5).abs() < 1e-9 && (interval.high - 0.5).abs() < 1e-9);
    assert_eq!(summary.rows[0].ratio, None);
    assert_eq!(summary.rows[0].absent["ratio"], "this is the reference");
}

#[test]
fn a_round_that_one_side_did_not_finish_is_no_pair() {
    // Of six cells, those of `null` come first; each round is ten times as fast as the one before.
    for unfinished in 0..6 {
        let mut record = record(&[("null", &[10.0, 100.0, 1000.0]), ("mark-sweep", &[5.0, 50.0, 500.0])]);
        record.cells[unfinished].status = Status::TimedOut;
        let summary = Summary::from_record(&record);
        let estimate = summary.rows[1].ratio.as_ref().unwrap().estimate;
        assert_eq!((estimate.samples, estimate.interval), (2, None));
        assert!((estimate.value - 0.5).abs() < 1e-12, "cell {unfinished}: {}", estimate.value);
    }
}

#[test]
fn three_processes_give_an_interval_and_two_a_reason() {
    let summary = Summary::from_record(&record(&[("null", &[1.0, 2.0]), ("refcount", &[1.0, 2.0, 3.0])]));
    let intervals: Vec<bool> =
        summary.rows.iter().map(|row| row.ops_per_second.unwrap().interval.is_some()).collect();
    assert_eq!(intervals, [false, true]);
    assert_eq!(
        summary.rows[0].absent["ops_per_second.interval"],
        "2 processes finished; an interval needs 3"
    );
}

#[test]
fn the_control_compares_a_collector_with_itself_and_is_flagged_if_it_differs() {
    let holds = |first: &[f64], second: &[f64]| {
        let summary = Summary::from_record(&with_control(first, second));
        let control = summary.controls().next().unwrap().clone();
        assert_eq!(control.ratio.as_ref().unwrap().against, "null");
        control.control_holds
    };
    assert_eq!(holds(&[100.0, 101.0, 99.0], &[100.5, 99.5, 100.0]), Some(true));
    assert_eq!(holds(&[100.0, 101.0, 99.0], &[150.0, 152.0, 148.0]), Some(false));
    assert_eq!(holds(&[100.0, 101.0], &[150.0, 152.0]), None);
}

#[test]
fn rows_come_in_the_order_of_the_plan_with_controls_apart() {
    let summary = Summary::from_record(&sample::record());
    assert_eq!(
        summary.collectors(),
        ["null", "refcount", "trial-deletion", "mark-sweep", "concurrent", "peer:dumpster"]
    );
    let workloads: Vec<_> = summary.groups().iter().map(|group| group[0].workload.clone()).collect();
    assert_eq!(workloads, ["pairs", "tree", "live", "acyclic", "hub"]);
    assert_eq!((summary.measured().count(), summary.controls().count()), (30, 5));
}

#[test]
fn the_fastest_row_of_each_workload_is_one() {
    let summary = Summary::from_record(&sample::record());
    for group in summary.groups() {
        let best = group.iter().filter_map(|row| row.relative_to_fastest).map(|ratio| ratio.value);
        assert_eq!(best.fold(0.0, f64::max), 1.0, "{}", group[0].workload);
    }
}

#[test]
fn rows_of_another_size_do_not_run_in_the_same_race() {
    let mut record = record(&[("null", &[100.0, 100.0, 100.0])]);
    for mut slow in record.cells.clone() {
        (slow.size, slow.ops_per_second) = (2_000, Some(1.0));
        record.cells.push(slow);
    }
    let ratios: Vec<f64> =
        Summary::from_record(&record).rows.iter().map(|row| row.relative_to_fastest.unwrap().value).collect();
    assert_eq!(ratios, [1.0, 1.0]);
}

#[test]
fn a_row_that_never_finished_stays_and_says_why_in_every_number() {
    let summary = Summary::from_record(&sample::record());
    let row = summary.measured().find(|row| row.collector == "null" && row.workload == "live").unwrap();
    assert_eq!((row.processes, row.finished, row.status), (5, 0, Status::HeapLimit));
    assert_eq!(row.outcome, "heap limit 256 MiB");
    assert_eq!(row.ops_per_second, None);
    assert_eq!(row.absent["leaked"], "no process finished: heap limit 256 MiB");
}

#[test]
fn every_null_of_every_row_has_a_reason() {
    for row in Summary::from_record(&sample::record()).rows {
        let Value::Object(fields) = serde_json::to_value(&row).unwrap() else { panic!("a row is an object") };
        for (name, value) in &fields {
            let means_something = name == "control" || (name == "control_holds" && row.control.is_none());
            if value.is_null() && !means_something {
                assert!(row.absent.contains_key(name), "{name} of {} on {}", row.collector, row.workload);
            }
        }
    }
}

#[test]
fn the_process_that_leaked_most_speaks_for_the_row() {
    let mut record = record(&[("null", &[1.0, 1.0, 1.0])]);
    for (cell, leaked) in record.cells.iter_mut().zip([5, 9, 0]) {
        cell.leaks = Some(Leaks { allocated: 10, leaked, ..Leaks::default() });
        cell.status = if leaked > 0 { Status::LeakedAsExpected } else { Status::Ok };
    }
    let summary = Summary::from_record(&record);
    assert_eq!((summary.rows[0].leaked, summary.rows[0].allocated), (Some(9), Some(10)));
    assert_eq!(summary.rows[0].outcome, "leaks 9 of 10 (2 of 3)");
}

#[test]
fn sizes_are_told_apart_only_where_there_are_several() {
    let mut record = record(&[("null", &[1.0])]);
    let label = |record: &RunRecord| {
        let summary = Summary::from_record(record);
        summary.label(&summary.rows[0])
    };
    assert_eq!(label(&record), "pairs");
    record.cells.push(Cell::new("null", "pairs", 2_000, 0, Status::Ok));
    assert_eq!(label(&record), "pairs · 1,000");
}

#[test]
fn the_reference_is_the_plans_or_null_or_the_first() {
    let mut record = record(&[("refcount", &[1.0]), ("null", &[1.0])]);
    assert_eq!(record.reference(), Some("null"));
    record.plan.reference = Some("refcount".into());
    assert_eq!(record.reference(), Some("refcount"));
    record.plan.reference = None;
    record.plan.collectors = vec!["concurrent".into()];
    assert_eq!(record.reference(), Some("concurrent"));
}
