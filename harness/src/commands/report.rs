//! `cyclade report RUN`: the page and the exports of a record that exists.

use crate::cli::Report;
use crate::exit::Exit;
use crate::output;
use cyclade_report::{Output, RunRecord, export, table};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: Report, as_json: bool) -> Result<(), Exit> {
    let mut record = RunRecord::read(&args.run).map_err(Exit::usage)?;
    record.summarise();
    let home = if args.run.is_dir() { args.run.clone() } else { directory_of(&args.run) };
    let directory = args.out.clone().unwrap_or_else(|| home.clone());
    // Where the record is, it stays as it is; only what is made from it is written.
    let files: Vec<&str> = export::FILES
        .into_iter()
        .filter(|file| *file != export::json::FILE || !same(&directory, &home))
        .collect();
    let target = Output::prepare(&directory, &files, args.force).map_err(Exit::usage)?;
    let mut written = Vec::new();
    for file in files {
        let path = match file {
            export::json::FILE => target.write(file, export::json::render(&record).as_bytes()),
            export::csv::FILE => target.write(file, export::csv::render(&record).as_bytes()),
            export::markdown::FILE => target.write(file, export::markdown::render(&record).as_bytes()),
            _ => export::write_page(&record, &target),
        };
        written.push(path.map_err(Exit::failed)?);
    }
    if as_json {
        return output::json(&serde_json::json!({ "written": written }));
    }
    let mut text = table::render(&record, table::Style::for_stdout(None));
    text.push('\n');
    for path in written {
        text += &format!("wrote {}\n", path.display());
    }
    output::print(&text)
}

fn directory_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
