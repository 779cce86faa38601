//! A program whose only dependency is `cyclade-mark-sweep`.

use cyclade_mark_sweep as collector;

include!("../../story.rs");

fn main() {
    story(&mut collector::Heap::default(), true);
}
