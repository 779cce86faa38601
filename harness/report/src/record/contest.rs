//! One contest: a program that the collectors of this run and those of other people ran side by side.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cell;

/// A program over a smaller interface than a workload's, so that a published crate can run it too.
///
/// It shares its name with a workload, and is another program: no requests, no oracle. So its cells stand here and not
/// among the record's, and nothing is concluded from one about the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contest {
    /// The workload of the run that it goes with.
    pub workload: String,
    /// Operations that every cell was to do.
    pub size: u64,
    /// What one operation is.
    pub operation: String,
    /// Whose throughput ratios are taken against.
    pub reference: String,
    /// The run's own collectors, in the order in which tables show them.
    pub ours: Vec<String>,
    /// The others.
    pub peers: Vec<String>,
    /// What was measured: one entry per process, whether it finished or not.
    pub cells: Vec<Cell>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}
