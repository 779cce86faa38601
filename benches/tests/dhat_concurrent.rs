//! dhat's word on `concurrent`: after a collection, no box of a dead object is left.

mod leaks;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

#[test]
fn no_box_of_a_dead_object_outlives_a_collection() {
    leaks::check::<cyclade_concurrent::Concurrent>();
}
