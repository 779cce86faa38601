//! The run record as a contract: its schema, its names, and what happens to files that are something else.

use std::fs;
use std::path::{Path, PathBuf};

use cyclade_report::record::{Environment, Plan};
use cyclade_report::{Cell, ReadError, RunRecord, Status, export};
use serde_json::{Value, json};

use crate::support::sample;

fn read(value: &Value) -> Result<RunRecord, ReadError> {
    RunRecord::from_json(value.to_string().as_bytes(), Path::new("some/run.json"))
}

fn small() -> Value {
    let mut record = RunRecord::new(Environment::default(), Plan::default());
    record.cells.push(Cell::new("null", "pairs", 10, 0, Status::Ok));
    serde_json::to_value(record).unwrap()
}

/// `UPDATE=1 cargo test -p cyclade-report --test suite` writes the file anew.
#[test]
fn the_published_schema_is_the_one_of_the_code() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/run.schema.json");
    let schema = serde_json::to_string_pretty(&RunRecord::json_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(&file, &schema).unwrap();
    }
    let published = fs::read_to_string(&file).unwrap_or_default();
    assert!(published == schema, "docs/run.schema.json is out of date; run this test with UPDATE=1");
}

#[test]
fn the_schema_names_every_field_of_the_contract() {
    let schema = RunRecord::json_schema();
    let parts = [
        ("/properties", "schema environment plan cells"),
        (
            "/$defs/Environment/properties",
            "cpu cores memory_bytes os kernel rustc version commit page_mode started",
        ),
        ("/$defs/Plan/properties", "collectors workloads sizes repeat seed"),
        (
            "/$defs/Cell/properties",
            "collector workload size seed repeat control status heap_limit_bytes scope_ops time_to_safepoint_ns ops \
             wall_ns cpu_ns mutator_ns collector_ns ops_per_second pauses pause_ns latency_ns mmu memory leaks \
             collections noise absent",
        ),
        ("/$defs/Percentiles/properties", "p50 p99 max"),
        ("/$defs/Pause/properties", "start_ns duration_ns kind"),
        ("/$defs/PauseTotals/properties", "count total p50 p99 p999 max"),
        ("/$defs/Latency/properties", "p50 p99 p999 max metered_p999"),
        ("/$defs/Utilisation/properties", "window_ns utilisation"),
        (
            "/$defs/Memory/properties",
            "allocated_bytes live_bytes peak_bytes floating_peak_bytes retired_bytes rss_peak_bytes",
        ),
        (
            "/$defs/Leaks/properties",
            "allocated reachable leaked leaked_in_cycles freed_while_reachable precision recall detection_latency_ns",
        ),
        ("/$defs/Collections/properties", "count unreachable freed"),
        ("/$defs/Noise/properties", "foreign_cpu hiccup_max_ns"),
    ];
    for (pointer, names) in parts {
        let properties = schema.pointer(pointer).unwrap_or_else(|| panic!("the schema has no {pointer}"));
        for name in names.split_whitespace() {
            assert!(properties.get(name).is_some(), "{pointer} has no {name}");
            let described = properties[name].get("description").is_some();
            assert!(described, "{pointer}/{name} is not described");
        }
    }
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    let record = sample::record();
    let text = export::json::render(&record);
    let again = RunRecord::from_json(text.as_bytes(), Path::new("run.json")).unwrap();
    assert!(again == record, "something was lost between writing and reading");
    assert_eq!(export::json::render(&again), text);
}

#[test]
fn fields_of_later_versions_survive_reading_and_writing() {
    let mut value = small();
    value["novelty"] = json!({ "a": [1, 2.5] });
    value["environment"]["novelty"] = json!("x");
    value["plan"]["novelty"] = json!(true);
    value["cells"][0]["novelty"] = json!(null);
    let again = serde_json::to_value(read(&value).unwrap()).unwrap();
    assert_eq!(again, value);
}

#[test]
fn a_record_with_no_more_than_the_contract_can_be_read() {
    let value = json!({
        "schema": "cyclade.run/1",
        "environment": { "cpu": "c", "cores": 2, "memory_bytes": 1, "os": "o", "kernel": "k", "rustc": "r",
                         "version": "0.1.0", "commit": "abc", "page_mode": "huge", "started": "2026-05-01T12:00:00Z" },
        "plan": { "collectors": ["null"], "workloads": ["pairs"], "sizes": [10], "repeat": 1, "seed": 1 },
        "cells": [ {
            "collector": "null", "workload": "pairs", "size": 10, "seed": 1, "repeat": 0, "control": "a/a",
            "status": "leaked-as-expected", "heap_limit_bytes": 1, "scope_ops": 64,
            "time_to_safepoint_ns": { "p50": 1, "p99": 2, "max": 3 },
            "ops": 1, "wall_ns": 2, "cpu_ns": 3, "mutator_ns": 4, "collector_ns": 5, "ops_per_second": 6.5,
            "pauses": [ { "start_ns": 1, "duration_ns": 2, "kind": "full" } ],
            "pause_ns": { "count": 1, "total": 2, "p50": 2, "p99": 2, "p999": 2, "max": 2 },
            "latency_ns": { "p50": 1, "p99": 2, "p999": 3, "max": 4, "metered_p999": 5 },
            "mmu": [ { "window_ns": 1000, "utilisation": 0.5 } ],
            "memory": { "allocated_bytes": 1, "live_bytes": 2, "peak_bytes": 3, "floating_peak_bytes": 4,
                        "retired_bytes": 5, "rss_peak_bytes": 6 },
            "leaks": { "allocated": 1, "reachable": 0, "leaked": 1, "leaked_in_cycles": 1, "freed_while_reachable": 0,
                       "precision": 1.0, "recall": 0.5, "detection_latency_ns": { "p50": 1, "p99": 2, "max": 3 } },
            "collections": { "count": 1, "unreachable": 2, "freed": 2 },
            "noise": { "foreign_cpu": 0.01, "hiccup_max_ns": 5 } } ]
    });
    let record = read(&value).unwrap();
    assert_eq!(record.cells[0].missing(), Vec::<&str>::new());
    assert_eq!(record.cells[0].latency_ns.as_ref().unwrap().metered_p999, 5);
}

#[test]
fn every_missing_number_of_the_sample_has_a_reason() {
    for cell in &sample::record().cells {
        assert_eq!(cell.unexplained(), Vec::<&str>::new(), "{} on {}", cell.collector, cell.workload);
    }
}

#[test]
fn files_that_are_no_record_are_refused_with_what_was_found_and_what_was_expected() {
    let refused = |bytes: &[u8]| {
        let error = RunRecord::from_json(bytes, Path::new("dir/run.json")).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("dir/run.json"), "{text}");
        text
    };
    assert!(refused(b"{ \"schema\": \"cyc").contains("no complete JSON: EOF"));
    assert!(refused(b"not json").contains("line 1 column"));
    assert!(refused(b"").contains("no complete JSON"));
    for other in ["[1, 2]", "[\"cyclade.run/1\"]", "7", "\"text\""] {
        assert!(refused(other.as_bytes()).contains("found something that is no JSON object"), "{other}");
    }
    assert!(refused(b"[1, 2").contains("no complete JSON"));
    assert!(refused(b"{}").contains("found no field \"schema\", expected \"schema\": \"cyclade.run/1\""));
    assert!(refused(b"{\"schema\": \"cyclade.run/2\"}").contains("found \"schema\": \"cyclade.run/2\""));
    assert!(refused(b"{\"schema\": 7}").contains("found \"schema\": 7"));
    assert!(refused(b"{\"schema\": \"cyclade.run/1\"}").contains("missing field"));
    let mut value = small();
    value["cells"][0]["status"] = json!("perfect");
    assert!(refused(value.to_string().as_bytes()).contains("unknown variant `perfect`"));
}

#[test]
fn a_cell_that_stands_there_twice_is_refused() {
    let mut value = small();
    let mut cell = value["cells"][0].clone();
    cell["control"] = json!("a/a");
    value["cells"].as_array_mut().unwrap().push(cell.clone());
    read(&value).expect("a control is another cell");
    value["cells"].as_array_mut().unwrap().push(cell);
    let text = read(&value).unwrap_err().to_string();
    assert!(text.contains("null on pairs at size 10, repeat 0, twice"), "{text}");
}

#[test]
fn a_directory_stands_for_the_record_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let missing = RunRecord::read(directory.path()).unwrap_err();
    assert!(matches!(&missing, ReadError::Io { file, .. } if file.ends_with("run.json")), "{missing}");
    fs::write(directory.path().join("run.json"), small().to_string()).unwrap();
    assert_eq!(RunRecord::read(directory.path()).unwrap().cells.len(), 1);
}
