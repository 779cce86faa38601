//! Types of the standard library in objects: which are payload, and that those with edges inside are traced.

use crate::counting::heap;
use cyclade_core::{Branded, Gc, Managed, Slot, Trace};
use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Reverse;
use std::collections::LinkedList;
use std::marker::PhantomData;
use std::num::{self, Saturating, Wrapping};
use std::ops::{Bound, ControlFlow, Range, RangeFrom, RangeInclusive, RangeTo};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock, atomic};
use std::{ffi, net, path, time};

/// Has no edges, and is the same type inside and outside of scopes.
fn assert_payload<T: for<'gc> Managed<At<'gc> = T> + for<'gc> Branded<'gc, Static = T>>() {
    assert!(T::EDGES.is_none(), "{} has edges", std::any::type_name::<T>());
}

macro_rules! assert_payload {
    ($($type:ty),* $(,)?) => { $(assert_payload::<$type>();)* };
}

#[test]
fn types_without_edges_are_payload() {
    assert_payload!(num::NonZeroU128, num::NonZeroI8, num::NonZeroI16, num::NonZeroI32, num::NonZeroI64);
    assert_payload!(num::NonZeroI128, num::NonZeroIsize, Wrapping<u8>, Saturating<i64>);
    assert_payload!(atomic::AtomicBool, atomic::AtomicU8, atomic::AtomicU16, atomic::AtomicU32);
    assert_payload!(atomic::AtomicU64, atomic::AtomicUsize, atomic::AtomicI8, atomic::AtomicI16);
    assert_payload!(atomic::AtomicI32, atomic::AtomicI64, atomic::AtomicIsize, atomic::AtomicPtr<u8>);
    assert_payload!(
        time::Duration,
        time::Instant,
        time::SystemTime,
        path::PathBuf,
        ffi::OsString,
        ffi::CString
    );
    assert_payload!(net::IpAddr, net::Ipv4Addr, net::Ipv6Addr, net::SocketAddr);
    assert_payload!(std::cmp::Ordering, Range<u32>, RangeFrom<u32>, RangeTo<u32>, RangeInclusive<u32>);
    assert_payload!(&'static str, &'static [u8], &'static path::Path, &'static dyn Fn(u8) -> u8);
    assert_payload!(Cell<u8>, RefCell<u8>, OnceCell<u8>, OnceLock<u8>, Mutex<u8>, RwLock<u8>);
    assert_payload!(Rc<str>, Arc<[u8]>, std::rc::Weak<u8>, std::sync::Weak<u8>);
    assert_payload!(PhantomData<u8>, PhantomData<str>, PhantomData<[String]>);
}

#[derive(Trace)]
struct Leaf<'gc> {
    _edge: Slot<'gc, u64>,
}

/// A payload in one value with an edge: the whole field is traced, so each part needs a `Trace`.
#[derive(Trace)]
struct Mixed<'gc> {
    named: (&'static str, Gc<'gc, u64>),
    timed: Vec<(time::Duration, Range<usize>, Gc<'gc, u64>)>,
    counted: (atomic::AtomicU32, Wrapping<u8>, Slot<'gc, u64>),
    typed: (PhantomData<Leaf<'gc>>, Gc<'gc, u64>),
    linked: LinkedList<Gc<'gc, u64>>,
    bound: Bound<Gc<'gc, u64>>,
    flow: ControlFlow<Gc<'gc, u64>, u8>,
    reverse: Reverse<Gc<'gc, u64>>,
    boxed: Box<[Slot<'gc, u64>]>,
}

#[test]
fn edges_beside_payload_are_traced() {
    let mut heap = heap();
    let root = heap.mutate(|mc| {
        let leaf = |number| mc.alloc(number);
        mc.root(mc.alloc(Mixed {
            named: ("one", leaf(1)),
            timed: vec![(time::Duration::ZERO, 0..2, leaf(2))],
            counted: (atomic::AtomicU32::new(0), Wrapping(0), Slot::to(leaf(3))),
            typed: (PhantomData, leaf(4)),
            linked: LinkedList::from([leaf(5), leaf(6)]),
            bound: Bound::Excluded(leaf(7)),
            flow: ControlFlow::Break(leaf(8)),
            reverse: Reverse(leaf(9)),
            boxed: [Slot::to(leaf(10)), Slot::empty()].into(),
        }))
    });
    assert_eq!((heap.len(), heap.census().reachable), (11, 11));
    heap.mutate(|mc| {
        let mixed = root.get(mc);
        assert_eq!((mixed.named.0, *mixed.named.1, mixed.timed[0].1.len()), ("one", 1, 2));
        assert_eq!(mixed.counted.0.load(atomic::Ordering::Relaxed), 0);
        assert_eq!(mixed.typed.0, PhantomData);
        assert!(matches!(mixed.flow, ControlFlow::Break(leaf) if *leaf == 8));
    });
    drop(root);
    assert!(heap.is_empty());
}

#[test]
fn a_static_borrow_can_be_allocated_by_itself() {
    let mut heap = heap();
    let root = heap.mutate(|mc| mc.root(mc.alloc("as long as the program")));
    heap.mutate(|mc| assert_eq!(*root.get(mc), "as long as the program"));
    // And so can an owned slice of anything.
    let root = heap.mutate(|mc| mc.root(mc.alloc::<Box<str>>("owned".into())));
    heap.mutate(|mc| assert_eq!(&**root.get(mc), "owned"));
    let root = heap.mutate(|mc| mc.root(mc.alloc::<Box<[_]>>([mc.alloc(1), mc.alloc(2)].into())));
    heap.mutate(|mc| assert_eq!(root.get(mc).iter().map(|leaf| **leaf).sum::<i32>(), 3));
}

/// The form inside of a scope follows the content's, as for every container.
#[test]
fn a_marker_of_a_type_with_edges_changes_its_brand() {
    fn branded<'gc, T: Branded<'gc>>(_: &T) -> &'static str {
        std::any::type_name::<T::Static>()
    }
    let mut heap = heap();
    let root = heap.mutate(|mc| {
        let marker = PhantomData::<Leaf<'_>>;
        assert!(branded(&marker).contains("PhantomData"));
        mc.root(mc.alloc(marker))
    });
    heap.mutate(|mc| assert_eq!(*root.get(mc).as_ref(), PhantomData));
}
