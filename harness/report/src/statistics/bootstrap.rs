//! The bootstrap: how a statistic would vary if the samples were drawn again from themselves.
//!
//! Efron, *Bootstrap methods: another look at the jackknife*, Annals of Statistics 7, 1979; percentile intervals. It needs
//! no formula for the statistic, and it needs samples: with three of them it covers 77 % where it says 95 (see
//! [`median_estimate`](super::median_estimate), which therefore does something else). Take it for twenty and more.

use super::median;
use super::random::SplitMix64;

/// How often to resample, and from which seed: the same seed gives the same interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many resamples; at least 1.
    pub resamples: u32,
    /// Where the random numbers start.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 2,000 resamples, so that 50 lie beyond either end; the seed is arbitrary, and fixed.
    fn default() -> Self {
        Self { resamples: 2_000, seed: 0x0C1C_1ADE }
    }
}

impl Bootstrap {
    /// The 2.5 % and 97.5 % quantiles of a statistic over resamples.
    fn interval(self, mut statistic: impl FnMut(&mut SplitMix64) -> Option<f64>) -> Option<(f64, f64)> {
        let mut random = SplitMix64::new(self.seed);
        let mut values = Vec::with_capacity(self.resamples as usize);
        for _ in 0..self.resamples {
            values.push(statistic(&mut random)?);
        }
        values.sort_unstable_by(f64::total_cmp);
        let beyond = values.len() / 40;
        Some((*values.get(beyond)?, *values.get(values.len() - 1 - beyond)?))
    }
}

/// The 95 % interval of the median. `None` without samples. `O(resamples × n log n)`.
pub fn median_interval(samples: &[f64], bootstrap: Bootstrap) -> Option<(f64, f64)> {
    let mut drawn = Vec::with_capacity(samples.len());
    bootstrap.interval(|random| {
        drawn.clear();
        drawn.extend((0..samples.len()).map(|_| samples[random.below(samples.len())]));
        median(&drawn)
    })
}

/// The 95 % interval of `median(first) / median(second)`, where the two of a pair were measured side by side: pairs are
/// drawn as a whole, so that what hit both cancels out. `None` without pairs.
pub fn paired_ratio_interval(pairs: &[(f64, f64)], bootstrap: Bootstrap) -> Option<(f64, f64)> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    bootstrap.interval(|random| {
        first.clear();
        second.clear();
        for _ in 0..pairs.len() {
            let (a, b) = pairs[random.below(pairs.len())];
            first.push(a);
            second.push(b);
        }
        Some(median(&first)? / median(&second)?)
    })
}

/// The 95 % interval of `median(first) / median(second)` of samples that have nothing to do with each other. `None` if
/// either is empty.
pub fn unpaired_ratio_interval(first: &[f64], second: &[f64], bootstrap: Bootstrap) -> Option<(f64, f64)> {
    let mut drawn = Vec::new();
    bootstrap.interval(|random| {
        let mut resampled = |samples: &[f64]| {
            drawn.clear();
            drawn.extend((0..samples.len()).map(|_| samples[random.below(samples.len())]));
            median(&drawn)
        };
        Some(resampled(first)? / resampled(second)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The true bootstrap distribution: every resample there is, n to the power of n.
    fn every_resample(n: usize) -> Vec<Vec<usize>> {
        let mut all = vec![vec![]];
        for _ in 0..n {
            all = all.iter().flat_map(|head| (0..n).map(move |i| [head.as_slice(), &[i]].concat())).collect();
        }
        all
    }

    /// The share of `values` below `low` and above `high` is at most 2.5 % each, but for the sampling error.
    fn check(mut values: Vec<f64>, (low, high): (f64, f64)) -> Result<(), TestCaseError> {
        values.sort_unstable_by(f64::total_cmp);
        let share = |part: usize| part as f64 / values.len() as f64;
        let slack = 0.0125; // 3.5 standard errors of 2.5 % in 2,000
        prop_assert!(share(values.partition_point(|v| *v < low)) <= 0.025 + slack);
        prop_assert!(share(values.partition_point(|v| *v <= low)) >= 0.025 - slack);
        prop_assert!(share(values.len() - values.partition_point(|v| *v <= high)) <= 0.025 + slack);
        prop_assert!(share(values.len() - values.partition_point(|v| *v < high)) >= 0.025 - slack);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_interval_of_the_median_agrees_with_all_resamples(samples in prop::collection::vec(1.0..9.0f64, 5)) {
            let all = every_resample(5).iter().map(|r| median(&r.iter().map(|i| samples[*i]).collect::<Vec<_>>()).unwrap()).collect();
            check(all, median_interval(&samples, Bootstrap::default()).unwrap())?;
        }

        #[test]
        fn the_interval_of_a_paired_ratio_agrees_with_all_resamples(
            pairs in prop::collection::vec((1.0..9.0f64, 1.0..9.0f64), 5)
        ) {
            let side = |resample: &[usize], first: bool| {
                median(&resample.iter().map(|i| if first { pairs[*i].0 } else { pairs[*i].1 }).collect::<Vec<_>>()).unwrap()
            };
            let all = every_resample(5).iter().map(|r| side(r, true) / side(r, false)).collect();
            check(all, paired_ratio_interval(&pairs, Bootstrap::default()).unwrap())?;
        }

        #[test]
        fn the_interval_of_an_unpaired_ratio_agrees_with_all_resamples(
            first in prop::collection::vec(1.0..9.0f64, 4),
            second in prop::collection::vec(1.0..9.0f64, 4),
        ) {
            let of = |samples: &[f64], r: &[usize]| median(&r.iter().map(|i| samples[*i]).collect::<Vec<_>>()).unwrap();
            let all = every_resample(4);
            let values = all.iter().flat_map(|a| all.iter().map(|b| of(&first, a) / of(&second, b)).collect::<Vec<_>>()).collect();
            check(values, unpaired_ratio_interval(&first, &second, Bootstrap::default()).unwrap())?;
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let samples: Vec<f64> = (0..20).map(|n| f64::from(n * n % 17)).collect();
        let once = median_interval(&samples, Bootstrap::default());
        assert_eq!(once, median_interval(&samples, Bootstrap::default()));
        assert_eq!(median_interval(&[], Bootstrap::default()), None);
    }

    #[test]
    fn twenty_samples_on_each_side_cover_the_true_ratio_93_times_of_100() {
        let mut random = SplitMix64::new(5);
        let quick = Bootstrap { resamples: 400, seed: 1 };
        let mut hits = 0;
        for _ in 0..500 {
            let mut side = || (0..20).map(|_| 1.0 + random.unit()).collect::<Vec<f64>>();
            let (low, high) = unpaired_ratio_interval(&side(), &side(), quick).unwrap();
            hits += u32::from(low <= 1.0 && 1.0 <= high);
        }
        assert!(hits >= 465, "{hits} of 500");
    }
}
