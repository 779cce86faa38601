//! The files: what is in them, that they are complete, and that nothing in a record can break out of them.

use std::fs;

use cyclade_report::{Output, RunRecord, Status, export};

use crate::support::sample;

/// What somebody may have called a collector, and what must not come through as it is.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&|`\u{2028}";

fn page(record: &RunRecord) -> String {
    export::html::render(record).unwrap()
}

/// The page without its scripts, styles and the license.
fn body(page: &str) -> String {
    let mut rest = page;
    let mut text = String::new();
    while let Some((start, name)) =
        ["<script", "<style"].iter().filter_map(|name| Some((rest.find(name)?, *name))).min()
    {
        text += &rest[..start];
        let close = format!("</{}>", &name[1..]);
        let end = rest[start..].find(&close).expect("every script and style is closed") + start + close.len();
        rest = &rest[end..];
    }
    text + rest
}

#[test]
fn the_markdown_of_the_sample() {
    insta::assert_snapshot!(export::markdown::render(&sample::record()));
}

#[test]
fn every_file_is_written_and_the_record_in_it_reads_back() {
    let directory = tempfile::tempdir().unwrap();
    let output = Output::prepare(directory.path(), &export::FILES, false).unwrap();
    let record = sample::record();
    let paths = export::write_all(&record, &output).unwrap();
    let names: Vec<_> = paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, export::FILES);
    assert!(RunRecord::read(directory.path()).unwrap() == record);
    assert!(paths.iter().all(|path| fs::metadata(path).unwrap().len() > 1_000));
}

#[test]
fn the_csv_has_a_line_per_cell_with_as_many_fields_as_the_header() {
    let record = sample::record();
    let text = export::csv::render(&record);
    let mut lines = text.lines();
    let columns = lines.next().unwrap().split(',').count();
    assert_eq!(lines.clone().count(), record.cells.len());
    assert!(lines.all(|line| line.split(',').count() == columns));
}

#[test]
fn the_page_answers_and_shows_every_row_reason_and_warning() {
    let record = sample::record();
    let page = page(&record);
    let body = body(&page);
    let questions = ["Which leaks?", "Which stops the world?", "Which is fastest?"];
    let facts = [
        "heap limit 256 MiB",
        "timed out after 60 s",
        "crashed: signal 11 (1 of 5)",
        "seed 42",
        "Time to safepoint",
    ];
    let command = "cyclade run --collector null,refcount,trial-deletion,mark-sweep,concurrent,peer:dumpster";
    for text in questions.into_iter().chain(facts).chain([command, "@misc{cyclade-20260501-42"]) {
        assert!(body.contains(text), "{text:?} is not on the page");
    }
    for reason in record.cells.iter().flat_map(|cell| cell.absent.values()) {
        assert!(body.contains(&reason.replace('\'', "&#39;")), "{reason:?} is not on the page");
    }
    for warning in cyclade_report::Warning::from_record(&record) {
        assert!(body.contains(&warning.to_string()), "{warning} is not on the page");
    }
    assert_eq!(body.matches("data-kind=\"pauses\"").count(), 5);
}

#[test]
fn the_process_of_median_throughput_stands_for_its_row() {
    let mut record = sample::record();
    record
        .cells
        .retain(|cell| cell.collector == "mark-sweep" && cell.workload == "tree" && cell.control.is_none());
    for (cell, (speed, pauses)) in
        record.cells.iter_mut().zip([(5.0, 11), (1.0, 22), (3.0, 33), (2.0, 44), (4.0, 55)])
    {
        cell.ops_per_second = Some(speed);
        cell.pause_ns.as_mut().unwrap().count = pauses;
    }
    let page = page(&record);
    let table = page.split("id=\"pause-table\"").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(table.contains(">33</td>"), "{table}");
}

#[test]
fn the_page_loads_nothing() {
    let page = page(&sample::record());
    let body = body(&page);
    assert!(page.contains("default-src 'none'"));
    for forbidden in ["src=", "@import", "<link", "<iframe", "<object", "<form", "href=\"http", "url("] {
        assert!(!body.contains(forbidden), "{forbidden} in the page");
    }
    for (start, _) in body.match_indices("href=\"") {
        let target = body[start + 6..].split('"').next().unwrap();
        let anchor = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leads away"));
        assert!(body.contains(&format!("id=\"{anchor}\"")), "{target} leads nowhere");
    }
    assert!(page.len() < 300_000, "{} bytes", page.len());
}

#[test]
fn every_table_has_headers_for_columns_rows_and_groups() {
    let page = page(&sample::record());
    let body = body(&page);
    for table in body.split("<table").skip(1) {
        let table = table.split("</table>").next().unwrap();
        let columns = table.matches("scope=\"col\"").count();
        assert!(columns >= 3);
        for row in table.split("<tr>").skip(2) {
            let row = row.split("</tr>").next().unwrap();
            assert_eq!(row.matches("<th scope=\"row\">").count(), 1, "{row}");
            assert_eq!(row.matches("<td").count() + 1, columns, "{row}");
        }
    }
}

#[test]
fn elements_are_closed_in_the_order_in_which_they_were_opened() {
    let page = page(&sample::record());
    let body = body(&page);
    let mut open: Vec<&str> = Vec::new();
    for piece in body.split('<').skip(1) {
        let tag = piece.split(['>', ' ', '\n']).next().unwrap();
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if ["!doctype", "meta"].contains(&tag) => {}
            None => open.push(tag),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn no_text_of_a_record_becomes_markup() {
    let mut record = sample::record();
    for cell in &mut record.cells {
        cell.collector += HOSTILE;
        cell.workload += HOSTILE;
        cell.detail = Some(HOSTILE.into());
        cell.status = if cell.status.finished() { Status::Ok } else { Status::Failed };
        cell.absent.insert("ops".into(), HOSTILE.into());
    }
    let environment = &mut record.environment;
    for field in
        [&mut environment.cpu, &mut environment.os, &mut environment.started, &mut environment.version]
    {
        field.push_str(HOSTILE);
    }
    environment.absent.insert("commit".into(), HOSTILE.into());
    record.plan.command = vec!["cyclade".into(), HOSTILE.into()];
    let page = page(&record);
    assert!(!page.contains("<img"));
    assert_eq!(page.matches("</script>").count(), 3);
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert!(data["collectors"].as_array().unwrap().contains(&format!("null{HOSTILE}").into()));
    let markdown = export::markdown::render(&record);
    let (prose, command) = markdown.split_once("\n```sh\n").unwrap();
    assert!(!prose.contains("<img") && command.matches("```").count() == 1);
    let csv = export::csv::render(&record);
    assert!(csv.contains("\"null</script><img src=x onerror=alert(1)>\"\"'&|`"));
}

#[test]
fn an_empty_record_gives_a_page_that_says_so() {
    let record = RunRecord::new(Default::default(), Default::default());
    let page = page(&record);
    assert!(page.contains("Nothing was measured.") && page.contains("This run has no A/A control"));
    assert!(export::markdown::render(&record).contains("Nothing was measured."));
    assert_eq!(export::csv::render(&record).lines().count(), 1);
}
