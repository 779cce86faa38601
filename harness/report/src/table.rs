//! The summary on a terminal: one row per collector and workload, then the controls, the contests, the warnings.
//!
//! Colour only helps; every row says in words what the colour says.

use std::ffi::OsStr;
use std::io::IsTerminal;

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

use crate::record::{RunRecord, Status};
use crate::statistics::Estimate;
use crate::summary::{ContestSummary, Summary, SummaryRow};
use crate::units;
use crate::verdict::Verdict;
use crate::warning::Warning;

/// One line below the header, and nothing else.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// How a table is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour.
    pub colour: bool,
    /// How many columns there are; `None` for as many as it takes.
    pub width: Option<u16>,
}

impl Style {
    /// Neither colours nor wrapping: for files and pipes.
    pub fn plain() -> Self {
        Self { colour: false, width: None }
    }

    /// Colours on a terminal, unless `NO_COLOR` is set and not empty (<https://no-color.org>) or `TERM` is `dumb`.
    /// Width only matters on a terminal.
    ///
    /// ```
    /// use cyclade_report::table::Style;
    /// assert!(Style::new(true, Some(100), None, None).colour);
    /// assert!(!Style::new(true, Some(100), Some("1".as_ref()), None).colour);
    /// assert_eq!(Style::new(false, Some(100), None, None), Style::plain());
    /// ```
    pub fn new(terminal: bool, width: Option<u16>, no_color: Option<&OsStr>, term: Option<&OsStr>) -> Self {
        let refused =
            no_color.is_some_and(|value| !value.is_empty()) || term.is_some_and(|term| term == "dumb");
        Self { colour: terminal && !refused, width: width.filter(|_| terminal) }
    }

    /// For this process's standard output.
    pub fn for_stdout(width: Option<u16>) -> Self {
        let variable = |name| std::env::var_os(name);
        Self::new(
            std::io::stdout().is_terminal(),
            width,
            variable("NO_COLOR").as_deref(),
            variable("TERM").as_deref(),
        )
    }
}

/// The whole summary: the table, the controls, the verdict, the contests, the warnings. Ends with a line break.
pub fn render(record: &RunRecord, style: Style) -> String {
    let summary = Summary::from_record(record);
    let mut text = rows(&summary, style);
    text.push('\n');
    let controls = controls(&summary, style);
    if !controls.is_empty() {
        text += "\nA/A control: each against itself, so 1 must lie in the interval\n";
        text += &controls;
        text.push('\n');
    }
    if !summary.rows.is_empty() {
        let verdict = Verdict::from_summary(record, &summary);
        text.push('\n');
        for (question, answer) in
            [("Leaks: ", verdict.leaks), ("Pauses:", verdict.pauses), ("Speed: ", verdict.speed)]
        {
            text += &paragraph(&format!("{question} "), &units::printable(&answer), style);
        }
    }
    let contests = ContestSummary::all(record);
    if !contests.is_empty() {
        text.push('\n');
        let heading = "Against other people's collectors, on programs that all of them can run (not those of the table above)";
        text += &paragraph("", heading, style);
        for contest in &contests {
            text.push('\n');
            text += &paragraph("", &units::printable(&contest.title()), style);
            text += &standings(contest, style);
            text.push('\n');
        }
    }
    let warnings = Warning::from_summary(record, &summary);
    if !warnings.is_empty() {
        text.push('\n');
    }
    for warning in warnings {
        text += &paragraph("Warning: ", &units::printable(&warning.to_string()), style);
    }
    text
}

/// The measured rows.
fn rows(summary: &Summary, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(RULED);
    arrange(&mut table, style);
    table.set_header(
        [
            "workload",
            "collector",
            "leaked",
            "longest pause",
            "p99 pause",
            "throughput",
            "95 % interval",
            "of fastest",
            "collector time",
            "outcome",
        ]
        .map(|title| Cell::new(title).add_attribute(Attribute::Bold)),
    );
    let mut previous = String::new();
    for row in summary.measured() {
        let label = units::printable(&summary.label(row));
        let workload = Cell::new(&label);
        let workload = if label == previous { workload.add_attribute(Attribute::Dim) } else { workload };
        previous = label;
        let fastest = row.relative_to_fastest.is_some_and(|ratio| ratio.value == 1.0);
        let throughput = number(row.ops_per_second.as_ref().map(|speed| units::rate(speed.value)));
        table.add_row([
            workload,
            Cell::new(units::printable(&row.collector)),
            number(row.leaked.map(units::count)),
            number(row.pause_max_ns.map(units::duration)),
            number(row.pause_p99_ns.map(units::duration)),
            if fastest { throughput.add_attribute(Attribute::Bold) } else { throughput },
            number(row.ops_per_second.as_ref().and_then(rate_interval)),
            number(row.relative_to_fastest.map(|ratio| units::ratio(ratio.value))),
            number(row.collector_share.map(units::percent)),
            Cell::new(units::printable(&row.outcome)).fg(colour(row)),
        ]);
    }
    table.trim_fmt()
}

/// The rows of the control.
fn controls(summary: &Summary, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    arrange(&mut table, style);
    for row in summary.controls() {
        let (words, colour) = match row.control_holds {
            Some(true) => ("1 lies in it", Color::Green),
            Some(false) => ("1 does not lie in it", Color::Red),
            None => ("no interval", Color::Yellow),
        };
        table.add_row([
            Cell::new(units::printable(&summary.label(row))),
            Cell::new(units::printable(&row.collector)),
            number(row.ratio.as_ref().map(|ratio| units::ratio(ratio.estimate.value))),
            number(row.ratio.as_ref().and_then(|ratio| ratio_interval(&ratio.estimate))),
            Cell::new(words).fg(colour),
        ]);
    }
    table.trim_fmt()
}

/// The rows of a contest.
fn standings(contest: &ContestSummary<'_>, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(RULED);
    arrange(&mut table, style);
    table.set_header(
        [
            "collector",
            "",
            "throughput",
            "95 % interval",
            "ratio",
            "95 % interval",
            "processor per op",
            "outcome",
        ]
        .map(|title| Cell::new(title).add_attribute(Attribute::Bold)),
    );
    for standing in &contest.standings {
        let row = &standing.row;
        let ratio = row.ratio.as_ref().map(|ratio| ratio.estimate);
        let whose = Cell::new(standing.whose());
        table.add_row([
            Cell::new(units::printable(&row.collector)),
            if standing.ours { whose } else { whose.add_attribute(Attribute::Dim) },
            number(row.ops_per_second.map(|speed| units::rate(speed.value))),
            number(row.ops_per_second.as_ref().and_then(rate_interval)),
            number(ratio.map(|ratio| units::ratio(ratio.value))),
            number(ratio.as_ref().and_then(ratio_interval)),
            number(standing.cpu_ns_per_op.map(units::per_operation)),
            Cell::new(units::printable(standing.outcome())).fg(colour(row)),
        ]);
    }
    table.trim_fmt()
}

pub(crate) fn arrange(table: &mut Table, style: Style) {
    if style.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if let Some(width) = style.width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
}

/// A number, or a dash: what is missing is never shown as 0.
fn number(text: Option<String>) -> Cell {
    Cell::new(text.as_deref().unwrap_or("–")).set_alignment(CellAlignment::Right)
}

/// The interval of a throughput; `None` if there is none.
pub(crate) fn rate_interval(estimate: &Estimate) -> Option<String> {
    let interval = estimate.interval.as_ref()?;
    Some(format!("{} to {}", units::rate(interval.low), units::rate(interval.high)))
}

/// The interval of a ratio; `None` if there is none.
pub(crate) fn ratio_interval(estimate: &Estimate) -> Option<String> {
    let interval = estimate.interval.as_ref()?;
    Some(format!("{} to {}", units::ratio(interval.low), units::ratio(interval.high)))
}

fn colour(row: &SummaryRow) -> Color {
    match row.status {
        _ if row.freed_while_reachable.is_some_and(|objects| objects > 0) => Color::Red,
        Status::Ok if row.leaks() == Some(true) => Color::Red,
        Status::Ok => Color::Green,
        Status::LeakedAsExpected | Status::Interrupted | Status::TimedOut | Status::HeapLimit => {
            Color::Yellow
        }
        Status::Failed | Status::Crashed => Color::Red,
    }
}

/// Text behind a label, wrapped to the width with the lines below the first indented.
pub(crate) fn paragraph(label: &str, text: &str, style: Style) -> String {
    let room = style.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(label.len()).max(20));
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    let body = lines.join(&format!("\n{}", " ".repeat(label.len())));
    let label = if style.colour { format!("\u{1b}[1m{label}\u{1b}[0m") } else { label.to_owned() };
    format!("{label}{body}\n")
}
