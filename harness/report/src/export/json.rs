//! `run.json`: the whole record, for programs.

use crate::record::RunRecord;

/// The file's name.
pub const FILE: &str = "run.json";

/// The record as indented JSON, with a line break at its end.
///
/// Numbers are written so that they read back the same. What is not a number (NaN, infinity) has no place in JSON and
/// becomes `null`.
///
/// # Panics
///
/// Never: a record has no keys that are not text.
pub fn render(record: &RunRecord) -> String {
    let mut text = serde_json::to_string_pretty(record).expect("a record has only text for keys");
    text.push('\n');
    text
}
