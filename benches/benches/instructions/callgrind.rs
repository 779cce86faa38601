//! Counting with valgrind's callgrind.

use crate::cases::Case;
use cyclade_benches::instructions::each;
use std::process::{Command, Stdio};

/// First word of a child's command line.
pub(crate) const CASE: &str = "--case";

/// Is there one?
pub(crate) fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Instructions for one iteration.
pub(crate) fn count(case: &Case) -> Result<f64, String> {
    let once = instructions(case, case.iterations)?;
    let twice = instructions(case, 2 * case.iterations)?;
    Ok(each(once, twice, case.iterations))
}

/// Instructions of a whole process.
fn instructions(case: &Case, iterations: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([CASE, case.name, &iterations.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected :"));
    match collected.and_then(|(_, number)| number.trim().parse().ok()) {
        Some(number) if output.status.success() => Ok(number),
        _ => Err(format!("`{}` could not be counted ({}):\n{text}", case.name, output.status)),
    }
}
