//! `#[derive(Trace)]`, which makes a plain struct or enum a type of objects in a garbage-collected heap.
//!
//! This crate is not used directly: `cyclade-core` and every collector crate export the macro. Its reference is the
//! documentation of [`macro@Trace`].
//!
//! From outside in: `expand` writes the implementations; `body` decides which fields are traced, asking `mentions`;
//! `views` says the type and its bounds for other brands; `generics` and `attributes` read what the user wrote;
//! `crate_path` finds the core; `errors` collects mistakes so that all are reported at once.

mod attributes;
mod body;
mod crate_path;
mod errors;
mod expand;
mod generics;
mod mentions;
#[cfg(test)]
mod tests;
mod views;

use proc_macro::TokenStream;

/// Makes a struct or an enum a type of objects in a garbage-collected heap.
///
/// ```
/// use cyclade_core::{Gc, Slot, Trace};
///
/// #[derive(Trace)]
/// struct Node<'gc> {
///     peer: Slot<'gc, Node<'gc>>,    // an edge that may change
///     parent: Option<Gc<'gc, Node<'gc>>>, // an edge that never changes
///     payload: u64,                  // no edge: never looked at
/// }
/// ```
///
/// The lifetime is the *brand*. It names the heap, and keeps edges inside the scope that they were made in; inside scopes the type is
/// `Node<'gc>`, outside it is `Node<'static>`. The derive implements `Trace` and `Branded<'gc>` for the first, `Managed`
/// for the second.
///
/// # Which fields are traced
///
/// Those whose type mentions the brand or a parameter marked `#[trace(edges)]`, in the order of declaration. Their types must
/// implement `Trace`. Every other field is `'static`, so that it can hold no edge of this heap; it is payload, of any type at
/// all, and the collector never reads it.
///
/// `Cell<Option<Gc<'gc, T>>>` and the like do not implement `Trace`: an edge in there could change without the collector's knowledge.
/// Use `Slot`, `GcVec`, `GcMap` or `Locked`.
///
/// A macro in the place of a type can hide the brand, so such a field is traced too, unless it is marked `#[trace(skip)]`.
///
/// # What a type can be
///
/// * A struct (with named fields, a tuple, a unit) or an enum, with a size. Not a union. Not `#[repr(packed)]`, if it has edges.
/// * With one lifetime, the brand, under any name and without bounds; or with none, and then it is payload, unless a
///   parameter is marked `#[trace(edges)]`.
/// * Without `Drop`, if it can hold edges: when a cycle is freed, what an edge refers to may be gone. Fields that are payload may have
///   `Drop`, and so may types that are. For a last word about objects there is `#[trace(finalize)]`.
///
/// # Attributes of types
///
/// | attribute | what it does |
/// |---|---|
/// | `#[trace(finalize)]` | calls `Finalize::finalize`, which you implement for `Node<'static>`, once before an object is freed; it may resurrect |
/// | `#[trace(finalize = "legacy")]` | the same under the rules before CPython 3.4: with trial deletion a dead cycle through such an object is uncollectable |
/// | `#[trace(visit = "reverse")]` | the collector visits the edges last to first |
/// | `#[trace(untrack = "immutable")]` | like a tuple: cycle detection forgets an object whose edges lead only to what it has forgotten |
/// | `#[trace(untrack = "container")]` | like a dict: looked at only while it holds an edge to something tracked |
/// | `#[trace(untracked)]` | never a candidate of cycle detection |
/// | `#[trace(no_clear)]` | a dead cycle is not broken at this object |
/// | `#[trace(weakref)]` | the object stands for a weak reference: the `Weak`s in it, in containers and locks too, are emptied as soon as cycle detection has found it unreachable (a `WeakRoot` is payload, and is not) |
/// | `#[trace(crate = path)]` | where Cyclade is, if neither `cyclade-core` nor a collector crate is a dependency of its own |
///
/// They can be combined, `#[trace(finalize, no_clear)]`, except for `untracked` with `untrack`. Most programs need none but
/// `finalize`; the others model what the object types of CPython do.
///
/// ```
/// use cyclade_core::{Between, Collector, Finalize, Root, Slot, Trace};
///
/// #[derive(Trace)]
/// #[trace(finalize, visit = "reverse")]
/// struct Session<'gc> {
///     peer: Slot<'gc, Session<'gc>>,
///     name: String,
/// }
///
/// impl Finalize for Session<'static> {
///     fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
///         heap.mutate(|mc| println!("{} is closing", this.get(mc).name));
///     }
/// }
/// ```
///
/// The crate is found in the user's `Cargo.toml`: `cyclade-core`, or else `cyclade-null`, `-refcount`, `-trial-deletion`,
/// `-mark-sweep` or `-concurrent`, renamed or not. A crate that exports Cyclade as part of something larger names it:
///
/// ```
/// # use cyclade_core::Slot;
/// mod runtime {
///     pub use cyclade_core as heap;
/// }
///
/// #[derive(runtime::heap::Trace)]
/// #[trace(crate = crate::runtime::heap)]
/// struct Node<'gc>(Slot<'gc, Node<'gc>>);
/// # fn main() {}
/// ```
///
/// # Attributes of fields
///
/// `#[trace(skip)]` says that a field holds no edge. The compiler checks it: the type must be `'static`. Since such
/// fields are left alone anyway it is seldom needed, but it is a note to the reader, and the way to have a field whose type is
/// written by a macro and does not implement `Trace`.
///
/// ```
/// # use cyclade_core::{Slot, Trace};
/// macro_rules! callback {
///     () => { Box<dyn Fn(u64) -> u64> };
/// }
///
/// #[derive(Trace)]
/// struct Node<'gc> {
///     next: Slot<'gc, Node<'gc>>,
///     #[trace(skip)]
///     map: callback!(),
/// }
/// ```
///
/// ```compile_fail
/// # use cyclade_core::{Slot, Trace};
/// #[derive(Trace)]
/// struct Node<'gc> {
///     #[trace(skip)]
///     next: Slot<'gc, Node<'gc>>, // error: a skipped field must be `'static`
/// }
/// ```
///
/// # Attributes of type parameters
///
/// A type parameter is payload, hence `'static`, unless it is marked `#[trace(edges)]`. An edge parameter can be anything
/// that can be a field: `u64`, `Gc<'gc, Foo<'gc>>`, `Option<Gc<'gc, Foo<'gc>>>`, another list.
///
/// ```
/// use cyclade_core::{Branded, Gc, Slot, Trace};
/// use std::fmt::Debug;
///
/// #[derive(Trace)]
/// struct List<'gc, #[trace(edges)] T: Debug> {
///     next: Slot<'gc, List<'gc, T>>,
///     value: T,
/// }
///
/// #[derive(Trace)]
/// struct Named<'gc, T> {
///     peer: Slot<'gc, Named<'gc, T>>,
///     name: T, // payload
/// }
///
/// fn is_branded<'gc, T: Branded<'gc>>() {}
///
/// fn all_of_these<'gc>() {
///     is_branded::<List<'gc, u64>>();
///     is_branded::<List<'gc, Gc<'gc, Named<'gc, String>>>>();
///     is_branded::<List<'gc, Option<Gc<'gc, str>>>>();
/// }
/// ```
///
/// An edge parameter declared `?Sized` is what edges refer to, and may then be `str`, `[Foo<'gc>]` or a trait object.
///
/// ```
/// use cyclade_core::{Gc, GcVec, Slot, Trace};
///
/// #[derive(Trace)]
/// struct Watcher<'gc, #[trace(edges)] T: ?Sized> {
///     target: Slot<'gc, T>,
///     others: GcVec<'gc, T>,
/// }
///
/// struct Uses<'gc>(Gc<'gc, Watcher<'gc, str>>);
/// ```
///
/// An edge parameter takes another form in every scope, so your bounds on it are repeated for every brand: `List<'static,
/// T>` is `Managed` if `T: Debug` and `T::At<'any>: Debug` for any brand. In such bounds write `<T as Iterator>::Item` instead
/// of `T::Item`.
///
/// A function that is generic over an edge parameter asks for `T: Branded<'gc>`; if there are bounds on the parameter, for
/// the whole type.
///
/// ```
/// use cyclade_core::{Branded, Collector, Gc, Mutator, Slot, Trace};
/// use std::fmt::Debug;
///
/// #[derive(Trace)]
/// struct Plain<'gc, #[trace(edges)] T> { next: Slot<'gc, Plain<'gc, T>>, value: T }
///
/// #[derive(Trace)]
/// struct Bounded<'gc, #[trace(edges)] T: Debug> { next: Slot<'gc, Bounded<'gc, T>>, value: T }
///
/// fn plain<'gc, C: Collector, T: Branded<'gc>>(mc: &Mutator<'gc, C>, value: T) -> Gc<'gc, Plain<'gc, T>> {
///     mc.alloc(Plain { next: Slot::empty(), value })
/// }
///
/// fn bounded<'gc, C: Collector, T: Debug>(mc: &Mutator<'gc, C>, value: T) -> Gc<'gc, Bounded<'gc, T>>
/// where
///     Bounded<'gc, T>: Branded<'gc>,
/// {
///     mc.alloc(Bounded { next: Slot::empty(), value })
/// }
/// ```
#[proc_macro_derive(Trace, attributes(trace))]
pub fn derive_trace(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::derive_trace(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
