//! `cyclade scenario FILE`: runs the programs, prints what was observed, or compares.

use crate::cli::Scenario;
use crate::collectors::{self, Entry};
use crate::exit::Exit;
use crate::scenario::{self, Difference, File};
use crate::{names, output};
use cyclade_report::units;
use serde_json::json;
use std::fmt::Write;

/// The collector that must match CPython in every field.
const EXACT: &str = "trial-deletion";

pub(crate) fn run(args: Scenario, as_json: bool) -> Result<(), Exit> {
    let chosen = if args.collector.is_empty() { vec![EXACT.to_owned()] } else { args.collector.clone() };
    let entries = names::choose("collector", &chosen, collectors::ALL, |entry| entry.name)?;
    let file = scenario::read(&args.file).map_err(Exit::usage)?;
    for warning in &file.warnings {
        eprintln!("cyclade: {}: {warning}", args.file.display());
    }
    if args.check { check(&file, &entries, as_json) } else { observe(&file, &entries, as_json) }
}

fn observe(file: &File, entries: &[&Entry], as_json: bool) -> Result<(), Exit> {
    let mut all = Vec::new();
    for entry in entries {
        let mut scenarios = Vec::new();
        for scenario in &file.scenarios {
            let observed = (entry.scenario)(scenario);
            scenarios.push(json!({
                "name": scenario.name,
                "observed": observed.to_json(),
                "unsupported": observed.unsupported,
            }));
        }
        all.push(json!({ "collector": entry.name, "scenarios": scenarios }));
    }
    if as_json {
        return output::json(&json!({ "collectors": all }));
    }
    let mut text = String::new();
    for collector in &all {
        let _ = writeln!(text, "{}", collector["collector"].as_str().unwrap_or_default());
        for scenario in collector["scenarios"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "  {}", scenario["name"].as_str().unwrap_or_default());
            let observed = &scenario["observed"];
            for result in observed["results"].as_array().into_iter().flatten() {
                let _ = writeln!(text, "    {result}");
            }
            for (name, list) in
                observed.as_object().into_iter().flatten().filter(|(name, _)| *name != "results")
            {
                if list.as_array().is_some_and(|list| !list.is_empty()) {
                    let _ = writeln!(text, "    {name}: {list}");
                }
            }
            if scenario["unsupported"].as_array().is_some_and(|list| !list.is_empty()) {
                let _ = writeln!(text, "    this collector has no: {}", scenario["unsupported"]);
            }
        }
    }
    output::print(&text)
}

fn check(file: &File, entries: &[&Entry], as_json: bool) -> Result<(), Exit> {
    let mut any = false;
    let mut all = Vec::new();
    let mut text = String::new();
    for entry in entries {
        let exact = entry.name == EXACT;
        let mut differences: Vec<Difference> = Vec::new();
        let mut alike = 0;
        for scenario in &file.scenarios {
            let found = scenario::compare(scenario, &(entry.scenario)(scenario), exact);
            alike += usize::from(found.is_empty());
            differences.extend(found);
        }
        any |= !differences.is_empty();
        let rule = if exact { "every field" } else { "nothing reachable freed, nothing freeable left" };
        let _ = writeln!(
            text,
            "{}: {alike} of {} as they must be ({rule}), {}",
            entry.name,
            units::counted(file.scenarios.len() as u64, "scenario"),
            units::counted(differences.len() as u64, "difference"),
        );
        for difference in &differences {
            let _ = write!(text, "  {}: {}: ", difference.scenario, difference.place);
            if difference.place == "rule" {
                let _ = writeln!(text, "{}", difference.found.as_str().unwrap_or_default());
            } else {
                let _ = writeln!(text, "expected {}, found {}", difference.expected, difference.found);
            }
        }
        all.push(json!({
            "collector": entry.name,
            "exact": exact,
            "scenarios": file.scenarios.len(),
            "alike": alike,
            "differences": differences,
        }));
    }
    if as_json {
        output::json(&json!({ "collectors": all }))?;
    } else {
        output::print(&text)?;
    }
    if any { Err(Exit::differs()) } else { Ok(()) }
}
