//! The programs, one file each.

pub(crate) mod acyclic;
pub(crate) mod churn;
pub(crate) mod deep;
pub(crate) mod doubly_linked;
pub(crate) mod frames;
pub(crate) mod hub;
pub(crate) mod live;
pub(crate) mod observer;
pub(crate) mod pairs;
pub(crate) mod replay;
pub(crate) mod ring;
pub(crate) mod self_reference;
pub(crate) mod tree;

/// One dying structure in so many is followed until it is freed, where structures are small.
const FOLLOW_EVERY: u32 = 251;
