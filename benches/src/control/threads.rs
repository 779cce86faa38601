//! Control (f): how much faster two threads do plain arithmetic than one. A shared machine may not have two processors to give; then no collector
//! can be twice as fast on two threads either.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// As tables print it.
pub const NAME: &str = "control: two threads of arithmetic";

/// `steps` of a multiplicative generator: no memory, nothing that one step could do before the one before is done.
fn arithmetic(steps: u64) -> Duration {
    let start = Instant::now();
    let mut state = black_box(1_u64);
    for _ in 0..steps {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
    }
    black_box(state);
    start.elapsed()
}

/// By how much twice `steps` are done sooner by two threads than by one: 2 if the machine has two processors to give.
#[must_use]
pub fn scaling(steps: u64) -> f64 {
    let one = arithmetic(2 * steps);
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| arithmetic(steps));
        arithmetic(steps);
    });
    one.as_secs_f64() / start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE)
}
