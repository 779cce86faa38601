//! The published crates of others, one file each, and what a programmer would write with `std::rc` alone.
//!
//! Each is used as its documentation shows, with its defaults. Objects have the same fields as ours. Crates that never collect by
//! themselves are asked to every [`EVERY`] pairs.

mod bacon_rajan;
#[cfg(feature = "more-peers")]
mod boa_gc;
mod bump;
mod by_hand;
mod dumpster;
#[cfg(feature = "more-peers")]
mod dumpster_sync;
mod gc;
mod gc_arena;
mod gcmodule;
mod jrsonnet_gcmodule;
mod rust_cc;
mod safe_gc;
mod shared;
#[cfg(feature = "more-peers")]
mod shredder;
mod strong;

pub use self::bacon_rajan::BaconRajan;
#[cfg(feature = "more-peers")]
pub use self::boa_gc::BoaGc;
pub use self::bump::Bump;
pub use self::by_hand::ByHand;
pub use self::dumpster::Dumpster;
#[cfg(feature = "more-peers")]
pub use self::dumpster_sync::DumpsterSync;
pub use self::gc::RustGc;
pub use self::gc_arena::GcArena;
pub use self::gcmodule::GcModule;
pub use self::jrsonnet_gcmodule::JrsonnetGcModule;
pub use self::rust_cc::RustCc;
pub use self::safe_gc::SafeGc;
#[cfg(feature = "more-peers")]
pub use self::shredder::Shredder;
pub use self::strong::Strong;

/// Pairs after which a subject without a trigger of its own is asked to collect: few enough that all of them fit into the
/// processor's cache, which suits such a crate best.
pub const EVERY: u64 = 1_000;
