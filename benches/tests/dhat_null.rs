//! dhat's word on `null`: nothing is freed before the heap goes, and everything then.

mod leaks;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

#[test]
fn every_box_stays_until_the_heap_is_dropped() {
    leaks::check::<cyclade_null::Null>();
}
