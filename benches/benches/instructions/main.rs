//! The gate on instruction counts: a few small cases, counted by valgrind's callgrind and compared with the baseline in this repository.
//!
//! ```text
//! cargo bench -p cyclade-benches --bench instructions               # checks; a rise above 5 % fails
//! cargo bench -p cyclade-benches --bench instructions -- --renew    # writes benches/instructions/baseline.json
//! ```
//!
//! A case is run with N and with 2N iterations, and what the second takes more is what N of them take. Without valgrind nothing is counted, which is said and is no
//! failure. Counts depend on the compiler: under another one than the baseline's everything is compared and shown, and does not fail. (CI installs the
//! baseline's.)

mod callgrind;
mod cases;

use cases::CASES;
use cyclade_benches::instructions::{Counts, changes};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

#[derive(Serialize, Deserialize)]
struct Baseline {
    /// The compiler's version.
    rustc: String,
    /// What it was counted on.
    machine: String,
    /// Instructions for one iteration.
    instructions: Counts,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        [] => check(),
        ["--renew"] => renew(),
        ["--test"] => {
            CASES.iter().for_each(|case| (case.run)(case.iterations));
            Ok(ExitCode::SUCCESS)
        }
        [callgrind::CASE, name, iterations] => one(name, iterations),
        _ => Err(format!("cannot make sense of `{}`; there are --renew and --test", words.join(" "))),
    };
    done.unwrap_or_else(|problem| {
        eprintln!("instructions: {problem}");
        ExitCode::from(2)
    })
}

/// What callgrind runs.
fn one(name: &str, iterations: &str) -> Result<ExitCode, String> {
    let case = CASES.iter().find(|case| case.name == name).ok_or(format!("no case `{name}`"))?;
    let iterations = iterations.parse().map_err(|_| format!("`{iterations}` is not a number"))?;
    (case.run)(iterations);
    Ok(ExitCode::SUCCESS)
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "instructions", "baseline.json"].iter().collect()
}

/// `1.95.0`, of the compiler that cargo would use now.
fn compiler() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.map_err(|error| format!("rustc cannot be asked for its version: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().nth(1).map(str::to_owned).ok_or_else(|| "rustc has no version".to_owned())
}

fn machine() -> String {
    format!("{} {}", std::env::consts::ARCH, std::env::consts::OS)
}

fn counts() -> Result<Counts, String> {
    CASES
        .iter()
        .map(|case| {
            eprintln!("counting {}", case.name);
            // A tenth of an instruction is more than anybody wants to know.
            Ok((case.name.to_owned(), (callgrind::count(case)? * 10.0).round() / 10.0))
        })
        .collect()
}

fn renew() -> Result<ExitCode, String> {
    let valgrind = callgrind::version().ok_or("there is no valgrind here, so nothing can be counted")?;
    let baseline = Baseline { rustc: compiler()?, machine: machine(), instructions: counts()? };
    let text = serde_json::to_string_pretty(&baseline).map_err(|error| error.to_string())? + "\n";
    let path = path();
    std::fs::write(&path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    println!("{} is written anew, with {valgrind}.", path.display());
    Ok(ExitCode::SUCCESS)
}

fn check() -> Result<ExitCode, String> {
    let Some(valgrind) = callgrind::version() else {
        println!("instruction counts: SKIPPED, there is no valgrind here");
        return Ok(ExitCode::SUCCESS);
    };
    let path = path();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("no baseline at `{}` ({error}); --renew writes one", path.display()))?;
    let baseline: Baseline = serde_json::from_str(&text)
        .map_err(|error| format!("`{}` cannot be read: {error}; --renew writes it anew", path.display()))?;
    let (rustc, machine) = (compiler()?, machine());
    if machine != baseline.machine {
        println!(
            "instruction counts: SKIPPED, this is {machine}, and the baseline is of {}",
            baseline.machine
        );
        return Ok(ExitCode::SUCCESS);
    }
    let counted = counts()?;
    println!(
        "Instructions for one iteration, by {valgrind}, rustc {rustc}; baseline: rustc {}.\n",
        baseline.rustc
    );
    println!("| case | baseline | now | |\n|---|---:|---:|---|");
    let changes = changes(&baseline.instructions, &counted);
    for (&name, change) in &changes {
        let count = |of: &Counts| of.get(name).map_or("—".to_owned(), f64::to_string);
        println!("| {name} | {} | {} | {} |", count(&baseline.instructions), count(&counted), change.words());
    }
    let failed = changes.values().filter(|change| change.fails()).count();
    let renew = "cargo bench -p cyclade-benches --bench instructions -- --renew";
    if failed == 0 {
        println!("\nNo case takes more than 5 % more.");
        Ok(ExitCode::SUCCESS)
    } else if rustc != baseline.rustc {
        println!(
            "\nNOT DECIDED: {failed} of {} cases are out of bounds, but the baseline is of another compiler, rustc {}. Check with that one, or renew:\n{renew}",
            changes.len(),
            baseline.rustc
        );
        Ok(ExitCode::SUCCESS)
    } else {
        println!(
            "\nFAILED: {failed} of {} cases are out of bounds. If that is as it should be, say why and renew:\n{renew}",
            changes.len()
        );
        Ok(ExitCode::FAILURE)
    }
}
