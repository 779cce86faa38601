//! The child's side: reads a job, runs it, prints a cell.

use super::job::Job;
use super::observe::{self, Around};
use crate::exit::Exit;
use crate::machine::{Usage, hiccup_ns};
use crate::{collectors, contest};
use cyclade_report::record::{Cell, Status};
use cyclade_workloads::driver::Moment;
use cyclade_workloads::{GraphInput, Params};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

/// How long the clock is watched before and after the measured part.
const WATCH: Duration = Duration::from_millis(4);

/// `cyclade cell`: the job comes on standard input, the cell goes to standard output.
pub(crate) fn run() -> Result<(), Exit> {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Exit::usage(format_args!("cannot read the job: {error}")))?;
    let job: Job = serde_json::from_str(&text)
        .map_err(|error| Exit::usage(format_args!("no job as `cyclade run` writes them: {error}")))?;
    crate::output::json(&measure(&job))
}

/// Runs a job in this process.
fn measure(job: &Job) -> Cell {
    if job.contest {
        return contest::measure(job);
    }
    let Some(collector) = collectors::find(&job.collector) else {
        return failed(job, format!("unknown collector `{}`", job.collector));
    };
    let graph = match job.graph.as_ref().map(|graph| graph.read()).transpose() {
        Ok(graph) => graph.map(|graph| GraphInput::new(Arc::new(graph))),
        Err(message) => return failed(job, message),
    };
    let params = Params {
        size: job.size,
        seed: job.seed,
        budget: Duration::from_nanos(job.budget_ns),
        heap_limit: job.heap_limit_bytes.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        leak_cap: usize::try_from(job.leak_cap_bytes).unwrap_or(usize::MAX),
        graph: graph.clone(),
        ..Params::default()
    };
    let first = Usage::now();
    let mut around = Around::default();
    let report = (collector.measure)(&job.workload, &params, &mut |moment| match moment {
        Moment::Begin => {
            around.hiccup_ns = around.hiccup_ns.max(hiccup_ns(WATCH));
            around.begin = Some(Usage::now());
        }
        Moment::End => {
            around.end = Some(Usage::now());
            around.hiccup_ns = around.hiccup_ns.max(hiccup_ns(WATCH));
        }
    });
    around.whole = Some((first, Usage::now()));
    match report {
        Ok(report) => observe::cell(job, collector.plan, report, &around, graph.map(|graph| graph.steps())),
        Err(unknown) => failed(job, unknown.to_string()),
    }
}

fn failed(job: &Job, message: String) -> Cell {
    let mut cell = job.cell(Status::Failed);
    cell.detail = Some(message);
    cell.explain_absences("the cell could not be run");
    cell
}
