//! The commands that measure nothing, and those that measure little.

use assert_cmd::Command;
use serde_json::Value;

fn cyclade(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cyclade")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn json(args: &[&str]) -> Value {
    let (_, out, err) = cyclade(args);
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {err}"))
}

#[test]
fn without_arguments_it_explains_itself_in_one_screen() {
    let (code, out, _) = cyclade(&[]);
    assert_eq!(code, Some(0));
    assert!(out.lines().count() <= 24 && out.lines().all(|line| line.chars().count() <= 110), "{out}");
    assert!(out.contains("cyclade run") && out.contains("--json"));
}

#[test]
fn every_collector_and_workload_of_the_design_is_listed() {
    let list = json(&["list", "--json"]);
    let names = |list: &Value, field: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        names(&list["collectors"], "collector"),
        ["null", "refcount", "trial-deletion", "mark-sweep", "concurrent"]
    );
    let workloads = names(&list["workloads"], "workload");
    for name in
        "pairs ring self doubly-linked tree live observer frames acyclic deep hub churn replay".split(' ')
    {
        assert!(workloads.iter().any(|workload| workload == name), "{name}");
    }
}

#[test]
fn the_demo_tells_the_tutorials_story_with_its_numbers() {
    let demo = json(&["demo", "--json"]);
    for story in demo["collectors"].as_array().unwrap() {
        let name = story["collector"].as_str().unwrap();
        let steps = story["steps"].as_array().unwrap();
        let step = |text: &str| {
            steps.iter().find(|step| step["step"] == text).unwrap_or_else(|| panic!("{name}: {text}"))
        };
        let counts = ["refcount", "trial-deletion"].contains(&name);
        let frees_cycles = !["null", "refcount"].contains(&name);
        let aliases: Vec<&Value> = steps[..6].iter().map(|step| &step["a"]["ref_count"]).collect();
        if counts {
            assert_eq!(aliases, [1, 2, 3, 2, 1, 0].map(Value::from).iter().collect::<Vec<_>>(), "{name}");
            assert_eq!(
                step("aliases: another object, with three names, at that address")["a"]["ref_count"],
                3
            );
            assert_eq!(step("no cycle: a = None")["b"]["exists"], false);
        } else {
            assert!(aliases.iter().all(|count| count.is_null()), "{name}");
        }
        let made = step("pair: a = A(); a.b = B(); a.b.a = a");
        let dropped = step("pair: a = None");
        let collected = step("pair: collect()");
        if counts {
            assert_eq!((&made["a"]["ref_count"], &made["b"]["ref_count"]), (&2.into(), &1.into()), "{name}");
            assert_eq!(
                (&dropped["a"]["ref_count"], &dropped["b"]["ref_count"]),
                (&1.into(), &1.into()),
                "{name}"
            );
        }
        assert_eq!(
            (&dropped["a"]["exists"], &dropped["b"]["exists"]),
            (&true.into(), &true.into()),
            "{name}"
        );
        assert_eq!(collected["collected"], if frees_cycles { 2 } else { 0 }, "{name}");
        assert_eq!(collected["a"]["exists"], !frees_cycles, "{name}");
        assert_eq!(step("self-reference: collect()")["collected"], u32::from(frees_cycles), "{name}");
        if name == "trial-deletion" {
            let before = step("finalizers before 3.4: collect()");
            assert_eq!((&before["collected"], &before["a"]["exists"]), (&2.into(), &true.into()));
            let since = step("finalizers since 3.4: collect()");
            assert_eq!((&since["collected"], &since["a"]["exists"]), (&2.into(), &false.into()));
        }
        if frees_cycles {
            let text = "automatic on: a pair is dropped; more are made and dropped until it is gone";
            assert_eq!(step(text)["a"]["exists"], false, "{name}");
        }
    }
}

#[test]
fn scenarios_run_on_every_collector_and_a_wrong_expectation_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pair.json");
    let file = |alive: &str| {
        format!(
            r#"{{"meta":{{}},"scenarios":[{{"name":"pair","ops":[
                {{"op":"new","id":0,"kind":"node"}},{{"op":"new","id":1,"kind":"flist"}},
                {{"op":"edge","from":0,"slot":0,"to":1}},{{"op":"edge","from":1,"slot":0,"to":0}},
                {{"op":"unroot","id":1}},{{"op":"unroot","id":0}},{{"op":"unroot","id":5}},
                {{"op":"collect","gen":2}}],
              "expect":{{"results":[{{"pc":7,"collect":2}},{{"pc":7,"snap":{{"alive":"{alive}","rc":{{}}}}}}],
              "finalizers":[],"skipped":[6],"freed":[[7,"0-1"]]}}}}]}}"#
        )
    };
    std::fs::write(&path, file("")).unwrap();
    let path = path.to_str().unwrap();
    let all = "null,refcount,trial-deletion,mark-sweep,concurrent";
    let (code, out, err) = cyclade(&["scenario", path, "--check", "--collector", all]);
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out, _) = cyclade(&["scenario", path, "--collector", "mark-sweep"]);
    assert!(code == Some(0) && out.contains("\"collect\":2"), "{out}");
    std::fs::write(path, file("0-1")).unwrap();
    let (code, out, _) = cyclade(&["scenario", path, "--check"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("pair: results[1].snap.alive: expected \"0-1\", found \"\""), "{out}");
}

#[test]
fn an_edge_list_is_replayed_and_what_is_left_is_what_the_graph_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("edges.txt");
    // Two rings of 50, one behind the other, and a tail.
    let mut text = String::from("# two rings\n");
    for i in 0..50 {
        text += &format!("{i} {}\n{} {}\n", (i + 1) % 50, 50 + i, 50 + (i + 1) % 50);
    }
    text += "0 50\n99 100\n";
    std::fs::write(&path, text).unwrap();
    let out = directory.path().join("out");
    let args = [
        "replay",
        path.to_str().unwrap(),
        "--quick",
        "--repeat",
        "1",
        "--json",
        "--out",
        out.to_str().unwrap(),
    ];
    let record = json(&args);
    for cell in record["cells"].as_array().unwrap() {
        let steps = cell["replay_steps"].as_array().unwrap();
        assert_eq!(steps.len(), 10);
        for step in steps {
            assert_eq!(step["reachable"], step["expected"]);
            if cell["collector"] != "null" {
                let held =
                    if cell["collector"] == "refcount" { step["held_by_cycles"].clone() } else { 0.into() };
                assert_eq!(step["unreachable"], held, "{}", cell["collector"]);
            }
        }
        assert_eq!(steps[9]["expected"], 0);
    }
}

#[test]
fn a_record_is_rendered_again_and_compared_with_itself() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().to_str().unwrap();
    let (code, _, err) = cyclade(&[
        "run",
        "--quick",
        "--workload",
        "self",
        "--size",
        "1000",
        "--collector",
        "mark-sweep",
        "--out",
        out,
    ]);
    assert_eq!(code, Some(0), "{err}");
    let again = directory.path().join("again");
    let (code, text, err) = cyclade(&["report", out, "--out", again.to_str().unwrap()]);
    assert!(code == Some(0) && text.contains("mark-sweep"), "{text}{err}");
    assert!(again.join("report.html").is_file());
    let (code, text, err) = cyclade(&["compare", out, out]);
    assert_eq!(code, Some(0), "{text}{err}");
    assert_eq!(cyclade(&["report", out]).0, Some(2), "files that are there are not replaced");
}

#[test]
fn completions_and_the_manual_page_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let (code, out, _) = cyclade(&["completions", shell]);
        assert!(code == Some(0) && out.contains("record-python"), "{shell}");
    }
    let (code, out, _) = cyclade(&["man"]);
    assert!(code == Some(0) && out.contains("heap\\-limit") && out.contains("threshold"));
    assert!(json(&["man", "--json"])["page"].is_string());
}
