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
    /// Names the workloads.
    List,
    /// The parent.
    All(Arguments),
}

/// The parent's settings.
pub(crate) struct Arguments {
    /// Only workloads whose name begins so.
    only: Vec<String>,
    /// Rounds for every workload, instead of its own number.
    rounds: Option<u32>,
    /// One round of next to nothing: does it work at all?
    pub(crate) test: bool,
    /// How often a workload is measured at most while the machine is not quiet.
    pub(crate) attempts: u32,
    /// Where to write the tables as Markdown, or both files.
    pub(crate) out: Option<PathBuf>,
    /// Where to write the figures as JSON.
    pub(crate) json: Option<PathBuf>,
    /// May files be overwritten?
    pub(crate) force: bool,
}

/// First word of a child's command line.
pub(crate) const ONE: &str = "--one";

const KNOWN: &str = "there are --only WORKLOAD, --rounds N, --attempts N, --out FILE.md or DIRECTORY, --json FILE, --force, --list and --test";

impl Arguments {
    /// Reads a command line.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Job, String> {
        let mut arguments = Arguments {
            only: Vec::new(),
            rounds: None,
            test: false,
            attempts: 3,
            out: None,
            json: None,
            force: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                ONE => {
                    let (workload, contestant) = (value()?, value()?);
                    return Ok(Job::One { workload, contestant, size: number(&value()?)? });
                }
                "--only" => arguments.only.extend(value()?.split(',').map(|name| name.trim().to_owned())),
                "--rounds" => arguments.rounds = Some(number(&value()?)?),
                "--attempts" => arguments.attempts = number(&value()?)?,
                "--out" => arguments.out = Some(PathBuf::from(value()?)),
                "--json" => arguments.json = Some(PathBuf::from(value()?)),
                "--force" => arguments.force = true,
                "--list" => return Ok(Job::List),
                "--test" => arguments.test = true,
                // Cargo says so to every bench.
                "--bench" => {}
                _ => return Err(format!("unknown `{word}`; {KNOWN}")),
            }
        }
        if arguments.rounds == Some(0) || arguments.attempts == 0 {
            return Err("--rounds and --attempts are 1 at least".to_owned());
        }
        Ok(Job::All(arguments))
    }

    /// Those of `workloads` that were asked for, as they are to be run.
    pub(crate) fn choose(&self, workloads: Vec<Workload>) -> Result<Vec<Workload>, String> {
        let begins = |workload: &Workload, only: &String| workload.name.starts_with(only.as_str());
        if let Some(nobody) = self.only.iter().find(|only| !workloads.iter().any(|w| begins(w, only))) {
            let names: Vec<_> = workloads.iter().map(|workload| workload.name).collect();
            return Err(format!("no workload begins with `{nobody}`; there are: {}", names.join("; ")));
        }
        let chosen = workloads
            .into_iter()
            .filter(|workload| self.only.is_empty() || self.only.iter().any(|only| begins(workload, only)));
        Ok(chosen.map(|workload| self.fit(workload)).collect())
    }

    fn fit(&self, workload: Workload) -> Workload {
        let (rounds, size) =
            if self.test { (1, workload.size.min(4_000)) } else { (workload.rounds, workload.size) };
        Workload { rounds: self.rounds.unwrap_or(rounds), size, ..workload }
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}
