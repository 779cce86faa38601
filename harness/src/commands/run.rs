//! `cyclade run`: the main job.

use super::matrix::{self, Matrix, Row};
use crate::cell::job::Graph;
use crate::cli::{Measuring, Run};
use crate::exit::Exit;
use crate::{collectors, contest, names};
use cyclade_heapgraph::HeapGraph;
use cyclade_report::record::Contest;
use cyclade_workloads::Info;

pub(crate) fn run(args: Run, as_json: bool) -> Result<(), Exit> {
    let workloads = names::choose("workload", &args.workload, cyclade_workloads::all(), |info| info.name)?;
    let size = match &args.size {
        None => None,
        Some(text) => Some(names::number(text).ok_or_else(|| {
            Exit::usage(format_args!("--size `{}` is no number; try 100000 or 1M", text.escape_debug()))
        })?),
    };
    let mut rows = Vec::new();
    for workload in workloads {
        rows.push(row(workload, size, args.measuring.quick)?);
    }
    let contests = if args.peers { contests(&args.measuring, &rows)? } else { Vec::new() };
    let record = Matrix::plan(&args.measuring, rows)?.against(contests).run(as_json)?;
    matrix::verdict(&record)
}

fn contests(measuring: &Measuring, rows: &[Row]) -> Result<Vec<Contest>, Exit> {
    let collectors = names::choose("collector", &measuring.collector, collectors::ALL, |entry| entry.name)?;
    let collectors: Vec<&str> = collectors.iter().map(|entry| entry.name).collect();
    let workloads: Vec<&str> = rows.iter().map(|row| row.workload.name).collect();
    contest::plan(&workloads, &collectors, measuring.quick)
}

fn row(workload: &'static Info, size: Option<u64>, quick: bool) -> Result<Row, Exit> {
    let sizes = workload.sizes;
    if sizes.default == 0 {
        // The graph has the size that it has.
        return Ok(Row { workload, size: HeapGraph::bundled().n() as u64, graph: Some(Graph::Bundled) });
    }
    let size = size.unwrap_or(if quick { sizes.quick } else { sizes.default });
    if !(sizes.least..=sizes.most).contains(&size) {
        let nearest = size.clamp(sizes.least, sizes.most);
        return Err(Exit::usage(format_args!(
            "size {size} is out of range for workload `{}`; the nearest is {nearest} (from {} to {})",
            workload.name, sizes.least, sizes.most
        )));
    }
    Ok(Row { workload, size, graph: None })
}
