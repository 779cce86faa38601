//! The files: written anew after each workload, so that what has been measured is there whatever happens next.

use crate::arguments::Arguments;
use crate::{json, markdown};
use cyclade_benches::contest::evaluate::Outcome;
use cyclade_benches::contest::measured::Measured;
use std::fs;
use std::path::{Path, PathBuf};

/// Where to write.
pub(crate) struct Files {
    markdown: Option<PathBuf>,
    json: Option<PathBuf>,
}

impl Files {
    /// As the arguments say, or else into a new directory beside what cargo builds. Nothing that exists is overwritten unless they say so.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, String> {
        let nowhere = arguments.out.is_none() && arguments.json.is_none() && !arguments.test;
        let out = if nowhere { Some(new_directory()) } else { arguments.out.clone() };
        let mut files = Files { markdown: out.clone(), json: arguments.json.clone() };
        if let Some(directory) = out.filter(|out| out.extension().is_none_or(|e| e != "md")) {
            fs::create_dir_all(&directory)
                .map_err(|error| format!("cannot make the directory `{}`: {error}", directory.display()))?;
            files.markdown = Some(directory.join("compare.md"));
            files.json.get_or_insert_with(|| directory.join("compare.json"));
        }
        for file in files.markdown.iter().chain(&files.json) {
            if file.exists() && !arguments.force {
                return Err(format!("`{}` exists; --force overwrites it", file.display()));
            }
        }
        // Whether they can be written is to be known before anything is measured.
        files.write(&[], &[])?;
        Ok(files)
    }

    /// Says where the results are.
    pub(crate) fn tell(&self) {
        self.markdown.iter().chain(&self.json).for_each(|file| eprintln!("written: {}", file.display()));
    }

    /// Writes what there is.
    pub(crate) fn write(&self, results: &[Measured], outcomes: &[Outcome]) -> Result<(), String> {
        let write = |file: &PathBuf, text: String| {
            fs::write(file, text).map_err(|error| format!("cannot write `{}`: {error}", file.display()))
        };
        if let Some(file) = &self.markdown {
            write(file, markdown::text(results, outcomes))?;
        }
        if let Some(file) = &self.json {
            write(file, json::text(results, outcomes)?)?;
        }
        Ok(())
    }
}

/// `target/compare/1`, or the first number that is not taken.
fn new_directory() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("compare");
    let taken = (1..).take_while(|number| all.join(number.to_string()).exists()).count();
    all.join((taken + 1).to_string())
}
