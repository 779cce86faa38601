//! The rounds of one workload.

use crate::arguments::ONE;
use crate::load::Ticks;
use cyclade_benches::Workload;
use cyclade_report::statistics::SplitMix64;
use std::collections::HashMap;
use std::process::{Command, Stdio};

/// What one contestant did in all rounds: nanoseconds per operation, or why not.
pub(crate) type Times = Result<Vec<f64>, String>;

/// A workload, measured.
pub(crate) struct Measured<'a> {
    /// The workload as it was run.
    pub(crate) workload: &'a Workload,
    /// In the workload's order of contestants.
    pub(crate) times: Vec<Times>,
    /// The reference once more.
    pub(crate) control: Times,
    /// The share of the machine that others took.
    pub(crate) foreign: Option<f64>,
}

impl Measured<'_> {
    /// A contestant's times.
    pub(crate) fn of(&self, name: &str) -> Option<&Vec<f64>> {
        let at = self.workload.contestants.iter().position(|c| c.name == name)?;
        self.times[at].as_ref().ok()
    }
}

/// Runs all rounds of `workload`.
pub(crate) fn rounds(workload: &Workload) -> Measured<'_> {
    let before = Ticks::now();
    let mut names: Vec<(usize, &str)> =
        workload.contestants.iter().map(|c| c.name).chain([workload.reference]).enumerate().collect();
    let mut random = SplitMix64::new(u64::from(workload.rounds));
    let mut times: HashMap<usize, Times> = names.iter().map(|&(i, _)| (i, Ok(Vec::new()))).collect();
    for round in 0..workload.rounds {
        eprint!("\r{}: round {} of {} ", workload.name, round + 1, workload.rounds);
        for i in (1..names.len()).rev() {
            names.swap(i, random.below(i + 1));
        }
        for &(i, name) in &names {
            let Some(Ok(so_far)) = times.get_mut(&i) else { continue };
            match child(workload, name) {
                Ok(nanoseconds) => so_far.push(nanoseconds / workload.size as f64),
                Err(why) => _ = times.insert(i, Err(why)),
            }
        }
    }
    eprintln!();
    let foreign = before.zip(Ticks::now()).and_then(|(before, now)| now.foreign_share_since(before));
    let mut take = |i| times.remove(&i).unwrap_or(Ok(Vec::new()));
    let control = take(workload.contestants.len());
    Measured { workload, times: (0..workload.contestants.len()).map(take).collect(), control, foreign }
}

/// One measurement in a process of its own.
fn child(workload: &Workload, name: &str) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .args([ONE, workload.name, name, &workload.size.to_string()])
        .stderr(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.trim().parse() {
        Ok(nanoseconds) if output.status.success() => Ok(nanoseconds),
        _ => Err(format!("did not finish ({})", output.status)),
    }
}
