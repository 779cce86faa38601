//! `#[derive(Trace)]` where every name it could lean on means something else, under the strictest lints, and in macros.

// Many fields are there for the derive to see, and for nobody to read.
#![allow(dead_code)]

use crate::recorder::assert_edges;

#[test]
fn expansion_is_hygienic_and_silent() {
    assert_edges(&[1, 2], |mc, leaf| _ = mc.alloc(hostile::Trace::new(leaf(1), leaf(2))));
    assert_edges(&[5], |mc, leaf| _ = mc.alloc(strict::Node::new(leaf(5))));
    assert_edges(&[6], |mc, leaf| _ = mc.alloc(made_by_macro::Node { edge: leaf(6), payload: 0 }));
}

/// Every name that the expansion could lean on means something else here.
mod hostile {
    #![allow(non_upper_case_globals)]
    struct Option;
    struct Sized;
    struct Self_;
    struct Managed;
    struct Branded;
    struct Edges;
    struct Tracer;
    mod core {}
    mod std {}
    mod cyclade_core {}
    const tracer: u8 = 0;
    static heap: u8 = 0;
    static this: u8 = 0;

    trait Interfering {
        fn trace(&self) {}
        fn with_field(self, _: u8)
        where
            Self: ::core::marker::Sized,
        {
        }
        fn finalize(&self) {}
    }
    impl<T: ?::core::marker::Sized> Interfering for T {}

    #[derive(::cyclade_core::Trace)]
    pub(super) struct Trace<'any, #[trace(edges)] C> {
        first: ::cyclade_core::Gc<'any, u64>,
        second: C,
    }

    impl<'any, C> Trace<'any, C> {
        pub(super) fn new(first: ::cyclade_core::Gc<'any, u64>, second: C) -> Self {
            Trace { first, second }
        }
    }

    #[derive(::cyclade_core::Trace)]
    #[trace(finalize, crate = ::cyclade_core)]
    struct Finalize<'any, C>(::cyclade_core::Slot<'any, C>);

    impl<C: 'static> ::cyclade_core::Finalize for Finalize<'static, C> {
        fn finalize<D: ::cyclade_core::Collector>(
            _: &::cyclade_core::Root<Self>,
            _: &mut ::cyclade_core::Between<'_, D>,
        ) {
        }
    }
}

/// As strict as lints get.
#[forbid(unsafe_code)]
#[deny(
    missing_docs,
    unused,
    unused_qualifications,
    unreachable_pub,
    deprecated,
    trivial_casts,
    trivial_bounds,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks
)]
#[allow(dead_code)]
mod strict {
    use cyclade_core::{Gc, Trace};

    /// Has a deprecated field with an edge, one without, and one that is not there at all.
    #[derive(Trace)]
    pub(crate) struct Node<'gc>
    where
        Gc<'gc, u64>: Copy,
    {
        #[deprecated]
        old: Gc<'gc, u64>,
        #[deprecated]
        number: u8,
        #[cfg(any())]
        absent: NoSuchType,
    }

    impl<'gc> Node<'gc> {
        pub(crate) fn new(old: Gc<'gc, u64>) -> Self {
            #[expect(deprecated)]
            Node { old, number: 0 }
        }
    }

    /// Has a deprecated variant.
    #[derive(Trace)]
    enum Choice<'gc> {
        #[deprecated]
        Old(Gc<'gc, u64>),
        Empty,
    }
}

/// The derive sees types as macros write them.
mod made_by_macro {
    macro_rules! node {
        ($brand:lifetime, $edge:ty, $payload:ty) => {
            #[derive(cyclade_core::Trace)]
            pub(super) struct Node<$brand> {
                pub(super) edge: $edge,
                pub(super) payload: $payload,
            }
        };
    }
    node!('a, cyclade_core::Gc<'a, u64>, u8);
}
