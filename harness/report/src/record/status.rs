//! How a cell ended, and whether it was a control.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the process of one cell ended. Ordered from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The workload ran to its end, and the oracle found nothing that should not be.
    Ok,
    /// The workload ran to its end and left garbage, and this collector says of itself that it does (null, refcount).
    LeakedAsExpected,
    /// Somebody stopped the run (Ctrl-C) while this cell was running or before it began.
    Interrupted,
    /// The cell was stopped because its time was over. The collector may be slow, or hang: the record cannot tell.
    TimedOut,
    /// The workload needed more than the heap limit, left its scope, collected fully, tried again, and failed again.
    HeapLimit,
    /// The process reported an error: the oracle disagreed, or the workload's own check failed.
    Failed,
    /// The process died without a report: a signal, an abort, an exit code that nobody expected.
    Crashed,
}

impl Status {
    /// Every status, from the best to the worst.
    pub const ALL: [Status; 7] = [
        Status::Ok,
        Status::LeakedAsExpected,
        Status::Interrupted,
        Status::TimedOut,
        Status::HeapLimit,
        Status::Failed,
        Status::Crashed,
    ];

    /// Whether the workload ran to its end, so that its numbers count.
    pub fn finished(self) -> bool {
        matches!(self, Status::Ok | Status::LeakedAsExpected)
    }

    /// The name as it stands in a record.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::LeakedAsExpected => "leaked-as-expected",
            Status::Interrupted => "interrupted",
            Status::TimedOut => "timed-out",
            Status::HeapLimit => "heap-limit",
            Status::Failed => "failed",
            Status::Crashed => "crashed",
        }
    }
}

/// What kind of control a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Control {
    /// The same collector a second time, under the same conditions: the ratio to the first time must be 1, and how far
    /// it strays tells what differences this run cannot see.
    #[serde(rename = "a/a")]
    SameAgainstSame,
}

impl Control {
    /// The name as it stands in a record.
    pub fn name(self) -> &'static str {
        match self {
            Control::SameAgainstSame => "a/a",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_contract() {
        let names: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
        assert_eq!(
            names,
            ["ok", "leaked-as-expected", "interrupted", "timed-out", "heap-limit", "failed", "crashed"]
        );
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        assert_eq!(serde_json::to_value(Control::SameAgainstSame).unwrap(), Control::SameAgainstSame.name());
    }

    #[test]
    fn statuses_are_ordered_from_best_to_worst() {
        assert!(Status::ALL.is_sorted());
        assert!(Status::Crashed > Status::Failed && Status::LeakedAsExpected > Status::Ok);
    }
}
