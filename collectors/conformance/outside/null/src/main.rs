//! A program whose only dependency is `cyclade-null`.

use cyclade_null as collector;

include!("../../story.rs");

fn main() {
    story(&mut collector::Heap::default(), false);
}
