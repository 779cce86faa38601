//! What a run was asked to do, and the command that would do it again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was asked for. Every combination of collector, workload, size and repetition is a cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The collectors, in the order in which tables show them.
    pub collectors: Vec<String>,
    /// The workloads, in the order in which tables show them.
    pub workloads: Vec<String>,
    /// The sizes: what a size counts is the workload's matter.
    pub sizes: Vec<u64>,
    /// How many processes per combination; they run interleaved, round by round.
    pub repeat: u32,
    /// The seed that every cell's seed is derived from.
    pub seed: u64,
    /// Whether it was a quick look instead of a measurement. (Added to the contract.)
    #[serde(default)]
    pub quick: bool,
    /// When a cell is stopped, in nanoseconds. (Added.)
    #[serde(default)]
    pub timeout_ns: Option<u64>,
    /// The limit on a cell's heap, in bytes. (Added.)
    #[serde(default)]
    pub heap_limit_bytes: Option<u64>,
    /// The collector that ratios are taken against. (Added.)
    #[serde(default)]
    pub reference: Option<String>,
    /// The words of the command that started the run, the program's name first. (Added.)
    #[serde(default)]
    pub command: Vec<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl Plan {
    /// The command that repeats this run, ready to be pasted into a shell.
    ///
    /// If the record does not hold the command, it is put together from the plan: one line per size, since the command
    /// line takes one size at a time.
    pub fn reproduce(&self) -> String {
        if !self.command.is_empty() {
            let words: Vec<_> = self.command.iter().map(|word| quote(word)).collect();
            return words.join(" ");
        }
        let mut line = String::from("cyclade run");
        for (flag, values) in [("--collector", &self.collectors), ("--workload", &self.workloads)] {
            if !values.is_empty() {
                line += &format!(" {flag} {}", quote(&values.join(",")));
            }
        }
        line += &format!(" --repeat {} --seed {}", self.repeat.max(1), self.seed);
        if self.quick {
            line += " --quick";
        }
        if self.sizes.is_empty() {
            return line;
        }
        let lines: Vec<_> = self.sizes.iter().map(|size| format!("{line} --size {size}")).collect();
        lines.join("\n")
    }
}

/// A word as a POSIX shell reads it back.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_put_together_from_the_plan_when_none_was_recorded() {
        let plan = Plan {
            collectors: vec!["null".into(), "refcount".into()],
            workloads: vec!["pairs".into()],
            sizes: vec![1000, 2000],
            repeat: 5,
            seed: 7,
            ..Plan::default()
        };
        assert_eq!(
            plan.reproduce(),
            "cyclade run --collector null,refcount --workload pairs --repeat 5 --seed 7 --size 1000\n\
             cyclade run --collector null,refcount --workload pairs --repeat 5 --seed 7 --size 2000"
        );
    }

    #[test]
    fn words_that_a_shell_would_take_apart_are_quoted() {
        let plan =
            Plan { command: vec!["cyclade".into(), "run".into(), "it's a dir".into()], ..Plan::default() };
        assert_eq!(plan.reproduce(), r"cyclade run 'it'\''s a dir'");
    }
}
