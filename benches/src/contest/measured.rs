//! What was measured of a workload, and how to get at it.

use super::targets::{CPU, WALL};
use super::{Figure, Unit, Workload};
use cyclade_report::statistics::median;
use std::collections::BTreeMap;

/// Figures of one process by name: nanoseconds of the whole measurement, or as the workload says.
pub type Figures = BTreeMap<String, f64>;

/// More than this share of the machine in other hands, and a workload is measured again.
pub const QUIET: f64 = 0.03;

/// What one contestant did, round by round; or why not.
pub type Rounds = Result<Vec<Figures>, String>;

/// A workload, measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The workload as it was run.
    pub workload: Workload,
    /// In the workload's order of contestants.
    pub rounds: Vec<Rounds>,
    /// The reference once more.
    pub again: Rounds,
    /// The share of the machine that others took.
    pub foreign: Option<f64>,
    /// How often it was measured; these are the figures of the quietest time.
    pub attempts: u32,
    /// Was it broken off?
    pub interrupted: bool,
}

impl Measured {
    /// Was the machine quiet, or is nothing known of it?
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.foreign.is_none_or(|share| share <= QUIET)
    }

    /// A contestant's figure in each round, in its unit: nanoseconds for one operation, or milliseconds.
    #[must_use]
    pub fn values(&self, contestant: &str, figure: &str) -> Option<Vec<f64>> {
        let at = self.workload.contestants.iter().position(|c| c.name == contestant)?;
        self.of(&self.rounds[at], figure)
    }

    /// The figure in each of `rounds`; nothing if one of them has none.
    #[must_use]
    pub fn of(&self, rounds: &Rounds, figure: &str) -> Option<Vec<f64>> {
        let own = self.workload.figures.iter().find(|f: &&Figure| f.name == figure).map(|f| f.unit);
        let through = match own {
            Some(Unit::EachNanoseconds) => self.workload.size as f64,
            None if [CPU, WALL].contains(&figure) => self.workload.size as f64,
            Some(Unit::Milliseconds) => 1e6,
            Some(Unit::Bytes | Unit::Factor) | None => 1.0,
        };
        let values = rounds.as_ref().ok()?.iter().map(|figures| Some(figures.get(figure)? / through));
        values.collect::<Option<Vec<_>>>().filter(|values| !values.is_empty())
    }

    /// The middle of the same, if anything was measured.
    #[must_use]
    pub fn median(&self, contestant: &str, figure: &str) -> Option<f64> {
        median(&self.values(contestant, figure)?)
    }
}
