//! The longest time for which a thread that does nothing but look at the clock was not running: what the machine adds to any pause that is seen.
//! (After the hiccup meter of Gil Tene's jHiccup.)

use std::time::{Duration, Instant};

/// Looks at the clock for `time`, and returns the longest interval between two looks.
#[must_use]
pub fn longest(time: Duration) -> Duration {
    let start = Instant::now();
    let (mut last, mut longest) = (start, Duration::ZERO);
    while last - start < time {
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_something_and_not_more_than_the_time() {
        let time = Duration::from_millis(5);
        let start = Instant::now();
        let gap = longest(time);
        assert!(gap > Duration::ZERO && gap <= start.elapsed());
    }
}
