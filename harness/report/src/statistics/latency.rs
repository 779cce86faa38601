//! Metered latency: what requests would have waited, had they arrived evenly.
//!
//! A closed loop sends its next request only after the last one is done, so a pause of 100 ms delays one request where
//! an open system would have delayed hundreds ("coordinated omission"). DaCapo Chopin's metered latency corrects for
//! that afterwards: the i-th request of n is given a synthetic start, evenly spaced between the first and the last real
//! start, and its latency is counted from the earlier of the two. Cai, Blackburn, Bond and Maas, *Distilling the real
//! cost of production garbage collectors*, ISPASS 2022; Blackburn et al., *Rethinking Java performance analysis*,
//! ASPLOS 2025. This is the variant with full smoothing, as DaCapo's `LatencyReporter` computes it.

/// One request of the mutator, of about 50 µs: a single operation of 20 ns cannot be timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it began, from the start of the measured part.
    pub start_ns: u64,
    /// When it was done.
    pub end_ns: u64,
}

impl Request {
    /// The simple latency: from start to end.
    pub fn latency_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}

/// The metered latency of each request, in the order given. `O(n log n)`.
///
/// ```
/// use cyclade_report::statistics::{Request, metered};
/// // Four requests of 10 ns; a pause of 60 ns after the first one. The others begin late, and that is counted.
/// let starts = [0, 70, 80, 90];
/// let requests = starts.map(|start_ns| Request { start_ns, end_ns: start_ns + 10 });
/// assert_eq!(metered(&requests), [10, 58, 45, 33]);
/// ```
pub fn metered(requests: &[Request]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..requests.len()).collect();
    order.sort_by_key(|index| requests[*index].start_ns);
    let mut latencies = vec![0; requests.len()];
    let (Some(first), Some(last)) = (order.first(), order.last()) else { return latencies };
    let first_start = requests[*first].start_ns;
    let span = u128::from(requests[*last].start_ns - first_start);
    for (position, index) in order.iter().enumerate() {
        let request = requests[*index];
        let even = first_start + (span * position as u128 / requests.len() as u128) as u64;
        latencies[*index] = request.end_ns.saturating_sub(even.min(request.start_ns));
    }
    latencies
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// DaCapo's loop, with its search replaced by counting.
    fn by_counting(requests: &[Request]) -> Vec<u64> {
        let starts = || requests.iter().map(|request| request.start_ns);
        let (Some(first), Some(last)) = (starts().min(), starts().max()) else { return vec![] };
        let one = |(index, request): (usize, &Request)| {
            let position = requests
                .iter()
                .enumerate()
                .filter(|(other, r)| (r.start_ns, *other) < (request.start_ns, index))
                .count() as u64;
            let synthetic = first + (last - first) * position / requests.len() as u64;
            let (actual, synthetic) =
                (request.end_ns as i64 - request.start_ns as i64, request.end_ns as i64 - synthetic as i64);
            actual.max(synthetic) as u64
        };
        requests.iter().enumerate().map(one).collect()
    }

    proptest! {
        #[test]
        fn agrees_with_dacapos_definition_by_counting(
            raw in prop::collection::vec((0u64..10_000, 0u64..500), 0..60)
        ) {
            let requests: Vec<Request> =
                raw.iter().map(|(start_ns, length)| Request { start_ns: *start_ns, end_ns: start_ns + length }).collect();
            prop_assert_eq!(metered(&requests), by_counting(&requests));
        }

        #[test]
        fn metered_latency_is_never_below_simple_latency(
            raw in prop::collection::vec((any::<u64>(), any::<u64>()), 0..40)
        ) {
            let requests: Vec<Request> =
                raw.iter().map(|(start_ns, end_ns)| Request { start_ns: *start_ns, end_ns: *end_ns }).collect();
            for (metered, request) in metered(&requests).iter().zip(&requests) {
                prop_assert!(*metered >= request.latency_ns());
            }
        }
    }
}
