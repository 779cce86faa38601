//! Order statistics: the median, and percentiles by nearest rank.

/// A share of a sample, kept as a fraction of whole numbers: `0.99 * 100.0` is not 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile {
    below: u32,
    of: u32,
}

impl Quantile {
    /// The median.
    pub const P50: Quantile = Quantile::new(1, 2);
    /// 99 of 100.
    pub const P99: Quantile = Quantile::new(99, 100);
    /// 999 of 1000.
    pub const P999: Quantile = Quantile::new(999, 1000);
    /// The largest.
    pub const MAX: Quantile = Quantile::new(1, 1);
    /// Enough quantiles to draw a distribution whose tail matters.
    pub const SPECTRUM: [Quantile; 17] = [
        Quantile::new(0, 1),
        Quantile::new(1, 10),
        Quantile::new(1, 4),
        Quantile::P50,
        Quantile::new(3, 4),
        Quantile::new(9, 10),
        Quantile::new(19, 20),
        Quantile::new(39, 40),
        Quantile::P99,
        Quantile::new(199, 200),
        Quantile::new(399, 400),
        Quantile::P999,
        Quantile::new(1999, 2000),
        Quantile::new(3999, 4000),
        Quantile::new(9999, 10_000),
        Quantile::new(99_999, 100_000),
        Quantile::MAX,
    ];

    /// `below` of `of` observations are not larger.
    ///
    /// # Panics
    ///
    /// If `of` is 0 or less than `below`.
    pub const fn new(below: u32, of: u32) -> Self {
        assert!(of > 0 && below <= of, "a quantile lies between 0 and 1");
        Self { below, of }
    }

    /// As a number between 0 and 1.
    pub fn as_f64(self) -> f64 {
        f64::from(self.below) / f64::from(self.of)
    }

    /// Whether `samples` observations hold at least one beyond this quantile, so that it is not just the maximum.
    pub fn resolved_by(self, samples: usize) -> bool {
        self.below == 0
            || self.below == self.of
            || samples as u128 * u128::from(self.of - self.below) > u128::from(self.of)
    }
}

/// The smallest observation such that at least the given share is not larger than it: nearest rank, no interpolation,
/// so that a percentile is always something that happened. `sorted` is in ascending order. `None` without samples.
///
/// ```
/// use cyclade_report::statistics::{Quantile, nearest_rank};
/// assert_eq!(nearest_rank(&[10, 20, 30, 40], Quantile::P50), Some(20));
/// assert_eq!(nearest_rank(&[10, 20, 30, 40], Quantile::P99), Some(40));
/// ```
pub fn nearest_rank<T: Copy>(sorted: &[T], quantile: Quantile) -> Option<T> {
    let rank = (sorted.len() as u128 * u128::from(quantile.below)).div_ceil(u128::from(quantile.of));
    sorted.get((rank as usize).saturating_sub(1)).copied()
}

/// The middle observation, or the mean of the two in the middle. Any order; `None` without samples. `O(n log n)`.
pub fn median(samples: &[f64]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[half]),
        _ => Some(f64::midpoint(sorted[half - 1], sorted[half])),
    }
}

/// The mean for ratios: the `n`-th root of the product. `None` without samples, or if one is not above 0.
pub fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let sound = !ratios.is_empty() && ratios.iter().all(|ratio| ratio.is_finite() && *ratio > 0.0);
    sound.then(|| (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, word by word.
    fn by_definition(samples: &[u64], below: u32, of: u32) -> Option<u64> {
        let enough = |value: &&u64| {
            let not_larger = samples.iter().filter(|other| other <= value).count() as u64;
            not_larger * u64::from(of) >= samples.len() as u64 * u64::from(below)
        };
        samples.iter().filter(enough).min().copied()
    }

    proptest! {
        #[test]
        fn nearest_rank_is_the_smallest_value_that_enough_are_not_larger_than(
            mut samples in prop::collection::vec(0u64..50, 0..60),
            (below, of) in (1u32..1000).prop_flat_map(|of| (0..=of, Just(of))),
        ) {
            let expected = by_definition(&samples, below, of);
            samples.sort_unstable();
            prop_assert_eq!(nearest_rank(&samples, Quantile::new(below, of)), expected);
        }

        #[test]
        fn as_many_samples_lie_below_the_median_as_above(samples in prop::collection::vec(-1e6..1e6f64, 1..40)) {
            let middle = median(&samples).unwrap();
            let below = samples.iter().filter(|sample| **sample < middle).count();
            let above = samples.iter().filter(|sample| **sample > middle).count();
            prop_assert!(below <= samples.len() / 2 && above <= samples.len() / 2);
        }
    }

    #[test]
    fn the_99th_percentile_of_100_samples_is_the_99th() {
        let samples: Vec<u64> = (1..=100).collect();
        assert_eq!(nearest_rank(&samples, Quantile::P99), Some(99));
    }

    #[test]
    fn a_quantile_that_only_the_maximum_could_tell_is_unresolved() {
        assert!(!Quantile::P99.resolved_by(100) && Quantile::P99.resolved_by(101));
        assert!(Quantile::MAX.resolved_by(1));
    }

    #[test]
    fn geometric_mean_of_a_ratio_and_its_inverse_is_one() {
        assert!((geometric_mean(&[4.0, 0.25]).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[1.0, 0.0]), None);
        assert_eq!(geometric_mean(&[]), None);
    }
}
