//! Packages outside of this workspace, whose only dependencies are collector crates: by their own name, renamed, two at once.
//!
//! The folder `outside` is copied into the target folder with the paths made absolute and this workspace's lock file beside it, so
//! that nothing need be downloaded and nothing is written into the sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PROGRAMS: [(&str, &[&str]); 9] = [
    ("null", &["null: ok"]),
    ("refcount", &["refcount: ok"]),
    ("trial-deletion", &["trial-deletion: ok"]),
    ("mark-sweep", &["mark-sweep: ok"]),
    ("concurrent", &["concurrent: ok"]),
    ("renamed", &["mark-sweep: ok"]),
    ("two", &["refcount: ok", "trial-deletion: ok", "two: ok"]),
    ("ordinary", &["ordinary: ok"]),
    ("boxed", &["boxed: ok"]),
];

fn copy(from: &Path, to: &Path, collectors: &str) {
    fs::create_dir_all(to).expect("a folder in the target folder");
    for entry in fs::read_dir(from).expect("the folder `outside`") {
        let entry = entry.expect("an entry of the folder");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target, collectors);
        } else {
            let text = fs::read_to_string(&source).expect("a text file");
            let text = text.replace("path = \"../../../", &format!("path = \"{collectors}/"));
            // Unchanged files keep their time, so that nothing is built twice.
            if fs::read_to_string(&target).ok().as_ref() != Some(&text) {
                fs::write(&target, text).expect("a file in the target folder");
            }
        }
    }
}

/// Builds all programs, once for all tests of this binary. Returns the path of one.
fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(build);
    folder.join("target/debug").join(format!("outside-{name}{}", std::env::consts::EXE_SUFFIX))
}

fn build() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let collectors = here.parent().expect("the folder of collectors");
    let root = collectors.parent().expect("the workspace");
    let copied = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("outside");
    copy(&here.join("outside"), &copied, &collectors.display().to_string().replace('\\', "/"));
    let lock = root.join("Cargo.lock");
    if lock.exists() {
        fs::copy(&lock, copied.join("Cargo.lock")).expect("a copy of the lock file");
    }
    let built = Command::new(env!("CARGO"))
        .current_dir(&copied)
        .args(["build", "--quiet", "--workspace", "--offline"])
        .env("CARGO_TARGET_DIR", copied.join("target"))
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    copied
}

#[test]
fn programs_that_depend_on_collector_crates_alone_compile_and_run() {
    for (name, lines) in PROGRAMS {
        let output = Command::new(program(name)).output().expect("the program was built");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "outside-{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(said.lines().eq(lines.iter().copied()), "outside-{name} said: {said}");
    }
}

/// The range check of a write is exact about its owner and free for an ordinary field: what it guards, the search for the place by
/// tracing, is not even in a program that writes ordinary fields only. The other program shows that it would be seen.
#[test]
#[cfg(unix)] // Elsewhere the names of functions are not in the program's own file.
fn range_check_of_a_write_folds_away_for_ordinary_fields() {
    let links_the_search = |name: &str| {
        let bytes = fs::read(program(name)).expect("the program was built");
        let symbol = b"check_owns_by_tracing";
        bytes.windows(symbol.len()).any(|window| window == symbol)
    };
    assert!(links_the_search("boxed"), "the symbol has another name, so this test sees nothing");
    assert!(!links_the_search("ordinary"), "a write to an ordinary field keeps its slow path");
}
