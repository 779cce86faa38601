//! What `#[derive(Trace)]` makes of types, as a collector sees it.
//!
//! What must not compile is in `ui/derive`; the expansions themselves are tested in `cyclade-derive`.

// Many fields are there for the derive to see, and for nobody to read.
#![allow(dead_code)]

use crate::recorder::assert_edges;
use cyclade_core::{
    Attributes, Branded, Collector, Finalizer, Gc, GcVec, Managed, Mutator, Slot, Trace, Untrack, Visit,
};
use std::fmt::Debug;
use std::marker::PhantomData;

fn offsets<T: Trace + ?Sized>() -> Option<Vec<u16>> {
    T::EDGES.offsets().map(<[u16]>::to_vec)
}

fn is_branded<'gc, T: Branded<'gc>>() -> bool {
    fn is_managed<T: Managed>() -> bool {
        !std::any::type_name::<T>().is_empty()
    }
    is_managed::<T::Static>()
}

#[derive(Trace)]
#[repr(C)]
struct Record<'gc> {
    first: Slot<'gc, u64>,
    number: u32,
    text: String,
    r#type: Gc<'gc, u64>,
    inner: Tuple<'gc>,
}

#[derive(Trace)]
#[repr(C)]
struct Tuple<'gc>(Gc<'gc, u64>, u64, Slot<'gc, u64>);

#[test]
fn struct_has_its_edges_at_constant_offsets_in_order_of_declaration() {
    assert_edges(&[3, 1, 2, 0], |mc, leaf| {
        mc.alloc(Record {
            first: Slot::to(leaf(3)),
            number: 7,
            text: "payload".into(),
            r#type: leaf(1),
            inner: Tuple(leaf(2), 7, Slot::to(leaf(0))),
        });
    });
    let (text, tuple) = (size_of::<String>(), 16 + size_of::<String>() + 8);
    let expected = [0, 16 + text, tuple, tuple + 16].map(|offset| u16::try_from(offset).expect("small"));
    assert_eq!(offsets::<Record<'_>>(), Some(expected.to_vec()));
}

#[derive(Trace)]
struct Mixed<'gc> {
    list: Vec<Gc<'gc, u64>>,
    one: Gc<'gc, u64>,
    boxed: Option<Box<Mixed<'gc>>>,
    pair: [Option<Gc<'gc, u64>>; 2],
}

#[test]
fn collections_are_visited_in_place() {
    assert_edges(&[0, 1, 2, 5, 6, 7, 4], |mc, leaf| {
        let boxed = Mixed { list: vec![leaf(5)], one: leaf(6), boxed: None, pair: [None, Some(leaf(7))] };
        mc.alloc(Mixed {
            list: vec![leaf(0), leaf(1)],
            one: leaf(2),
            boxed: Some(Box::new(boxed)),
            pair: [Some(leaf(4)), None],
        });
    });
    assert_eq!(offsets::<Mixed<'_>>(), None);
}

#[derive(Trace)]
#[repr(u8)]
enum Value<'gc> {
    Nothing = 3,
    Number(u64),
    Pair(Gc<'gc, u64>, u64, Slot<'gc, u64>) = 9,
    Named { r#in: Gc<'gc, u64>, name: &'static str },
}

#[test]
fn enum_has_the_edges_of_its_variant() {
    assert_edges(&[], |mc, _| _ = mc.alloc(Value::Nothing));
    assert_edges(&[], |mc, _| _ = mc.alloc(Value::Number(1)));
    assert_edges(&[2, 1], |mc, leaf| _ = mc.alloc(Value::Pair(leaf(2), 0, Slot::to(leaf(1)))));
    assert_edges(&[4], |mc, leaf| _ = mc.alloc(Value::Named { r#in: leaf(4), name: "four" }));
    assert_eq!(offsets::<Value<'_>>(), None);
}

/// Implements nothing.
struct Opaque(u8);

#[derive(Trace)]
struct Payload<T: ?Sized, const N: usize = 2> {
    opaque: [Opaque; N],
    cell: std::cell::Cell<u64>,
    shared: std::rc::Rc<T>,
}

impl<T: ?Sized, const N: usize> Drop for Payload<T, N> {
    fn drop(&mut self) {}
}

#[derive(Trace)]
enum Never {}

#[derive(Trace)]
struct Unit;

#[test]
fn payload_types_have_no_edges_and_take_any_field() {
    assert_edges(&[], |mc, _| {
        mc.alloc(Payload::<str> { opaque: [Opaque(0), Opaque(1)], cell: 0.into(), shared: "text".into() });
    });
    assert_edges(&[], |mc, _| _ = mc.alloc(Unit));
    assert!(Payload::<str>::EDGES.is_none() && Never::EDGES.is_none() && Unit::EDGES.is_none());
    assert!(is_branded::<Payload<str>>() && is_branded::<Never>() && is_branded::<Unit>());
}

#[derive(Trace)]
struct Holder<'gc, T, const N: usize> {
    next: Slot<'gc, Holder<'gc, T, N>>,
    payload: [T; N],
    #[trace(skip)]
    note: Opaque,
    object: Box<dyn Fn(u64) -> u64>,
}

#[test]
fn payload_parameters_and_skipped_fields_are_not_traced() {
    assert_edges(&[], |mc, _| {
        let object = Box::new(|x| x);
        mc.alloc(Holder { next: Slot::empty(), payload: [Opaque(0), Opaque(1)], note: Opaque(2), object });
    });
    assert!(offsets::<Holder<'_, Opaque, 3>>().is_some_and(|offsets| offsets.len() == 1));
    assert!(is_branded::<Holder<'_, Opaque, 3>>());
}

#[derive(Trace)]
struct List<'gc, #[trace(edges)] T: Debug> {
    head: Slot<'gc, Link<'gc, T>>,
    value: T,
}

#[derive(Trace)]
struct Link<'gc, #[trace(edges)] T>
where
    T: Debug,
{
    list: Slot<'gc, List<'gc, T>>,
    value: T,
}

#[derive(Trace)]
struct Pair<#[trace(edges)] A, #[trace(edges)] B = u64>(A, B);

#[derive(Trace)]
struct Outer<'gc, #[trace(edges)] T: Debug> {
    list: List<'gc, Option<T>>,
    pair: Pair<T, Option<Gc<'gc, Pair<T>>>>,
}

#[test]
fn edge_parameters_can_be_anything() {
    assert_edges(&[1], |mc, leaf| _ = mc.alloc(List { head: Slot::empty(), value: leaf(1) }));
    assert_edges(&[2], |mc, leaf| _ = mc.alloc(List { head: Slot::empty(), value: Some(leaf(2)) }));
    assert_edges(&[], |mc, _| _ = mc.alloc(List { head: Slot::empty(), value: 3_u64 }));
    assert_edges(&[2, 0, 1], |mc, leaf| {
        let list = List { head: Slot::empty(), value: Some(leaf(2)) };
        let pair = Pair(leaf(0), None);
        mc.alloc(Pair(Outer { list, pair }, leaf(1)));
    });
    assert_edges(&[], |mc, leaf| {
        let inner = mc.alloc(List { head: Slot::empty(), value: leaf(1) });
        mc.alloc(List { head: Slot::empty(), value: inner });
        mc.alloc(Unit);
    });
    assert!(offsets::<List<'_, u64>>().is_some_and(|offsets| offsets.len() == 1));
    assert!(offsets::<List<'_, Gc<'_, u64>>>().is_some_and(|offsets| offsets.len() == 2));
}

trait Shape<'a> {
    type Corner;
}

impl Shape<'_> for u64 {
    type Corner = u8;
}

impl<'a> Shape<'a> for Gc<'a, u64> {
    type Corner = Gc<'a, str>;
}

#[derive(Trace)]
struct Bounded<'gc, #[trace(edges)] T: Shape<'gc> + ?Sized, P: Clone, const N: usize>
where
    <T as Shape<'gc>>::Corner: Debug,
    Gc<'gc, T>: Debug,
    Option<P>: for<'a> PartialEq<Option<P>>,
    Box<T>: Sized,
    P: From<&'gc str>,
    Self: Sized,
{
    edge: Gc<'gc, T>,
    corner: PhantomData<T::Corner>,
    payload: [P; N],
    deep: Option<Box<Self>>,
}

#[test]
fn bounds_hold_for_every_brand() {
    fn within<'gc>(_: &Gc<'gc, u64>) {
        assert!(is_branded::<Bounded<'gc, Gc<'gc, u64>, String, 3>>());
        assert!(is_branded::<Bounded<'gc, u64, String, 0>>());
    }
    assert_edges(&[6], |mc, leaf| {
        within(&leaf(0));
        let payload = [String::new()];
        mc.alloc(Bounded { edge: leaf(6), corner: PhantomData, payload, deep: None });
    });
}

fn pair<'gc, C: Collector, T: Branded<'gc>>(mc: &Mutator<'gc, C>, value: T) -> Gc<'gc, Pair<u64, T>> {
    mc.alloc(Pair(0, value))
}

fn link<'gc, C: Collector, T: Debug>(mc: &Mutator<'gc, C>, value: T) -> Gc<'gc, Link<'gc, T>>
where
    Link<'gc, T>: Branded<'gc>,
{
    mc.alloc(Link { list: Slot::empty(), value })
}

#[test]
fn functions_can_be_generic_over_edge_parameters() {
    assert_edges(&[3], |mc, leaf| _ = pair(mc, leaf(3)));
    assert_edges(&[4], |mc, leaf| _ = link(mc, leaf(4)));
    assert_edges(&[5], |mc, leaf| _ = link(mc, Some(leaf(5))));
}

#[derive(Trace)]
struct Watcher<'gc, #[trace(edges)] T: ?Sized> {
    target: Gc<'gc, T>,
    others: GcVec<'gc, T>,
    last: Slot<'gc, T>,
}

#[test]
fn unsized_edge_parameter_is_what_edges_refer_to() {
    assert_edges(&[1, 2], |mc, leaf| {
        mc.alloc(Watcher { target: leaf(1), others: GcVec::new(), last: Slot::to(leaf(2)) });
    });
    assert_edges(&[], |mc, leaf| {
        let text =
            mc.alloc(Watcher { target: mc.alloc_str("text"), others: GcVec::new(), last: Slot::empty() });
        let row = mc.alloc_slice([leaf(1)]);
        mc.alloc(Watcher { target: row, others: GcVec::new(), last: Slot::empty() });
        mc.alloc(Watcher { target: text, others: GcVec::new(), last: Slot::empty() });
        mc.alloc(Unit);
    });
}

#[derive(Trace)]
struct Plain<'gc>(Slot<'gc, u64>);

#[derive(Trace)]
#[trace(finalize, no_clear)]
#[trace(visit = "reverse", untrack = "container")]
struct Guarded<'gc>(Slot<'gc, u64>);

impl cyclade_core::Finalize for Guarded<'static> {
    fn finalize<C: Collector>(_: &cyclade_core::Root<Self>, _: &mut cyclade_core::Between<'_, C>) {}
}

#[derive(Trace)]
#[trace(finalize = "legacy", untracked)]
enum Old<'gc> {
    Edge(Slot<'gc, u64>),
}

impl cyclade_core::Finalize for Old<'static> {
    fn finalize<C: Collector>(_: &cyclade_core::Root<Self>, _: &mut cyclade_core::Between<'_, C>) {}
}

#[derive(Trace)]
#[trace(untrack = "immutable")]
struct Frozen<'gc>(Slot<'gc, u64>);

#[test]
fn attributes_reach_the_collector() {
    assert_eq!(Plain::ATTRIBUTES, Attributes::DEFAULT);
    assert_eq!(
        Guarded::ATTRIBUTES,
        Attributes {
            finalizer: Finalizer::Modern,
            visit: Visit::Reverse,
            untrack: Untrack::Container,
            clear: false,
            tracked: true,
            weakref: false,
        }
    );
    let legacy = Attributes { finalizer: Finalizer::Legacy, tracked: false, ..Attributes::DEFAULT };
    assert_eq!(Old::ATTRIBUTES, legacy);
    assert_eq!(Frozen::ATTRIBUTES, Attributes { untrack: Untrack::Immutable, ..Attributes::DEFAULT });
    assert_edges(&[3], |mc, leaf| _ = mc.alloc(Guarded(Slot::to(leaf(3)))));
    assert_edges(&[3], |mc, leaf| _ = mc.alloc(Old::Edge(Slot::to(leaf(3)))));
}

#[test]
fn what_must_not_compile_says_why() {
    trybuild::TestCases::new().compile_fail("tests/ui/derive/*.rs");
}
