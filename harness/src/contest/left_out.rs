//! A binary without other people's collectors.

use crate::cell::job::Job;
use crate::exit::Exit;
use cyclade_report::record::{Cell, Contest, Status};

/// Says how to build a binary that has them.
pub(crate) fn plan(_workloads: &[&str], _collectors: &[&str], _quick: bool) -> Result<Vec<Contest>, Exit> {
    Err(Exit::usage(
        "this binary was built without other people's collectors; `cargo run --release --features peers -- run --peers` has them",
    ))
}

/// A job that no parent of this binary hands out.
pub(crate) fn measure(job: &Job) -> Cell {
    let mut cell = job.cell(Status::Failed);
    cell.detail = Some("this binary was built without other people's collectors".to_owned());
    cell.explain_absences("the cell could not be run");
    cell
}
