//! Collectors that are wrong on purpose, and what in the suite catches each.
//!
//! Each mistake is one that a collector makes which passes the suite without it ([`collectors_without_the_mistakes_pass`]), so that it is
//! the mistake that is caught and nothing else. A wrong collector breaks the promises of its `unsafe impl`, so every check on one runs in a
//! process of its own: this binary runs itself, with the subject in the environment ([`mistake`]). The mistakes are no parameters of the types:
//! the suite is compiled once for each collector, and not once more for each way to be wrong.

mod counting;
mod incremental;
mod mistake;

use counting::Counting;
use cyclade_conformance::{Check, Mode, checks};
use incremental::Incremental;
use mistake::{Mistake, SUBJECT};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const CHECK: &str = "CYCLADE_CONFORMANCE_CHECK";

/// The subjects that make no mistake.
const SOUND: [&str; 2] = ["sound-incremental", "sound-counting"];

fn checks_of(subject: &str) -> Vec<Check> {
    if subject == SOUND[1] || subject == Mistake::LosesACount.subject() {
        checks::<Counting>()
    } else {
        checks::<Incremental>()
    }
}

/// Themes that are run on wrong collectors: the others are long, or shrink for long.
fn is_quick(check: &Check) -> bool {
    !["deep::", "programs::", "finalizers::", "layouts::", "limits::"]
        .iter()
        .any(|theme| check.name.starts_with(theme))
}

fn named(check: &Check, mode: Mode) -> String {
    format!("{} ({})", check.name, if mode.is_zeal() { "zeal" } else { "plain" })
}

/// In this process: were something wrong here, the suite would be (and not the collector that it judges).
#[test]
fn collectors_without_the_mistakes_pass() {
    for subject in SOUND {
        // Without the themes that need ten million objects: these collectors are for show.
        for check in checks_of(subject).iter().filter(|check| !check.name.starts_with("deep::")) {
            println!("{subject}: {}", check.name);
            (check.run)(Mode::Plain);
            (check.run)(Mode::Zeal);
        }
    }
}

/// What the processes run that [`caught`] starts. Without an order from there: one check, on a collector without a mistake.
#[test]
fn one_check_of_one_subject() {
    let subject = std::env::var(SUBJECT).unwrap_or_else(|_| SOUND[0].to_owned());
    let wanted = std::env::var(CHECK).unwrap_or_else(|_| "scripts::pair (plain)".to_owned());
    for (check, mode) in
        checks_of(&subject).iter().flat_map(|check| [(check, Mode::Plain), (check, Mode::Zeal)])
    {
        if named(check, mode) == wanted {
            (check.run)(mode);
        }
    }
}

/// One check on one subject in a process: what it printed if it failed, or that it was ended.
fn run(subject: &str, check: &str) -> Option<String> {
    let program = std::env::current_exe().expect("a test has a path");
    let child = Command::new(program)
        .args(["--exact", "one_check_of_one_subject", "--nocapture", "--test-threads=1"])
        .env(SUBJECT, subject)
        .env(CHECK, check)
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("a test can start itself");
    let began = Instant::now();
    while child.try_wait().expect("a child can be asked").is_none() {
        if began.elapsed() > Duration::from_secs(30) {
            let _ = child.kill();
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("a child can be waited for");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => None,
        Some(_) => Some(said),
        None => Some(format!("ended by a signal; {said}")),
    }
}

/// Runs the suite on a wrong collector. `expected` must be among the checks that fail, each with this phrase.
fn caught(mistake: Mistake, expected: &[(&str, &str)]) {
    let subject = mistake.subject();
    let quick: Vec<Check> = checks_of(subject).into_iter().filter(is_quick).collect();
    let queue = Mutex::new(
        quick
            .iter()
            .flat_map(|check| [named(check, Mode::Plain), named(check, Mode::Zeal)])
            .collect::<Vec<_>>(),
    );
    let failures = Mutex::new(Vec::new());
    let total = queue.lock().map_or(0, |queue| queue.len());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(check) = queue.lock().ok().and_then(|mut queue| queue.pop()) {
                    if let (Some(said), Ok(mut failures)) = (run(subject, &check), failures.lock()) {
                        failures.push((check, said));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no thread has panicked");
    failures.sort();
    println!("`{subject}` is caught by {} of {total} checks:", failures.len());
    for (check, said) in &failures {
        let reason =
            said.lines().find(|line| !line.is_empty() && !line.starts_with("thread")).unwrap_or(said);
        println!("    {check}: {reason}");
    }
    for (check, phrase) in expected {
        let found = failures.iter().find(|(name, _)| name == check);
        let (_, said) = found.unwrap_or_else(|| panic!("{check} has not caught `{subject}`"));
        assert!(said.contains(phrase), "{check} has caught `{subject}` for another reason: {said}");
    }
}

#[test]
fn missing_barrier_is_caught_by_edges_that_move_while_marking() {
    caught(
        Mistake::MissingBarrier,
        &[("barriers::object_whose_only_edge_keeps_moving_survives (plain)", "the object was freed")],
    );
}

#[test]
fn forgotten_root_is_caught_by_the_model_and_by_the_oracle_of_zeal() {
    caught(
        Mistake::ForgetsARoot,
        &[
            ("scripts::unconnected_roots (plain)", "which is reachable"),
            ("scripts::unconnected_roots (zeal)", "reachable objects"),
        ],
    );
}

#[test]
fn late_freeing_is_caught_by_payload_tokens() {
    caught(
        Mistake::FreesLate,
        &[
            ("scripts::ring (plain)", "`collect` has returned, and the payload"),
            ("identity::collect_has_finished_when_it_returns (plain)", "left == right"),
        ],
    );
}

#[test]
fn lost_count_is_caught_by_true_counts_and_by_the_collectors_own_check_under_zeal() {
    caught(
        Mistake::LosesACount,
        &[
            ("scripts::parallel_edges (plain)", "references to thing"),
            ("scripts::parallel_edges (zeal)", "N1: the count of"),
        ],
    );
}
