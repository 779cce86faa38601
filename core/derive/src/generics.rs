//! The parameters of a type, sorted by what they mean to the collector: the brand, edge parameters, payload, constants; and the
//! user's bounds on them, as one list of predicates.
//!
//! Nothing is checked against the core here: this file only reads. `views.rs` says the type and its bounds again for
//! other brands.

use syn::punctuated::Punctuated;
use syn::{
    GenericParam, Ident, Lifetime, PredicateType, Token, TraitBoundModifier, Type, TypeParam, TypeParamBound,
    WherePredicate, parse_quote,
};

use crate::attributes::{self, Place};
use crate::errors::Problems;

/// The parameters of a type, and its bounds.
#[derive(Default)]
pub(crate) struct Generics {
    brand: Option<Lifetime>,
    params: Vec<Param>,
    predicates: Vec<WherePredicate>,
}

/// A parameter other than the brand.
pub(crate) struct Param {
    pub(crate) ident: Ident,
    pub(crate) kind: Kind,
}

/// What a parameter means to the collector.
pub(crate) enum Kind {
    /// A type that holds no edges: `'static`.
    Payload(Sizedness),
    /// A type that has a form for every brand: `#[trace(edges)]`. If sized it may hold edges; if not, edges may refer to it.
    Edges(Sizedness),
    /// A constant of this type.
    Const(Box<Type>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sizedness {
    Sized,
    /// Declared `?Sized`.
    MaybeUnsized,
}

impl Generics {
    pub(crate) fn read(generics: &syn::Generics, problems: &mut Problems) -> Self {
        let mut read = Self::default();
        for param in &generics.params {
            match param {
                GenericParam::Lifetime(param) => {
                    attributes::none(&param.attrs, Place::Lifetime, problems);
                    if let Some(brand) = &read.brand {
                        problems.at(
                            &param.lifetime,
                            format!(
                                "a type with `#[derive(Trace)]` has one lifetime, the brand, which here is `{brand}`; \
                                 a heap object cannot borrow anything else, so own what `{}` refers to",
                                param.lifetime
                            ),
                        );
                        continue;
                    }
                    if !param.bounds.is_empty() {
                        problems.at(&param.bounds, NO_BOUNDS_ON_BRAND);
                    }
                    read.brand = Some(param.lifetime.clone());
                }
                GenericParam::Type(param) => read.type_param(param, problems),
                GenericParam::Const(param) => {
                    attributes::none(&param.attrs, Place::ConstParameter, problems);
                    read.params.push(Param {
                        ident: param.ident.clone(),
                        kind: Kind::Const(Box::new(param.ty.clone())),
                    });
                }
            }
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            match predicate {
                WherePredicate::Type(predicate) => read.predicate(predicate.clone()),
                WherePredicate::Lifetime(predicate) => problems.at(predicate, NO_BOUNDS_ON_BRAND),
                other => problems.at(other, "`#[derive(Trace)]` does not know this kind of bound"),
            }
        }
        read.refuse_static_edges(problems);
        read
    }

    /// The lifetime that names the heap, if the type has one.
    pub(crate) fn brand(&self) -> Option<&Lifetime> {
        self.brand.as_ref()
    }

    /// All parameters but the brand, in order.
    pub(crate) fn params(&self) -> &[Param] {
        &self.params
    }

    /// The parameters marked `#[trace(edges)]`.
    pub(crate) fn edge_params(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| matches!(param.kind, Kind::Edges(_)))
    }

    /// The parameters declared `?Sized`.
    pub(crate) fn unsized_params(&self) -> impl Iterator<Item = &Ident> {
        let is_unsized = |kind: &Kind| {
            matches!(kind, Kind::Payload(Sizedness::MaybeUnsized) | Kind::Edges(Sizedness::MaybeUnsized))
        };
        self.params.iter().filter(move |param| is_unsized(&param.kind)).map(|param| &param.ident)
    }

    /// The user's bounds, inline ones as predicates too, without `?Sized`.
    pub(crate) fn predicates(&self) -> &[WherePredicate] {
        &self.predicates
    }

    /// Whether no value of this type can hold an edge, for want of a brand and of edge parameters.
    pub(crate) fn is_payload(&self) -> bool {
        self.brand.is_none() && self.edge_params().next().is_none()
    }

    fn type_param(&mut self, param: &TypeParam, problems: &mut Problems) {
        let ident = &param.ident;
        let kind = if attributes::edges(&param.attrs, problems) {
            Kind::Edges(Sizedness::Sized)
        } else {
            Kind::Payload(Sizedness::Sized)
        };
        self.params.push(Param { ident: ident.clone(), kind });
        self.predicate(PredicateType {
            lifetimes: None,
            bounded_ty: parse_quote!(#ident),
            colon_token: <Token![:]>::default(),
            bounds: param.bounds.clone(),
        });
    }

    /// Takes in one predicate. `?Sized` becomes a property of the parameter.
    fn predicate(&mut self, mut predicate: PredicateType) {
        let (relaxed, bounds): (Vec<_>, Vec<_>) = predicate.bounds.into_iter().partition(is_relaxed);
        if !relaxed.is_empty()
            && let Type::Path(path) = &predicate.bounded_ty
            && let Some(param) = self.params.iter_mut().find(|param| path.path.is_ident(&param.ident))
            && let Kind::Payload(sizedness) | Kind::Edges(sizedness) = &mut param.kind
        {
            *sizedness = Sizedness::MaybeUnsized;
        }
        if !bounds.is_empty() {
            predicate.bounds = Punctuated::from_iter(bounds);
            self.predicates.push(WherePredicate::Type(predicate));
        }
    }

    /// `#[trace(edges)] T: 'static` contradicts itself; rustc would only say so where the type is used.
    fn refuse_static_edges(&self, problems: &mut Problems) {
        for predicate in &self.predicates {
            let WherePredicate::Type(PredicateType { bounded_ty: Type::Path(path), bounds, .. }) = predicate
            else {
                continue;
            };
            let Some(param) = self.edge_params().find(|param| path.path.is_ident(&param.ident)) else {
                continue;
            };
            for bound in bounds {
                if let TypeParamBound::Lifetime(lifetime) = bound
                    && lifetime.ident == "static"
                {
                    problems.at(
                        lifetime,
                        format!(
                            "`{}` is marked `#[trace(edges)]`, and what is `'static` holds no edges; remove one of \
                             the two",
                            param.ident
                        ),
                    );
                }
            }
        }
    }
}

const NO_BOUNDS_ON_BRAND: &str = "the brand stands for any heap, so it cannot have bounds; remove them";

fn is_relaxed(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(bound) if matches!(bound.modifier, TraitBoundModifier::Maybe(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &syn::DeriveInput) -> Result<Generics, String> {
        let mut problems = Problems::default();
        let generics = Generics::read(&input.generics, &mut problems);
        match problems.or(proc_macro2::TokenStream::new()) {
            Ok(_) => Ok(generics),
            Err(errors) => {
                Err(errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"))
            }
        }
    }

    #[test]
    fn parameters_are_sorted_by_meaning() {
        let generics = read(&parse_quote! {
            struct S<'a, #[trace(edges)] E: ?Sized, P, const N: usize> where P: ?Sized + Send, E: Send;
        })
        .expect("valid");
        assert_eq!(generics.brand().map(ToString::to_string).as_deref(), Some("'a"));
        let [e, p, n] = generics.params() else { panic!("three parameters beside the brand") };
        assert!(e.ident == "E" && matches!(e.kind, Kind::Edges(Sizedness::MaybeUnsized)));
        assert!(p.ident == "P" && matches!(p.kind, Kind::Payload(Sizedness::MaybeUnsized)));
        assert!(n.ident == "N" && matches!(n.kind, Kind::Const(_)));
        assert_eq!(generics.predicates().len(), 2);
        assert!(!generics.is_payload());
    }

    #[test]
    fn payload_is_what_has_neither_brand_nor_edges() {
        assert!(
            read(&parse_quote!(
                struct S<T, const N: usize>(T);
            ))
            .expect("valid")
            .is_payload()
        );
        assert!(
            !read(&parse_quote!(
                struct S<#[trace(edges)] T>(T);
            ))
            .expect("valid")
            .is_payload()
        );
    }

    #[test]
    fn every_mistake_is_reported() {
        let errors = read(&parse_quote!(
            struct S<'a: 'static, 'b, #[trace(edges)] T: 'static, #[trace(skip)] U>;
        ));
        let errors = errors.err().expect("four mistakes");
        for part in ["has one lifetime", "cannot have bounds", "holds no edges", "`skip` belongs on a field"]
        {
            assert!(errors.contains(part), "{part:?} in {errors}");
        }
    }
}
