//! Does a type, as written, mention the brand or an edge parameter? If not it is `'static`, and holds no edge.
//!
//! The answer errs on the safe side. `Self` mentions whatever the type has. A macro in type position can expand to the
//! brand without spelling it (lifetimes are not hygienic in `macro_rules!`), and syntax that syn does not know may do
//! so too: both are [`Mention::Perhaps`], which asks for `Trace` like a plain yes.

use syn::visit::{self, Visit};
use syn::{Ident, Lifetime, Macro, Path, Type};

use crate::generics::Generics;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mention {
    /// Neither the brand nor an edge parameter, nor anything that could hide one.
    No,
    /// This cannot be told from the tokens.
    Perhaps,
    /// The brand, and no edge parameter.
    Brand,
    /// This edge parameter, or `Self` of a type that has one.
    Edges(Ident),
}

/// Looks for the brand, the edge parameters and `Self` in `ty`.
pub(crate) fn in_type(ty: &Type, generics: &Generics) -> Mention {
    find(generics, |finder| finder.visit_type(ty))
}

/// Looks for the same in a predicate of a where clause.
pub(crate) fn in_predicate(predicate: &syn::WherePredicate, generics: &Generics) -> Mention {
    find(generics, |finder| finder.visit_where_predicate(predicate))
}

/// Whether `path` starts with `ident`, and `ident` can therefore be a type parameter.
pub(crate) fn starts_with(path: &Path, ident: &Ident) -> bool {
    path.leading_colon.is_none() && path.segments.first().is_some_and(|first| first.ident == *ident)
}

fn find(generics: &Generics, visit: impl FnOnce(&mut Finder<'_>)) -> Mention {
    if generics.is_payload() {
        return Mention::No;
    }
    let mut finder = Finder { generics, found: Mention::No };
    visit(&mut finder);
    finder.found
}

struct Finder<'a> {
    generics: &'a Generics,
    found: Mention,
}

impl Finder<'_> {
    /// Keeps the mention that says most.
    fn found(&mut self, mention: Mention) {
        let rank = |mention: &Mention| match mention {
            Mention::No => 0,
            Mention::Brand => 1,
            Mention::Perhaps => 2,
            Mention::Edges(_) => 3,
        };
        if rank(&mention) > rank(&self.found) {
            self.found = mention;
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if self.generics.brand() == Some(lifetime) {
            self.found(Mention::Brand);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            let has_edges = self.generics.edge_params().next().is_some();
            if self.generics.edge_params().any(|param| param.ident == first.ident)
                || first.ident == "Self" && has_edges
            {
                self.found(Mention::Edges(first.ident.clone()));
            } else if first.ident == "Self" {
                self.found(Mention::Brand);
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, _: &'ast Macro) {
        self.found(Mention::Perhaps);
    }

    fn visit_type(&mut self, ty: &'ast Type) {
        if let Type::Verbatim(_) = ty {
            self.found(Mention::Perhaps);
        }
        visit::visit_type(self, ty);
    }
}
