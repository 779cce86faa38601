//! Random programs on this machine's python3 and on trial deletion; and what is said of interpreters that cannot be compared.

use serde_json::Value;
use std::process::Command;

fn verify(python: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cyclade"));
    let output = command.args(["verify-python", "--python", python]).args(more).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Compares so many programs with python3; what the result says of them, unless there is none that can be compared.
fn compared(programs: &str, order: &str) -> Option<Value> {
    let arguments = ["--programs", programs, "--seed", "1", "--order", order, "--json"];
    let (code, out, err) = verify("python3", &arguments);
    if code == Some(2) {
        println!("skipped: no python3 that can be compared: {err}");
        return None;
    }
    let result: Value = serde_json::from_str(&out).unwrap();
    let python = result["interpreters"][0].clone();
    if let Some(reason) = python["not_compared"].as_str() {
        println!("skipped: {reason}");
        return None;
    }
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(python["different"], Value::Array(Vec::new()), "{out}");
    Some(python)
}

#[test]
fn five_hundred_programs_do_the_same_on_python3_and_on_trial_deletion() {
    if let Some(python) = compared("500", "python") {
        // Some versions' exceptions are not compared.
        assert!(python["compared"].as_u64().unwrap() > 400, "{python}");
    }
}

#[test]
fn a_heap_that_keeps_survivors_in_order_does_the_same_but_for_order() {
    if let Some(python) = compared("300", "kept") {
        let [compared, unordered, part] =
            ["compared", "regardless_of_order", "in_part"].map(|name| python[name].as_u64().unwrap());
        assert!(compared > 200 && unordered > 10 && part < compared / 5, "{python}");
    }
}

#[test]
fn an_order_that_there_is_not_is_refused() {
    let (code, _, err) = verify("python3", &["--order", "kep"]);
    assert!(code == Some(2) && err.contains("the nearest is `kept`"), "{err}");
}

#[test]
fn a_missing_interpreter_is_named_and_nothing_is_run() {
    let (code, out, err) = verify("/nowhere/python3", &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("/nowhere/python3") && err.contains("cannot be started"), "{err}");
}

#[test]
fn numbers_that_are_none_are_refused() {
    for flag in ["--programs", "--seed", "--only"] {
        let (code, _, err) = verify("python3", &[flag, "many"]);
        assert!(code == Some(2) && err.contains(flag) && err.contains("many"), "{err}");
    }
    assert_eq!(verify("python3", &["--programs", "0"]).0, Some(2));
}

/// An interpreter that is none: it says it is 3.11.7, and then does as the shell script says.
#[cfg(unix)]
fn pretender(script: &str) -> tempfile::TempPath {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let about = r#"{"version": [3, 11, 7], "executable": "/pretender"}"#;
    // The last argument says what is wanted.
    write!(
        file,
        "#!/bin/sh\nfor last; do :; done\n[ \"$last\" = --about ] && echo '{about}' && exit\n{script}\n"
    )
    .unwrap();
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    file.into_temp_path()
}

#[cfg(unix)]
#[test]
fn an_interpreter_that_crashes_is_said_to_and_in_which_program() {
    let python = pretender("read line; kill -SEGV $$");
    let (code, out, _) = verify(python.to_str().unwrap(), &["--programs", "50", "--seed", "1"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("0 programs compared"), "{out}");
    assert!(out.contains("program 0 made the interpreter end: it ended without a word"), "{out}");
    assert!(out.contains("47 programs skipped"), "{out}");
}

#[cfg(unix)]
#[test]
fn an_interpreter_that_answers_nonsense_is_said_to() {
    let python = pretender("while read line; do echo nonsense; done");
    let (code, out, _) = verify(python.to_str().unwrap(), &["--programs", "5", "--seed", "1"]);
    assert!(code == Some(1) && out.contains("its answer is no answer: nonsense"), "{out}");
}

#[cfg(unix)]
#[test]
fn what_differs_is_shrunk_and_can_be_repeated_from_the_printed_file() {
    // It does everything right, and says that there was a finalizer at every `enable`.
    let python = pretender(
        r#"while read line; do case "$line" in
             *'"op":"enable"'*) echo '{"name": "x", "expect": {"finalizers": [[0, 0]]}}' ;;
             *) echo '{"name": "x", "expect": {}}' ;;
           esac; done"#,
    );
    let (code, out, err) = verify(python.to_str().unwrap(), &["--programs", "50", "--seed", "1"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(out.contains("finalizers: the interpreter [[0,0]], the heap []"), "{out}");
    let start = out.find("{\"meta\"").unwrap();
    let file = &out[start..start + out[start..].rfind("}]}").unwrap() + 3];
    let scenarios: Value = serde_json::from_str(file).unwrap();
    assert_eq!(scenarios["scenarios"][0]["ops"], serde_json::json!([{ "op": "enable" }]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("differs.json");
    std::fs::write(&path, file).unwrap();
    let check =
        Command::new(env!("CARGO_BIN_EXE_cyclade")).arg("scenario").arg(&path).arg("--check").output();
    let check = String::from_utf8(check.unwrap().stdout).unwrap();
    assert!(check.contains("finalizers: expected [[0,0]], found []"), "{check}");
}
