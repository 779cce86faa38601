//! What the collector reads: which fields can hold edges, where they are (`EDGES`), and how to visit them (`trace`).
//!
//! A field is traced if its type mentions the brand or an edge parameter. Any other field is `'static`: it holds no edge, and it
//! is never touched, because tracing may run on another thread than the one that owns the payload.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Member, Type, TypePath, parenthesized};

use crate::attributes::{self, Place};
use crate::errors::Problems;
use crate::generics::Generics;
use crate::mentions::{self, Mention};

/// The body of the `Trace` implementation.
pub(crate) struct Body {
    /// The value of `EDGES`.
    pub(crate) edges: TokenStream,
    /// An attribute for `EDGES`, or nothing.
    pub(crate) allow: TokenStream,
    /// The statements of `trace`, which call the tracer `__tracer`.
    pub(crate) trace: TokenStream,
}

impl Body {
    fn of_payload(core: &TokenStream) -> Self {
        Body { edges: quote!(#core::Edges::NONE), allow: TokenStream::new(), trace: TokenStream::new() }
    }
}

/// A field of a struct or of an enum's variant.
struct Field<'a> {
    member: Member,
    ty: &'a Type,
    traced: bool,
    deprecated: bool,
}

impl Field<'_> {
    /// Where errors about this field point: at its type as the user wrote it, with the names of the macro.
    fn span(&self) -> Span {
        Span::call_site().located_at(self.ty.span())
    }

    fn edges(&self, core: &TokenStream) -> TokenStream {
        let ty = self.ty;
        quote_spanned!(self.span()=> <#ty as #core::Trace>::EDGES)
    }

    /// The type is spelt out here too: a field without `Trace` then fails twice with one and the same error, which rustc
    /// prints once.
    fn trace(&self, core: &TokenStream, field: &Ident) -> TokenStream {
        let ty = self.ty;
        quote_spanned!(self.span()=> <#ty as #core::Trace>::trace(#field, __tracer);)
    }
}

/// Reads the fields of `input` and builds the body.
pub(crate) fn build(
    input: &DeriveInput,
    generics: &Generics,
    core: &TokenStream,
    problems: &mut Problems,
) -> Body {
    let mut skipped = Vec::new();
    let mut body = match &input.data {
        // Fields of a type that cannot hold edges are none of the collector's business: `trace` is empty.
        Data::Struct(data) => {
            let fields = read_fields(&data.fields, generics, &mut skipped, problems);
            if fields.iter().any(|field| field.traced) {
                refuse_packed(&input.attrs, problems);
            }
            if generics.is_payload() { Body::of_payload(core) } else { of_struct(&fields, core) }
        }
        Data::Enum(data) => {
            let mut variants = Vec::with_capacity(data.variants.len());
            for variant in &data.variants {
                attributes::none(&variant.attrs, Place::Variant, problems);
                let fields = read_fields(&variant.fields, generics, &mut skipped, problems);
                variants.push((&variant.ident, fields));
            }
            if generics.is_payload() { Body::of_payload(core) } else { of_enum(&variants, core) }
        }
        Data::Union(data) => {
            problems.at(
                data.union_token,
                "`#[derive(Trace)]` cannot tell which field of a union is live, hence not where its edges are; use an enum",
            );
            Body::of_payload(core)
        }
    };
    if !skipped.is_empty() {
        let proofs = skipped.iter().map(|ty| {
            let span = Span::call_site().located_at(ty.span());
            quote_spanned!(span=> __skipped_field_is_static::<#ty>();)
        });
        let trace = &body.trace;
        body.trace = quote! {
            fn __skipped_field_is_static<__Field: ?::core::marker::Sized + 'static>() {}
            #(#proofs)*
            #trace
        };
    }
    body
}

fn of_struct(fields: &[Field<'_>], core: &TokenStream) -> Body {
    let mut edges = quote!(#core::Edges::NONE);
    for field in fields.iter().filter(|field| field.traced) {
        let (member, of_field) = (&field.member, field.edges(core));
        edges.extend(quote!(.with_field(::core::mem::offset_of!(Self, #member), #of_field)));
    }
    let (pattern, calls) = visit(fields, core);
    // rustc warns of a deprecated field in `offset_of!`, though not in a pattern of a derive. Only then is there anything to
    // allow: where the user forbids the lint, an `allow` would be an error.
    let deprecated = fields.iter().any(|field| field.traced && field.deprecated);
    let allow = if deprecated { quote!(#[allow(deprecated)]) } else { TokenStream::new() };
    Body { edges, allow, trace: quote!(let Self { #pattern } = self; #calls) }
}

fn of_enum(variants: &[(&Ident, Vec<Field<'_>>)], core: &TokenStream) -> Body {
    let mut edges = quote!(#core::Edges::NONE);
    let mut arms = TokenStream::new();
    for (variant, fields) in variants {
        for field in fields.iter().filter(|field| field.traced) {
            let of_field = field.edges(core);
            edges.extend(quote!(.with_variant(#of_field)));
        }
        let (pattern, calls) = visit(fields, core);
        arms.extend(quote!(Self::#variant { #pattern } => { #calls }));
    }
    // The place, not the reference: an enum without variants has no arm, and `&Self` counts as inhabited.
    let value = if variants.is_empty() { quote!(*self) } else { quote!(self) };
    Body { edges, allow: TokenStream::new(), trace: quote!(match #value { #arms }) }
}

/// The pattern that binds the traced fields, and the calls that visit them.
///
/// The pattern names every field, instead of ending in `..`: a field that an attribute macro adds after the derive has seen the
/// type would not be traced, so it must not compile.
fn visit(fields: &[Field<'_>], core: &TokenStream) -> (TokenStream, TokenStream) {
    let mut pattern = TokenStream::new();
    let mut calls = TokenStream::new();
    for (index, field) in fields.iter().enumerate() {
        let member = &field.member;
        if field.traced {
            let binding = format_ident!("__field_{index}");
            pattern.extend(quote!(#member: #binding,));
            calls.extend(field.trace(core, &binding));
        } else {
            pattern.extend(quote!(#member: _,));
        }
    }
    (pattern, calls)
}

/// Decides which of `fields` are traced. The types of those marked `#[trace(skip)]` go to `skipped`.
fn read_fields<'a>(
    fields: &'a Fields,
    generics: &Generics,
    skipped: &mut Vec<&'a Type>,
    problems: &mut Problems,
) -> Vec<Field<'a>> {
    let mut read = Vec::with_capacity(fields.len());
    for (member, field) in fields.members().zip(fields) {
        let ty = &field.ty;
        if is_unsized(ty, generics) {
            problems.at(
                ty,
                "objects have a size, and a field of this type has none; own it in a `Box`, or refer to it with a `Gc`",
            );
        }
        let mention = mentions::in_type(ty, generics);
        let traced = match attributes::skip(&field.attrs, problems) {
            None => mention != Mention::No,
            Some(word) => {
                match mention {
                    Mention::No | Mention::Perhaps => skipped.push(ty),
                    Mention::Brand => refuse_skip(word, "the brand", problems),
                    Mention::Edges(param) => refuse_skip(word, &format!("`{param}`"), problems),
                }
                false
            }
        };
        let deprecated = field.attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
        read.push(Field { member, ty, traced, deprecated });
    }
    read
}

fn refuse_skip(word: Span, what: &str, problems: &mut Problems) {
    problems.push(syn::Error::new(
        word,
        format!(
            "a skipped field must be `'static`, and the type of this one mentions {what}: an edge in it would be invisible \
             to the collector, which would free its target too early"
        ),
    ));
}

/// Whether the type has no size, as far as its tokens tell. What they hide, rustc finds, with more words.
fn is_unsized(ty: &Type, generics: &Generics) -> bool {
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(TypePath { qself: None, path }) => path
            .get_ident()
            .is_some_and(|ident| ident == "str" || generics.unsized_params().any(|param| param == ident)),
        _ => false,
    }
}

/// Edges are read and written as whole words, so they must be aligned.
fn refuse_packed(attrs: &[Attribute], problems: &mut Problems) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("repr")) {
        // What is no valid `repr` is rustc's to report.
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("packed") {
                problems.at(
                    &meta.path,
                    "edges are read and written as whole words and must be aligned, so a type that holds any cannot be \
                     packed",
                );
            }
            if meta.input.peek(syn::token::Paren) {
                let argument;
                parenthesized!(argument in meta.input);
                argument.parse::<TokenStream>()?;
            }
            Ok(())
        });
    }
}
