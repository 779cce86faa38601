//! The files that a run leaves behind, one exporter per file.
//!
//! | file | for whom |
//! |---|---|
//! | `run.json` | programs: the whole record; see `docs/run.schema.json` |
//! | `cells.csv` | spreadsheets: one line per process |
//! | `summary.md` | issues and pull requests: the table, the controls, the warnings |
//! | `report.html` | readers: one page, self-contained |

pub mod csv;
pub mod html;
pub mod json;
pub mod markdown;

use std::path::PathBuf;

use crate::error::OutputError;
use crate::output::Output;
use crate::record::RunRecord;

/// The names of all files, for [`Output::prepare`].
pub const FILES: [&str; 4] = [json::FILE, csv::FILE, markdown::FILE, html::FILE];

/// Writes every file, the record itself first, and returns their paths.
///
/// # Errors
///
/// As [`Output::write`]; files before the one that failed are in place.
pub fn write_all(record: &RunRecord, output: &Output) -> Result<Vec<PathBuf>, OutputError> {
    let mut paths = vec![output.write(json::FILE, json::render(record).as_bytes())?];
    paths.push(output.write(csv::FILE, csv::render(record).as_bytes())?);
    paths.push(output.write(markdown::FILE, markdown::render(record).as_bytes())?);
    paths.push(write_page(record, output)?);
    Ok(paths)
}

/// Writes the page alone: for a record that exists already.
///
/// # Errors
///
/// As [`Output::write`].
pub fn write_page(record: &RunRecord, output: &Output) -> Result<PathBuf, OutputError> {
    let page = html::render(record)
        .map_err(|source| OutputError::Render { file: output.path(html::FILE), source })?;
    output.write(html::FILE, page.as_bytes())
}
