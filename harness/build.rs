//! Notes the compiler and the commit, for the run record.

use std::process::Command;

fn main() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    if let Some(version) = first_line(Command::new(rustc).arg("--version")) {
        println!("cargo::rustc-env=CYCLADE_RUSTC={version}");
    }
    if let Some(commit) = first_line(Command::new("git").args(["rev-parse", "HEAD"])) {
        let changed = first_line(Command::new("git").args(["status", "--porcelain", "--untracked-files=no"]));
        let dirty = if changed.is_some() { "-dirty" } else { "" };
        println!("cargo::rustc-env=CYCLADE_COMMIT={commit}{dirty}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../.git/HEAD");
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}
