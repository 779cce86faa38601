//! A binary with other people's collectors.

use super::figures::fill;
use crate::cell::job::Job;
use crate::exit::Exit;
use cyclade_benches::clock::Reading;
use cyclade_benches::contest::{self, Side};
use cyclade_benches::workload::SEED;
use cyclade_benches::{Contestant, Workload, big_stack};
use cyclade_report::record::{Cell, Contest, Status};

/// `--quick` does so much less.
const QUICK: u64 = 20;

/// A contest for each of the workloads that has one, with those of our collectors that were chosen, and everybody else.
pub(crate) fn plan(workloads: &[&str], collectors: &[&str], quick: bool) -> Result<Vec<Contest>, Exit> {
    let all = contest::brief();
    let contests: Vec<Contest> = workloads
        .iter()
        .filter_map(|name| all.iter().find(|contest| contest.name == *name))
        .map(|contest| announce(contest, collectors, quick))
        .collect();
    if contests.is_empty() {
        let names: Vec<&str> = all
            .iter()
            .map(|contest| contest.name)
            .filter(|name| cyclade_workloads::all().iter().any(|info| info.name == *name))
            .collect();
        return Err(Exit::usage(format_args!(
            "--peers: none of the chosen workloads runs on other people's collectors; {} do",
            cyclade_report::units::list(&names)
        )));
    }
    Ok(contests)
}

fn announce(workload: &Workload, collectors: &[&str], quick: bool) -> Contest {
    let names =
        |side: Side| workload.contestants.iter().filter(move |c| c.side == side).map(|c| c.name.to_owned());
    Contest {
        workload: workload.name.to_owned(),
        size: if quick { (workload.size / QUICK).max(1) } else { workload.size },
        operation: workload.operation.to_owned(),
        reference: workload.reference.to_owned(),
        ours: names(Side::Ours).filter(|name| collectors.contains(&name.as_str())).collect(),
        peers: names(Side::Peer).collect(),
        ..Contest::default()
    }
}

/// Runs one contestant in this process, prints its cell, and ends the process while the contestant still stands: taking it down
/// is not measured, and some take long over it. Returns only if there is nothing to run, or nobody to tell.
pub(crate) fn measure(job: &Job) -> Cell {
    let contestant = contest::brief()
        .into_iter()
        .filter(|contest| contest.name == job.workload)
        .flat_map(|contest| contest.contestants)
        .find(|contestant| contestant.name == job.collector);
    let mut cell = job.cell(Status::Failed);
    cell.seed = SEED;
    let Some(Contestant { run, leaks, .. }) = contestant else {
        cell.detail = Some(format!("no contestant `{}` on {}", job.collector, job.workload));
        cell.explain_absences("the cell could not be run");
        return cell;
    };
    cell.status = if leaks { Status::LeakedAsExpected } else { Status::Ok };
    let size = job.size;
    let measured = cell.clone();
    big_stack::run(move || {
        run(size, &|Reading { spent, .. }: Reading| {
            let mut cell = measured.clone();
            fill(&mut cell, spent.wall, spent.cpu);
            let told = crate::output::json(&cell);
            std::process::exit(i32::from(told.is_err()));
        });
    });
    cell.status = Status::Failed;
    cell.detail = Some("the contestant came back without a time".to_owned());
    cell.explain_absences("the cell could not be run");
    cell
}
