//! The clock of the measured part: counts from its start, and stands still where something else is done.

use cyclade_core::{Collector, Heap};
use std::time::Instant;

/// A pause, in the time of the measured part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseAt {
    /// From the start of the measured part.
    pub start_ns: u64,
    /// How long it lasted.
    pub duration_ns: u64,
    /// What for.
    pub kind: &'static str,
}

/// A clock that can be stopped.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Instant,
    excluded_ns: u64,
    pauses: Vec<PauseAt>,
}

impl Clock {
    /// Starts at 0.
    #[must_use]
    pub fn start() -> Self {
        Clock { start: Instant::now(), excluded_ns: 0, pauses: Vec::new() }
    }

    /// Nanoseconds of the measured part so far.
    #[must_use]
    #[inline]
    pub fn now(&self) -> u64 {
        self.at(Instant::now())
    }

    fn at(&self, instant: Instant) -> u64 {
        let ns = instant.saturating_duration_since(self.start).as_nanos() as u64;
        ns.saturating_sub(self.excluded_ns)
    }

    /// What lies between `since` and now does not count.
    pub(crate) fn exclude(&mut self, since: Instant) {
        self.excluded_ns += since.elapsed().as_nanos() as u64;
    }

    /// Takes the heap's pauses over while instants still mean what they meant when the pauses were recorded.
    pub(crate) fn keep<C: Collector>(&mut self, heap: &mut Heap<C>) {
        for pause in heap.take_pauses() {
            self.pauses.push(PauseAt {
                start_ns: self.at(pause.start),
                duration_ns: pause.duration.as_nanos() as u64,
                kind: pause.kind.name(),
            });
        }
    }

    /// All pauses so far.
    pub(crate) fn take_pauses(&mut self) -> Vec<PauseAt> {
        std::mem::take(&mut self.pauses)
    }
}
