//! The summary: one row per collector, workload and size, over the processes that measured it.
//!
//! How the numbers of several processes become one:
//!
//! * throughput: the median, with a 95 % interval over processes from three on (see [`crate::statistics`]);
//! * ratios: pairs of cells of the same round, which ran side by side, so that slow drift cancels out;
//! * the longest pause: the longest of any process. The 99th percentile and latencies: the median over processes;
//! * leaks: the process that leaked most. Status: the worst;
//! * the A/A control: the ratio of a collector to itself. Its interval must contain 1.
//!
//! A row whose processes did not finish stays in the summary and says so. Contests with other people's collectors have
//! standings of their own, and nothing of them enters the rows.

mod contest;
mod outcome;
mod row;

use std::collections::BTreeMap;

use crate::record::{Cell, Control, RunRecord};

pub use contest::{ContestSummary, Standing};
pub use row::{Ratio, SummaryRow};

/// Every row of a record, in the plan's order: by workload, then size, then collector, controls last.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The rows.
    pub rows: Vec<SummaryRow>,
    /// The collector that ratios are taken against.
    pub reference: Option<String>,
}

/// What makes a row: cells that differ in nothing else but the round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    workload: (usize, &'a str),
    size: u64,
    control: Option<Control>,
    collector: (usize, &'a str),
}

impl Summary {
    /// Sums a record up. Deterministic: the same record gives the same rows. `O(cells log cells)`.
    pub fn from_record(record: &RunRecord) -> Self {
        let place = |list: &[String], name: &str| list.iter().position(|n| n == name).unwrap_or(usize::MAX);
        let mut groups: BTreeMap<Key<'_>, Vec<&Cell>> = BTreeMap::new();
        for cell in &record.cells {
            let key = Key {
                workload: (place(&record.plan.workloads, &cell.workload), &cell.workload),
                size: cell.size,
                control: cell.control,
                collector: (place(&record.plan.collectors, &cell.collector), &cell.collector),
            };
            groups.entry(key).or_default().push(cell);
        }
        let reference = record.reference();
        let mut rows = Vec::with_capacity(groups.len());
        for (key, cells) in &groups {
            let mut other = Key { control: None, ..key.clone() };
            if key.control.is_none() {
                let name = reference.unwrap_or_default();
                other.collector = (place(&record.plan.collectors, name), name);
            }
            let fastest = groups
                .iter()
                .filter(|(k, _)| (k.workload, k.size, k.control) == (key.workload, key.size, None))
                .max_by(|(_, a), (_, b)| row::median_speed(a).total_cmp(&row::median_speed(b)));
            rows.push(SummaryRow::from_cells(
                cells,
                (&other != key)
                    .then(|| (other.collector.1, groups.get(&other).map_or(&[][..], Vec::as_slice))),
                fastest.map_or(&[][..], |(_, cells)| cells.as_slice()),
            ));
        }
        Self { rows, reference: reference.map(str::to_owned) }
    }

    /// The rows that measured something: all but the controls.
    pub fn measured(&self) -> impl Iterator<Item = &SummaryRow> {
        self.rows.iter().filter(|row| row.control.is_none())
    }

    /// The rows of the A/A control.
    pub fn controls(&self) -> impl Iterator<Item = &SummaryRow> {
        self.rows.iter().filter(|row| row.control.is_some())
    }

    /// The measured rows in groups of the same workload and size, in the order of the plan.
    pub fn groups(&self) -> Vec<Vec<&SummaryRow>> {
        let mut groups: Vec<Vec<&SummaryRow>> = Vec::new();
        for row in self.measured() {
            match groups.last_mut() {
                Some(group) if (&group[0].workload, group[0].size) == (&row.workload, row.size) => {
                    group.push(row)
                }
                _ => groups.push(vec![row]),
            }
        }
        groups
    }

    /// The collectors, in the order in which they appear.
    pub fn collectors(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for row in self.measured() {
            if !names.contains(&row.collector.as_str()) {
                names.push(&row.collector);
            }
        }
        names
    }

    /// How the workload of a row is called where it must be told from the same workload at another size.
    pub fn label(&self, row: &SummaryRow) -> String {
        let several = self.rows.iter().any(|other| other.workload == row.workload && other.size != row.size);
        if several {
            format!("{} · {}", row.workload, crate::units::count(row.size))
        } else {
            row.workload.clone()
        }
    }
}
