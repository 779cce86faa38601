//! dhat's word on `refcount`: exactly the cycles leak, until the heap goes.

mod leaks;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

#[test]
fn exactly_the_boxes_in_cycles_stay_until_the_heap_is_dropped() {
    leaks::check::<cyclade_refcount::RefCount>();
}
