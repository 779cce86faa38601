//! `Trace` and the brand for types of the standard library.

use crate::brand::{Branded, Managed};
use crate::edges::Edges;
use crate::trace::{Trace, Tracer};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

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
    std::num::NonZeroU8,
    std::num::NonZeroU16,
    std::num::NonZeroU32,
    std::num::NonZeroU64,
    std::num::NonZeroUsize,
    std::time::Duration,
    std::time::Instant,
    std::time::SystemTime,
    std::path::PathBuf,
    std::ffi::OsString,
    std::ffi::CString,
    std::thread::ThreadId,
);

// SAFETY: no edges.
unsafe impl Trace for str {
    const EDGES: Edges = Edges::NONE;
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// Containers that could pass the write barrier by, and therefore hold payload only: their content is `'static`, so it cannot
/// be an edge of any scope.
macro_rules! payload_container {
    ($($name:ident<$param:ident $(: $bound:tt Sized)?>),* $(,)?) => {$(
        // SAFETY: the content is 'static, and a `Gc<'static, _>` cannot be had: no edges.
        unsafe impl<$param: $($bound Sized +)? 'static> Trace for $name<$param> {
            const EDGES: Edges = Edges::NONE;
            fn trace(&self, _: &mut Tracer<'_>) {}
        }
        impl<$param: $($bound Sized +)? 'static> Managed for $name<$param> {
            type At<'gc> = $name<$param>;
        }
        impl<'gc, $param: $($bound Sized +)? 'static> Branded<'gc> for $name<$param> {
            type Static = $name<$param>;
        }
    )*};
}

payload_container!(Cell<T>, RefCell<T>, OnceCell<T>, Rc<T: ?Sized>, Arc<T: ?Sized>);

// SAFETY: nothing is there.
unsafe impl<T: ?Sized> Trace for PhantomData<T> {
    const EDGES: Edges = Edges::NONE;
    fn trace(&self, _: &mut Tracer<'_>) {}
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
        if !T::EDGES.is_none() {
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
                if $(!$item::EDGES.is_none())||* $body
            }
        }
    )*};
}

container! {
    Vec<T> [] (this, tracer) { this[..].trace(tracer) }
    VecDeque<T> [] (this, tracer) { this.iter().for_each(|item| item.trace(tracer)) }
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
    Box<T> [] Option<T> [] Result<T, E> [] Vec<T> [] VecDeque<T> [] BinaryHeap<T> [] BTreeSet<T> [] HashSet<T> [S]
    BTreeMap<K, V> [] HashMap<K, V> [S]
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
