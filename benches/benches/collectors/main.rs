//! Criterion benches of our collectors, the peers beside them where they can do the same: for work on one thing at a time.
//!
//! ```text
//! cargo bench -p cyclade-benches --bench collectors -- 'pairs/mark-sweep'
//! ```
//!
//! One process, subject after subject, time on the wall: figures of different subjects are better compared with `compare`. The
//! themes are one program, since each would otherwise be linked with all the peers again.

mod allocation;
mod barrier;
mod dead_ring;
mod doubly_linked;
mod live;
mod pairs;
mod scope;

use criterion::Criterion;
use cyclade_benches::big_stack;

/// The same allocator for everybody.
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;

fn main() {
    big_stack::run(|| {
        let mut criterion = Criterion::default().configure_from_args();
        for theme in [
            pairs::all,
            doubly_linked::all,
            live::all,
            allocation::all,
            barrier::all,
            scope::all,
            dead_ring::all,
        ] {
            theme(&mut criterion);
        }
        criterion.final_summary();
    });
}
