//! What is said in words: the three answers, and the warnings, each called forth by the one thing that deserves it.

use cyclade_report::record::{Clock, Leaks, PageMode};
use cyclade_report::verdict::Verdict;
use cyclade_report::{RunRecord, Status, Warning};

use crate::support::sample;

/// The sample without the things that it is warned about.
fn calm() -> RunRecord {
    let mut record = sample::record();
    record.cells.retain(|cell| cell.status.finished());
    for cell in &mut record.cells {
        cell.noise.as_mut().unwrap().foreign_cpu = Some(0.001);
    }
    record
}

fn texts(record: &RunRecord) -> Vec<String> {
    Warning::from_record(record).iter().map(ToString::to_string).collect()
}

/// The one warning that a change to a calm record brings.
fn after(change: impl FnOnce(&mut RunRecord)) -> String {
    let mut record = calm();
    change(&mut record);
    let texts = texts(&record);
    assert_eq!(texts.len(), 1, "{texts:#?}");
    texts.into_iter().next().unwrap()
}

#[test]
fn a_calm_record_has_no_warnings() {
    assert_eq!(texts(&calm()), Vec::<String>::new());
}

#[test]
fn each_trouble_has_its_warning_with_the_numbers_and_what_helps() {
    let cases: [(&str, String); 10] = [
        ("Close other programs", after(|r| r.cells[3].noise.as_mut().unwrap().foreign_cpu = Some(0.2))),
        ("up to 2 ms", after(|r| r.cells[3].noise.as_mut().unwrap().hiccup_max_ns = Some(2_000_000))),
        ("transparent_hugepage", after(|r| r.environment.page_mode = PageMode::Small)),
        ("went backwards 3 times", after(|r| r.environment.clock.as_mut().unwrap().steps_back = 3)),
        (
            "reading hpet costs 1.50 µs",
            after(|r| {
                let (source, read_ns) = (Some("hpet".into()), Some(1500.0));
                r.environment.clock = Some(Clock { source, read_ns, steps_back: 0 });
            }),
        ),
        ("--quick", after(|r| r.plan.quick = true)),
        ("1 cell did not reach", after(|r| r.cells[0].stable = Some(false))),
        ("No A/A control", after(|r| r.cells.retain(|cell| cell.control.is_none()))),
        ("1 cell without a number and without a reason", after(|r| r.cells[0].ops = None)),
        ("1 of 164 cells", after(|r| r.cells[0].status = Status::TimedOut)),
    ];
    for (expected, text) in cases {
        assert!(text.contains(expected), "{expected:?} is not in {text:?}");
    }
}

#[test]
fn a_control_that_fails_names_collector_workload_and_interval() {
    let text = after(|record| {
        for cell in record.cells.iter_mut().filter(|cell| cell.control.is_some() && cell.workload == "tree") {
            cell.ops_per_second = cell.ops_per_second.map(|speed| speed * 1.3);
        }
    });
    assert!(text.starts_with("mark-sweep differs from itself on tree: 1.3"), "{text}");
    assert!(text.contains("Of 5 controls, one in 20 fails by chance"), "{text}");
}

#[test]
fn too_few_processes_are_blamed_on_the_plan_or_on_what_stopped_them() {
    let two = |record: &mut RunRecord| record.cells.retain(|cell| cell.repeat < 2);
    let planned = after(|record| {
        two(record);
        record.plan.repeat = 2;
    });
    assert!(planned.contains("Use --repeat 5 or more; this run used 2"), "{planned}");
    assert!(after(two).contains("The plan had 5 per row"));
}

#[test]
fn freeing_what_is_in_use_comes_before_everything_else() {
    let mut record = sample::record();
    let cell = record.cells.iter_mut().find(|cell| cell.collector == "concurrent").unwrap();
    cell.leaks.as_mut().unwrap().freed_while_reachable = 2;
    assert!(texts(&record)[0].starts_with("concurrent freed 2 objects on pairs"));
    assert!(
        Verdict::from_record(&record)
            .leaks
            .starts_with("Freed objects that were still in use: concurrent (2 objects).")
    );
}

#[test]
fn the_verdict_names_leakers_pauses_and_the_fastest_that_does_not_leak() {
    let verdict = Verdict::from_record(&sample::record());
    assert!(
        verdict.leaks.starts_with("null and refcount leak, up to 100 % of all objects"),
        "{}",
        verdict.leaks
    );
    assert!(verdict.pauses.starts_with("Longest pause of each: mark-sweep"), "{}", verdict.pauses);
    assert!(verdict.pauses.contains("null and refcount have no pauses. Not known for peer:dumpster."));
    assert!(verdict.speed.starts_with("Of those that leak nothing, mark-sweep is the fastest: 1.030×"));
    assert!(verdict.speed.contains("over 4 workloads"), "hub was not finished by all: {}", verdict.speed);
}

#[test]
fn two_collectors_that_cannot_be_told_apart_are_not_ranked() {
    let mut record = sample::record();
    let speeds: Vec<_> = record.cells.iter().map(|cell| (cell.clone(), cell.ops_per_second)).collect();
    for cell in record.cells.iter_mut().filter(|cell| cell.collector == "concurrent") {
        let twin = speeds.iter().find(|(other, _)| {
            (other.collector.as_str(), &other.workload, other.repeat, other.control)
                == ("mark-sweep", &cell.workload, cell.repeat, None)
        });
        let wobble = if cell.repeat % 2 == 0 { 1.004 } else { 0.996 };
        cell.ops_per_second = twin.and_then(|(_, speed)| speed.map(|speed| speed * wobble));
    }
    let speed = Verdict::from_record(&record).speed;
    assert!(speed.contains("this run cannot tell them apart"), "{speed}");
}

#[test]
fn nobody_is_called_the_fastest_where_everybody_leaks_or_failed() {
    let mut record = sample::record();
    for cell in &mut record.cells {
        if let Some(leaks) = &mut cell.leaks {
            *leaks = Leaks { leaked: 1, ..leaks.clone() };
        }
    }
    assert!(Verdict::from_record(&record).speed.starts_with("No collector that leaks nothing finished"));
    record.cells.clear();
    let verdict = Verdict::from_record(&record);
    assert_eq!(
        (verdict.leaks.as_str(), verdict.pauses.as_str()),
        ("Nothing was measured.", "Nothing was measured.")
    );
}
