//! An interpreter at work: programs go in, observations come out, in the same order.
//!
//! Two threads of their own write and read, so that neither side waits for the other: some hundred programs are under way while
//! earlier ones are compared.

use super::interpreters::{Interpreter, command, reason};
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A program that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the interpreter did with a program.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// In the shape of `expect`.
    Expect(Value),
    /// It cannot run it, and says why.
    Skipped(String),
}

/// A line of its output.
#[derive(Deserialize)]
struct Line {
    expect: Option<Value>,
    skipped: Option<String>,
}

/// A process that runs programs.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    programs: Option<Sender<String>>,
    answers: Receiver<String>,
    errors: Option<JoinHandle<Vec<u8>>>,
}

impl Driver {
    /// Starts the interpreter. `Err` says why it does not start.
    pub(crate) fn start(interpreter: &Interpreter) -> Result<Self, String> {
        let mut child = command(&interpreter.path, "-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("it cannot be started: {error}"))?;
        let (Some(mut input), Some(output), Some(mut error)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("it has no standard streams".to_owned());
        };
        let (programs, to_write) = channel::<String>();
        thread::spawn(move || {
            // A process that has ended is noticed where its answers are read.
            while let Ok(line) = to_write.recv() {
                if writeln!(input, "{line}").and_then(|()| input.flush()).is_err() {
                    return;
                }
            }
        });
        let (to_send, answers) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if to_send.send(line).is_err() {
                    return;
                }
            }
        });
        let errors = thread::spawn(move || {
            let mut text = Vec::new();
            let _ = error.read_to_end(&mut text);
            text
        });
        Ok(Driver { child, programs: Some(programs), answers, errors: Some(errors) })
    }

    /// Gives it a program.
    pub(crate) fn send(&self, program: &Value) {
        if let Some(programs) = &self.programs {
            // If the writer has gone, the process has: see `receive`.
            let _ = programs.send(program.to_string());
        }
    }

    /// Waits for the answer to the oldest program that has none. `Err` says how the process ended.
    pub(crate) fn receive(&mut self) -> Result<Answer, String> {
        match self.answers.recv_timeout(PATIENCE) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(Line { expect: Some(expect), .. }) => Ok(Answer::Expect(expect)),
                Ok(Line { skipped: Some(reason), .. }) => Ok(Answer::Skipped(reason)),
                _ => Err(format!("its answer is no answer: {line}")),
            },
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("it was stopped: no answer for {} seconds", PATIENCE.as_secs()))
            }
            Err(RecvTimeoutError::Disconnected) => Err(self.end()),
        }
    }

    /// The answers to all of these programs.
    pub(crate) fn run(&mut self, programs: &[Value]) -> Result<Vec<Answer>, String> {
        for program in programs {
            self.send(program);
        }
        programs.iter().map(|_| self.receive()).collect()
    }

    /// How it ended.
    fn end(&mut self) -> String {
        self.programs = None;
        let _ = self.child.kill();
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let errors = self.errors.take().and_then(|errors| errors.join().ok()).unwrap_or_default();
        reason(&errors, &status)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
