//! What `compare` is asked to do.

use cyclade_benches::Workload;
use std::path::PathBuf;

/// What this process is for.
pub(crate) enum Job {
    /// A child: one measurement.
    One {
        /// The workload's name.
        workload: String,
        /// The contestant's name.
        contestant: String,
        /// Operations.
        size: u64,
    },
    /// The parent.
    All(Arguments),
}

/// The parent's settings.
#[derive(Default)]
pub(crate) struct Arguments {
    /// Only this workload.
    pub(crate) workload: Option<String>,
    /// Rounds for every workload, instead of its own number.
    rounds: Option<u32>,
    /// One round of next to nothing: does it work at all?
    test: bool,
    /// Where to write the table, too.
    pub(crate) out: Option<PathBuf>,
}

/// First word of a child's command line.
pub(crate) const ONE: &str = "--one";

impl Arguments {
    /// Reads a command line.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Job, String> {
        let mut arguments = Arguments::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                ONE => {
                    let (workload, contestant) = (value()?, value()?);
                    return Ok(Job::One { workload, contestant, size: number(&value()?)? });
                }
                "--workload" => arguments.workload = Some(value()?),
                "--rounds" => arguments.rounds = Some(number(&value()?)?),
                "--out" => arguments.out = Some(PathBuf::from(value()?)),
                "--test" => arguments.test = true,
                // Cargo says so to every bench.
                "--bench" => {}
                _ => {
                    return Err(format!(
                        "unknown `{word}`; there are --workload, --rounds, --out and --test"
                    ));
                }
            }
        }
        Ok(Job::All(arguments))
    }

    /// The workload as it is to be run.
    pub(crate) fn fit(&self, workload: Workload) -> Workload {
        let (rounds, size) = if self.test { (1, 1_000) } else { (workload.rounds, workload.size) };
        Workload { rounds: self.rounds.unwrap_or(rounds), size, ..workload }
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}
