//! Which interpreters there are: `python3` in the search path, and those that pyenv has installed.

use super::SCRIPT;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An interpreter that can be compared.
#[derive(Clone, Debug)]
pub(crate) struct Interpreter {
    /// Where it was found.
    pub(crate) path: PathBuf,
    /// Its version: three numbers.
    pub(crate) version: [u32; 3],
}

impl Interpreter {
    /// `3.11.7`.
    pub(crate) fn name(&self) -> String {
        let [major, minor, patch] = self.version;
        format!("{major}.{minor}.{patch}")
    }
}

/// One that cannot.
#[derive(Clone, Debug)]
pub(crate) struct Unusable {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

/// What the driver says about the interpreter that runs it.
#[derive(Deserialize)]
struct About {
    version: [u32; 3],
    executable: PathBuf,
}

/// How the driver is started.
pub(super) fn command(python: &Path, argument: &str) -> Command {
    let mut command = Command::new(python);
    // Isolated from the caller's environment, and without site packages: they are slow to load and no part of what is compared.
    command.args(["-I", "-S", "-c", SCRIPT, argument]);
    command
}

/// Is this an interpreter that can be compared? `Err` says why not.
pub(crate) fn ask(python: &Path) -> Result<Interpreter, Unusable> {
    about(python)
        .map(|about| Interpreter { path: python.to_owned(), version: about.version })
        .map_err(|reason| Unusable { path: python.to_owned(), reason })
}

fn about(python: &Path) -> Result<About, String> {
    let run = command(python, "--about").stdin(Stdio::null()).output();
    let output = run.map_err(|error| format!("it cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(reason(&output.stderr, &output.status.to_string()));
    }
    serde_json::from_slice(&output.stdout).map_err(|_| "it is no Python: it does not answer".to_owned())
}

/// The last line that the driver has written for people, or how the process ended.
pub(super) fn reason(stderr: &[u8], status: &str) -> String {
    let text = String::from_utf8_lossy(stderr);
    let too_old = || "it is older than Python 3.6, the oldest version that is compared".to_owned();
    if text.to_lowercase().contains("unknown option: -i") {
        // What Python 2 says to the way in which it is called.
        return too_old();
    }
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => match line.strip_prefix("verify_python: ") {
            Some(reason) => reason.to_owned(),
            // A syntax error is what a version before 3.6 says to the driver.
            None if line.starts_with("SyntaxError") => too_old(),
            None => format!("{} ({status})", line.trim()),
        },
        None => format!("it ended without a word ({status})"),
    }
}

/// All interpreters of this machine, each once, the oldest first; and those that cannot be compared.
pub(crate) fn all() -> (Vec<Interpreter>, Vec<Unusable>) {
    let mut found = Vec::new();
    let mut unusable = Vec::new();
    let mut seen = BTreeSet::new();
    let mut executables = BTreeSet::new();
    for path in candidates() {
        // The same file under another name.
        if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            continue;
        }
        match about(&path) {
            // A shim is a file of its own, and starts an interpreter that has been found or will be.
            Ok(about) => {
                let executable = about.executable.canonicalize().unwrap_or(about.executable);
                if executables.insert(executable) {
                    found.push(Interpreter { path, version: about.version });
                }
            }
            Err(reason) => unusable.push(Unusable { path, reason }),
        }
    }
    found.sort_by_key(|interpreter| interpreter.version);
    (found, unusable)
}

/// Where interpreters may be: first those of pyenv, so that they are named by their own paths and not by a shim's.
fn candidates() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| std::env::home_dir().map(|home| home.join(".pyenv")));
    let versions = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let mut installed: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin").join("python3"))
        .collect();
    installed.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = if cfg!(windows) { "python.exe" } else { "python3" };
    installed.extend(std::env::split_paths(&path).map(|folder| folder.join(name)));
    installed.retain(|path| path.is_file());
    installed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_interpreter_is_said_to_be_missing() {
        let error = ask(Path::new("/nowhere/python3")).unwrap_err();
        assert!(error.reason.starts_with("it cannot be started"), "{}", error.reason);
    }

    #[test]
    fn the_driver_s_own_words_are_passed_on() {
        assert_eq!(reason(b"noise\nverify_python: too old\n", "exit status: 3"), "too old");
        assert!(reason(b"SyntaxError: invalid syntax\n", "").contains("older than Python 3.6"));
        let python_2 =
            b"Unknown option: -I\nusage: python [option] ...\nTry `python -h' for more information.\n";
        assert!(reason(python_2, "exit status: 2").contains("older than Python 3.6"));
        assert_eq!(reason(b"", "signal: 11"), "it ended without a word (signal: 11)");
        assert_eq!(reason(b"Boom\n\n", "exit status: 1"), "Boom (exit status: 1)");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_python_is_said_to_be_none() {
        let error = ask(Path::new("/bin/true")).unwrap_err();
        assert_eq!(error.reason, "it is no Python: it does not answer");
    }
}
