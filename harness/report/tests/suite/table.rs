//! The table on a terminal.

use cyclade_report::table::{self, Style};

use crate::support::sample;

#[test]
fn the_table_of_the_sample() {
    insta::assert_snapshot!(table::render(&sample::record(), Style::plain()));
}

#[test]
fn without_colour_there_is_no_escape_sequence_and_with_it_there_is() {
    let record = sample::record();
    assert!(!table::render(&record, Style::plain()).contains('\u{1b}'));
    assert!(!table::render(&record, Style { colour: false, width: Some(120) }).contains('\u{1b}'));
    assert!(table::render(&record, Style { colour: true, width: None }).contains('\u{1b}'));
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    for width in [100, 160] {
        let text = table::render(&sample::record(), Style { colour: false, width: Some(width) });
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= usize::from(width), "{longest} of {width} columns");
    }
}

#[test]
fn names_from_a_file_cannot_steer_the_terminal() {
    let mut record = sample::record();
    for cell in &mut record.cells {
        cell.collector = "evil\u{1b}]0;title\u{7}".into();
        cell.workload = "wo\u{9b}31m\nrk".into();
        cell.detail = Some("\u{1b}[2J".into());
    }
    record.plan.collectors.clear();
    let text = table::render(&record, Style::plain());
    assert!(text.contains("evil") && !text.contains(['\u{1b}', '\u{7}', '\u{9b}']));
}
