//! Mutator utilisation: what share of any window of time the mutator is sure to get.
//!
//! * MMU(w), minimum mutator utilisation: the least share over all windows of length `w` within the run. Cheng and
//!   Blelloch, *A parallel, real-time garbage collector*, PLDI 2001. It is not monotonic in `w`.
//! * BMU(w), bounded mutator utilisation: the least share over all windows of length `w` **or more**. Sachindran, Moss
//!   and Berger, *MC²: high-performance garbage collection for memory-constrained environments*, OOPSLA 2004. Monotonic.
//!
//! Both are exact here, not sampled. For MMU: as a window slides, the pause time in it changes its slope only where one of
//! its ends crosses an end of a pause, and it is largest where the window begins with a pause or ends with one: two
//! candidates per pause, `O(n)` per window. For BMU: a worst window that is longer than `w` begins with a pause and ends with one (else cutting
//! mutator time off, or taking pause time in, makes it worse). With the pause time before each begin and up to each end as
//! points of a plane, that is the steepest line between a begin and an end at least `w` to its right, and the begins that
//! matter form a convex chain: maximum-density segment with a minimum length, `O(n log n)` per window.

/// The pauses of a run, clipped to it and joined where they overlap.
#[derive(Clone, Debug)]
pub struct Timeline {
    wall_ns: u64,
    pauses: Vec<Stretch>,
    total: u64,
}

/// One pause, with the pause time that went before it.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u64,
    end: u64,
    before: u64,
}

impl Timeline {
    /// From pauses as (start, duration), in any order, of a run of `wall_ns`. `O(n log n)`.
    pub fn new(pauses: impl IntoIterator<Item = (u64, u64)>, wall_ns: u64) -> Self {
        let mut raw: Vec<(u64, u64)> = pauses
            .into_iter()
            .map(|(start, duration)| (start, start.saturating_add(duration).min(wall_ns)))
            .filter(|(start, end)| start < end)
            .collect();
        raw.sort_unstable();
        let mut joined: Vec<Stretch> = Vec::with_capacity(raw.len());
        let mut total = 0;
        for (start, end) in raw {
            match joined.last_mut() {
                Some(last) if start <= last.end => {
                    total += end.saturating_sub(last.end);
                    last.end = last.end.max(end);
                }
                _ => {
                    joined.push(Stretch { start, end, before: total });
                    total += end - start;
                }
            }
        }
        Self { wall_ns, pauses: joined, total }
    }

    /// All pause time together; overlapping pauses count once.
    pub fn paused_ns(&self) -> u64 {
        self.total
    }

    /// MMU: the least share of a window of `window_ns` that the mutator got. `None` if the window is empty or longer than
    /// the run.
    ///
    /// ```
    /// use cyclade_report::statistics::Timeline;
    /// let timeline = Timeline::new([(100, 20), (130, 20)], 1_000);
    /// assert_eq!(timeline.mmu(10), Some(0.0));
    /// assert_eq!(timeline.mmu(50), Some(0.2)); // 40 of 50 are pause
    /// assert_eq!(timeline.mmu(1_000), Some(0.96));
    /// ```
    pub fn mmu(&self, window_ns: u64) -> Option<f64> {
        let paused = self.most_paused(window_ns)?;
        Some(share_left(paused, window_ns))
    }

    /// BMU: the least share of any window of `window_ns` or more that the mutator got. `None` as for [`mmu`](Self::mmu).
    pub fn bmu(&self, window_ns: u64) -> Option<f64> {
        let mut worst = (self.most_paused(window_ns)?, window_ns);
        // Begins that some later end may pair with, as a chain whose slopes increase.
        let mut chain: Vec<(u64, u64)> = Vec::new();
        let mut next = 0;
        for last in &self.pauses {
            let (end, paused) = (last.end, last.before + (last.end - last.start));
            while let Some(begin) =
                self.pauses.get(next).filter(|p| p.start < end && end - p.start >= window_ns)
            {
                let point = (begin.start, begin.before);
                while let [.., a, b] = chain[..] {
                    if !steeper(slope(a, b), slope(b, point)) {
                        break;
                    }
                    chain.pop();
                }
                chain.push(point);
                next += 1;
            }
            // Along the chain the slope towards the end rises, then falls: go on while the next begin is steeper.
            let best = partition(chain.len().saturating_sub(1), |i| {
                steeper(slope(chain[i + 1], (end, paused)), slope(chain[i], (end, paused)))
            });
            if let Some(begin) = chain.get(best) {
                let candidate = slope(*begin, (end, paused));
                if steeper(candidate, worst) {
                    worst = candidate;
                }
            }
        }
        Some(share_left(worst.0, worst.1))
    }

    /// The most pause time in any window of exactly this length.
    fn most_paused(&self, window: u64) -> Option<u64> {
        if window == 0 || window > self.wall_ns {
            return None;
        }
        let latest = self.wall_ns - window;
        let beginning = self.most_paused_from(window, |pause| pause.start.min(latest));
        let ending = self.most_paused_from(window, |pause| pause.end.saturating_sub(window));
        Some(beginning.max(ending))
    }

    /// The most pause time in the windows that `place` gives, one for each pause. Neither its places nor, therefore, the ends of the
    /// windows ever go back, so two walks along the pauses see them all.
    fn most_paused_from(&self, window: u64, place: impl Fn(&Stretch) -> u64) -> u64 {
        let (mut from, mut to) = (Walk::along(&self.pauses), Walk::along(&self.pauses));
        let paused = |pause: &Stretch| {
            let at = place(pause);
            to.paused_until(at + window) - from.paused_until(at)
        };
        self.pauses.iter().map(paused).max().unwrap_or(0)
    }
}

/// Goes along the pauses, for moments that do not decrease.
struct Walk<'a> {
    ahead: std::slice::Iter<'a, Stretch>,
    last: Option<&'a Stretch>,
}

impl<'a> Walk<'a> {
    fn along(pauses: &'a [Stretch]) -> Self {
        Walk { ahead: pauses.iter(), last: None }
    }

    /// Pause time before this moment.
    fn paused_until(&mut self, at: u64) -> u64 {
        while let Some(next) = self.ahead.as_slice().first().filter(|pause| pause.start <= at) {
            self.last = Some(next);
            self.ahead.next();
        }
        self.last.map_or(0, |pause| pause.before + (at.min(pause.end) - pause.start))
    }
}

/// Windows from 10 µs on, three per decade, up to the length of the run: for curves on a logarithmic axis.
pub fn windows(wall_ns: u64) -> Vec<u64> {
    let mut windows = Vec::new();
    let mut decade = 10_000u64;
    while decade <= wall_ns {
        windows
            .extend([1, 2, 5].iter().filter_map(|step| decade.checked_mul(*step)).filter(|w| *w <= wall_ns));
        let Some(larger) = decade.checked_mul(10) else { break };
        decade = larger;
    }
    windows
}

/// Rise and run from one point to a later one.
fn slope(from: (u64, u64), to: (u64, u64)) -> (u64, u64) {
    (to.1 - from.1, to.0 - from.0)
}

/// Whether the first slope is greater, exactly.
fn steeper(first: (u64, u64), second: (u64, u64)) -> bool {
    u128::from(first.0) * u128::from(second.1) > u128::from(second.0) * u128::from(first.1)
}

/// The first index below `len` for which `go_on` is false.
fn partition(len: usize, go_on: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if go_on(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

fn share_left(paused: u64, window: u64) -> f64 {
    (window - paused) as f64 / window as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One bit per nanosecond.
    fn bits(pauses: &[(u64, u64)], wall: u64) -> Vec<bool> {
        (0..wall).map(|t| pauses.iter().any(|(start, length)| *start <= t && t < start + length)).collect()
    }

    fn worst(bits: &[bool], lengths: impl Iterator<Item = usize>) -> Option<f64> {
        let share =
            |window: &[bool]| window.iter().filter(|paused| !**paused).count() as f64 / window.len() as f64;
        lengths.flat_map(|length| bits.windows(length).map(share).collect::<Vec<_>>()).min_by(f64::total_cmp)
    }

    fn runs() -> impl Strategy<Value = (Vec<(u64, u64)>, u64)> {
        (prop::collection::vec((0u64..130, 0u64..12), 0..16), 1u64..140)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn mmu_is_the_least_over_every_window((pauses, wall) in runs(), window in 1u64..140) {
            let expected = worst(&bits(&pauses, wall), std::iter::once(window as usize));
            prop_assert_eq!(Timeline::new(pauses, wall).mmu(window), expected);
        }

        #[test]
        fn bmu_is_the_least_over_every_window_that_is_not_shorter((pauses, wall) in runs(), window in 1u64..140) {
            let expected = worst(&bits(&pauses, wall), window as usize..=wall as usize);
            prop_assert_eq!(Timeline::new(pauses, wall).bmu(window), expected);
        }

        #[test]
        fn paused_time_counts_overlaps_once((pauses, wall) in runs()) {
            let expected = bits(&pauses, wall).iter().filter(|paused| **paused).count() as u64;
            prop_assert_eq!(Timeline::new(pauses, wall).paused_ns(), expected);
        }

        #[test]
        fn no_input_overflows(pauses in prop::collection::vec((any::<u64>(), any::<u64>()), 0..6), wall: u64, window: u64) {
            let timeline = Timeline::new(pauses, wall);
            for share in [timeline.mmu(window), timeline.bmu(window)].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }
    }

    #[test]
    fn windows_that_do_not_fit_have_no_utilisation() {
        let timeline = Timeline::new([(0, 5)], 10);
        assert_eq!((timeline.mmu(0), timeline.mmu(11), timeline.bmu(11)), (None, None, None));
        assert_eq!(timeline.mmu(10), Some(0.5));
    }

    #[test]
    fn windows_of_a_curve_cover_three_steps_per_decade_within_the_run() {
        assert_eq!(windows(120_000), [10_000, 20_000, 50_000, 100_000]);
        assert_eq!(windows(9_999), Vec::<u64>::new());
        assert!(windows(u64::MAX).len() > 30);
    }
}
