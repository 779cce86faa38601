//! `Trace` and the brand for types of the standard library.
//!
//! # Why content that must be `'static` holds no edge
//!
//! `Cell<T>`, `Rc<T>`, `&'static T` and the others under "payload containers" are not looked into, and ask for `T: 'static`. An edge is a
//! `Gc<'gc, _>`, or a `Slot`, `GcVec`, `GcMap` or `Locked` with one in it. Its brand `'gc` is that of a scope: `mutate` takes a closure
//! that works for *every* `'gc`, and brands are invariant, so no value branded with a scope has a type that is `'static`. The
//! *types* `Gc<'static, _>` and `Node<'static>` do exist, as names for use outside of scopes. Of a `Gc<'static, _>` there is no value. A
//! `Node<'static>` can be made, with empty slots, and leaked to a `&'static Node<'static>`, which may be stored here; but it stays
//! empty: an edge is written through the owner's `Gc<'gc, Node<'gc>>`, which only allocation gives, and a `Node<'static>` is not
//! `Branded<'gc>`, so it cannot be allocated. What `&'gc Node<'gc>` would be, a borrow that a scope lends, is not `'static` and
//! has no `Trace`: it would be an edge that nobody counts or follows (`tests/ui/borrow_as_edge.rs`).

use crate::brand::{Branded, Managed, Referent, ReferentIn};
use crate::edges::Edges;
use crate::trace::{Trace, Tracer};
use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::num::{self, Saturating, Wrapping};
use std::ops::{Bound, ControlFlow, Range, RangeFrom, RangeInclusive, RangeTo};
use std::rc::{self, Rc};
use std::sync::atomic;
use std::sync::{self, Arc, Mutex, OnceLock, RwLock};
use std::{ffi, net, path, thread, time};

/// Payload: no edges, and the same type inside and outside of scopes.
macro_rules! payload {
    ($($type:ty),* $(,)?) => {$(
        // SAFETY: no edges.
        unsafe impl Trace for $type {
            const EDGES: Edges = Edges::NONE;
            fn trace(&self, _: &mut Tracer<'_>) {}
        }
        impl Managed for $type {
            type At<'gc> = $type;
        }
        impl<'gc> Branded<'gc> for $type {
            type Static = $type;
        }
    )*};
}

payload!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    String,
    num::NonZeroU8,
    num::NonZeroU16,
    num::NonZeroU32,
    num::NonZeroU64,
    num::NonZeroU128,
    num::NonZeroUsize,
    num::NonZeroI8,
    num::NonZeroI16,
    num::NonZeroI32,
    num::NonZeroI64,
    num::NonZeroI128,
    num::NonZeroIsize,
    atomic::AtomicBool,
    std::cmp::Ordering,
    std::alloc::Layout,
    std::any::TypeId,
    std::convert::Infallible,
    std::io::ErrorKind,
    atomic::Ordering,
    time::Duration,
    time::Instant,
    time::SystemTime,
    path::PathBuf,
    ffi::OsString,
    ffi::CString,
    net::IpAddr,
    net::Ipv4Addr,
    net::Ipv6Addr,
    net::SocketAddr,
    net::SocketAddrV4,
    net::SocketAddrV6,
    thread::ThreadId,
    thread::Thread,
);

/// Atomics, as far as the machine has them.
macro_rules! atomic_payload {
    ($($width:literal: $($name:ident)*;)*) => {$(
        #[cfg(target_has_atomic = $width)]
        payload!($(atomic::$name),*);
    )*};
}

atomic_payload! {
    "8": AtomicU8 AtomicI8;
    "16": AtomicU16 AtomicI16;
    "32": AtomicU32 AtomicI32;
    "64": AtomicU64 AtomicI64;
    "ptr": AtomicUsize AtomicIsize;
}

// SAFETY: no edges.
unsafe impl Trace for str {
    const EDGES: Edges = Edges::NONE;
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// Containers that could pass the write barrier by, or that nobody could reach an edge through, and that therefore hold payload only:
/// their content is `'static`, so it is no edge of any scope (see the module).
macro_rules! payload_container {
    ($($name:ty [$param:ident $(: $bound:tt Sized)?]),* $(,)?) => {$(
        // SAFETY: the content is 'static, and a `Gc<'static, _>` cannot be had: no edges.
        unsafe impl<$param: $($bound Sized +)? 'static> Trace for $name {
            const EDGES: Edges = Edges::NONE;
            fn trace(&self, _: &mut Tracer<'_>) {}
        }
        impl<$param: $($bound Sized +)? 'static> Managed for $name {
            type At<'gc> = $name;
        }
        impl<'gc, $param: $($bound Sized +)? 'static> Branded<'gc> for $name {
            type Static = $name;
        }
    )*};
}

payload_container!(
    &'static T [T: ?Sized],
    Cell<T> [T],
    RefCell<T> [T],
    OnceCell<T> [T],
    OnceLock<T> [T],
    Mutex<T> [T],
    RwLock<T> [T],
    Rc<T> [T: ?Sized],
    Arc<T> [T: ?Sized],
    rc::Weak<T> [T: ?Sized],
    sync::Weak<T> [T: ?Sized],
    Range<T> [T],
    RangeFrom<T> [T],
    RangeTo<T> [T],
    RangeInclusive<T> [T],
    Wrapping<T> [T],
    Saturating<T> [T],
    atomic::AtomicPtr<T> [T],
);

// SAFETY: nothing is there.
unsafe impl<T: ?Sized> Trace for PhantomData<T> {
    const EDGES: Edges = Edges::NONE;
    fn trace(&self, _: &mut Tracer<'_>) {}
}

impl<T: Referent + ?Sized> Managed for PhantomData<T> {
    type At<'gc> = PhantomData<T::In<'gc>>;
}

impl<'gc, T: ReferentIn<'gc> + ?Sized> Branded<'gc> for PhantomData<T> {
    type Static = PhantomData<T::Out>;
}

// SAFETY: a null word is no edge and a set one is; any other option is passed on.
unsafe impl<T: Trace> Trace for Option<T> {
    const EDGES: Edges = T::EDGES.in_option(size_of::<T>(), size_of::<Option<T>>());
    #[inline]
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if let Some(value) = self {
            value.trace(tracer);
        }
    }
}

// SAFETY: whichever is there is passed on.
unsafe impl<T: Trace, E: Trace> Trace for Result<T, E> {
    const EDGES: Edges = Edges::NONE.with_variant(T::EDGES).with_variant(E::EDGES);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        match self {
            Ok(value) => value.trace(tracer),
            Err(error) => error.trace(tracer),
        }
    }
}

// SAFETY: whichever is there is passed on.
unsafe impl<T: Trace> Trace for Bound<T> {
    const EDGES: Edges = Edges::NONE.with_variant(T::EDGES);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        match self {
            Bound::Included(value) | Bound::Excluded(value) => value.trace(tracer),
            Bound::Unbounded => {}
        }
    }
}

// SAFETY: whichever is there is passed on.
unsafe impl<B: Trace, C: Trace> Trace for ControlFlow<B, C> {
    const EDGES: Edges = Edges::NONE.with_variant(B::EDGES).with_variant(C::EDGES);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        match self {
            ControlFlow::Break(value) => value.trace(tracer),
            ControlFlow::Continue(value) => value.trace(tracer),
        }
    }
}

// SAFETY: the one field, at its place.
unsafe impl<T: Trace> Trace for Reverse<T> {
    const EDGES: Edges = Edges::NONE.with_field(std::mem::offset_of!(Self, 0), T::EDGES);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}

// SAFETY: every element, at its place.
unsafe impl<T: Trace, const N: usize> Trace for [T; N] {
    const EDGES: Edges = T::EDGES.repeated(N, size_of::<T>());
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self[..].trace(tracer);
    }
}

// SAFETY: every element.
unsafe impl<T: Trace> Trace for [T] {
    const EDGES: Edges = Edges::NONE.with_variant(T::EDGES);
    fn trace(&self, tracer: &mut Tracer<'_>) {
        if tracer.wants(T::EDGES) {
            self.iter().for_each(|item| item.trace(tracer));
        }
    }
}

// SAFETY: what is in the box.
unsafe impl<T: Trace + ?Sized> Trace for Box<T> {
    const EDGES: Edges = Edges::INDIRECT;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        (**self).trace(tracer);
    }
}

/// Containers that are read by iterating, and changed only by `&mut`, which nobody gets to an object's field.
macro_rules! container {
    ($($name:ident < $($item:ident),* > [$($hasher:ident)?] ($this:ident, $tracer:ident) $body:block)*) => {$(
        // SAFETY: passes every item that may have edges.
        unsafe impl<$($item: Trace,)* $($hasher)?> Trace for $name<$($item,)* $($hasher)?> {
            const EDGES: Edges = Edges::INDIRECT;
            fn trace(&self, $tracer: &mut Tracer<'_>) {
                let $this = self;
                if $($tracer.wants($item::EDGES))||* $body
            }
        }
    )*};
}

container! {
    Vec<T> [] (this, tracer) { this[..].trace(tracer) }
    VecDeque<T> [] (this, tracer) { this.iter().for_each(|item| item.trace(tracer)) }
    LinkedList<T> [] (this, tracer) { this.iter().for_each(|item| item.trace(tracer)) }
    BinaryHeap<T> [] (this, tracer) { this.iter().for_each(|item| item.trace(tracer)) }
    BTreeSet<T> [] (this, tracer) { this.iter().for_each(|item| item.trace(tracer)) }
    HashSet<T> [S] (this, tracer) { this.iter().for_each(|item| item.trace(tracer)) }
    BTreeMap<K, V> [] (this, tracer) { this.iter().for_each(|(k, v)| { k.trace(tracer); v.trace(tracer) }) }
    HashMap<K, V> [S] (this, tracer) { this.iter().for_each(|(k, v)| { k.trace(tracer); v.trace(tracer) }) }
}

/// The two forms of a container of sized, branded items.
macro_rules! branded_container {
    ($($name:ident < $($item:ident),* > [$($hasher:ident)?])*) => {$(
        impl<$($item: Managed,)* $($hasher: 'static)?> Managed for $name<$($item,)* $($hasher)?>
        {
            type At<'gc> = $name<$($item::At<'gc>,)* $($hasher)?>;
        }
        impl<'gc, $($item: Branded<'gc>,)* $($hasher: 'static)?> Branded<'gc> for $name<$($item,)* $($hasher)?>
        {
            type Static = $name<$($item::Static,)* $($hasher)?>;
        }
    )*};
}

branded_container! {
    Box<T> [] Option<T> [] Result<T, E> [] Bound<T> [] ControlFlow<T, E> [] Reverse<T> [] Vec<T> [] VecDeque<T> [] LinkedList<T> []
    BinaryHeap<T> [] BTreeSet<T> [] HashSet<T> [S] BTreeMap<K, V> [] HashMap<K, V> [S]
}

impl<T: Managed> Managed for Box<[T]> {
    type At<'gc> = Box<[T::At<'gc>]>;
}

impl<'gc, T: Branded<'gc>> Branded<'gc> for Box<[T]> {
    type Static = Box<[T::Static]>;
}

impl Managed for Box<str> {
    type At<'gc> = Box<str>;
}

impl Branded<'_> for Box<str> {
    type Static = Box<str>;
}

impl<T: Managed, const N: usize> Managed for [T; N] {
    type At<'gc> = [T::At<'gc>; N];
}

impl<'gc, T: Branded<'gc>, const N: usize> Branded<'gc> for [T; N] {
    type Static = [T::Static; N];
}

macro_rules! tuple {
    ($($($item:ident.$index:tt)+;)*) => {$(
        // SAFETY: every field, at its place.
        unsafe impl<$($item: Trace),+> Trace for ($($item,)+) {
            const EDGES: Edges = Edges::NONE$(.with_field(std::mem::offset_of!(Self, $index), $item::EDGES))+;
            fn trace(&self, tracer: &mut Tracer<'_>) {
                $(self.$index.trace(tracer);)+
            }
        }
        impl<$($item: Managed),+> Managed for ($($item,)+)
        {
            type At<'gc> = ($($item::At<'gc>,)+);
        }
        impl<'gc, $($item: Branded<'gc>),+> Branded<'gc> for ($($item,)+)
        {
            type Static = ($($item::Static,)+);
        }
    )*};
}

tuple! {
    A.0;
    A.0 B.1;
    A.0 B.1 C.2;
    A.0 B.1 C.2 D.3;
    A.0 B.1 C.2 D.3 E.4;
    A.0 B.1 C.2 D.3 E.4 F.5;
    A.0 B.1 C.2 D.3 E.4 F.5 G.6;
    A.0 B.1 C.2 D.3 E.4 F.5 G.6 H.7;
}
