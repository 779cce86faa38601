//! Reading a record back: what may be wrong with a file, and how it is said.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use super::{RunRecord, SCHEMA};
use crate::error::ReadError;

/// What is found in a file that holds a list, a number or a text.
const NO_OBJECT: &str = "something that is no JSON object";

/// Only the field that tells whether the rest can be understood.
#[derive(Deserialize)]
struct Opening {
    schema: Option<serde_json::Value>,
}

impl RunRecord {
    /// Reads a record from a file; from `run.json` in it, if the path is a directory.
    ///
    /// # Errors
    ///
    /// [`ReadError`] names the file, the place in it, and what would be right.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let file = if path.is_dir() { path.join("run.json") } else { path.to_owned() };
        match std::fs::read(&file) {
            Ok(bytes) => Self::from_json(&bytes, &file),
            Err(source) => Err(ReadError::Io { file, source }),
        }
    }

    /// Reads a record from memory; `file` is the name that errors use.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn from_json(bytes: &[u8], file: &Path) -> Result<Self, ReadError> {
        let file = || file.to_owned();
        let opening: Opening = serde_json::from_slice(bytes).map_err(|source| {
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
            if is_json {
                ReadError::Schema { file: file(), found: NO_OBJECT.to_owned() }
            } else {
                ReadError::Json { file: file(), source }
            }
        })?;
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(ReadError::Schema { file: file(), found: NO_OBJECT.to_owned() });
        }
        match opening.schema {
            Some(serde_json::Value::String(name)) if name == SCHEMA => {}
            Some(other) => {
                return Err(ReadError::Schema { file: file(), found: format!("\"schema\": {other}") });
            }
            None => {
                return Err(ReadError::Schema { file: file(), found: "no field \"schema\"".to_owned() });
            }
        }
        let record: Self =
            serde_json::from_slice(bytes).map_err(|source| ReadError::Shape { file: file(), source })?;
        let mut seen = HashSet::new();
        for cell in &record.cells {
            if !seen.insert((&cell.collector, &cell.workload, cell.size, cell.repeat, cell.control)) {
                return Err(ReadError::Twice {
                    file: file(),
                    cell: format!("{} on {} at size {}", cell.collector, cell.workload, cell.size),
                    repeat: cell.repeat,
                });
            }
        }
        Ok(record)
    }
}
