//! The brand: how the compiler tells one heap's objects, in one scope, from all others.
//!
//! A type of a heap has one lifetime, the brand. `Node<'gc>` is what a scope works with, `Node<'static>` is how the same
//! type is named outside of scopes, in `Root<Node<'static>>`. Two traits tie the two forms together, and every way to make
//! a `Gc<'gc, T>` asks for `T: Branded<'gc>`. That closes the escape by which a `Node<'static>` is allocated in a scope,
//! rooted, got back as `Node<'gc>`, given an edge through that view, and read through the first one as `Gc<'static, _>`,
//! which outlives the scope.

use crate::collector::Collector;
use crate::heap::Between;
use crate::root::Root;
use crate::shape::Shape;
use crate::trace::Trace;

/// The form of a type that is named outside of scopes. Implemented by `#[derive(Trace)]` for `Node<'static>`.
pub trait Managed: Sized + 'static {
    /// The same type inside a scope.
    type At<'gc>: Branded<'gc, Static = Self>;

    /// What the author of the type said of it in `#[trace(..)]`.
    const ATTRIBUTES: Attributes = Attributes::DEFAULT;

    /// Calls [`Finalize::finalize`]; overridden by the derive where `#[trace(finalize)]` says so.
    #[doc(hidden)]
    fn run_finalizer<C: Collector>(_this: &Root<Self>, _heap: &mut Between<'_, C>) {}
}

/// The form of a type inside a scope. Implemented by `#[derive(Trace)]` for `Node<'gc>`.
pub trait Branded<'gc>: Trace + Sized + 'gc {
    /// The same type outside of scopes.
    type Static: Managed<At<'gc> = Self>;
}

/// What a `Root` or a `Gc` may refer to, as it is named outside of scopes: every [`Managed`] type, slices of such, `str`, and
/// trait objects that [`managed_dyn!`](crate::managed_dyn) has been used on.
pub trait Referent: 'static {
    /// The same type inside a scope.
    type In<'gc>: ReferentIn<'gc, Out = Self> + ?Sized;
}

/// What a `Gc` may refer to inside a scope; see [`Referent`].
pub trait ReferentIn<'gc>: Shape + 'gc {
    /// The same type outside of scopes.
    type Out: Referent<In<'gc> = Self> + ?Sized;
}

impl<T: Managed> Referent for T {
    type In<'gc> = T::At<'gc>;
}

impl<'gc, T: Branded<'gc>> ReferentIn<'gc> for T {
    type Out = T::Static;
}

impl<T: Managed> Referent for [T] {
    type In<'gc> = [T::At<'gc>];
}

impl<'gc, T: Branded<'gc>> ReferentIn<'gc> for [T] {
    type Out = [T::Static];
}

impl Referent for str {
    type In<'gc> = str;
}

impl<'gc> ReferentIn<'gc> for str {
    type Out = str;
}

/// A type whose objects want to do something before they are freed, and may prevent it.
///
/// Opt in by `#[trace(finalize)]` on the derive. `finalize` is called once per object, when the collector has found that
/// nothing outside refers to it (or its count has fallen to 0), between scopes, with the object and all it refers to
/// intact. Keeping a clone of `this`, or storing an edge to it, resurrects it (PEP 442); it is not finalized again.
/// Dropping a heap runs no finalizers.
pub trait Finalize: Managed {
    /// See the trait. A panic is caught, the batch is finished, and the first panic is resumed.
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>);
}

/// What a type says of itself beyond its edges. Most types leave all of it alone; it is there so that objects of
/// other languages' runtimes can be modelled exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// `#[trace(finalize)]`, `#[trace(finalize = "legacy")]`.
    pub finalizer: Finalizer,
    /// `#[trace(visit = "reverse")]`.
    pub visit: Visit,
    /// `#[trace(untrack = "immutable")]`, `#[trace(untrack = "container")]`.
    pub untrack: Untrack,
    /// `#[trace(no_clear)]` makes it false: cycle collection cannot empty the object's edges, others must break the cycle.
    pub clear: bool,
    /// `#[trace(untracked)]` makes it false: counted, and never a candidate of cycle detection.
    pub tracked: bool,
    /// `#[trace(weakref)]`: the object stands for a weak reference. When a cycle collection finds it unreachable, the [`Weak`](crate::Weak)s in
    /// it, in containers and locks too, are emptied at once, before finalizers and callbacks run (trial deletion only).
    pub weakref: bool,
}

impl Attributes {
    /// No finalizer, edges in order, tracked, cleared.
    pub const DEFAULT: Attributes = Attributes {
        finalizer: Finalizer::None,
        visit: Visit::Forward,
        untrack: Untrack::Never,
        clear: true,
        tracked: true,
        weakref: false,
    };
}

/// Which kind of finalizer a type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finalizer {
    /// None.
    None,
    /// Once per object, and the object may be resurrected: CPython's `tp_finalize` (PEP 442, since 3.4).
    Modern,
    /// As before 3.4 (`tp_del`): under trial deletion a dead cycle that contains it is uncollectable.
    Legacy,
}

/// In which order a collector visits the edges of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// As declared.
    Forward,
    /// Last to first, as CPython visits lists and tuples.
    Reverse,
}

/// When cycle detection may stop looking at an object, because nothing it holds could be part of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrack {
    /// Never.
    Never,
    /// Like a tuple: its edges never change; untracked once all of them lead to untracked objects.
    Immutable,
    /// Like a dictionary: untracked until an edge to something tracked is put in, and again when none is left.
    Container,
}
