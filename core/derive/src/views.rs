//! One type, several brands.
//!
//! `struct List<'gc, #[trace(edges)] T: Debug>` is one type for the user and three for the traits: `List<'gc, T>` in a
//! scope, `List<'static, ..>` outside, and `List<'any, ..>`, the form that it takes in whichever scope comes next. A [`View`]
//! is one of them: what stands for the brand, and what for each edge parameter. It can say the type, and it can say a
//! bound of the user's again, with everything put in its place.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{BoundLifetimes, GenericParam, Ident, Lifetime, LifetimeParam, Type, TypePath, WherePredicate};

use crate::errors::Problems;
use crate::generics::{Generics, Param};
use crate::mentions::{self, Mention};

/// A type as seen under one brand.
pub(crate) struct View<'a> {
    name: &'a Ident,
    generics: &'a Generics,
    brand: Lifetime,
    /// What stands for each edge parameter.
    edges: Vec<(&'a Ident, TokenStream)>,
}

impl<'a> View<'a> {
    /// The view under `brand`, in which `edge` stands for an edge parameter.
    pub(crate) fn new(
        name: &'a Ident,
        generics: &'a Generics,
        brand: Lifetime,
        edge: impl Fn(&Param) -> TokenStream,
    ) -> Self {
        let edges = generics.edge_params().map(|param| (&param.ident, edge(param))).collect();
        View { name, generics, brand, edges }
    }

    /// The type: `Name<'brand, T, N>`.
    pub(crate) fn ty(&self) -> TokenStream {
        let name = self.name;
        let brand = self.generics.brand().map(|_| &self.brand);
        let args = self.generics.params().iter().map(|param| self.arg(&param.ident));
        let args: Vec<TokenStream> = brand.map(|brand| quote!(#brand)).into_iter().chain(args).collect();
        if args.is_empty() { quote!(#name) } else { quote!(#name<#(#args),*>) }
    }

    /// What stands for the parameter `param`: itself, if it is payload.
    pub(crate) fn arg(&self, param: &Ident) -> TokenStream {
        let stand_in = self.edges.iter().find(|(its, _)| *its == param);
        stand_in.map_or_else(|| quote!(#param), |(_, ty)| ty.clone())
    }

    /// The brand of this view.
    pub(crate) fn brand(&self) -> &Lifetime {
        &self.brand
    }

    /// The user's bound, said of this view.
    pub(crate) fn say(&self, predicate: &WherePredicate) -> WherePredicate {
        let mut predicate = predicate.clone();
        Substitute { view: self }.visit_where_predicate_mut(&mut predicate);
        predicate
    }

    /// The user's bound, said of this view for every brand: `for<'brand> ..`.
    pub(crate) fn say_for_all(&self, predicate: &WherePredicate) -> WherePredicate {
        let mut predicate = self.say(predicate);
        if let WherePredicate::Type(predicate) = &mut predicate {
            let bound = predicate.lifetimes.get_or_insert_with(BoundLifetimes::default);
            bound.lifetimes.push(GenericParam::Lifetime(LifetimeParam::new(self.brand.clone())));
        }
        predicate
    }
}

/// Puts a view's lifetime and types in the place of the brand, the edge parameters and `Self`.
struct Substitute<'a> {
    view: &'a View<'a>,
}

impl VisitMut for Substitute<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if self.view.generics.brand() == Some(lifetime) {
            *lifetime = self.view.brand.clone();
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(TypePath { qself: None, path }) = ty {
            if path.is_ident("Self") {
                *ty = Type::Verbatim(self.view.ty());
                return;
            }
            if let Some((_, edge)) = self.view.edges.iter().find(|(param, _)| path.is_ident(*param)) {
                *ty = Type::Verbatim(edge.clone());
                return;
            }
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// Refuses bounds on `T::Item`, with `T` an edge parameter: rustc resolves that shorthand for parameters only, so it cannot be
/// said of another view.
pub(crate) fn refuse_shorthand(generics: &Generics, problems: &mut Problems) {
    struct Shorthand<'a>(&'a Generics, &'a mut Problems);
    impl<'ast> syn::visit::Visit<'ast> for Shorthand<'_> {
        fn visit_type_path(&mut self, ty: &'ast TypePath) {
            let shorthand = ty.qself.is_none() && ty.path.segments.len() > 1;
            let param = self.0.edge_params().find(|param| mentions::starts_with(&ty.path, &param.ident));
            if shorthand && let (Some(param), Some(item)) = (param, ty.path.segments.last()) {
                self.1.at(
                    ty,
                    format!(
                        "bounds on an edge parameter are repeated for every brand, and this shorthand cannot be; write \
                         `<{} as TheTrait>::{}`",
                        param.ident, item.ident
                    ),
                );
            }
            syn::visit::visit_type_path(self, ty);
        }
    }
    for predicate in generics.predicates() {
        if mentions::in_predicate(predicate, generics) != Mention::No {
            syn::visit::Visit::visit_where_predicate(&mut Shorthand(generics, problems), predicate);
        }
    }
}
