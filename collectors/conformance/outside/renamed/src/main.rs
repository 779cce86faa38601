//! A program that calls its collector crate by another name.

use gc as collector;

include!("../../story.rs");

fn main() {
    story(&mut gc::Heap::default(), true);
}
