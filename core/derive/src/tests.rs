//! Whole expansions, compared token by token, without the core.
//!
//! What the code does when it runs, and what the compiler says to code that must not compile, is tested in the core:
//! `core/tests/suite/derive.rs`, `core/tests/ui/derive`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{DeriveInput, Item, parse_quote};

/// The items of the expansion. Parsing them proves that they are items.
fn items(input: &DeriveInput) -> Vec<Item> {
    let tokens = crate::expand::derive_trace(input).expect("the input is valid");
    syn::parse2::<syn::File>(tokens).expect("the expansion is valid syntax").items
}

#[track_caller]
fn assert_expands(input: &DeriveInput, expected: &[Item]) {
    let shown =
        |items: &[Item]| items.iter().map(|item| item.to_token_stream().to_string()).collect::<Vec<_>>();
    let (actual, expected) = (shown(&items(input)), shown(expected));
    assert_eq!(actual.len(), expected.len(), "number of items in {actual:#?}");
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_eq!(actual, expected);
    }
}

/// Compares tokens. Spaces aside: `> >` is the same as `>>`.
#[track_caller]
fn assert_same(actual: &Item, expected: &Item) {
    let shown = |item: &Item| item.to_token_stream().to_string().replace(' ', "");
    assert_eq!(shown(actual), shown(expected));
}

fn messages(input: TokenStream) -> Vec<String> {
    let input: DeriveInput = syn::parse2(input).expect("the input is Rust");
    match crate::expand::derive_trace(&input) {
        Ok(tokens) => panic!("this expands, to {tokens}"),
        Err(errors) => errors.into_iter().map(|error| error.to_string()).collect(),
    }
}

#[test]
fn struct_with_a_brand() {
    assert_expands(
        &parse_quote! {
            #[trace(crate = c)]
            struct Node<'a> { peer: Slot<'a, Node<'a>>, payload: u64, r#type: Gc<'a, str> }
        },
        &[
            parse_quote! {
                #[automatically_derived]
                // SAFETY: none is due: these tokens are compared with, and not compiled.
                unsafe impl<'a> c::__core::Trace for Node<'a> {
                    const EDGES: c::__core::Edges = c::__core::Edges::NONE
                        .with_field(::core::mem::offset_of!(Self, peer), <Slot<'a, Node<'a>> as c::__core::Trace>::EDGES)
                        .with_field(::core::mem::offset_of!(Self, r#type), <Gc<'a, str> as c::__core::Trace>::EDGES);
                    #[inline]
                    fn trace(&self, __tracer: &mut c::__core::Tracer<'_>) {
                        let Self { peer: __field_0, payload: _, r#type: __field_2, } = self;
                        <Slot<'a, Node<'a>> as c::__core::Trace>::trace(__field_0, __tracer);
                        <Gc<'a, str> as c::__core::Trace>::trace(__field_2, __tracer);
                    }
                }
            },
            parse_quote! {
                #[automatically_derived]
                impl c::__core::Managed for Node<'static> {
                    type At<'__any> = Node<'__any>;
                }
            },
            parse_quote! {
                #[automatically_derived]
                impl<'a> c::__core::Branded<'a> for Node<'a> {
                    type Static = Node<'static>;
                }
            },
            parse_quote! {
                #[automatically_derived]
                impl<'a> c::__core::derive_support::MustNotImplDrop for Node<'a> {}
            },
        ],
    );
}

#[test]
fn payload_type_has_no_edges_and_may_have_drop() {
    assert_expands(
        &parse_quote! {
            #[trace(crate = c)]
            struct Text<T: Clone + ?Sized = str, const N: usize = 1>(Box<T>, [u8; N]);
        },
        &[
            parse_quote! {
                #[automatically_derived]
                // SAFETY: as above.
                unsafe impl<T, const N: usize> c::__core::Trace for Text<T, N>
                where T: ?::core::marker::Sized + 'static, T: Clone,
                {
                    const EDGES: c::__core::Edges = c::__core::Edges::NONE;
                    #[inline]
                    fn trace(&self, __tracer: &mut c::__core::Tracer<'_>) {}
                }
            },
            parse_quote! {
                #[automatically_derived]
                impl<T, const N: usize> c::__core::Managed for Text<T, N>
                where T: ?::core::marker::Sized + 'static, T: Clone,
                {
                    type At<'__any> = Text<T, N>;
                }
            },
            parse_quote! {
                #[automatically_derived]
                impl<'__any, T, const N: usize> c::__core::Branded<'__any> for Text<T, N>
                where T: ?::core::marker::Sized + 'static, T: Clone,
                {
                    type Static = Text<T, N>;
                }
            },
        ],
    );
}

#[test]
fn bounds_of_an_edge_parameter_are_said_for_every_brand() {
    let expanded = items(&parse_quote! {
        #[trace(crate = c)]
        struct List<'gc, #[trace(edges)] T: Shape<'gc>, P> where Vec<T>: for<'b> Eq<&'b T>, P: Clone, P: From<&'gc u8> {
            head: Slot<'gc, T>,
            value: T,
            payload: P,
        }
    });
    let expected: [Item; 2] = [
        parse_quote! {
            #[automatically_derived]
            impl<T, P> c::__core::Managed for List<'static, T, P>
            where
                T: c::__core::Managed,
                P: 'static,
                T: Shape<'static>,
                for<'__any> <T as c::__core::Managed>::At<'__any>: Shape<'__any>,
                Vec<T>: for<'b> Eq<&'b T>,
                for<'__any> Vec<<T as c::__core::Managed>::At<'__any> >:
                    for<'b> Eq<&'b <T as c::__core::Managed>::At<'__any> >,
                P: Clone,
                for<'__any> P: From<&'__any u8>,
            {
                type At<'__any> = List<'__any, <T as c::__core::Managed>::At<'__any>, P>;
            }
        },
        parse_quote! {
            #[automatically_derived]
            impl<'gc, T, P> c::__core::Branded<'gc> for List<'gc, T, P>
            where
                T: c::__core::Branded<'gc>,
                P: 'static,
                T: Shape<'gc>,
                <T as c::__core::Branded<'gc>>::Static: Shape<'static>,
                Vec<T>: for<'b> Eq<&'b T>,
                Vec<<T as c::__core::Branded<'gc>>::Static>: for<'b> Eq<&'b <T as c::__core::Branded<'gc>>::Static>,
                P: Clone,
                for<'__every> P: From<&'__every u8>,
                List<'static, <T as c::__core::Branded<'gc>>::Static, P>:
                    c::__core::Managed<At<'gc> = List<'gc, T, P>>,
            {
                type Static = List<'static, <T as c::__core::Branded<'gc>>::Static, P>;
            }
        },
    ];
    for (actual, expected) in expanded[1..].iter().zip(&expected) {
        assert_same(actual, expected);
    }
}

#[test]
fn enum_names_every_variant_and_field() {
    let expanded = items(&parse_quote! {
        #[trace(crate = c)]
        enum Value<'gc> { Nothing, Pair(Gc<'gc, u8>, u64, Gc<'gc, u16>), Named { r#in: Gc<'gc, u32> }, Number(u64) = 7 }
    });
    let Item::Impl(trace) = &expanded[0] else {
        panic!("not an impl: {expanded:#?}", expanded = expanded.len())
    };
    let expected: [syn::ImplItem; 2] = [
        parse_quote! {
            const EDGES: c::__core::Edges = c::__core::Edges::NONE
                .with_variant(<Gc<'gc, u8> as c::__core::Trace>::EDGES)
                .with_variant(<Gc<'gc, u16> as c::__core::Trace>::EDGES)
                .with_variant(<Gc<'gc, u32> as c::__core::Trace>::EDGES);
        },
        parse_quote! {
            #[inline]
            fn trace(&self, __tracer: &mut c::__core::Tracer<'_>) {
                match self {
                    Self::Nothing {} => {}
                    Self::Pair { 0: __field_0, 1: _, 2: __field_2, } => {
                        <Gc<'gc, u8> as c::__core::Trace>::trace(__field_0, __tracer);
                        <Gc<'gc, u16> as c::__core::Trace>::trace(__field_2, __tracer);
                    }
                    Self::Named { r#in: __field_0, } => {
                        <Gc<'gc, u32> as c::__core::Trace>::trace(__field_0, __tracer);
                    }
                    Self::Number { 0: _, } => {}
                }
            }
        },
    ];
    for (actual, expected) in trace.items.iter().zip(&expected) {
        assert_eq!(actual.to_token_stream().to_string(), expected.to_token_stream().to_string());
    }
}

#[test]
fn attributes_become_a_constant_and_a_finalizer() {
    let expanded = items(&parse_quote! {
        #[trace(crate = c, finalize = "legacy", visit = "reverse", untrack = "immutable", no_clear)]
        struct Guarded<'gc>(Slot<'gc, Self>);
    });
    let expected: Item = parse_quote! {
        #[automatically_derived]
        impl c::__core::Managed for Guarded<'static> {
            type At<'__any> = Guarded<'__any>;
            const ATTRIBUTES: c::__core::Attributes = c::__core::Attributes {
                finalizer: c::__core::Finalizer::Legacy,
                untrack: c::__core::Untrack::Immutable,
                visit: c::__core::Visit::Reverse,
                clear: false,
                ..c::__core::Attributes::DEFAULT
            };
            fn run_finalizer<__Collector: c::__core::Collector>(
                __this: &c::__core::Root<Self>,
                __heap: &mut c::__core::Between<'_, __Collector>,
            ) {
                <Self as c::__core::Finalize>::finalize(__this, __heap);
            }
        }
    };
    assert_eq!(expanded[1].to_token_stream().to_string(), expected.to_token_stream().to_string());
}

/// The fields that the expansion of `struct S<..> { .. }` traces.
fn traced(input: &DeriveInput) -> String {
    let trace = items(input).remove(0).to_token_stream().to_string();
    let fields = trace.split(" : __field_").filter_map(|before| before.split_whitespace().last());
    fields.take(trace.matches(" : __field_").count()).collect::<Vec<_>>().join(" ")
}

#[test]
fn only_fields_that_can_hold_edges_are_traced() {
    let fields = traced(&parse_quote! {
        #[trace(crate = c)]
        struct S<'gc, #[trace(edges)] T, P> {
            lifetime: Gc<'gc, u64>,
            payload: P,
            parameter: [T; 3],
            other_path: other::T,
            deep: Box<(u8, [Option<Gc<'gc, P>>; 2])>,
            function: for<'a> fn(&'a P) -> &'a u8,
            itself: Option<Box<Self>>,
            projection: <T as Iterator>::Item,
            opaque: mac!(),
            #[trace(skip)]
            skipped: mac!(),
            object: Box<dyn Shape<'gc>>,
        }
    });
    assert_eq!(fields, "lifetime parameter deep itself projection opaque object");
}

#[test]
fn edge_parameter_without_bounds_asks_for_nothing_else() {
    let expanded = items(&parse_quote! {
        #[trace(crate = c)]
        struct List<#[trace(edges)] T>(T);
    });
    let expected: [Item; 2] = [
        parse_quote! {
            #[automatically_derived]
            impl<T> c::__core::Managed for List<T> where T: c::__core::Managed, {
                type At<'__any> = List<<T as c::__core::Managed>::At<'__any> >;
            }
        },
        parse_quote! {
            #[automatically_derived]
            impl<'__any, T> c::__core::Branded<'__any> for List<T> where T: c::__core::Branded<'__any>, {
                type Static = List<<T as c::__core::Branded<'__any>>::Static>;
            }
        },
    ];
    for (actual, expected) in expanded[1..].iter().zip(&expected) {
        assert_same(actual, expected);
    }
}

#[test]
fn unsized_edge_parameter_is_what_edges_refer_to() {
    let expanded = items(&parse_quote! {
        #[trace(crate = c)]
        struct Link<'gc, #[trace(edges)] T: ?Sized>(Gc<'gc, T>);
    });
    let expected: [Item; 3] = [
        parse_quote! {
            #[automatically_derived]
            impl<T> c::__core::Managed for Link<'static, T> where T: ?::core::marker::Sized + c::__core::Referent, {
                type At<'__any> = Link<'__any, <T as c::__core::Referent>::In<'__any> >;
            }
        },
        parse_quote! {
            #[automatically_derived]
            impl<'gc, T> c::__core::Branded<'gc> for Link<'gc, T>
            where T: ?::core::marker::Sized + c::__core::ReferentIn<'gc>,
            {
                type Static = Link<'static, <T as c::__core::ReferentIn<'gc>>::Out>;
            }
        },
        parse_quote! {
            #[automatically_derived]
            impl<'gc, T> c::__core::derive_support::MustNotImplDrop for Link<'gc, T> where T: ?::core::marker::Sized, {}
        },
    ];
    for (actual, expected) in expanded[1..].iter().zip(&expected) {
        assert_same(actual, expected);
    }
}

#[test]
fn every_mistake_is_reported() {
    let found = messages(quote! {
        #[trace(crate = c, finalise)]
        #[repr(packed)]
        struct S<'a, 'b, #[trace(edges)] T: 'static> { #[trace(skip)] x: Gc<'a, T>, y: Gc<'a, T>, #[trace(crate)] z: u8 }
    });
    let expected = [
        "did you mean `finalize`?",
        "has one lifetime, the brand, which here is `'a`",
        "what is `'static` holds no edges",
        "mentions `T`",
        "`crate` belongs on a type, not on a field",
        "cannot be packed",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{expected:?} in {found:?}");
    }
}

#[test]
fn malformed_attributes_are_errors_and_not_panics() {
    for attribute in [
        quote!(#[trace]),
        quote!(#[trace = "finalize"]),
        quote!(#[trace(finalize no_clear)]),
        quote!(#[trace(finalize("legacy"))]),
        quote!(#[trace(visit =)]),
        quote!(#[trace("visit")]),
        quote!(#[trace(crate = <T as U>::V)]),
        quote!(#[trace(crate)]),
    ] {
        assert!(!messages(quote!(#attribute struct S;)).is_empty());
    }
}

#[test]
fn fields_without_a_size_are_refused() {
    for field in [quote!(str), quote!([Gc<'gc, u8>]), quote!(dyn Shape<'gc>), quote!(T), quote!(U)] {
        let input = quote! {
            #[trace(crate = c)]
            struct S<'gc, #[trace(edges)] T: ?Sized, U: ?Sized> { a: Gc<'gc, T>, b: Box<U>, c: #field }
        };
        let found = messages(input);
        assert!(found.len() == 1 && found[0].contains("own it in a `Box`"), "{found:?}");
    }
}

#[test]
fn unions_are_refused() {
    let found = messages(quote!(#[trace(crate = c)] union U<'gc> { a: Gc<'gc, u8>, b: usize }));
    assert!(found[0].contains("use an enum"), "{found:?}");
}
