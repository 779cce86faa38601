//! `report.html`: one page that somebody can read, print and cite. It needs no network and, but for the plots, no script.
//!
//! The numbers are in tables, in the page itself. The plots have one drawing source, the script of the page with uPlot
//! inside; they read the same record. Text from the record is escaped by the template, and in the data block by
//! `plots::data`; a content security policy forbids the page to load anything.

mod absences;
mod grid;
mod plots;
mod texts;

use askama::Template;

use crate::record::{Cell, RunRecord};
use crate::summary::{ContestSummary, Summary, SummaryRow};
use crate::verdict::Verdict;
use crate::warning::Warning;

use absences::Absence;
use grid::Grid;
use texts::{Answers, Fact};

/// The file's name.
pub const FILE: &str = "report.html";

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    opening: String,
    answers: Answers,
    warnings: Vec<String>,
    results: Grid,
    controls: Option<Grid>,
    contests: Option<Grid>,
    pauses: Grid,
    latency: Grid,
    leaks: Grid,
    memory: Grid,
    places: Vec<plots::Place>,
    plot_data: String,
    absences: Vec<Absence>,
    methods: Vec<&'static str>,
    facts: Vec<Fact>,
    conditions: Vec<String>,
    command: String,
    citation: String,
    bibtex: String,
    seed: u64,
    processes: usize,
    version: &'a str,
    style: &'static str,
    script: &'static str,
    uplot_style: &'static str,
    uplot_script: &'static str,
    uplot_license: &'static str,
}

/// The page.
///
/// # Errors
///
/// Only what the template engine may say; the template itself is checked when this crate is compiled.
pub fn render(record: &RunRecord) -> Result<String, askama::Error> {
    let summary = Summary::from_record(record);
    let controls = summary.controls().next().map(|_| grid::controls(&summary));
    let contests = ContestSummary::all(record);
    let page = Page {
        title: texts::title(record),
        opening: texts::opening(record),
        answers: Answers::new(&Verdict::from_summary(record, &summary), &summary.collectors()),
        warnings: Warning::from_summary(record, &summary).iter().map(ToString::to_string).collect(),
        results: grid::results(&summary),
        controls,
        contests: (!contests.is_empty()).then(|| grid::contests(&contests)),
        pauses: grid::pauses(record, &summary),
        latency: grid::latency(record, &summary),
        leaks: grid::leaks(record, &summary),
        memory: grid::memory(record, &summary),
        places: plots::places(record, &summary),
        plot_data: plots::data(record, &summary),
        absences: absences::collect(record),
        methods: texts::methods(&summary, &contests),
        facts: texts::facts(record),
        conditions: texts::conditions(record),
        command: record.plan.reproduce(),
        citation: texts::citation(record),
        bibtex: texts::bibtex(record),
        seed: record.plan.seed,
        processes: record.cells.len(),
        version: &record.environment.version,
        style: include_str!("../../../assets/report.css"),
        script: include_str!("../../../assets/report.js"),
        uplot_style: include_str!("../../../vendor/uplot/uPlot.min.css"),
        uplot_script: include_str!("../../../vendor/uplot/uPlot.iife.min.js"),
        uplot_license: include_str!("../../../vendor/uplot/LICENSE"),
    };
    page.render()
}

/// The process that stands for its row where only one can be shown: the one with the median throughput (the slower one
/// of two in the middle).
fn representative<'a>(record: &'a RunRecord, row: &SummaryRow) -> Option<&'a Cell> {
    let mut cells: Vec<&Cell> = record
        .cells
        .iter()
        .filter(|cell| {
            (&cell.collector, &cell.workload, cell.size, cell.control)
                == (&row.collector, &row.workload, row.size, row.control)
                && cell.status.finished()
        })
        .collect();
    cells.sort_by(|a, b| a.ops_per_second.unwrap_or(0.0).total_cmp(&b.ops_per_second.unwrap_or(0.0)));
    cells.get(cells.len().saturating_sub(1) / 2).copied()
}
