//! `cyclade run --peers` end to end: our collectors and other people's on the same programs.
#![cfg(feature = "peers")]

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn cyclade(directory: &Path, args: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cyclade"));
    let run = ["run", "--peers", "--quick", "--workload", "pairs", "--size", "2000", "--json", "--out"];
    let output = command.args(run).arg(directory).args(args).output().unwrap();
    let record = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), record)
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn peers_are_measured_beside_ours_on_the_same_program() {
    let directory = tempfile::tempdir().unwrap();
    let (code, record) = cyclade(directory.path(), &["--repeat", "1"]);
    assert_eq!(code, Some(0), "{record:#}");
    let contests = record["contests"].as_array().unwrap();
    assert_eq!(contests.len(), 1);
    let contest = &contests[0];
    assert_eq!(names(&contest["ours"]), names(&record["plan"]["collectors"]));
    let peers = names(&contest["peers"]);
    assert!(peers.contains(&"gc-arena") && peers.contains(&"CPython") && peers.len() >= 8, "{peers:?}");
    assert!(!peers.iter().any(|name| name.starts_with("control")), "{peers:?}");
    let cells = contest["cells"].as_array().unwrap();
    assert_eq!(cells.len(), peers.len() + 5);
    for cell in cells {
        let name = cell["collector"].as_str().unwrap();
        let leaks = ["null", "refcount", "Rc, strong"].contains(&name);
        match cell["status"].as_str().unwrap() {
            "leaked-as-expected" => assert!(leaks, "{name}"),
            "ok" => assert!(!leaks, "{name}"),
            // A machine without a Python has a row that says so.
            status => assert_eq!((status, name), ("crashed", "CPython"), "{cell:#}"),
        }
        assert_eq!((&cell["workload"], &cell["size"]), (&"pairs".into(), &contest["size"]));
        for field in ["ops", "wall_ns", "cpu_ns", "ops_per_second", "pause_ns", "leaks"] {
            let stated = cell["absent"].get(field).is_some();
            assert_eq!(cell[field].is_null(), stated, "{name}: {field}");
        }
        if cell["status"] != "crashed" {
            assert_eq!(cell["ops"], contest["size"]);
            assert!(cell["ops_per_second"].as_f64().unwrap() > 0.0);
        }
    }
    let own = record["cells"].as_array().unwrap();
    assert!(own.iter().all(|cell| !peers.contains(&cell["collector"].as_str().unwrap())));
    let summary = std::fs::read_to_string(directory.path().join("summary.md")).unwrap();
    assert!(summary.contains("Against other people's collectors") && summary.contains("| gc-arena | peer |"));
}

#[test]
fn rounds_of_a_contest_are_interleaved_and_begin_with_another_contestant() {
    let directory = tempfile::tempdir().unwrap();
    let (_, record) = cyclade(directory.path(), &["--repeat", "2", "--collector", "mark-sweep"]);
    let contest = &record["contests"][0];
    assert_eq!(names(&contest["ours"]), ["mark-sweep"]);
    let cells = contest["cells"].as_array().unwrap();
    let rounds: Vec<_> = cells.iter().map(|cell| cell["repeat"].as_u64().unwrap()).collect();
    assert!(rounds.is_sorted());
    let half = cells.len() / 2;
    assert_eq!(rounds[half - 1..=half], [0, 1]);
    assert_ne!(cells[0]["collector"], cells[half]["collector"]);
    // The run's own second round comes after the contest's first one.
    let process = |cell: &Value| cell["process"].as_u64().unwrap();
    let last = record["cells"].as_array().unwrap().last().unwrap();
    assert!(process(last) > process(&cells[half - 1]));
}

#[test]
fn a_peer_that_exceeds_the_time_limit_is_a_row_that_says_so_and_no_fault_of_ours() {
    let directory = tempfile::tempdir().unwrap();
    let (code, record) =
        cyclade(directory.path(), &["--repeat", "1", "--collector", "refcount", "--timeout", "1ms"]);
    assert_eq!(code, Some(0));
    let cells = record["contests"][0]["cells"].as_array().unwrap();
    let python = cells.iter().find(|cell| cell["collector"] == "CPython").unwrap();
    assert_eq!(python["status"], "timed-out", "{python:#}");
    assert!(!python["absent"]["ops"].is_null());
}
