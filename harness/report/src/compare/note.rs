//! What a reader must know before believing a comparison: what else differs between the two runs.

use std::fmt;

use serde::Serialize;

use crate::record::RunRecord;

/// Something else than the collectors that differs between two records, or is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A property of the machine or the plan is not the same.
    Differs {
        /// Which.
        what: &'static str,
        /// In the first record.
        before: String,
        /// In the second record.
        after: String,
    },
    /// A row that the second record does not have.
    OnlyBefore {
        /// Which.
        row: String,
    },
    /// A row that the first record does not have.
    OnlyAfter {
        /// Which.
        row: String,
    },
    /// Fewer than three processes on a side, somewhere.
    NoInterval,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Differs { what, before, after } => {
                write!(f, "The {what} is not the same: {before}, then {after}.")
            }
            Note::OnlyBefore { row } => write!(f, "Only in the first record: {row}."),
            Note::OnlyAfter { row } => write!(f, "Only in the second record: {row}."),
            Note::NoInterval => f.write_str(
                "Some rows have fewer than three processes on a side, so no interval: there the ratio alone decided. Use \
                 --repeat 5 or more.",
            ),
        }
    }
}

/// What differs in the environments and the plans.
pub(super) fn between(before: &RunRecord, after: &RunRecord) -> Vec<Note> {
    let facts = |record: &RunRecord| {
        let (environment, plan) = (&record.environment, &record.plan);
        let or_none = |value: Option<u64>| value.map_or("none".to_owned(), |value| value.to_string());
        [
            ("processor", environment.cpu.clone()),
            ("number of cores", environment.cores.to_string()),
            ("memory", or_none(environment.memory_bytes)),
            ("system", environment.os.clone()),
            ("kernel", environment.kernel.clone()),
            ("compiler", environment.rustc.clone()),
            ("page mode", environment.page_mode.name().to_owned()),
            ("seed", plan.seed.to_string()),
            ("heap limit", or_none(plan.heap_limit_bytes)),
            ("kind of run", if plan.quick { "quick" } else { "full" }.to_owned()),
        ]
    };
    let pairs = facts(before).into_iter().zip(facts(after));
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((what, before), (_, after))| Note::Differs { what, before, after })
        .collect()
}
