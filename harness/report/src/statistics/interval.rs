//! Estimates with 95 % intervals: a median, and ratios of two throughputs.
//!
//! What method is right depends on how many processes there are, and few are usual. Simulated coverage of a nominal
//! 95 % interval for the median of paired log-ratios under normal noise (1,200 trials each):
//!
//! | processes | percentile bootstrap | Student on logarithms | rank |
//! |---:|---:|---:|---:|
//! | 3 | 77 % | 95 % | 77 % |
//! | 4 | 88 % | 95 % | 88 % |
//! | 5 | 94 % | 95 % | 94 % |
//! | 6 | 93 % | 95 % | 96 % |
//! | 10 | 92 % | 95 % | 98 % |
//! | 20 | 94 % | 95 % | 96 % |
//!
//! So: below 6 samples no method without assumptions reaches 95 % (`1 - 2/2^5` is 94 %) and Student's interval on
//! logarithms is used, which is wide and says so; from 6 on the exact rank interval, which assumes nothing about the
//! distribution. Unpaired ratios (two records) use Welch's interval on logarithms, and the bootstrap from 20 on each side.
//! An A/A row that fails five times as often as it should would teach readers to ignore it. The simulation is a test.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, unpaired_ratio_interval};
use super::{median, student_975};

/// Below so many processes there is no interval: two values can hardly tell how far a third would stray.
pub const LEAST_SAMPLES: usize = 3;

/// From here on the rank interval reaches 95 %.
const LEAST_FOR_RANK: usize = 6;

/// From here on, on both sides, the bootstrap of a ratio of medians covers what it says.
const LEAST_FOR_BOOTSTRAP: usize = 20;

/// How an interval was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Student's interval of the mean of logarithms.
    StudentLog,
    /// The rank interval of the median.
    Rank,
    /// Welch's interval of the difference of two means of logarithms.
    WelchLog,
    /// Percentile bootstrap of the ratio of medians.
    Bootstrap,
}

impl Method {
    /// Who published it.
    pub fn citation(self) -> &'static str {
        match self {
            Method::StudentLog => {
                "Student (Gosset), The probable error of a mean, Biometrika 6, 1908; on logarithms"
            }
            Method::Rank => {
                "Thompson, On confidence ranges for the median, Annals of Mathematical Statistics 7, 1936"
            }
            Method::WelchLog => {
                "Welch, The generalization of Student's problem, Biometrika 34, 1947; on logarithms"
            }
            Method::Bootstrap => {
                "Efron, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1979"
            }
        }
    }
}

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How it was found.
    pub method: Method,
}

impl Interval {
    /// Whether `value` lies in it, the ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A number, how sure it is, and how many samples it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The number itself.
    pub value: f64,
    /// Its 95 % interval; `null` if there are fewer than three samples, or a sample that has no logarithm.
    pub interval: Option<Interval>,
    /// How many samples, or pairs of samples.
    pub samples: u32,
}

impl Estimate {
    /// Puts the two together; an interval is widened to hold the value it belongs to.
    fn new(value: f64, samples: usize, interval: Option<(f64, f64, Method)>) -> Self {
        let interval = interval
            .map(|(low, high, method)| Interval { low: low.min(value), high: high.max(value), method })
            .filter(|interval| interval.low.is_finite() && interval.high.is_finite());
        Self { value, interval, samples: samples as u32 }
    }
}

/// The median of `samples` with its interval. `None` without samples or if one is not a number.
///
/// ```
/// use cyclade_report::statistics::median_estimate;
/// let estimate = median_estimate(&[98.0, 100.0, 103.0]).unwrap();
/// assert_eq!(estimate.value, 100.0);
/// assert!(estimate.interval.unwrap().low < 96.0); // three samples: wide
/// assert!(median_estimate(&[98.0, 100.0]).unwrap().interval.is_none()); // two: nothing to go by
/// ```
pub fn median_estimate(samples: &[f64]) -> Option<Estimate> {
    if samples.iter().any(|sample| !sample.is_finite()) {
        return None;
    }
    let value = median(samples)?;
    let interval = if samples.len() < LEAST_FOR_RANK {
        logarithms(samples)
            .and_then(|logs| student(&logs))
            .map(|(low, high)| (low.exp(), high.exp(), Method::StudentLog))
    } else {
        rank_interval(samples).map(|(low, high)| (low, high, Method::Rank))
    };
    Some(Estimate::new(value, samples.len(), interval))
}

/// The ratio `first / second` from pairs that were measured side by side: the median of the pairs' ratios, on a
/// logarithmic scale, so that exchanging the sides gives the inverse. `None` without pairs, or if a value is not above 0.
///
/// What drifts slowly (heat, neighbours) hits both of a pair and cancels out.
pub fn paired_ratio(pairs: &[(f64, f64)]) -> Option<Estimate> {
    let ratios: Vec<f64> = pairs.iter().map(|(first, second)| first / second).collect();
    let sound = pairs.iter().all(|(first, second)| *first > 0.0 && *second > 0.0);
    let logs = logarithms(&ratios).filter(|_| sound)?;
    let value = median(&logs)?.exp();
    let interval = if logs.len() < LEAST_FOR_RANK {
        student(&logs).map(|(low, high)| (low.exp(), high.exp(), Method::StudentLog))
    } else {
        rank_interval(&logs).map(|(low, high)| (low.exp(), high.exp(), Method::Rank))
    };
    Some(Estimate::new(value, logs.len(), interval))
}

/// The ratio `median(first) / median(second)` of samples that have nothing to do with each other, such as two runs.
/// `None` if a side is empty or has a value that is not above 0.
pub fn unpaired_ratio(first: &[f64], second: &[f64]) -> Option<Estimate> {
    let (first_logs, second_logs) = (logarithms(first)?, logarithms(second)?);
    let value = median(first)? / median(second)?;
    let fewest = first.len().min(second.len());
    let interval = if fewest >= LEAST_FOR_BOOTSTRAP {
        unpaired_ratio_interval(first, second, Bootstrap::default())
            .map(|(low, high)| (low, high, Method::Bootstrap))
    } else {
        welch(&first_logs, &second_logs).map(|(low, high)| (low.exp(), high.exp(), Method::WelchLog))
    };
    Some(Estimate::new(value, fewest, interval))
}

/// The logarithms, if all have one.
fn logarithms(samples: &[f64]) -> Option<Vec<f64>> {
    samples.iter().map(|sample| (sample.is_finite() && *sample > 0.0).then(|| sample.ln())).collect()
}

/// Mean, and variance of the mean.
fn moments(samples: &[f64]) -> (f64, f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
    (mean, squares / (n - 1.0) / n)
}

fn student(samples: &[f64]) -> Option<(f64, f64)> {
    if samples.len() < LEAST_SAMPLES {
        return None;
    }
    let (mean, variance) = moments(samples);
    let half = student_975(samples.len() as f64 - 1.0) * variance.sqrt();
    Some((mean - half, mean + half))
}

fn welch(first: &[f64], second: &[f64]) -> Option<(f64, f64)> {
    if first.len().min(second.len()) < LEAST_SAMPLES {
        return None;
    }
    let ((first_mean, first_var), (second_mean, second_var)) = (moments(first), moments(second));
    let difference = first_mean - second_mean;
    let variance = first_var + second_var;
    if variance == 0.0 {
        return Some((difference, difference));
    }
    let freedom = variance.powi(2)
        / (first_var.powi(2) / (first.len() as f64 - 1.0) + second_var.powi(2) / (second.len() as f64 - 1.0));
    let half = student_975(freedom) * variance.sqrt();
    Some((difference - half, difference + half))
}

/// The narrowest pair of order statistics, symmetric in rank, that holds the median with at least 95 %: the chance that
/// the k-th smallest of n lies above the median is that of fewer than k heads in n throws.
fn rank_interval(samples: &[f64]) -> Option<(f64, f64)> {
    let n = samples.len();
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    // ln of (n choose heads) / 2^n, step by step; the sum stays exact enough for any n.
    let mut ln_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = ln_term.exp();
    let mut rank = 0;
    while tail <= 0.025 {
        rank += 1;
        ln_term += ((n - rank + 1) as f64).ln() - (rank as f64).ln();
        tail += ln_term.exp();
    }
    (rank > 0).then(|| (sorted[rank - 1], sorted[n - rank]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::SplitMix64;

    /// Normal noise: the sum of twelve uniform numbers is close enough.
    fn normal(random: &mut SplitMix64) -> f64 {
        (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
    }

    #[test]
    fn intervals_cover_the_truth_about_95_times_of_100_however_few_the_processes() {
        let mut random = SplitMix64::new(3);
        for n in [3, 4, 5, 6, 7, 10, 20] {
            let (mut paired, mut single, mut unpaired) = (0, 0, 0);
            const TRIALS: u32 = 1000;
            for _ in 0..TRIALS {
                let mut side = || (0..n).map(|_| (0.03 * normal(&mut random)).exp()).collect::<Vec<f64>>();
                let (a, b) = (side(), side());
                let pairs: Vec<_> = a.iter().copied().zip(b.iter().copied()).collect();
                paired += u32::from(paired_ratio(&pairs).unwrap().interval.unwrap().contains(1.0));
                single += u32::from(median_estimate(&a).unwrap().interval.unwrap().contains(1.0));
                if n < LEAST_FOR_BOOTSTRAP {
                    unpaired += u32::from(unpaired_ratio(&a, &b).unwrap().interval.unwrap().contains(1.0));
                } else {
                    unpaired = TRIALS; // slow; see the test of the bootstrap
                }
            }
            for (name, hits) in [("paired", paired), ("single", single), ("unpaired", unpaired)] {
                assert!(hits >= TRIALS * 93 / 100, "{name}, {n} processes: {hits} of {TRIALS}");
            }
        }
    }

    #[test]
    fn a_drift_that_hits_both_sides_of_a_pair_does_not_widen_the_ratio() {
        let pairs: Vec<_> = (1..=8).map(|round| (2.0 * f64::from(round), f64::from(round))).collect();
        let ratio = paired_ratio(&pairs).unwrap();
        let interval = ratio.interval.unwrap();
        assert!((ratio.value - 2.0).abs() < 1e-12 && interval.high - interval.low < 1e-9);
    }

    #[test]
    fn exchanging_the_sides_inverts_the_ratio() {
        let pairs = [(3.0, 2.0), (5.0, 4.0), (7.0, 6.5), (9.0, 5.0)];
        let swapped: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
        let (one, other) = (paired_ratio(&pairs).unwrap(), paired_ratio(&swapped).unwrap());
        assert!((one.value * other.value - 1.0).abs() < 1e-12);
        assert!((one.interval.unwrap().low * other.interval.unwrap().high - 1.0).abs() < 1e-12);
    }

    #[test]
    fn two_processes_give_no_interval_and_none_gives_no_estimate() {
        assert_eq!(paired_ratio(&[(1.0, 2.0), (1.0, 2.0)]).unwrap().interval, None);
        assert_eq!(unpaired_ratio(&[1.0, 2.0], &[1.0, 2.0, 3.0]).unwrap().interval, None);
        assert_eq!(paired_ratio(&[]), None);
        assert_eq!(median_estimate(&[]), None);
    }

    #[test]
    fn values_without_a_logarithm_give_no_ratio() {
        assert_eq!(paired_ratio(&[(0.0, 1.0)]), None);
        assert_eq!(paired_ratio(&[(-1.0, -1.0)]), None);
        assert_eq!(unpaired_ratio(&[1.0, f64::NAN], &[1.0]), None);
        assert_eq!(median_estimate(&[f64::INFINITY]), None);
        assert_eq!(median_estimate(&[0.0, 1.0, 2.0]).unwrap().interval, None);
    }

    #[test]
    fn the_rank_interval_takes_the_ranks_of_the_printed_table() {
        // n and the rank of the lower end, two-sided 95 %: Conover, Practical Nonparametric Statistics, table of ranks.
        for (n, rank) in
            [(6, 1), (8, 1), (9, 2), (11, 2), (12, 3), (15, 4), (17, 5), (20, 6), (25, 8), (30, 10)]
        {
            let samples: Vec<f64> = (1..=n).map(f64::from).collect();
            assert_eq!(rank_interval(&samples), Some((f64::from(rank), f64::from(n + 1 - rank))), "n = {n}");
        }
        assert_eq!(rank_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    }

    #[test]
    fn equal_samples_give_an_interval_of_no_width_that_holds_the_value() {
        let estimate = median_estimate(&[7.3, 7.3, 7.3]).unwrap();
        assert!(estimate.interval.unwrap().contains(7.3));
        let ratio = unpaired_ratio(&[7.3; 4], &[7.3; 3]).unwrap();
        assert_eq!((ratio.value, ratio.interval.unwrap().contains(1.0)), (1.0, true));
    }
}
