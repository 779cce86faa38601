//! A program whose only dependency is `cyclade-trial-deletion`.

use cyclade_trial_deletion as collector;

include!("../../story.rs");

fn main() {
    story(&mut collector::Heap::default(), true);
}
