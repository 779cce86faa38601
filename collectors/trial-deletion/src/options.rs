//! Settings: thresholds, whether collections start by themselves, and whose rules hold.

/// Settings of a trial-deletion heap. The defaults are CPython 3.11's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A generation is due for collection when its count is *above* its threshold: allocations less frees for generation 0,
    /// collections of the next younger generation for the others. With 0 for the first, no collection starts by itself.
    pub thresholds: [u32; 3],
    /// Do collections start by themselves? (Can be changed at run time.)
    pub automatic: bool,
    /// Whose rules hold.
    pub rules: Rules,
}

impl Default for Options {
    fn default() -> Self {
        Options { thresholds: [700, 10, 10], automatic: true, rules: Rules::default() }
    }
}

/// The rules of a range of CPython versions, in what programs can observe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rules {
    /// Up to 3.3: a dead cycle with a finalizer is uncollectable and goes to [`garbage`](crate::TrialDeletion::garbage).
    Before34,
    /// 3.4 to 3.8: finalizers run once before anything is freed (PEP 442). If one resurrects anything, the whole set is kept.
    Since34,
    /// 3.9 to 3.11: only what was resurrected, and what it reaches, is kept.
    #[default]
    Since39,
    /// 3.12 and 3.13: an automatic collection waits for the next safe point, where the new objects are part of it.
    /// (3.13 has 2000 for the first threshold; set it in [`Options::thresholds`].)
    Since312,
}
