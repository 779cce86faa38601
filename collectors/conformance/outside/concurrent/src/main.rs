//! A program whose only dependency is `cyclade-concurrent`.

use cyclade_concurrent as collector;

include!("../../story.rs");

fn main() {
    story(&mut collector::Heap::default(), true);
}
