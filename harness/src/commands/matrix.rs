//! The matrix of cells: what `run` and `replay` share. Plans the cells, runs them interleaved, writes what came out.

use crate::cell::job::{Graph, Job};
use crate::cell::process;
use crate::cli::Measuring;
use crate::collectors::{self, Entry};
use crate::exit::Exit;
use crate::{interrupt, machine, names, output, progress};
use cyclade_report::record::{Cell, Contest, Control, Plan, RunRecord, Status};
use cyclade_report::statistics::SplitMix64;
use cyclade_report::{Output, export, table};
use cyclade_workloads::Info;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// What the measured parts of all cells may take together.
const BUDGET: Duration = Duration::from_secs(45);
const QUICK_BUDGET: Duration = Duration::from_secs(4);

/// No measured part is planned shorter or longer than this.
const SHARE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(2));

/// A collector that leaks runs until it has leaked so many bytes.
const LEAK_CAP: u64 = 64 << 20;
const QUICK_LEAK_CAP: u64 = 8 << 20;

/// One workload with its size.
pub(crate) struct Row {
    pub(crate) workload: &'static Info,
    pub(crate) size: u64,
    pub(crate) graph: Option<Graph>,
}

/// The processes to run, in order.
pub(crate) struct Matrix {
    collectors: Vec<&'static Entry>,
    rows: Vec<Row>,
    /// What other people's collectors take part in, without cells yet.
    contests: Vec<Contest>,
    repeat: u32,
    seed: u64,
    quick: bool,
    timeout: Duration,
    heap_limit: u64,
    output: Output,
}

impl Matrix {
    /// Checks everything that can be checked before anything is measured.
    pub(crate) fn plan(measuring: &Measuring, rows: Vec<Row>) -> Result<Self, Exit> {
        let collectors =
            names::choose("collector", &measuring.collector, collectors::ALL, |entry| entry.name)?;
        let repeat = match &measuring.repeat {
            None => 3,
            Some(text) => names::number(text).filter(|n| (1..=1000).contains(n)).ok_or_else(|| {
                Exit::usage(format_args!(
                    "--repeat `{}` is no number from 1 to 1000, such as 3",
                    text.escape_debug()
                ))
            })? as u32,
        };
        let seed = names::number(&measuring.seed).ok_or_else(|| {
            let given = measuring.seed.escape_debug();
            Exit::usage(format_args!("--seed `{given}` is no number from 0 to {}, such as 42", u64::MAX))
        })?;
        let largest = rows.iter().map(|row| row.size).max().unwrap_or(0);
        let timeout = match &measuring.timeout {
            None if largest > 1_000_000 => Duration::from_secs(600),
            None => Duration::from_secs(60),
            Some(text) => names::duration(text).ok_or_else(|| {
                Exit::usage(format_args!(
                    "--timeout `{}` is no duration such as 500ms, 10s or 2m",
                    text.escape_debug()
                ))
            })?,
        };
        let heap_limit = match &measuring.heap_limit {
            None => (2 << 30).max(largest * 2048),
            Some(text) => names::number(text).filter(|bytes| *bytes > 0).ok_or_else(|| {
                Exit::usage(format_args!(
                    "--heap-limit `{}` is no size such as 512MiB or 2GiB",
                    text.escape_debug()
                ))
            })?,
        };
        let directory = measuring.out.clone().unwrap_or_else(default_directory);
        let output = Output::prepare(&directory, &export::FILES, measuring.force).map_err(Exit::usage)?;
        let (contests, quick) = (Vec::new(), measuring.quick);
        Ok(Matrix { collectors, rows, contests, repeat, seed, quick, timeout, heap_limit, output })
    }

    /// With these contests, each beside the workload that it goes with.
    pub(crate) fn against(self, contests: Vec<Contest>) -> Self {
        Matrix { contests, ..self }
    }

    /// Round by round, so that what drifts hits everybody; inside a round the order of the collectors moves on by one, so that
    /// nobody is always first.
    fn jobs(&self) -> Vec<Job> {
        let control = self.control();
        // Contests are not part of it: theirs is a fixed number of operations.
        let cells =
            self.repeat as usize * (self.rows.len() * self.collectors.len() + usize::from(control.is_some()));
        let budget = if self.quick { QUICK_BUDGET } else { BUDGET };
        let budget = (budget / cells.max(1) as u32).clamp(SHARE.0, SHARE.1);
        let mut jobs = Vec::with_capacity(cells);
        for repeat in 0..self.repeat {
            for (number, row) in self.rows.iter().enumerate() {
                let mut entries: Vec<(&Entry, Option<Control>)> =
                    self.collectors.iter().map(|entry| (*entry, None)).collect();
                if let Some((place, entry)) = control
                    && place == number
                {
                    entries.push((entry, Some(Control::SameAgainstSame)));
                }
                let count = entries.len();
                entries.rotate_left(repeat as usize % count);
                for (entry, control) in entries {
                    jobs.push(Job {
                        collector: entry.name.to_owned(),
                        workload: row.workload.name.to_owned(),
                        size: row.size,
                        seed: cell_seed(self.seed, row.workload.name, repeat),
                        repeat,
                        control,
                        budget_ns: budget.as_nanos() as u64,
                        leak_cap_bytes: if self.quick { QUICK_LEAK_CAP } else { LEAK_CAP },
                        heap_limit_bytes: Some(self.heap_limit),
                        timeout_ns: Some(self.timeout.as_nanos() as u64),
                        graph: row.graph.clone(),
                        contest: false,
                        process: jobs.len() as u32,
                    });
                }
                for contest in self.contests.iter().filter(|contest| contest.workload == row.workload.name) {
                    self.contest_jobs(contest, repeat, &mut jobs);
                }
            }
        }
        jobs
    }

    /// One round of a contest. The program is fixed, so there is no seed and no budget to hand on; nor a heap limit, which a
    /// published crate would not know.
    fn contest_jobs(&self, contest: &Contest, repeat: u32, jobs: &mut Vec<Job>) {
        let mut names: Vec<&String> = contest.ours.iter().chain(&contest.peers).collect();
        let count = names.len().max(1);
        names.rotate_left(repeat as usize % count);
        for name in names {
            jobs.push(Job {
                collector: name.clone(),
                workload: contest.workload.clone(),
                size: contest.size,
                seed: 0,
                repeat,
                control: None,
                budget_ns: 0,
                leak_cap_bytes: 0,
                heap_limit_bytes: None,
                timeout_ns: Some(self.timeout.as_nanos() as u64),
                graph: None,
                contest: true,
                process: jobs.len() as u32,
            });
        }
    }

    /// The A/A control: mark-sweep if it takes part, else the first collector that frees, on the first workload.
    fn control(&self) -> Option<(usize, &'static Entry)> {
        let chosen = self.collectors.iter().find(|entry| entry.name == "mark-sweep");
        let chosen = chosen.or_else(|| self.collectors.iter().find(|entry| entry.plan.frees));
        chosen.or(self.collectors.first()).map(|entry| (0, *entry))
    }

    /// Measures, prints, writes.
    pub(crate) fn run(self, as_json: bool) -> Result<RunRecord, Exit> {
        interrupt::listen();
        let mut sizes: Vec<u64> = Vec::new();
        for row in &self.rows {
            if !sizes.contains(&row.size) {
                sizes.push(row.size);
            }
        }
        let plan = Plan {
            collectors: self.collectors.iter().map(|entry| entry.name.to_owned()).collect(),
            workloads: self.rows.iter().map(|row| row.workload.name.to_owned()).collect(),
            sizes,
            repeat: self.repeat,
            seed: self.seed,
            quick: self.quick,
            timeout_ns: Some(self.timeout.as_nanos() as u64),
            heap_limit_bytes: Some(self.heap_limit),
            reference: None,
            command: command(),
            ..Plan::default()
        };
        let mut record = RunRecord::new(machine::environment(), plan);
        record.contests.clone_from(&self.contests);
        let jobs = self.jobs();
        let bar = progress::bar(jobs.len() as u64);
        for job in &jobs {
            if interrupt::asked() {
                let mut cell = job.cell(Status::Interrupted);
                cell.explain_absences("the run was interrupted before this cell began");
                file(&mut record, job, cell);
                continue;
            }
            bar.set_message(format!("{} on {}", job.collector, job.workload));
            let cell = process::measure(job)?;
            file(&mut record, job, cell);
            bar.inc(1);
        }
        bar.finish_and_clear();
        record.summarise();
        let written = export::write_all(&record, &self.output).map_err(Exit::failed)?;
        if as_json {
            output::json(&record)?;
        } else {
            let mut text = table::render(&record, table::Style::for_stdout(terminal_width()));
            text.push('\n');
            for path in written {
                text += &format!("wrote {}\n", path.display());
            }
            output::print(&text)?;
        }
        Ok(record)
    }
}

/// Puts a cell where it belongs: among the record's, or into its contest.
fn file(record: &mut RunRecord, job: &Job, cell: Cell) {
    let contest = record.contests.iter_mut().find(|contest| job.contest && contest.workload == job.workload);
    contest.map_or(&mut record.cells, |contest| &mut contest.cells).push(cell);
}

/// The exit code that a record stands for: a collector of ours at fault is 1, an interrupted run 130. What becomes of other
/// people's collectors is a result like any other.
pub(crate) fn verdict(record: &RunRecord) -> Result<(), Exit> {
    let contested = || record.contests.iter().flat_map(|contest| &contest.cells);
    let ours = record
        .contests
        .iter()
        .flat_map(|contest| contest.cells.iter().filter(|cell| contest.ours.contains(&cell.collector)));
    let at_fault = |cell: &Cell| matches!(cell.status, Status::Failed | Status::Crashed);
    if record.cells.iter().chain(contested()).any(|cell| cell.status == Status::Interrupted) {
        Err(Exit::interrupted())
    } else if record.cells.iter().chain(ours).any(at_fault) {
        Err(Exit::differs())
    } else {
        Ok(())
    }
}

/// The same for all collectors of a round, so that they make the same choices.
fn cell_seed(seed: u64, workload: &str, repeat: u32) -> u64 {
    let name = workload.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    SplitMix64::new(seed ^ name.rotate_left(32) ^ u64::from(repeat)).next_u64()
}

/// A new name each second: nothing is ever in the way.
fn default_directory() -> PathBuf {
    let time = machine::rfc3339(SystemTime::now()).replace([':', '-'], "");
    PathBuf::from(format!("cyclade-run-{time}"))
}

fn command() -> Vec<String> {
    let mut words: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = words.first_mut() {
        *program = "cyclade".to_owned();
    }
    words
}

/// Columns of the terminal on standard output.
fn terminal_width() -> Option<u16> {
    #[cfg(unix)]
    {
        // SAFETY: all-zero is a valid `winsize`, which the call fills.
        let mut size: libc::winsize = unsafe { std::mem::zeroed() };
        // SAFETY: a valid pointer to a `winsize`.
        let result = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) };
        (result == 0 && size.ws_col > 0).then_some(size.ws_col)
    }
    #[cfg(not(unix))]
    {
        None
    }
}
