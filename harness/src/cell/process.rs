//! The parent's side: starts a child, waits, kills it when its time is over, and makes a row of however it ended.

use super::job::Job;
use crate::exit::Exit;
use crate::interrupt;
use cyclade_report::record::{Cell, Status};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Runs a job in a child process. `Err` only if no child can be started at all.
pub(crate) fn measure(job: &Job) -> Result<Cell, Exit> {
    let start = |error| Exit::failed(format_args!("cannot start a process to measure in: {error}"));
    let program = std::env::current_exe().map_err(start)?;
    let mut child = Command::new(program)
        .arg("cell")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    if let Some(mut input) = child.stdin.take() {
        // If the child is gone already, its exit code says more than the broken pipe.
        let _ = input.write_all(serde_json::to_string(job).unwrap_or_default().as_bytes());
    }
    let out = reader(child.stdout.take());
    let err = reader(child.stderr.take());
    let ended = wait(&mut child, job.timeout_ns.map(Duration::from_nanos));
    let (out, err) = (collect(out), collect(err));
    Ok(match ended {
        Ended::TimedOut => {
            let mut cell = job.cell(Status::TimedOut);
            cell.explain_absences("the cell was stopped at its time limit");
            cell
        }
        Ended::Interrupted => {
            let mut cell = job.cell(Status::Interrupted);
            cell.explain_absences("the run was interrupted");
            cell
        }
        Ended::Exited(status) => exited(job, status, &out, &err),
    })
}

enum Ended {
    Exited(ExitStatus),
    TimedOut,
    Interrupted,
}

fn wait(child: &mut Child, timeout: Option<Duration>) -> Ended {
    let start = Instant::now();
    let mut nap = Duration::from_micros(500);
    loop {
        match child.try_wait() {
            // A terminal's Ctrl-C goes to the child too: however that ended, it was not by itself.
            Ok(Some(_)) if interrupt::asked() => return Ended::Interrupted,
            Ok(Some(status)) => return Ended::Exited(status),
            Ok(None) => {}
            Err(_) => return Ended::Interrupted,
        }
        let over = timeout.is_some_and(|timeout| start.elapsed() >= timeout);
        if over || interrupt::asked() {
            let _ = child.kill();
            let _ = child.wait();
            return if over { Ended::TimedOut } else { Ended::Interrupted };
        }
        // Sleeping longer and longer: the child is not disturbed, and short cells do not wait.
        thread::sleep(nap);
        nap = (nap * 2).min(Duration::from_millis(5));
    }
}

fn exited(job: &Job, status: ExitStatus, out: &[u8], err: &[u8]) -> Cell {
    if status.success()
        && let Ok(cell) = serde_json::from_slice(out)
    {
        return cell;
    }
    let mut cell = job.cell(Status::Crashed);
    cell.exit_code = status.code().filter(|code| *code != 0);
    #[cfg(unix)]
    {
        cell.signal = std::os::unix::process::ExitStatusExt::signal(&status);
    }
    let text = String::from_utf8_lossy(err);
    cell.detail = Some(panic_message(&text).unwrap_or("the process ended without a result").to_owned());
    cell.explain_absences("the process died without a report");
    cell
}

/// What a panic says, without where; else the first line that is not empty.
fn panic_message(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    if first.starts_with("thread ") && first.contains("panicked at") {
        lines.next().or(Some(first))
    } else {
        Some(first)
    }
}

type Reader = Option<thread::JoinHandle<Vec<u8>>>;

fn reader(pipe: Option<impl Read + Send + 'static>) -> Reader {
    let mut pipe = pipe?;
    Some(thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    }))
}

fn collect(reader: Reader) -> Vec<u8> {
    reader.and_then(|thread| thread.join().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_its_message_and_not_by_its_place() {
        let text = "\nthread 'main' (71) panicked at src/x.rs:1:2:\nout of cheese\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(panic_message(text), Some("out of cheese"));
        assert_eq!(panic_message("Killed\n"), Some("Killed"));
        assert_eq!(panic_message(""), None);
    }
}
