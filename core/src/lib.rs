//! The object graph that Cyclade's garbage collectors plug into.
//!
//! A program takes one collector crate (`cyclade-trial-deletion`, `cyclade-mark-sweep`, ...), which re-exports all of this with
//! [`Heap`] fixed to its collector. Code that is generic over collectors, and collectors themselves, use this crate.
//!
//! # The parts
//!
//! * **The mutator API.** A [`Heap`] is worked on in scopes ([`Heap::mutate`]); inside, a [`Mutator`] allocates objects and
//!   [`Gc`] points to them; outside, [`Root`]s keep them. Edges that change are [`Slot`], [`GcVec`], [`GcMap`] and [`Locked`];
//!   [`Weak`] and [`WeakRoot`] do not count. User types derive [`Trace`]; [`Finalize`] is opt-in.
//! * **The brand** ([`Managed`], [`Branded`]): the lifetime `'gc` names one scope of one heap, so that the compiler keeps
//!   heaps apart and pointers inside their scope.
//! * **The heap**: cells in size-class blocks in arenas, bitmaps on the side.
//! * **The collector contract** ([`Collector`], [`Plan`], [`Safepoint`], [`Graph`], [`Object`]), with numbered promises.
//! * **The oracle** ([`Census`]): which objects are reachable, independent of any collector.
//!
//! # What it costs
//!
//! A reference-counted object that dies inside a scope is freed at the scope's end, not at once. Heaps stay on one thread. Objects
//! do not move, so memory is not compacted.

// Generated code says `::cyclade_core`, here too.
extern crate self as cyclade_core;

mod brand;
mod callback;
mod cell_stack;
mod collection;
mod collector;
mod config;
mod containers;
mod counting;
mod dyn_object;
mod edge_buffer;
mod edges;
mod error;
mod gc;
mod gc_map;
mod gc_vec;
mod graph;
mod heap;
mod inner;
mod locked;
mod mark_queue;
mod mutator;
mod object;
mod oracle;
mod packed;
mod root;
mod safepoint;
mod scratch;
mod shape;
mod slot;
mod space;
mod trace;
mod type_info;
mod weak;

pub use brand::{Attributes, Branded, Finalize, Finalizer, Managed, Referent, ReferentIn, Untrack, Visit};
pub use callback::Due;
pub use cell_stack::CellStack;
pub use collection::{Collection, CollectionEvent, Pause, PauseKind, Stats};
pub use collector::{Barrier, Collector, Plan, Reason};
pub use config::{Config, Zeal};
pub use counting::{Attempt, Counts, FIRST_FREE_BIT};
pub use cyclade_derive::Trace;
pub use dyn_object::TraceObject;
pub use edge_buffer::RetiredBuffer;
pub use edges::Edges;
pub use error::{AllocError, HeapId, WrongHeap};
pub use gc::Gc;
pub use gc_map::{GcMap, MapEditor};
pub use gc_vec::{Edit, GcVec, Iter, VecEditor};
pub use graph::{Graph, Marking};
pub use heap::{Between, Heap};
pub use locked::{Locked, Ref, RefMut};
pub use mark_queue::MarkQueue;
pub use mutator::Mutator;
pub use object::{Flag, HEADER_BYTES, Object, ObjectId};
pub use oracle::{Census, CensusIds};
pub use packed::PackedList;
pub use root::{AnyRoot, Root};
pub use safepoint::Safepoint;
pub use shape::Shape;
pub use slot::Slot;
pub use space::{Marked, Swept};
pub use trace::{Scanner, Trace, Tracer};
pub use type_info::TypeInfo;
pub use weak::{Weak, WeakRoot};

/// The crate itself, under the name by which generated code finds it in every collector crate.
#[doc(hidden)]
pub use crate as __core;

/// For `managed_dyn!`.
#[doc(hidden)]
pub mod dyn_support {
    pub use crate::dyn_object::{DynShape, dyn_from_thin};
}

/// For the derive.
#[doc(hidden)]
pub mod derive_support {
    /// Implemented for every type with a `Drop`; the derive implements it for types with edges, so that such a type with a `Drop`
    /// is an error: when a cycle is freed, what its edges refer to may be gone.
    #[allow(drop_bounds, missing_debug_implementations)]
    pub trait MustNotImplDrop {}
    #[allow(drop_bounds)]
    impl<T: Drop> MustNotImplDrop for T {}
}
