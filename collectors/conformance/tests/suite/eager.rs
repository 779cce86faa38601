//! Collectors that collect by themselves whenever they can: edges move, roots come and go, weak references are upgraded while a cycle is
//! under way. (Under zeal nothing ever is: every scope ends with a whole collection.)

use cyclade_concurrent::Concurrent;
use cyclade_mark_sweep::MarkSweep;
use cyclade_trial_deletion::{Order, Rules, TrialDeletion};

type Beside = cyclade_concurrent::Options;
type Pausing = cyclade_mark_sweep::Options;
type Detecting = cyclade_trial_deletion::Options;

cyclade_conformance::suite!(beside: Concurrent, Beside::eager());
cyclade_conformance::suite!(marking_in_the_pause: Concurrent, Beside { concurrent: false, ..Beside::eager() });
cyclade_conformance::suite!(parallel: MarkSweep, Pausing { parallel: true, growth: 0.0, min_bytes: 0, automatic: true });
cyclade_conformance::suite!(young: TrialDeletion, Detecting { thresholds: [1, 1, 1], ..Detecting::default() });
cyclade_conformance::suite!(
    young_in_pythons_order: TrialDeletion,
    Detecting { thresholds: [1, 1, 1], order: Order::Python, ..Detecting::default() }
);
cyclade_conformance::suite!(
    young_since_3_12: TrialDeletion,
    Detecting { thresholds: [1, 2, 1], rules: Rules::Since312, ..Detecting::default() }
);
