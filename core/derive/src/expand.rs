//! The four implementations that make up `#[derive(Trace)]`: `Trace`, `Managed`, `Branded`, and the one that keeps `Drop` away.
//!
//! For `struct List<'gc, #[trace(edges)] T: Debug>` they are, with `'any` for every brand:
//!
//! ```text
//! unsafe impl<'gc, T> Trace for List<'gc, T>     where T: Trace, T: Debug
//! impl<T> Managed for List<'static, T>           where T: Managed, T: Debug, for<'any> T::At<'any>: Debug
//!     type At<'any> = List<'any, T::At<'any>>
//! impl<'gc, T> Branded<'gc> for List<'gc, T>     where T: Branded<'gc>, T: Debug, T::Static: Debug,
//!     type Static = List<'static, T::Static>           List<'static, T::Static>: Managed<At<'gc> = List<'gc, T>>
//! impl<'gc, T> MustNotImplDrop for List<'gc, T>  where T: Debug
//! ```
//!
//! The last bound of `Branded` repeats what its associated type promises. It cannot be left to the compiler to derive it from
//! `T`: that takes `for<'any> <T::Static as Managed>::At<'any>: Debug`, and rustc, which ignores lifetimes when it chooses a
//! projection, would take `At<'any>` for the `At<'gc> = T` that it knows from `T: Branded<'gc>`, and then complain that
//! `'any` is not `'gc`. Where the type is used the parameters are concrete, and the bound is proven like any other. Without
//! bounds on edge parameters there is nothing to be said for `'any`, and the bound is left out.
//!
//! All bounds stand in where clauses, even short ones: there a bound on a projection and a bound on a parameter look alike.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{DeriveInput, Ident, Lifetime};

use crate::attributes::{Finalizer, TypeAttributes, Untrack};
use crate::body::{self, Body};
use crate::crate_path;
use crate::errors::Problems;
use crate::generics::{Generics, Kind, Param, Sizedness};
use crate::mentions::{self, Mention};
use crate::views::{self, View};

/// The expansion of `#[derive(Trace)]` on `input`.
pub(crate) fn derive_trace(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut problems = Problems::default();
    let attributes = TypeAttributes::read(&input.attrs, &mut problems);
    let generics = Generics::read(&input.generics, &mut problems);
    views::refuse_shorthand(&generics, &mut problems);
    let core = crate_path::core(attributes.krate.as_ref()).unwrap_or_else(|error| {
        problems.push(error);
        TokenStream::new()
    });
    let body = body::build(input, &generics, &core, &mut problems);
    let derive = Derive { input, attributes, generics, core };
    let tokens = [
        derive.impl_trace(&body),
        derive.impl_managed(),
        derive.impl_branded(),
        derive.impl_must_not_impl_drop(),
    ];
    problems.or(tokens.into_iter().collect())
}

struct Derive<'a> {
    input: &'a DeriveInput,
    attributes: TypeAttributes,
    generics: Generics,
    core: TokenStream,
}

impl Derive<'_> {
    fn impl_trace(&self, body: &Body) -> TokenStream {
        let (core, here) = (&self.core, self.here());
        let (params, ty) = (self.params(self.generics.brand()), here.ty());
        let clauses =
            self.param_bounds(|edges| edges.is_sized.then(|| quote!(#core::Trace))).chain(self.user_bounds());
        let Body { edges, allow, trace } = body;
        quote! {
            // SAFETY: `trace` visits, in order of declaration, each field whose type mentions the brand or an edge
            // parameter, and no other. What mentions neither is `'static`, and an edge of the heap that traces it is
            // not: such a field holds none. `EDGES` is built from the same list of fields.
            #[automatically_derived]
            unsafe impl #params #core::Trace for #ty where #(#clauses,)* {
                #allow
                const EDGES: #core::Edges = #edges;
                #[inline]
                fn trace(&self, __tracer: &mut #core::Tracer<'_>) { #trace }
            }
        }
    }

    fn impl_managed(&self) -> TokenStream {
        let core = &self.core;
        let here = self.view(static_lifetime(), |param| param.ident.to_token_stream());
        let any = self.view(any_lifetime(), |param| {
            let (ident, any, EdgeTraits { outside, at, .. }) =
                (&param.ident, any_lifetime(), EdgeTraits::of(param));
            quote!(<#ident as #core::#outside>::#at<#any>)
        });
        let mut clauses: Vec<_> =
            self.param_bounds(|EdgeTraits { outside, .. }| Some(quote!(#core::#outside))).collect();
        for predicate in self.generics.predicates() {
            let predicate_here = here.say(predicate);
            match self.reach(predicate) {
                Reach::ThisView => clauses.push(quote!(#predicate_here)),
                Reach::AnyBrand => clauses.push(say_for_all(&any, predicate)),
                Reach::AnyView => clauses.extend([quote!(#predicate_here), say_for_all(&any, predicate)]),
            }
        }
        let (params, ty, any_brand, at) = (self.params(None), here.ty(), any.brand(), any.ty());
        let (attributes, finalizer) = (self.attributes_const(), self.run_finalizer());
        quote! {
            #[automatically_derived]
            impl #params #core::Managed for #ty where #(#clauses,)* {
                type At<#any_brand> = #at;
                #attributes
                #finalizer
            }
        }
    }

    fn impl_branded(&self) -> TokenStream {
        let (core, brand) = (&self.core, self.brand_or_any());
        let (here, params) = (self.here(), self.params(Some(&brand)));
        let fixed = self.view(static_lifetime(), |param| {
            let (ident, EdgeTraits { inside, fixed, .. }) = (&param.ident, EdgeTraits::of(param));
            quote!(<#ident as #core::#inside<#brand>>::#fixed)
        });
        let any = self.view(every_lifetime(), |param| param.ident.to_token_stream());
        let (ty, fixed_ty) = (here.ty(), fixed.ty());
        let mut clauses: Vec<_> =
            self.param_bounds(|EdgeTraits { inside, .. }| Some(quote!(#core::#inside<#brand>))).collect();
        let mut bounded_edges = false;
        for predicate in self.generics.predicates() {
            match self.reach(predicate) {
                Reach::ThisView => clauses.push(quote!(#predicate)),
                Reach::AnyBrand => clauses.push(say_for_all(&any, predicate)),
                Reach::AnyView => {
                    let predicate_fixed = fixed.say(predicate);
                    clauses.extend([quote!(#predicate), quote!(#predicate_fixed)]);
                    bounded_edges = true;
                }
            }
        }
        if bounded_edges {
            clauses.push(quote!(#fixed_ty: #core::Managed<At<#brand> = #ty>));
        }
        quote! {
            #[automatically_derived]
            impl #params #core::Branded<#brand> for #ty where #(#clauses,)* {
                type Static = #fixed_ty;
            }
        }
    }

    /// Nothing, for a type without edges: it may have `Drop`.
    fn impl_must_not_impl_drop(&self) -> TokenStream {
        if self.generics.is_payload() {
            return TokenStream::new();
        }
        let (core, params, ty) = (&self.core, self.params(self.generics.brand()), self.here().ty());
        let clauses = self.param_bounds(|_| None).chain(self.user_bounds());
        // If `Drop` is implemented, the error points at the type's name.
        quote_spanned! {at(self.input.ident.span())=>
            #[automatically_derived]
            impl #params #core::derive_support::MustNotImplDrop for #ty where #(#clauses,)* {}
        }
    }

    fn attributes_const(&self) -> TokenStream {
        let core = &self.core;
        let mut fields = TokenStream::new();
        match self.attributes.finalizer {
            Some((Finalizer::Modern, _)) => fields.extend(quote!(finalizer: #core::Finalizer::Modern,)),
            Some((Finalizer::Legacy, _)) => fields.extend(quote!(finalizer: #core::Finalizer::Legacy,)),
            None => {}
        }
        match self.attributes.untrack {
            Some(Untrack::Immutable) => fields.extend(quote!(untrack: #core::Untrack::Immutable,)),
            Some(Untrack::Container) => fields.extend(quote!(untrack: #core::Untrack::Container,)),
            None => {}
        }
        if self.attributes.visit_reverse {
            fields.extend(quote!(visit: #core::Visit::Reverse,));
        }
        if self.attributes.no_clear {
            fields.extend(quote!(clear: false,));
        }
        if self.attributes.untracked {
            fields.extend(quote!(tracked: false,));
        }
        if self.attributes.weakref {
            fields.extend(quote!(weakref: true,));
        }
        if fields.is_empty() {
            return fields;
        }
        quote! {
            const ATTRIBUTES: #core::Attributes = #core::Attributes { #fields ..#core::Attributes::DEFAULT };
        }
    }

    fn run_finalizer(&self) -> TokenStream {
        let Some((_, word)) = self.attributes.finalizer else { return TokenStream::new() };
        let core = &self.core;
        // If `Finalize` is not implemented, the error points at the word that promised it.
        let call = quote_spanned!(at(word)=> <Self as #core::Finalize>::finalize(__this, __heap));
        quote! {
            fn run_finalizer<__Collector: #core::Collector>(
                __this: &#core::Root<Self>,
                __heap: &mut #core::Between<'_, __Collector>,
            ) {
                #call;
            }
        }
    }

    /// The type under its own brand.
    fn here(&self) -> View<'_> {
        self.view(self.brand_or_any(), |param| param.ident.to_token_stream())
    }

    fn view(&self, brand: Lifetime, edge: impl Fn(&Param) -> TokenStream) -> View<'_> {
        View::new(&self.input.ident, &self.generics, brand, edge)
    }

    /// The user's name for the brand, so that errors speak it; ours, if the type has none.
    fn brand_or_any(&self) -> Lifetime {
        self.generics.brand().cloned().unwrap_or_else(any_lifetime)
    }

    /// The parameter list of an implementation: `<'gc, T, const N: usize>`, without bounds.
    fn params(&self, brand: Option<&Lifetime>) -> TokenStream {
        let params = self.generics.params().iter().map(|param| {
            let ident = &param.ident;
            match &param.kind {
                Kind::Const(ty) => quote!(const #ident: #ty),
                Kind::Payload(_) | Kind::Edges(_) => quote!(#ident),
            }
        });
        let params: Vec<_> = brand.map(|brand| quote!(#brand)).into_iter().chain(params).collect();
        if params.is_empty() { TokenStream::new() } else { quote!(<#(#params),*>) }
    }

    /// `T: 'static` for every payload parameter, `T: edge` for every edge parameter, with `?Sized` where it was declared.
    fn param_bounds(
        &self,
        edge: impl Fn(EdgeTraits) -> Option<TokenStream>,
    ) -> impl Iterator<Item = TokenStream> {
        self.generics.params().iter().filter_map(move |param| {
            let (ident, sizedness, bound) = match param.kind {
                Kind::Payload(sizedness) => (&param.ident, sizedness, Some(quote!('static))),
                Kind::Edges(sizedness) => (&param.ident, sizedness, edge(EdgeTraits::of(param))),
                Kind::Const(_) => return None,
            };
            let relaxed = (sizedness == Sizedness::MaybeUnsized).then(|| quote!(?::core::marker::Sized));
            let bounds: Vec<_> = relaxed.into_iter().chain(bound).collect();
            (!bounds.is_empty()).then(|| quote!(#ident: #(#bounds)+*))
        })
    }

    /// The user's bounds as they stand.
    fn user_bounds(&self) -> impl Iterator<Item = TokenStream> {
        self.generics.predicates().iter().map(|predicate| quote!(#predicate))
    }

    /// What a bound depends on, hence how often it must be said.
    fn reach(&self, predicate: &syn::WherePredicate) -> Reach {
        match mentions::in_predicate(predicate, &self.generics) {
            Mention::No => Reach::ThisView,
            Mention::Brand => Reach::AnyBrand,
            Mention::Edges(_) | Mention::Perhaps => Reach::AnyView,
        }
    }
}

/// The traits that an edge parameter goes by, and their associated types.
///
/// A sized one is a value: it may be a field. One declared `?Sized` may be a slice, a `str` or a trait object, of which there are
/// no fields, only edges that refer to it; so it is what edges refer to.
struct EdgeTraits {
    is_sized: bool,
    /// Of the form outside of scopes.
    outside: Ident,
    at: Ident,
    /// Of the form inside a scope.
    inside: Ident,
    fixed: Ident,
}

impl EdgeTraits {
    fn of(param: &Param) -> Self {
        let is_sized = !matches!(param.kind, Kind::Edges(Sizedness::MaybeUnsized));
        let [outside, at, inside, fixed] = if is_sized {
            ["Managed", "At", "Branded", "Static"]
        } else {
            ["Referent", "In", "ReferentIn", "Out"]
        }
        .map(|name| Ident::new(name, Span::call_site()));
        EdgeTraits { is_sized, outside, at, inside, fixed }
    }
}

/// What a bound of the user's depends on.
enum Reach {
    /// On nothing that changes with the brand: said once.
    ThisView,
    /// On the brand only: said once, for every brand, which includes this one and `'static`.
    AnyBrand,
    /// On the edge parameters: said of each view.
    AnyView,
}

fn say_for_all(view: &View<'_>, predicate: &syn::WherePredicate) -> TokenStream {
    let predicate = view.say_for_all(predicate);
    quote!(#predicate)
}

fn static_lifetime() -> Lifetime {
    Lifetime::new("'static", Span::call_site())
}

/// The parameter of `At`, and the brand of types that have none.
fn any_lifetime() -> Lifetime {
    Lifetime::new("'__any", Span::call_site())
}

/// For bounds inside an implementation that may have `'__any` as its own parameter.
fn every_lifetime() -> Lifetime {
    Lifetime::new("'__every", Span::call_site())
}

/// Names of the macro's, located in the user's code.
fn at(place: Span) -> Span {
    Span::call_site().located_at(place)
}
