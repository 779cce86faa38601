//! `docs/tutorials.md` says what happens: each of its cells is compared with the program that it shows, and with what that prints. Python's
//! cells are run by the `python3` of this machine, if there is one.
//!
//! `CYCLADE_UPDATE_DOCS=1` writes the page anew instead, as far as it is taken from the program and from Python.

#[path = "../../examples/tutorial.rs"]
mod tutorial;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

const PROGRAM: &str = include_str!("../../examples/tutorial.rs");

/// Held by whoever reads the page and perhaps writes it.
static PAGE: Mutex<()> = Mutex::new(());

/// The page. A published crate has none.
fn page() -> Option<(PathBuf, String, MutexGuard<'static, ()>)> {
    let turn = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tutorials.md");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some((path, text, turn)),
        Err(_) => {
            eprintln!("skipped: there is no {}", path.display());
            None
        }
    }
}

/// The code of each cell of the program, by name.
fn program_cells() -> HashMap<String, String> {
    let mut cells = HashMap::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in PROGRAM.lines() {
        let name = line
            .trim()
            .strip_prefix("// cell: ")
            .or_else(|| line.trim().strip_prefix("cell(\"")?.strip_suffix("\");"));
        let ends = name.is_some() || line == "// end of cell" || line.starts_with('}') && in_function(&open);
        if ends && let Some((name, lines)) = open.take() {
            assert!(cells.insert(name.clone(), dedent(&lines)).is_none(), "two cells are named `{name}`");
        }
        match name {
            Some(name) => open = Some((name.to_owned(), Vec::new())),
            None => open.iter_mut().for_each(|(_, lines)| lines.push(line)),
        }
    }
    cells
}

/// A cell in a function's body is indented, one of items is not.
fn in_function(open: &Option<(String, Vec<&str>)>) -> bool {
    open.as_ref().and_then(|(_, lines)| lines.first()).is_some_and(|line| line.starts_with(' '))
}

fn dedent(lines: &[&str]) -> String {
    let by = lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len());
    let by = by.min().unwrap_or(0);
    let text: Vec<_> = lines.iter().map(|line| line.get(by..).unwrap_or("")).collect();
    text.join("\n").trim_matches('\n').to_owned()
}

/// A cell of the page: `<!-- rust: name -->`, a block of code, and a block of what it prints unless that is nothing.
struct Cell {
    language: String,
    name: String,
    code: String,
    output: String,
}

impl Cell {
    fn render(&self) -> String {
        let Cell { language, name, code, output } = self;
        let mut text = format!("<!-- {language}: {name} -->\n\n```{language}\n{code}\n```\n");
        if !output.is_empty() {
            text += &format!("\n```text\n{output}\n```\n");
        }
        text
    }
}

/// The page as text and cells, in turns.
fn parts(page: &str) -> Vec<Result<String, Cell>> {
    let mut lines = page.lines().peekable();
    let (mut parts, mut text) = (Vec::new(), String::new());
    while let Some(line) = lines.next() {
        let marker = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
        let Some((language, name)) = marker.and_then(|marker| marker.split_once(": ")) else {
            text += line;
            text.push('\n');
            continue;
        };
        parts.push(Ok(std::mem::take(&mut text)));
        let mut block = |fence: &str| {
            let mut ahead = lines.clone();
            while ahead.next_if(|line| line.is_empty()).is_some() {}
            ahead.next_if(|line| *line == fence)?;
            let body: Vec<_> = ahead.by_ref().take_while(|line| *line != "```").collect();
            lines = ahead;
            Some(body.join("\n"))
        };
        let code = block(&format!("```{language}")).unwrap_or_default();
        let output = block("```text").unwrap_or_default();
        parts.push(Err(Cell { language: language.to_owned(), name: name.to_owned(), code, output }));
    }
    parts.push(Ok(text));
    parts
}

fn render(parts: &[Result<String, Cell>]) -> String {
    parts.iter().map(|part| part.as_ref().map_or_else(Cell::render, String::clone)).collect()
}

/// Compares the page with what its cells should say, or writes it anew.
#[track_caller]
fn compare(path: &Path, page: &str, parts: &[Result<String, Cell>]) {
    let expected = render(parts);
    if std::env::var_os("CYCLADE_UPDATE_DOCS").is_some() {
        std::fs::write(path, expected).expect("the page can be written");
        return;
    }
    let differs = page.lines().zip(expected.lines()).position(|(is, should)| is != should);
    if let Some(line) = differs {
        panic!(
            "docs/tutorials.md, line {}: is `{}` and should be `{}` (CYCLADE_UPDATE_DOCS=1 writes it anew)",
            line + 1,
            page.lines().nth(line).unwrap_or_default(),
            expected.lines().nth(line).unwrap_or_default(),
        );
    }
    assert_eq!(page.len(), expected.len(), "docs/tutorials.md is longer or shorter than it should be");
}

#[test]
fn rust_cells_of_the_page_are_those_of_the_program_and_print_what_it_says() {
    let Some((path, page, _turn)) = page() else { return };
    let code = program_cells();
    let mut printed: HashMap<_, _> = tutorial::run().expect("the rules are known").into_iter().collect();
    let mut parts = parts(&page);
    let mut shown = 0;
    for cell in parts.iter_mut().filter_map(|part| part.as_mut().err()).filter(|c| c.language == "rust") {
        let Some(code) = code.get(&cell.name) else { panic!("the program has no cell `{}`", cell.name) };
        cell.code.clone_from(code);
        cell.output = printed.remove(cell.name.as_str()).unwrap_or_default().trim_end().to_owned();
        shown += 1;
    }
    assert_eq!(shown, code.len(), "the page shows every cell of the program once");
    assert!(printed.is_empty(), "cells that the page does not show: {:?}", printed.keys());
    compare(&path, &page, &parts);
}

/// Runs the cells that are piped to it, in one session; after each comes a line with a form feed.
const SESSION: &str = "
import sys
names = {'__name__': '__main__'}
for cell in sys.stdin.read().split('\\f'):
    exec(compile(cell, 'cell', 'exec'), names)
    print('\\f', flush=True)
";

/// What each cell prints, by the `python3` of this machine; `Err` says why there is no answer.
fn ask_python(cells: &[&str]) -> Result<Vec<String>, String> {
    use std::io::Write;
    let run = |arguments: &[&str], input: &str| {
        let mut command = Command::new("python3");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|_| "there is no python3 on this machine".to_owned())?;
        let sent = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        match sent {
            Some(Err(error)) => Err(format!("python3 does not listen: {error}")),
            _ => Ok(output),
        }
    };
    let version = "import sys; v = sys.version_info; g = getattr(sys, '_is_gil_enabled', lambda: True)()
print(sys.implementation.name == 'cpython' and (3, 6) <= v < (3, 14) and g)";
    let kind = run(&["-I", "-c", version], "")?;
    if String::from_utf8_lossy(&kind.stdout).trim() != "True" {
        return Err("python3 is not CPython 3.6 to 3.13 with a global lock".to_owned());
    }
    let output = run(&["-I", "-c", SESSION], &cells.join("\x0c"))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    Ok(text.split("\x0c\n").take(cells.len()).map(|text| text.trim_end().to_owned()).collect())
}

#[test]
fn python_cells_of_the_page_print_what_it_says() {
    let Some((path, page, _turn)) = page() else { return };
    let mut parts = parts(&page);
    let python = |part: &&mut Cell| part.language == "python";
    let code: Vec<_> =
        parts.iter().filter_map(|part| part.as_ref().err()).filter(|c| c.language == "python").collect();
    let code: Vec<_> = code.iter().map(|cell| cell.code.as_str()).collect();
    let printed = match ask_python(&code) {
        Ok(printed) => printed,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    assert_eq!(printed.len(), code.len(), "every cell answers");
    for (cell, printed) in parts.iter_mut().filter_map(|part| part.as_mut().err()).filter(python).zip(printed)
    {
        cell.output = printed;
    }
    compare(&path, &page, &parts);
}
