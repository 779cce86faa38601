//! Bad input: exit code 2, one line that says what was wrong and what would be right, and nothing measured.

use assert_cmd::Command;
use std::time::{Duration, Instant};

fn cyclade() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cyclade"))
}

/// Runs, and returns the one line of an error with exit code 2.
fn refused(args: &[&str]) -> String {
    let start = Instant::now();
    let output = cyclade().args(args).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{args:?}: {text}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert!(start.elapsed() < Duration::from_secs(30), "{args:?} measured something");
    text
}

#[test]
fn unknown_names_are_answered_with_the_nearest_one() {
    assert!(refused(&["run", "--collector", "mark-swep"]).contains("nearest is `mark-sweep`"));
    assert!(refused(&["run", "--workload", "pears"]).contains("nearest is `pairs`"));
    assert!(refused(&["demo", "--collector", "refcont"]).contains("nearest is `refcount`"));
    assert!(refused(&["run", "--collector", "null,,nul"]).contains("`nul`"));
}

#[test]
fn sizes_that_cannot_be_are_answered_with_the_nearest_one() {
    assert!(refused(&["run", "--workload", "pairs", "--size", "11000000"]).contains("nearest is 10000000"));
    assert!(refused(&["run", "--workload", "pairs", "--size", "1"]).contains("nearest is 20"));
    assert!(refused(&["run", "--size", "many"]).contains("`many`"));
    assert!(refused(&["run", "--size", "-5"]).contains("`-5`"));
}

#[test]
fn other_numbers_are_checked_too() {
    assert!(refused(&["run", "--repeat", "0"]).contains("--repeat"));
    assert!(refused(&["run", "--seed", "x"]).contains("--seed"));
    assert!(refused(&["run", "--timeout", "soon"]).contains("--timeout"));
    assert!(refused(&["run", "--heap-limit", "lots"]).contains("--heap-limit"));
    for flag in ["--repeat", "--seed", "--timeout", "--heap-limit"] {
        assert!(refused(&["run", flag, "-1"]).contains(flag));
    }
}

#[test]
#[cfg(feature = "peers")]
fn peers_on_a_workload_that_they_cannot_run_are_answered_with_those_that_they_can() {
    let text = refused(&["run", "--peers", "--workload", "ring"]);
    assert!(text.contains("pairs, doubly-linked and live do"), "{text}");
}

#[test]
#[cfg(not(feature = "peers"))]
fn a_binary_without_other_peoples_collectors_says_how_to_build_one_with_them() {
    assert!(refused(&["run", "--peers"]).contains("--features peers"));
}

#[test]
fn an_output_that_cannot_be_written_is_said_before_anything_is_measured() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let text = refused(&["run", "--out", file.to_str().unwrap()]);
    assert!(text.contains("no directory"), "{text}");
    std::fs::write(directory.path().join("run.json"), "old").unwrap();
    let text = refused(&["run", "--out", directory.path().to_str().unwrap()]);
    assert!(text.contains("--force"), "{text}");
    assert_eq!(std::fs::read_to_string(directory.path().join("run.json")).unwrap(), "old");
}

#[test]
fn malformed_graphs_are_refused_with_the_place() {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("magic", &b"HEAPGRF2xxxxxxxxxxxxxxxx"[..]),
        ("short", b"HEAPGRF1\xff\xff"),
        ("words", b"1 2\n3 x\n"),
        ("empty", b""),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        let text = refused(&["replay", path.to_str().unwrap()]);
        assert!(text.contains(name), "{text}");
    }
    assert!(refused(&["replay", "no-such-file"]).contains("no-such-file"));
    let path = directory.path().join("edges");
    std::fs::write(&path, "0 1\n1 0\n").unwrap();
    assert!(refused(&["replay", path.to_str().unwrap(), "--roots", "some"]).contains("in-degree-zero"));
}

#[test]
fn malformed_scenarios_are_refused_with_scenario_position_and_reason() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.json");
    std::fs::write(&path, r#"{"scenarios":[{"name":"x","ops":[{"op":"new","id":0}]}]}"#).unwrap();
    let text = refused(&["scenario", path.to_str().unwrap()]);
    assert!(text.contains("scenario `x`, operation 0: `new` needs the field `kind`"), "{text}");
    std::fs::write(&path, "{\"scenarios\":").unwrap();
    assert!(refused(&["scenario", path.to_str().unwrap()]).contains("no complete JSON"));
    assert!(refused(&["scenario", "no-such-file"]).contains("no-such-file"));
}

#[test]
fn numbers_in_scenarios_that_do_not_fit_are_refused_with_their_field() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.json");
    let error = |op: &str| {
        std::fs::write(&path, format!(r#"{{"scenarios":[{{"name":"x","ops":[{op}]}}]}}"#)).unwrap();
        refused(&["scenario", path.to_str().unwrap()])
    };
    let text = error(r#"{"op":"set_threshold","t0":-1,"t1":10,"t2":10}"#);
    assert!(
        text.contains("scenario `x`, operation 0: `t0` is -1; it must be a whole number from 0"),
        "{text}"
    );
    let text = error(r#"{"op":"collect","gen":3}"#);
    assert!(text.contains("scenario `x`, operation 0: `gen` is 3; it must be"), "{text}");
    let text = error(r#"{"op":"colect","gen":2}"#);
    assert!(text.contains("unknown operation `colect`; the nearest is `collect`"), "{text}");
    let text = error(r#"{"op":"new","id":0,"kind":"nod"}"#);
    assert!(text.contains("unknown kind `nod`; the nearest is `node`"), "{text}");
}

#[test]
fn what_is_not_read_of_a_scenario_file_is_said_and_the_rest_is_run() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.json");
    let said = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let output = cyclade().args(["scenario", path.to_str().unwrap(), "--check"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains("1 of 1 scenario as they must be"));
        String::from_utf8(output.stderr).unwrap()
    };
    let text = said(
        r#"{"meta":{"recorded_on":"CPython 3.11.7"},
            "scenarios":[{"name":"x","ops":[{"op":"chain","first":0,"n":2,"rnig":1}],"expect":{}}]}"#,
    );
    assert!(
        text.contains("scenario `x`, operation 0: `chain` has no field `rnig`; the nearest is `ring`"),
        "{text}"
    );
    let text =
        said(r#"{"meta":{"recorded_on":"CPython 3.14.0"},"scenarios":[{"name":"x","ops":[],"expect":{}}]}"#);
    assert!(text.contains("none for 3.14.0") && text.contains("the rules of 3.9 to 3.11 are used"), "{text}");
    assert_eq!(said(r#"{"scenarios":[{"name":"x","ops":[{"op":"observe","what":"all"}],"expect":{}}]}"#), "");
}

#[test]
fn a_scenario_without_expectations_does_not_pass_the_check() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.json");
    std::fs::write(&path, r#"{"scenarios":[{"name":"x","ops":[],"expects":{}}]}"#).unwrap();
    let output = cyclade().args(["scenario", path.to_str().unwrap(), "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(out.contains("x: rule: there is no `expect` to compare with"), "{out}");
    assert!(err.contains("no field `expects`; the nearest is `expect`"), "{err}");
}

#[test]
fn records_that_are_none_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run.json");
    std::fs::write(&path, "{}").unwrap();
    let path = path.to_str().unwrap();
    assert!(refused(&["compare", path, path]).contains("no run record"));
    assert!(refused(&["report", path]).contains("no run record"));
    assert!(refused(&["compare", path, path, "--threshold", "much"]).contains("threshold"));
}
