//! `cyclade replay FILE`: a recorded graph on each collector.

use super::matrix::{self, Matrix, Row};
use crate::cell::job::Graph;
use crate::cli::Replay;
use crate::exit::Exit;
use cyclade_heapgraph::{HeapGraph, ReadOptions, Roots};
use cyclade_report::record::RunRecord;
use cyclade_report::units;
use std::fmt::Write;

pub(crate) fn run(args: Replay, as_json: bool) -> Result<(), Exit> {
    let roots = args.roots.as_deref().map(str::parse::<Roots>).transpose();
    let roots = roots.map_err(|error| Exit::usage(format_args!("--roots: {error}")))?;
    // Read here too: what is wrong with the file is said once, and before anything is measured.
    let graph = HeapGraph::open_with(&args.file, &ReadOptions { roots }).map_err(Exit::usage)?;
    let stats = graph.stats();
    let Some(workload) = cyclade_workloads::find("replay") else {
        return Err(Exit::failed("there is no workload `replay`"));
    };
    let path = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    let source = Graph::File { path, roots: args.roots.clone() };
    let row = Row { workload, size: stats.nodes as u64, graph: Some(source) };
    let matrix = Matrix::plan(&args.measuring, vec![row])?;
    if !as_json {
        let count = |n: usize| units::count(n as u64);
        let mut text = format!("{}\n", graph.source());
        let _ = writeln!(
            text,
            "{} objects, {} edges, {} roots; {} reachable, {} already garbage; {} in {} cycles, the largest of {}",
            count(stats.nodes),
            count(stats.edges),
            count(stats.roots),
            count(stats.reachable),
            count(stats.garbage),
            count(stats.in_cycles),
            count(stats.cycles),
            count(stats.largest_cycle),
        );
        let _ = writeln!(
            text,
            "{} are held by cycles: counting alone never frees them\n",
            count(stats.held_by_cycles)
        );
        crate::output::print(&text)?;
    }
    drop(graph);
    let record = matrix.run(as_json)?;
    if !as_json {
        crate::output::print(&steps(&record))?;
    }
    matrix::verdict(&record)
}

/// For each collector, how many objects were left after each step of letting go, beside what the graph itself says.
fn steps(record: &RunRecord) -> String {
    let mut text = String::new();
    for name in &record.plan.collectors {
        let cell = record
            .cells
            .iter()
            .find(|cell| cell.collector == *name && cell.extra.contains_key("replay_steps"));
        let steps = cell.and_then(|cell| cell.extra.get("replay_steps")).and_then(|steps| steps.as_array());
        let Some(steps) = steps.filter(|steps| !steps.is_empty()) else { continue };
        let field =
            |step: &serde_json::Value, name: &str| step.get(name).and_then(|v| v.as_u64()).unwrap_or(0);
        if text.is_empty() {
            text += "\nRoots left → objects that exist after a full collection\n";
            let _ = write!(text, "  {:<15}", "must stay");
            for step in steps {
                let _ = write!(text, " {:>10}", units::count(field(step, "expected")));
            }
            text.push('\n');
        }
        let _ = write!(text, "  {name:<15}");
        for step in steps {
            let exist = field(step, "reachable") + field(step, "unreachable");
            let _ = write!(text, " {:>10}", units::count(exist));
        }
        text.push('\n');
    }
    text
}
