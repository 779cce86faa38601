//! `cyclade record-python` as people and programs call it. Without a python3 these tests say so and pass.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// The command in this folder, in which the program is; nothing without a Python to test with.
fn recording(folder: &Path, program: &str, arguments: &[&str]) -> Option<Command> {
    let check = "import sys; sys.exit(sys.version_info < (3, 6) or sys.implementation.name != 'cpython')";
    if !Command::new("python3").args(["-c", check]).status().is_ok_and(|status| status.success()) {
        println!("skipped: no python3 (CPython 3.6 or later)");
        return None;
    }
    std::fs::write(folder.join("program.py"), program).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cyclade"));
    command.current_dir(folder).args(["record-python", "--json", "--", "program.py"]).args(arguments);
    Some(command)
}

/// The one JSON document on standard output, and the text on standard error.
fn said(output: &Output) -> (Value, String) {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let value = serde_json::from_slice(&output.stdout);
    (
        value.unwrap_or_else(|error| panic!("{error}: {}: {text}", String::from_utf8_lossy(&output.stdout))),
        text,
    )
}

/// What is in the folder.
fn files(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn json_is_all_that_is_on_standard_output_whatever_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let program = "import sys\nprint('said', sys.argv[1:])\nsys.exit(3)\n";
    let Some(mut command) = recording(folder.path(), program, &["--json", "x"]) else { return };
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let (value, text) = said(&output);
    assert_eq!((&value["exit_code"], &value["interrupted"]), (&3.into(), &false.into()));
    assert!(text.contains("said ['--json', 'x']"), "{text}");
}

/// Unix: a group of processes gets the signal, as from a terminal.
#[cfg(unix)]
#[test]
fn a_program_that_is_ended_by_ctrl_c_is_recorded_and_marked_and_nothing_else_is_left() {
    use std::io::Read;
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    let folder = tempfile::tempdir().unwrap();
    let program = "import sys, time\nprint('R')\nsys.stdout.flush()\ntime.sleep(100)\n";
    let Some(mut command) = recording(folder.path(), program, &[]) else { return };
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn().unwrap();
    // Whatever comes first comes from the program: it runs.
    run.stderr.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let group = format!("-{}", run.id());
    assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
    let output = run.wait_with_output().unwrap();
    let (value, text) = said(&output);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("KeyboardInterrupt"), "{text}");
    assert_eq!(value["interrupted"], true);
    assert!(value["nodes"].as_u64().unwrap() > 100);
    assert_eq!(files(folder.path()), ["program.heap", "program.py"]);
}
