//! A directory for results: checked before anything is measured, never overwritten by accident, never half written.
//!
//! A run takes minutes, and an answer such as "permission denied" belongs at its beginning. So [`Output::prepare`] makes the
//! directory, tries to write into it and looks for files that are in the way. Each file is then written under another
//! name, flushed, and renamed: whoever reads it sees the old one or the new one.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::{Builder, NamedTempFile};

use crate::error::OutputError;

/// A directory that results may be written to.
#[derive(Debug)]
pub struct Output {
    directory: PathBuf,
    force: bool,
    /// What this output wrote itself and may therefore replace (a run that is written again after each round).
    own: Mutex<BTreeSet<String>>,
}

impl Output {
    /// Makes the directory if there is none, and checks that each of `files` can be written there.
    ///
    /// With `force`, files of these names may be replaced; nothing else in the directory is touched.
    ///
    /// # Errors
    ///
    /// [`OutputError`] says what is in the way, and what to do.
    ///
    /// ```
    /// use cyclade_report::{Output, export};
    /// # let parent = tempfile::tempdir().unwrap();
    /// # let directory = parent.path().join("results");
    /// let output = Output::prepare(&directory, &export::FILES, false)?;
    /// output.write("run.json", b"{}")?;
    /// let again = Output::prepare(&directory, &export::FILES, false);
    /// assert!(again.unwrap_err().to_string().contains("--force"));
    /// # Ok::<(), cyclade_report::OutputError>(())
    /// ```
    pub fn prepare(directory: &Path, files: &[&str], force: bool) -> Result<Self, OutputError> {
        let directory = directory.to_owned();
        if fs::metadata(&directory).is_ok_and(|data| !data.is_dir()) {
            return Err(OutputError::NotADirectory { path: directory });
        }
        if let Err(source) = fs::create_dir_all(&directory) {
            return Err(OutputError::Directory { directory, source });
        }
        for name in files {
            let file = directory.join(name);
            match fs::metadata(&file) {
                Ok(data) if !data.is_file() => return Err(OutputError::NotAFile { file }),
                Ok(_) if !force => return Err(OutputError::Exists { file }),
                _ => {}
            }
        }
        // The only reliable question is to try: permissions, full disks and read-only mounts all answer.
        let probe = temporary(&directory).and_then(|mut file| file.write_all(b"probe"));
        if let Err(source) = probe {
            return Err(OutputError::ReadOnly { directory, source });
        }
        Ok(Self { directory, force, own: Mutex::default() })
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where a file of this name is, or will be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file as a whole, and returns its path.
    ///
    /// Without `force`, a file that appeared since the check is an error; a file that this output wrote is replaced.
    ///
    /// # Errors
    ///
    /// [`OutputError::Exists`] or [`OutputError::Write`]; either way what was there before is unchanged.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<PathBuf, OutputError> {
        let file = self.path(name);
        let failed = |source| OutputError::Write { file: file.clone(), source };
        let mut draft = temporary(&self.directory).map_err(failed)?;
        draft.write_all(contents).map_err(failed)?;
        draft.as_file().sync_all().map_err(failed)?;
        let mut own = self.own.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let moved = if self.force || own.contains(name) {
            draft.persist(&file)
        } else {
            draft.persist_noclobber(&file)
        };
        match moved {
            Ok(_) => {
                own.insert(name.to_owned());
                Ok(file)
            }
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(OutputError::Exists { file })
            }
            Err(error) => Err(failed(error.error)),
        }
    }
}

/// A file in the same directory, so that renaming it is atomic; it vanishes unless it is kept.
fn temporary(directory: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".cyclade-").suffix(".tmp");
    #[cfg(unix)]
    {
        // Temporary files are private by default; results are as public as the umask makes them.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn preparing_leaves_nothing_behind_but_the_directory() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("a/b");
        Output::prepare(&directory, &["run.json"], false).unwrap();
        assert_eq!(names(&directory), Vec::<String>::new());
    }

    #[test]
    fn a_file_in_the_way_is_refused_by_name_before_anything_is_measured() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("cells.csv"), "old").unwrap();
        let error = Output::prepare(directory.path(), &["run.json", "cells.csv"], false).unwrap_err();
        assert!(matches!(error, OutputError::Exists { .. }));
        let text = error.to_string();
        assert!(text.contains("cells.csv") && text.contains("--force"), "{text}");
        assert_eq!(fs::read_to_string(directory.path().join("cells.csv")).unwrap(), "old");
    }

    #[test]
    fn with_force_files_are_replaced_and_others_stay() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("run.json"), "old").unwrap();
        fs::write(directory.path().join("notes.txt"), "mine").unwrap();
        let output = Output::prepare(directory.path(), &["run.json"], true).unwrap();
        let path = output.write("run.json", b"new").unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "new");
        assert_eq!(names(directory.path()), ["notes.txt", "run.json"]);
    }

    #[test]
    fn a_file_that_appears_during_the_run_is_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let output = Output::prepare(directory.path(), &["run.json"], false).unwrap();
        fs::write(directory.path().join("run.json"), "somebody else's").unwrap();
        assert!(matches!(output.write("run.json", b"new"), Err(OutputError::Exists { .. })));
        assert_eq!(fs::read_to_string(directory.path().join("run.json")).unwrap(), "somebody else's");
        assert_eq!(names(directory.path()), ["run.json"]);
    }

    #[test]
    fn its_own_files_may_be_written_again_without_force() {
        let directory = tempfile::tempdir().unwrap();
        let output = Output::prepare(directory.path(), &["run.json"], false).unwrap();
        output.write("run.json", b"one round").unwrap();
        output.write("run.json", b"two rounds").unwrap();
        assert_eq!(fs::read_to_string(output.path("run.json")).unwrap(), "two rounds");
    }

    #[test]
    fn a_path_that_is_a_file_is_no_directory_for_results() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "").unwrap();
        let on_the_file = Output::prepare(&path, &[], true).unwrap_err();
        assert!(matches!(on_the_file, OutputError::NotADirectory { .. }));
        let below_it = Output::prepare(&path.join("x"), &[], true).unwrap_err();
        assert!(matches!(below_it, OutputError::Directory { .. }), "{below_it}");
    }

    #[test]
    fn a_directory_with_the_name_of_a_result_is_refused_even_with_force() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("run.json")).unwrap();
        let error = Output::prepare(directory.path(), &["run.json"], true).unwrap_err();
        assert!(matches!(error, OutputError::NotAFile { .. }), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn results_can_be_read_by_others_if_the_umask_allows() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let output = Output::prepare(directory.path(), &["run.json"], false).unwrap();
        let written = fs::metadata(output.write("run.json", b"{}").unwrap()).unwrap().permissions().mode();
        let plain = directory.path().join("plain");
        fs::write(&plain, "").unwrap();
        assert_eq!(written & 0o777, fs::metadata(plain).unwrap().permissions().mode() & 0o777);
    }
}
