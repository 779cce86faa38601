//! Which mistake this process makes: the subject in its environment says so. Without one, none.

use std::sync::OnceLock;

/// What the environment calls the subject.
pub(crate) const SUBJECT: &str = "CYCLADE_CONFORMANCE_SUBJECT";

/// What a collector does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// The deletion barrier is not there.
    MissingBarrier,
    /// If there are more than three roots, the last is not looked at.
    ForgetsARoot,
    /// `collect` returns before the dead are swept.
    FreesLate,
    /// The third reference to an object is not counted.
    LosesACount,
}

impl Mistake {
    /// The subject that makes it.
    pub(crate) fn subject(self) -> &'static str {
        match self {
            Mistake::MissingBarrier => "missing-barrier",
            Mistake::ForgetsARoot => "forgets-a-root",
            Mistake::FreesLate => "frees-late",
            Mistake::LosesACount => "loses-a-count",
        }
    }

    /// Does this process make it?
    #[inline]
    pub(crate) fn is_made(self) -> bool {
        static SUBJECT_HERE: OnceLock<Option<String>> = OnceLock::new();
        let subject = SUBJECT_HERE.get_or_init(|| std::env::var(SUBJECT).ok());
        subject.as_deref() == Some(self.subject())
    }
}
