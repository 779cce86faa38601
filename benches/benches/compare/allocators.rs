//! Other allocators, which only this program links: they take part in allocation into an aged heap. Each is used by name; the global one is the system's.

use cyclade_benches::Workload;
use cyclade_benches::control::Malloc;
use cyclade_benches::gauge::allocation::{INTO_HOLES, malloc};

enum MiMalloc {}

impl Malloc for MiMalloc {
    const NAME: &'static str = "mimalloc";
    type Source = mimalloc::MiMalloc;
    const SOURCE: Self::Source = mimalloc::MiMalloc;
}

#[cfg(feature = "jemalloc")]
enum Jemalloc {}

#[cfg(feature = "jemalloc")]
impl Malloc for Jemalloc {
    const NAME: &'static str = "jemalloc";
    type Source = tikv_jemallocator::Jemalloc;
    const SOURCE: Self::Source = tikv_jemallocator::Jemalloc;
}

/// Adds them.
pub(crate) fn join(workloads: &mut [Workload]) {
    for workload in workloads.iter_mut().filter(|workload| workload.name == INTO_HOLES) {
        workload.contestants.push(malloc::<MiMalloc>());
        #[cfg(feature = "jemalloc")]
        workload.contestants.push(malloc::<Jemalloc>());
    }
}
