//! Contests with other people's collectors: what a record holds of them, how they are shown, and what they leave alone.

use std::path::Path;

use cyclade_report::record::{Contest, Environment, Plan};
use cyclade_report::summary::ContestSummary;
use cyclade_report::table::{self, Style};
use cyclade_report::verdict::Verdict;
use cyclade_report::{Cell, RunRecord, Status, Summary, export};

fn cell(name: &str, repeat: u32, speed: f64) -> Cell {
    let mut cell = Cell::new(name, "pairs", 1000, repeat, Status::Ok);
    cell.ops = Some(1000);
    cell.cpu_ns = Some((1e12 / speed) as u64);
    cell.ops_per_second = Some(speed);
    cell.explain_absences("a published crate does not tell");
    cell
}

/// Rounds drift by a factor of nine; within each round the peer is half as fast as the reference, ours four times as fast.
fn contest() -> Contest {
    let mut contest = Contest {
        workload: "pairs".into(),
        size: 1000,
        operation: "pair made and dropped".into(),
        reference: "gc-arena".into(),
        ours: vec!["mark-sweep".into()],
        peers: vec!["gc-arena".into(), "Rc, strong".into(), "dumpster".into()],
        ..Contest::default()
    };
    for (repeat, drift) in [1e6, 3e6, 9e6].into_iter().enumerate() {
        for (name, speed) in [("Rc, strong", 0.5), ("gc-arena", 1.0), ("mark-sweep", 4.0)] {
            contest.cells.push(cell(name, repeat as u32, speed * drift));
        }
        let mut crashed = Cell::new("dumpster", "pairs", 1000, repeat as u32, Status::Crashed);
        crashed.signal = Some(11);
        crashed.explain_absences("the process died without a report");
        contest.cells.push(crashed);
    }
    for cell in contest.cells.iter_mut().filter(|cell| cell.collector == "Rc, strong") {
        cell.status = Status::LeakedAsExpected;
    }
    contest
}

fn record() -> RunRecord {
    let plan =
        Plan { collectors: vec!["mark-sweep".into()], workloads: vec!["pairs".into()], ..Plan::default() };
    let mut record = RunRecord::new(Environment::default(), plan);
    record.cells.extend((0..3).map(|repeat| cell("mark-sweep", repeat, 1e6)));
    record.summarise();
    record
}

fn with_contest() -> RunRecord {
    RunRecord { contests: vec![contest()], ..record() }
}

#[test]
fn standings_are_in_the_contests_order_with_ratios_to_its_reference_paired_by_round() {
    let contest = contest();
    let summary = ContestSummary::new(&contest);
    let names: Vec<_> = summary.standings.iter().map(|s| (s.row.collector.as_str(), s.whose())).collect();
    let expected =
        [("mark-sweep", "ours"), ("gc-arena", "peer"), ("Rc, strong", "peer"), ("dumpster", "peer")];
    assert_eq!(names, expected);
    let ratio = |i: usize| summary.standings[i].row.ratio.as_ref().map(|ratio| ratio.estimate);
    let interval = ratio(0).unwrap().interval.unwrap();
    assert!((interval.low - 4.0).abs() < 1e-9 && (interval.high - 4.0).abs() < 1e-9);
    assert_eq!(ratio(1), None);
    assert!((ratio(2).unwrap().value - 0.5).abs() < 1e-12);
    assert!((summary.standings[1].cpu_ns_per_op.unwrap() - 333.333).abs() < 1e-6);
}

#[test]
fn a_contestant_that_crashes_or_leaks_by_design_is_a_row_that_says_so() {
    let record = with_contest();
    for text in [table::render(&record, Style::plain()), export::markdown::render(&record)] {
        let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
        assert!(line("dumpster").contains("crashed: signal 11"), "{text}");
        assert!(line("Rc, strong").contains("finished; leaks, by design"), "{text}");
        assert!(line("gc-arena").contains("ratios to gc-arena"), "{text}");
    }
    let page = export::html::render(&record).unwrap();
    assert!(page.contains("contest-table") && page.contains("crashed: signal 11"));
}

#[test]
fn a_contest_changes_nothing_in_the_rest_of_the_record() {
    let (with, without) = (with_contest(), record());
    assert_eq!(Summary::from_record(&with), Summary::from_record(&without));
    assert_eq!(Verdict::from_record(&with), Verdict::from_record(&without));
    assert_eq!(export::csv::render(&with), export::csv::render(&without));
    let text = table::render(&without, Style::plain());
    assert!(!text.contains("other people") && !export::html::render(&without).unwrap().contains("contest"));
}

#[test]
fn contests_are_read_back_as_they_were_written_and_older_records_have_none() {
    let record = with_contest();
    let mut json = serde_json::to_value(&record).unwrap();
    let read = |json: &serde_json::Value| {
        RunRecord::from_json(json.to_string().as_bytes(), Path::new("run.json")).unwrap()
    };
    assert_eq!(read(&json), record);
    json.as_object_mut().unwrap().remove("contests");
    assert_eq!(read(&json).contests, []);
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    let text = table::render(&with_contest(), Style { colour: false, width: Some(100) });
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}
