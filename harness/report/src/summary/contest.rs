//! The standings of a contest: one row per contestant, over its processes.

use crate::record::{Cell, Contest, RunRecord, Status};
use crate::statistics::median;

use super::SummaryRow;

/// A contest, summed up.
#[derive(Clone, Debug, PartialEq)]
pub struct ContestSummary<'a> {
    /// The contest.
    pub contest: &'a Contest,
    /// Our collectors first, then the others, each in the contest's order.
    pub standings: Vec<Standing>,
}

/// What one contestant did.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Is it one of the run's own collectors?
    pub ours: bool,
    /// Its processes; the ratio is to the contest's reference.
    pub row: SummaryRow,
    /// Processor time of all threads for one operation: the median over processes.
    pub cpu_ns_per_op: Option<f64>,
}

impl ContestSummary<'_> {
    /// Every contest of a record, in its order.
    pub fn all(record: &RunRecord) -> Vec<ContestSummary<'_>> {
        record.contests.iter().map(ContestSummary::new).collect()
    }
}

impl<'a> ContestSummary<'a> {
    /// Sums a contest up. Deterministic: the same contest gives the same rows.
    pub fn new(contest: &'a Contest) -> Self {
        let mut names: Vec<&str> = Vec::new();
        let announced = contest.ours.iter().chain(&contest.peers);
        for name in announced.chain(contest.cells.iter().map(|cell| &cell.collector)) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let of = |name: &str| contest.cells.iter().filter(|cell| cell.collector == name).collect();
        let groups: Vec<(&str, Vec<&Cell>)> = names.into_iter().map(|name| (name, of(name))).collect();
        let groups: Vec<_> = groups.into_iter().filter(|(_, cells)| !cells.is_empty()).collect();
        let cells_of = |name: &str| {
            groups.iter().find(|(other, _)| *other == name).map_or(&[][..], |(_, cells)| cells.as_slice())
        };
        let fastest = groups
            .iter()
            .max_by(|(_, a), (_, b)| super::row::median_speed(a).total_cmp(&super::row::median_speed(b)))
            .map_or(&[][..], |(_, cells)| cells.as_slice());
        let reference = contest.reference.as_str();
        let standings = groups
            .iter()
            .map(|(name, cells)| {
                let against = (*name != reference).then(|| (reference, cells_of(reference)));
                let each: Vec<f64> = cells.iter().filter_map(|cell| cpu_ns_per_op(cell)).collect();
                Standing {
                    ours: contest.ours.iter().any(|ours| ours == name),
                    row: SummaryRow::from_cells(cells, against, fastest),
                    cpu_ns_per_op: median(&each),
                }
            })
            .collect();
        Self { contest, standings }
    }

    /// What was run, and what the ratios are to.
    pub fn title(&self) -> String {
        let Contest { workload, size, operation, reference, .. } = self.contest;
        let size = crate::units::count(*size);
        format!("{workload}: {size} operations; ratios to {reference}. One operation: {operation}")
    }
}

impl Standing {
    /// Ours or not, in a word.
    pub fn whose(&self) -> &'static str {
        if self.ours { "ours" } else { "peer" }
    }

    /// How it ended. Nobody counts what a contestant leaves behind; those that leave cycles by design are known.
    pub fn outcome(&self) -> &str {
        match self.row.status {
            Status::Ok => "finished",
            Status::LeakedAsExpected => "finished; leaks, by design",
            _ => &self.row.outcome,
        }
    }
}

fn cpu_ns_per_op(cell: &Cell) -> Option<f64> {
    let ops = cell.ops.filter(|ops| *ops > 0 && cell.status.finished())?;
    Some(cell.cpu_ns? as f64 / ops as f64)
}
