//! The arithmetic: everything that is computed from observations, apart from where they came from.
//!
//! Nothing in here knows a run record. Every function says what it estimates, how, and who published it; each is
//! tested against a slower and more obvious one.

mod bootstrap;
mod interval;
mod latency;
mod order;
mod random;
mod student;
mod utilisation;

pub use bootstrap::{Bootstrap, median_interval, paired_ratio_interval, unpaired_ratio_interval};
pub use interval::{
    Estimate, Interval, LEAST_SAMPLES, Method, median_estimate, paired_ratio, unpaired_ratio,
};
pub use latency::{Request, metered};
pub use order::{Quantile, geometric_mean, median, nearest_rank};
pub use random::SplitMix64;
pub use student::student_975;
pub use utilisation::{Timeline, windows};
