//! A comparison on a terminal: what changed, then what else differs, then one line that says how it ended.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Color, Table};

use super::{Change, Comparison, Metric};
use crate::table::{Style, arrange, paragraph, ratio_interval};
use crate::units;

/// The comparison as text: throughput of every row, and everything that is not alike.
pub fn render(comparison: &Comparison, style: Style) -> String {
    let mut text = String::new();
    let mut table = Table::new();
    table.load_style(NOTHING);
    arrange(&mut table, style);
    table.set_header([
        "workload",
        "collector",
        "number",
        "before",
        "after",
        "after/before",
        "95 % interval",
        "verdict",
    ]);
    let mut left_out = 0;
    for difference in &comparison.differences {
        if difference.change == Change::Alike && difference.metric != Metric::Throughput {
            left_out += 1;
            continue;
        }
        let right = |text: String| Cell::new(units::printable(&text)).set_alignment(CellAlignment::Right);
        let (words, colour) = match difference.change {
            Change::Worse => ("WORSE", Color::Red),
            Change::Better => ("better", Color::Green),
            Change::Small => ("within the threshold", Color::Reset),
            Change::Alike => ("alike", Color::Reset),
        };
        table.add_row([
            Cell::new(units::printable(&format!(
                "{} · {}",
                difference.workload,
                units::count(difference.size)
            ))),
            Cell::new(units::printable(&difference.collector)),
            Cell::new(difference.metric.title()),
            right(difference.before.clone()),
            right(difference.after.clone()),
            right(difference.ratio.map_or("–".to_owned(), |ratio| units::ratio(ratio.value))),
            right(difference.ratio.as_ref().and_then(ratio_interval).unwrap_or_else(|| "–".to_owned())),
            Cell::new(words).fg(colour),
        ]);
    }
    text += &table.trim_fmt();
    text.push('\n');
    if left_out > 0 {
        text += &format!("{} more alike.\n", units::counted(left_out, "number"));
    }
    if !comparison.notes.is_empty() {
        text.push('\n');
    }
    for note in &comparison.notes {
        text += &paragraph("Note: ", &units::printable(&note.to_string()), style);
    }
    let worse = comparison.regressions().count() as u64;
    let threshold = units::percent(comparison.threshold);
    text.push('\n');
    text += &match (worse, comparison.differences.is_empty()) {
        (_, true) => "The records have no row in common.\n".to_owned(),
        (0, _) => format!("No regression beyond {threshold}.\n"),
        _ => format!("{} beyond {threshold}.\n", units::counted(worse, "regression")),
    };
    text
}
