//! What the real Python says.

use super::Story;
use std::process::{Command, Stdio};

/// The story, as a script.
const SCRIPT: &str = include_str!("story.py");

/// Asks the `python3` in the search path. `Err` says why there is no answer.
pub(crate) fn ask() -> Result<Story, String> {
    let run = Command::new("python3").args(["-I", "-c", SCRIPT]).stdin(Stdio::null()).output();
    let output = run.map_err(|_| "there is no python3 on this machine".to_owned())?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
        return Err(format!("python3 does not tell it: {}", line.trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("python3 said something else: {error}"))
}
