//! The suite for every collector of this workspace: one line for each, and [`eager`] settings; and what ours alone must do.
//!
//! One binary, so that the suite is compiled once for each collector.

mod eager;
mod peak;

cyclade_conformance::suite!(cyclade_null::Null);
cyclade_conformance::suite!(cyclade_refcount::RefCount);
cyclade_conformance::suite!(cyclade_trial_deletion::TrialDeletion);
cyclade_conformance::suite!(cyclade_mark_sweep::MarkSweep);
cyclade_conformance::suite!(cyclade_concurrent::Concurrent);
