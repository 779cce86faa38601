//! The list of workloads: one line each.

use crate::driver::{self, Moment, Report};
use crate::programs::{
    acyclic::Acyclic, churn::ChurnRun, deep::Deep, doubly_linked::DoublyLinked, frames::Frames, hub::HubRun,
    live::Live, observer::Observer, pairs::Pairs, replay::Replay, ring::Ring, self_reference::SelfReference,
    tree::Tree,
};
use crate::workload::{Info, Params, Workload};
use cyclade_core::Collector;

macro_rules! workloads {
    ($($workload:ty),+ $(,)?) => {
        /// All workloads, in the order in which tables show them.
        #[must_use]
        pub fn all() -> &'static [Info] {
            &[$(<$workload as Workload>::INFO),+]
        }

        pub(crate) fn run<C: Collector>(name: &str, params: &Params, at: &mut dyn FnMut(Moment)) -> Option<Report> {
            $(if name == <$workload as Workload>::INFO.name {
                return Some(driver::run::<C, $workload>(params, at));
            })+
            None
        }
    };
}

workloads! {
    Pairs,
    Ring,
    SelfReference,
    DoublyLinked,
    Tree,
    Live,
    Observer,
    Frames,
    Acyclic,
    Deep,
    HubRun,
    ChurnRun,
    Replay,
}

/// The workload of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Info> {
    all().iter().find(|info| info.name == name)
}
