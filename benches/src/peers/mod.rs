//! The published crates of others, one file each, and what a programmer would write with `std::rc` alone.
//!
//! Each is used as its documentation shows, with its defaults. Objects have the same fields as ours. Crates that never collect by
//! themselves are asked to every [`EVERY`] pairs.

mod bacon_rajan;
mod by_hand;
mod dumpster;
mod gc;
mod gc_arena;
mod gcmodule;
mod rust_cc;
mod shared;
mod strong;

pub use self::bacon_rajan::BaconRajan;
pub use self::by_hand::ByHand;
pub use self::dumpster::Dumpster;
pub use self::gc::RustGc;
pub use self::gc_arena::GcArena;
pub use self::gcmodule::GcModule;
pub use self::rust_cc::RustCc;
pub use self::strong::Strong;

/// Pairs after which a subject without a trigger of its own is asked to collect: few enough that all of them fit into the
/// processor's cache, which suits such a crate best.
pub const EVERY: u64 = 1_000;
