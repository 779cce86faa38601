//! The parts of a cell that were measured, and how each is made from raw observations.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::statistics::{Quantile, Request, metered, nearest_rank};

/// One pause: a stretch of time in which the mutator could not run because of the collector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pause {
    /// From the start of the measured part.
    pub start_ns: u64,
    /// How long it lasted.
    pub duration_ns: u64,
    /// What it was for, in the collector's words: `young`, `full`, `initial-mark`, `remark`, `sweep`, `cascade`, ...
    pub kind: String,
}

/// The pauses of a cell in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PauseTotals {
    /// How many there were.
    pub count: u64,
    /// All of them together.
    pub total: u64,
    /// The median; 0 without pauses, like the rest.
    pub p50: u64,
    /// 99 of 100 pauses are not longer.
    pub p99: u64,
    /// 999 of 1000 pauses are not longer.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

impl PauseTotals {
    /// Counts and ranks pauses. `O(n log n)`.
    pub fn from_pauses(pauses: &[Pause]) -> Self {
        let mut lengths: Vec<u64> = pauses.iter().map(|pause| pause.duration_ns).collect();
        lengths.sort_unstable();
        let at = |quantile| nearest_rank(&lengths, quantile).unwrap_or(0);
        Self {
            count: lengths.len() as u64,
            total: lengths.iter().fold(0, |sum, length| sum.saturating_add(*length)),
            p50: at(Quantile::P50),
            p99: at(Quantile::P99),
            p999: at(Quantile::P999),
            max: at(Quantile::MAX),
        }
    }
}

/// Three numbers that stand for many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// The median.
    pub p50: u64,
    /// 99 of 100 are not larger.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Percentiles {
    /// Exactly, from samples in any order. `None` without samples. `O(n log n)`.
    ///
    /// ```
    /// use cyclade_report::record::Percentiles;
    /// let p = Percentiles::from_samples((1..=200).collect()).unwrap();
    /// assert_eq!((p.p50, p.p99, p.max), (100, 198, 200));
    /// ```
    pub fn from_samples(mut samples: Vec<u64>) -> Option<Self> {
        samples.sort_unstable();
        Some(Self {
            p50: nearest_rank(&samples, Quantile::P50)?,
            p99: nearest_rank(&samples, Quantile::P99)?,
            max: nearest_rank(&samples, Quantile::MAX)?,
        })
    }

    /// From a histogram, for samples too many to keep; as exact as the histogram is. `None` without samples.
    pub fn from_histogram(histogram: &Histogram<u64>) -> Option<Self> {
        (!histogram.is_empty()).then(|| Self {
            p50: histogram.value_at_quantile(0.5),
            p99: histogram.value_at_quantile(0.99),
            max: histogram.max(),
        })
    }
}

/// Latency of requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// The median of the simple latency: from a request's start to its end.
    pub p50: u64,
    /// 99 of 100 requests took no longer.
    pub p99: u64,
    /// 999 of 1000 requests took no longer.
    pub p999: u64,
    /// The longest.
    pub max: u64,
    /// 999 of 1000 requests took no longer, had they arrived evenly: whoever stands in a queue behind a pause waits too.
    pub metered_p999: u64,
    /// The median of the metered latency. (Added to the contract.)
    #[serde(default)]
    pub metered_p50: Option<u64>,
    /// The 99th percentile of the metered latency. (Added.)
    #[serde(default)]
    pub metered_p99: Option<u64>,
    /// The longest metered latency. (Added.)
    #[serde(default)]
    pub metered_max: Option<u64>,
    /// The distribution, for a plot. (Added.)
    #[serde(default)]
    pub spectrum: Vec<LatencyPoint>,
}

/// One point of a latency distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyPoint {
    /// The share of requests that took no longer: from 0 to 1.
    pub quantile: f64,
    /// The simple latency there.
    pub simple_ns: u64,
    /// The metered latency there.
    pub metered_ns: u64,
}

impl Latency {
    /// Ranks the requests of one mutator. `None` without requests. `O(n log n)`.
    ///
    /// The spectrum gets the quantiles that so many requests can tell, up to 99.99 %, and the maximum.
    pub fn from_requests(requests: &[Request]) -> Option<Self> {
        let mut simple: Vec<u64> = requests.iter().map(Request::latency_ns).collect();
        let mut metered = metered(requests);
        simple.sort_unstable();
        metered.sort_unstable();
        let spectrum = Quantile::SPECTRUM
            .into_iter()
            .filter(|quantile| quantile.resolved_by(simple.len()))
            .filter_map(|quantile| {
                Some(LatencyPoint {
                    quantile: quantile.as_f64(),
                    simple_ns: nearest_rank(&simple, quantile)?,
                    metered_ns: nearest_rank(&metered, quantile)?,
                })
            })
            .collect();
        Some(Self {
            p50: nearest_rank(&simple, Quantile::P50)?,
            p99: nearest_rank(&simple, Quantile::P99)?,
            p999: nearest_rank(&simple, Quantile::P999)?,
            max: nearest_rank(&simple, Quantile::MAX)?,
            metered_p999: nearest_rank(&metered, Quantile::P999)?,
            metered_p50: nearest_rank(&metered, Quantile::P50),
            metered_p99: nearest_rank(&metered, Quantile::P99),
            metered_max: nearest_rank(&metered, Quantile::MAX),
            spectrum,
        })
    }
}

/// One point of a utilisation curve (MMU or BMU).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Utilisation {
    /// The length of the window.
    pub window_ns: u64,
    /// The share of the window that the mutator is sure to get: from 0 to 1.
    pub utilisation: f64,
}

/// What the heap took, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Everything that was ever allocated.
    #[serde(default)]
    pub allocated_bytes: Option<u64>,
    /// What was left after the last full collection.
    #[serde(default)]
    pub live_bytes: Option<u64>,
    /// The most that was in use at a time.
    #[serde(default)]
    pub peak_bytes: Option<u64>,
    /// The most that was dead and not found yet at the end of a cycle.
    #[serde(default)]
    pub floating_peak_bytes: Option<u64>,
    /// The most that was replaced and waited for readers to leave.
    #[serde(default)]
    pub retired_bytes: Option<u64>,
    /// The resident set of the process at its largest.
    #[serde(default)]
    pub rss_peak_bytes: Option<u64>,
}

/// What the oracle found after the last full collection. It is independent of the collector.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leaks {
    /// Objects that were ever allocated.
    pub allocated: u64,
    /// Objects that the mutator could still reach.
    pub reachable: u64,
    /// Objects that still existed and that nobody could reach.
    pub leaked: u64,
    /// Those of them that were in a cycle, or held by one.
    pub leaked_in_cycles: Option<u64>,
    /// Objects that were freed although the mutator could reach them. Anything but 0 is a bug that corrupts memory.
    pub freed_while_reachable: u64,
    /// Of what the collector called garbage, the share that was; `null` if it called nothing garbage.
    pub precision: Option<f64>,
    /// Of what was garbage, the share that the collector found; `null` if nothing was.
    pub recall: Option<f64>,
    /// From the moment an object became unreachable to the moment it was freed.
    pub detection_latency_ns: Option<Percentiles>,
    /// The same in objects allocated meanwhile. (Added to the contract.)
    #[serde(default)]
    pub detection_latency_allocations: Option<Percentiles>,
}

/// What the collector did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Collections {
    /// How often it collected.
    pub count: u64,
    /// Objects that it found unreachable.
    pub unreachable: u64,
    /// Objects that it freed.
    pub freed: u64,
    /// How often by kind, in the collector's words. (Added to the contract.)
    #[serde(default)]
    pub by_kind: BTreeMap<String, u64>,
}

/// What else went on in the machine meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// The share of the machine's CPU time that other processes took: from 0 to 1.
    pub foreign_cpu: Option<f64>,
    /// The longest stretch that a thread which does nothing but read the clock lost: pauses below it mean nothing.
    pub hiccup_max_ns: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_totals_of_no_pauses_are_zero() {
        assert_eq!(PauseTotals::from_pauses(&[]), PauseTotals::default());
    }

    #[test]
    fn pause_totals_rank_the_durations() {
        let pauses: Vec<Pause> = (1..=1000)
            .rev()
            .map(|n| Pause { start_ns: n * 10, duration_ns: n, kind: "full".into() })
            .collect();
        let totals = PauseTotals::from_pauses(&pauses);
        assert_eq!((totals.count, totals.total), (1000, 500_500));
        assert_eq!((totals.p50, totals.p99, totals.p999, totals.max), (500, 990, 999, 1000));
    }

    #[test]
    fn a_histogram_gives_the_same_percentiles_as_samples_within_its_precision() {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        let samples: Vec<u64> = (1..=5000).map(|n| n * 1_000).collect();
        for sample in &samples {
            histogram.record(*sample).unwrap();
        }
        let rough = Percentiles::from_histogram(&histogram).unwrap();
        let exact = Percentiles::from_samples(samples).unwrap();
        for (rough, exact) in [(rough.p50, exact.p50), (rough.p99, exact.p99), (rough.max, exact.max)] {
            assert!(rough.abs_diff(exact) * 1000 <= exact, "{rough} is not within 0.1 % of {exact}");
        }
        assert_eq!(Percentiles::from_histogram(&Histogram::new(3).unwrap()), None);
    }

    #[test]
    fn the_spectrum_ends_where_the_requests_cannot_tell() {
        let requests: Vec<Request> =
            (0..200).map(|n| Request { start_ns: n * 100, end_ns: n * 100 + 50 }).collect();
        let latency = Latency::from_requests(&requests).unwrap();
        let quantiles: Vec<f64> = latency.spectrum.iter().map(|point| point.quantile).collect();
        assert!(quantiles.contains(&0.99) && !quantiles.contains(&0.999) && quantiles.last() == Some(&1.0));
        assert_eq!(latency.p999, 50);
        assert_eq!(Latency::from_requests(&[]), None);
    }
}
