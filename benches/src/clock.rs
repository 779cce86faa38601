//! What a measured part took.

use cpu_time::ProcessTime;
use std::time::{Duration, Instant};

/// What a measured part took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// By the clock on the wall.
    pub wall: Duration,
    /// Processor time of all of the process' threads: a collector's own thread included, other processes not.
    pub cpu: Duration,
}

impl std::ops::Add for Spent {
    type Output = Spent;
    fn add(self, other: Spent) -> Spent {
        Spent { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}

/// Runs from [`start`](Self::start) on.
#[derive(Debug)]
pub struct Clock {
    wall: Instant,
    cpu: ProcessTime,
}

impl Clock {
    /// Now.
    #[must_use]
    pub fn start() -> Self {
        Clock { cpu: ProcessTime::now(), wall: Instant::now() }
    }

    /// Since the start.
    #[must_use]
    pub fn elapsed(&self) -> Spent {
        Spent { wall: self.wall.elapsed(), cpu: self.cpu.elapsed() }
    }
}

/// What `work` took.
pub fn time(work: impl FnOnce()) -> Spent {
    let clock = Clock::start();
    work();
    clock.elapsed()
}

/// One measurement: what all of it took, and what else was seen.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// All measured parts together.
    pub spent: Spent,
    /// Other figures, by name: those that the workload announces as its [`Figure`](crate::contest::Figure)s. Times are in nanoseconds.
    pub figures: Vec<(&'static str, f64)>,
}

impl From<Spent> for Reading {
    fn from(spent: Spent) -> Self {
        Reading { spent, figures: Vec::new() }
    }
}

impl Reading {
    /// Adds a figure.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.figures.push((name, value));
        self
    }

    /// Adds the processor time of a part.
    #[must_use]
    pub fn part(self, name: &'static str, spent: Spent) -> Self {
        self.with(name, spent.cpu.as_nanos() as f64)
    }
}
