//! What can go wrong when records are read and results are written: what, where, and what would be right.

use std::io;
use std::path::PathBuf;

use crate::record::SCHEMA;

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("cannot read {}: {source}. Expected a run record, or a directory with a run.json in it", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no JSON, or it ends too early.
    #[error("{} is no complete JSON: {source}. Expected a run record as `cyclade run --out DIR` writes it", .file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// What and where.
        source: serde_json::Error,
    },
    /// The file is JSON, but something else than a run record of this version.
    #[error("{} is no run record: found {found}, expected \"schema\": \"{SCHEMA}\"", .file.display())]
    Schema {
        /// The file.
        file: PathBuf,
        /// What stands there instead.
        found: String,
    },
    /// The file says that it is a run record, but a field is missing or of the wrong kind.
    #[error("{} does not keep to {SCHEMA}: {source}. The format is described in docs/run.schema.json", .file.display())]
    Shape {
        /// The file.
        file: PathBuf,
        /// What and where.
        source: serde_json::Error,
    },
    /// Two cells claim to be the same measurement.
    #[error(
        "{} holds {cell}, repeat {repeat}, twice. Cells of one record differ in collector, workload, size, repeat or \
         control; if it was joined by hand, use `cyclade merge`", .file.display()
    )]
    Twice {
        /// The file.
        file: PathBuf,
        /// Which cell.
        cell: String,
        /// Which repetition.
        repeat: u32,
    },
}

/// Results that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The directory cannot be made.
    #[error("cannot make the directory {}: {source}. Choose another one with --out", .directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The path exists, but is no directory.
    #[error("{} is no directory. Results are several files: choose a directory with --out", .path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The directory cannot be written to.
    #[error("cannot write into {}: {source}. Nothing was measured yet; choose another directory with --out", .directory.display())]
    ReadOnly {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is there already.
    #[error("{} exists already. Choose another directory with --out, or replace it with --force", .file.display())]
    Exists {
        /// The file.
        file: PathBuf,
    },
    /// There is something of that name which is no file.
    #[error("{} is no regular file and cannot be replaced. Move it away, or choose another directory with --out", .file.display())]
    NotAFile {
        /// The path.
        file: PathBuf,
    },
    /// Writing failed half-way; what was there before is still there.
    #[error("cannot write {}: {source}. What was there before is unchanged", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The page could not be rendered.
    #[error("cannot render {}: {source}", .file.display())]
    Render {
        /// The file.
        file: PathBuf,
        /// What the template engine says.
        source: askama::Error,
    },
}
