//! The book keeps in step with the code: every invariant has its row in the index, every link leads somewhere, and every file that is
//! named is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below `folder` whose names end so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found
}

/// "A1", "I12": a capital letter and a number.
fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text[1..].parse::<u32>().is_ok()
}

/// The invariants that a file states, as `- **A1** ...` in its opening.
fn stated(code: &str) -> impl Iterator<Item = &str> {
    code.lines()
        .filter_map(|line| line.trim_start_matches("//!").trim().strip_prefix("- **")?.split("**").next())
}

/// The rows of the index: invariant and file, which is that of the row above where the cell is empty.
fn rows(page: &str) -> BTreeSet<(String, String)> {
    let (mut rows, mut file) = (BTreeSet::new(), String::new());
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let &[_, number, name, _, _] = cells.as_slice() else { continue };
        if let Some(path) = name.strip_prefix('`') {
            file = path.trim_end_matches('`').to_owned();
        }
        rows.insert((number.to_owned(), file.clone()));
    }
    rows
}

#[test]
fn every_stated_invariant_is_in_the_index() {
    let root = workspace();
    let rows = rows(&read(&root.join("docs/invariants.md")));
    let mut missing = Vec::new();
    for folder in ["core/src", "collectors"] {
        for file in files(&root.join(folder), ".rs") {
            let name = file.strip_prefix(&root).expect("inside").to_string_lossy().replace('\\', "/");
            if name.contains("/tests/") {
                continue;
            }
            for number in stated(&read(&file)).filter(|text| is_number(text)) {
                if !rows.contains(&(number.to_owned(), name.clone())) {
                    missing.push(format!("{number} of {name}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "docs/invariants.md lacks {missing:#?}");
}

#[test]
fn every_invariant_of_the_index_is_stated_in_its_file() {
    let root = workspace();
    for (number, file) in rows(&read(&root.join("docs/invariants.md"))) {
        if is_number(&number) {
            let code = read(&root.join(&file));
            let found =
                code.contains(&format!("**{number}**")) || code.contains(&format!("Invariant {number}:"));
            assert!(found, "docs/invariants.md says that {file} states {number}");
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = workspace();
    let mut pages = files(&root.join("docs"), ".md");
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)));
    for page in pages {
        let text = read(&page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.contains(' ') {
                continue;
            }
            let target = page.parent().expect("a folder").join(path);
            assert!(target.exists(), "{}: the link `{link}` leads nowhere", page.display());
        }
    }
}

/// The rendered book holds its own pages and nothing else: a link to a source file would lead nowhere there. Files are named, not linked.
#[test]
fn no_link_of_the_book_leaves_it() {
    for page in files(&workspace().join("docs"), ".md") {
        for link in read(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(!link.starts_with("../"), "{}: `{link}` is not in the book", page.display());
        }
    }
}

#[test]
fn every_source_file_that_the_book_names_is_there() {
    let root = workspace();
    for page in files(&root.join("docs"), ".md") {
        for line in read(&page).lines() {
            for name in line.split('`').skip(1).step_by(2) {
                let ours = ["core/", "collectors/", "harness/", "benches/", "docs/"];
                if ours.iter().any(|folder| name.starts_with(folder)) && !name.contains([' ', '*']) {
                    assert!(root.join(name).exists(), "{}: there is no `{name}`", page.display());
                }
            }
        }
    }
}
