//! `cyclade run` end to end: the record, the exports, and every way in which a cell can end.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn cyclade(directory: &Path, args: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cyclade"));
    let output = command.arg("run").args(args).args(["--json", "--out"]).arg(directory).output().unwrap();
    let record = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), record)
}

fn cells(record: &Value) -> &Vec<Value> {
    record["cells"].as_array().unwrap()
}

#[test]
fn a_quick_run_fills_every_field_or_says_why_not() {
    let directory = tempfile::tempdir().unwrap();
    let (code, record) = cyclade(
        directory.path(),
        &["--quick", "--workload", "pairs,acyclic,churn", "--size", "2000", "--repeat", "1"],
    );
    assert_eq!(code, Some(0), "{record:#}");
    assert_eq!(record["schema"], "cyclade.run/1");
    for cell in cells(&record) {
        let name = format!("{} on {}", cell["collector"], cell["workload"]);
        let frees_cycles = !["null", "refcount"].contains(&cell["collector"].as_str().unwrap());
        let leaked = cell["leaks"]["leaked"].as_u64().unwrap();
        match (frees_cycles, leaked) {
            (true, _) => assert_eq!((leaked, cell["status"].as_str()), (0, Some("ok")), "{name}"),
            (false, 0) => {
                assert_eq!((&cell["collector"], &cell["workload"]), (&"refcount".into(), &"acyclic".into()))
            }
            (false, _) => assert_eq!(cell["status"], "leaked-as-expected", "{name}"),
        }
        assert_eq!(cell["leaks"]["freed_while_reachable"], 0, "{name}");
        for field in [
            "scope_ops",
            "ops",
            "wall_ns",
            "mutator_ns",
            "ops_per_second",
            "latency_ns",
            "leaks",
            "collections",
        ] {
            assert!(!cell[field].is_null() || cell["absent"].get(field).is_some(), "{name}: {field}");
        }
        for field in [
            "allocated_bytes",
            "live_bytes",
            "peak_bytes",
            "floating_peak_bytes",
            "retired_bytes",
            "rss_peak_bytes",
        ] {
            let stated = cell["absent"].get(format!("memory.{field}")).is_some();
            assert!(!cell["memory"][field].is_null() || stated, "{name}: memory.{field}");
        }
    }
    for file in ["run.json", "cells.csv", "summary.md", "report.html"] {
        assert!(directory.path().join(file).is_file(), "{file}");
    }
    assert_eq!(cells(&record).iter().filter(|cell| cell["control"] == "a/a").count(), 1);
}

#[test]
fn the_same_seed_makes_the_same_objects() {
    let allocated = || {
        let directory = tempfile::tempdir().unwrap();
        let args = [
            "--quick",
            "--workload",
            "churn",
            "--collector",
            "null",
            "--size",
            "1000",
            "--repeat",
            "1",
            "--seed",
            "7",
        ];
        let (_, record) = cyclade(directory.path(), &args);
        (cells(&record)[0]["leaks"]["allocated"].clone(), cells(&record)[0]["seed"].clone())
    };
    assert_eq!(allocated(), allocated());
}

#[test]
fn a_cell_that_runs_out_of_its_heap_limit_is_a_row_and_the_others_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let args = ["--quick", "--workload", "ring", "--size", "100000", "--heap-limit", "2MiB", "--repeat", "1"];
    let (code, record) =
        cyclade(directory.path(), &[&args[..], &["--collector", "null,mark-sweep"]].concat());
    assert_eq!(code, Some(0));
    for cell in cells(&record) {
        assert_eq!(cell["status"], "heap-limit", "{cell:#}");
        assert_eq!(cell["heap_limit_bytes"], 2 << 20);
        assert!(cell["detail"].as_str().unwrap().contains("heap limit"));
    }
    assert_eq!(cells(&record).len(), 3);
}

#[test]
fn memory_that_comes_back_by_collecting_lets_a_workload_go_on_at_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    let args =
        ["--quick", "--workload", "pairs", "--size", "200000", "--heap-limit", "1MiB", "--repeat", "1"];
    let (_, record) = cyclade(directory.path(), &[&args[..], &["--collector", "mark-sweep,null"]].concat());
    let status =
        |name: &str| cells(&record).iter().find(|cell| cell["collector"] == name).unwrap()["status"].clone();
    assert_eq!(status("mark-sweep"), "ok");
    assert_eq!(status("null"), "heap-limit");
}

#[test]
fn a_cell_that_exceeds_its_time_is_a_row_and_the_others_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let args = [
        "--workload",
        "hub",
        "--size",
        "2000000",
        "--timeout",
        "1ms",
        "--repeat",
        "1",
        "--collector",
        "null,refcount",
    ];
    let (code, record) = cyclade(directory.path(), &args);
    assert_eq!(code, Some(0));
    assert_eq!(cells(&record).len(), 3);
    for cell in cells(&record) {
        assert_eq!(cell["status"], "timed-out");
        assert_eq!(cell["timeout_ns"], 1_000_000);
        assert!(!cell["absent"]["ops"].is_null());
    }
}

/// Linux: the test finds the child by its parent, and kills it.
#[cfg(target_os = "linux")]
mod signals {
    use super::cells;
    use serde_json::Value;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    fn start(directory: &std::path::Path) -> Child {
        // A size at which a cell takes seconds, so that it can be met while it runs.
        Command::new(env!("CARGO_BIN_EXE_cyclade"))
            .args([
                "run",
                "--workload",
                "live",
                "--size",
                "1000000",
                "--collector",
                "refcount",
                "--repeat",
                "1",
            ])
            .args(["--json", "--out"])
            .arg(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn child_of(parent: u32) -> u32 {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < Duration::from_secs(30), "no child was started");
            let path = format!("/proc/{parent}/task/{parent}/children");
            let children = std::fs::read_to_string(path).unwrap_or_default();
            if let Some(child) = children.split_whitespace().next() {
                return child.parse().unwrap();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn signal(pid: u32, name: &str) {
        assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
    }

    #[test]
    fn a_cell_that_is_killed_is_a_row_with_the_signal_and_the_others_go_on() {
        let directory = tempfile::tempdir().unwrap();
        let run = start(directory.path());
        signal(child_of(run.id()), "-ABRT");
        let output = run.wait_with_output().unwrap();
        let record: Value = serde_json::from_slice(&output.stdout).unwrap();
        let crashed: Vec<&Value> = cells(&record).iter().filter(|cell| cell["status"] == "crashed").collect();
        assert_eq!(crashed.len(), 1);
        assert_eq!(crashed[0]["signal"], 6);
        assert_eq!(cells(&record).len(), 2);
        assert!(cells(&record).iter().any(|cell| cell["status"] == "leaked-as-expected"));
        assert_eq!(output.status.code(), Some(1));
    }

    #[test]
    fn what_was_measured_before_ctrl_c_is_written_and_marked() {
        let directory = tempfile::tempdir().unwrap();
        let run = start(directory.path());
        child_of(run.id());
        signal(run.id(), "-INT");
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        let text = std::fs::read_to_string(directory.path().join("run.json")).unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(cells(&record).len(), 2);
        assert!(cells(&record).iter().all(|cell| cell["status"] == "interrupted"));
        assert!(directory.path().join("report.html").is_file());
    }
}
