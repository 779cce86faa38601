//! `frames`: exceptions that are kept in a local variable. The exception knows its traceback, the traceback its frames, and
//! the frame, by that variable, the exception: the most common cycle of Python programs.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Frame<'gc> {
    caller: Slot<'gc, Frame<'gc>>,
    exception: Slot<'gc, Exception<'gc>>,
    _locals: [u64; 6],
}

#[derive(Trace)]
struct Traceback<'gc> {
    next: Slot<'gc, Traceback<'gc>>,
    frame: Slot<'gc, Frame<'gc>>,
    _line: u64,
}

#[derive(Trace)]
struct Exception<'gc> {
    traceback: Slot<'gc, Traceback<'gc>>,
    _message: [u64; 2],
}

/// Frames that an exception passes.
const DEPTH: u64 = 4;

/// Objects made by one operation.
const OBJECTS: u64 = 2 * DEPTH + 1;

/// See the module.
pub(crate) struct Frames {
    exceptions: u64,
}

impl Workload for Frames {
    const INFO: Info = Info {
        name: "frames",
        about: "exceptions with their tracebacks and frames, one of which keeps the exception",
        operation: "one exception raised through four frames and forgotten",
        size: "objects per round",
        sizes: Sizes::around(200_000),
        scope_ops: 32,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        Ok(Frames { exceptions: (params.size / OBJECTS).max(1) })
    }

    fn round(&self) -> u64 {
        self.exceptions
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        bench.scope(|mc, tally| {
            for i in operations {
                let mut caller = Slot::empty();
                let mut frames = [None; DEPTH as usize];
                for frame in &mut frames {
                    let made =
                        tally.alloc(mc, Frame { caller, exception: Slot::empty(), _locals: [i; 6] })?;
                    caller = Slot::to(made);
                    *frame = Some(made);
                }
                let exception = Exception { traceback: Slot::empty(), _message: [i; 2] };
                let exception = tally.alloc(mc, exception)?;
                // Unwinding: from the innermost frame outwards, each adds its entry in front.
                for frame in frames.iter().rev().copied().flatten() {
                    let next = exception.traceback.get().map_or_else(Slot::empty, Slot::to);
                    let entry = Traceback { next, frame: Slot::to(frame), _line: i };
                    let entry = tally.alloc(mc, entry)?;
                    exception.set(mc, |exception| &exception.traceback, Some(entry));
                }
                // `except Error as e: self.last = e`, in the outermost frame.
                if let Some(outermost) = frames[0] {
                    outermost.set(mc, |frame| &frame.exception, Some(exception));
                }
                tally.dying(mc, exception, FOLLOW_EVERY);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        0
    }
}
