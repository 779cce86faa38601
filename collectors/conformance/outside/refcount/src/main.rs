//! A program whose only dependency is `cyclade-refcount`.

use cyclade_refcount as collector;

include!("../../story.rs");

fn main() {
    story(&mut collector::Heap::default(), false);
}
