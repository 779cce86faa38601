//! The run record, `cyclade.run/1`: what one run measured, on what machine, by what plan.
//!
//! The names of the fields are a contract: programs outside this repository read them. The rules that every structure
//! in here keeps:
//!
//! 1. A field of the contract is always written. What a cell cannot have is `null`, and the map `absent` says why.
//! 2. Fields may be added. A reader keeps the fields it does not know (in `extra`), and writes them back.
//! 3. Times are whole nanoseconds, sizes are bytes, shares are fractions between 0 and 1. Nothing is rounded.
//! 4. Times within a cell count from the start of that cell's measured part, on a monotonic clock.

mod cell;
mod contest;
mod environment;
mod measures;
mod plan;
mod read;
mod status;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cell::Cell;
pub use contest::Contest;
pub use environment::{Clock, Environment, PageMode};
pub use measures::{
    Collections, Latency, LatencyPoint, Leaks, Memory, Noise, Pause, PauseTotals, Percentiles, Utilisation,
};
pub use plan::Plan;
pub use status::{Control, Status};

use crate::summary::{Summary, SummaryRow};

/// The name and version of the format, as it stands in the field `schema`.
pub const SCHEMA: &str = "cyclade.run/1";

/// Everything that one run left behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// The name of this format: `cyclade.run/1`.
    pub schema: String,
    /// The machine and the program that measured.
    pub environment: Environment,
    /// What was asked for.
    pub plan: Plan,
    /// What was measured: one entry per process, whether it finished or not.
    pub cells: Vec<Cell>,
    /// What follows from the cells; see [`RunRecord::summarise`]. Readers of this crate compute it anew.
    #[serde(default)]
    pub summaries: Vec<SummaryRow>,
    /// The contests with other people's collectors (`run --peers`). (Added to the contract.)
    #[serde(default)]
    pub contests: Vec<Contest>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl RunRecord {
    /// A record without cells.
    pub fn new(environment: Environment, plan: Plan) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            environment,
            plan,
            cells: Vec::new(),
            summaries: Vec::new(),
            contests: Vec::new(),
            extra: BTreeMap::new(),
        }
    }

    /// Fills [`summaries`](Self::summaries) from the cells. Call it once, after the last cell and before writing.
    pub fn summarise(&mut self) {
        self.summaries = Summary::from_record(self).rows;
    }

    /// The collector that ratios are taken against: the plan's, else `null` if it ran (the floor), else the first one.
    pub fn reference(&self) -> Option<&str> {
        let plan = &self.plan;
        let named = plan.reference.as_deref();
        named
            .or_else(|| plan.collectors.iter().map(String::as_str).find(|name| *name == "null"))
            .or_else(|| plan.collectors.first().map(String::as_str))
            .or_else(|| self.cells.first().map(|cell| cell.collector.as_str()))
    }

    /// The JSON Schema of this format, as `docs/run.schema.json` holds it.
    pub fn json_schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(RunRecord);
        schema.insert("title".to_owned(), SCHEMA.into());
        if let Some(field) = schema.pointer_mut("/properties/schema").and_then(|field| field.as_object_mut())
        {
            field.insert("const".to_owned(), SCHEMA.into());
        }
        schema.to_value()
    }
}
