//! Under which name does the user's crate reach the core?
//!
//! `cyclade-core` itself, or whichever collector crate is the only dependency, renamed or not: each of them exports the core
//! as `__core`.

use proc_macro_crate::{Error, FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, Path};

/// The packages that export the core, in the order in which they are looked for.
const PACKAGES: [&str; 6] = [
    "cyclade-core",
    "cyclade-null",
    "cyclade-refcount",
    "cyclade-trial-deletion",
    "cyclade-mark-sweep",
    "cyclade-concurrent",
];

/// The path of the core, from the outermost scope: that of `#[trace(crate = path)]`, or the first package found.
pub(crate) fn core(given: Option<&Path>) -> syn::Result<TokenStream> {
    if let Some(path) = given {
        return Ok(quote!(#path::__core));
    }
    for package in PACKAGES {
        let name = match crate_name(package) {
            // In the package's own tests, examples and doctests `crate` is another crate. Its true name works in all of
            // them, and inside the library thanks to `extern crate self as ..`.
            Ok(FoundCrate::Itself) => package.replace('-', "_"),
            Ok(FoundCrate::Name(name)) => name,
            Err(Error::CrateNotFound { .. }) => continue,
            Err(error) => {
                return Err(failure(&format!(
                    "cannot tell from Cargo.toml how Cyclade is called here ({error}); say it with \
                     `#[trace(crate = path::to::cyclade_core)]`"
                )));
            }
        };
        let name: Ident = syn::parse_str(&name).map_err(|_| {
            failure(&format!(
                "`{package}` is renamed to `{name}` in Cargo.toml, which is no identifier; say its path with \
                 `#[trace(crate = path)]`"
            ))
        })?;
        return Ok(quote!(::#name::__core));
    }
    Err(failure(
        "`#[derive(Trace)]` needs Cyclade among the dependencies: add a collector, for instance with `cargo add \
         cyclade-mark-sweep`, or `cargo add cyclade-core` for code that is generic over collectors; if it is exported by \
         another crate, say where with `#[trace(crate = path)]`",
    ))
}

fn failure(message: &str) -> syn::Error {
    syn::Error::new(Span::call_site(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_path_wins() {
        let path: Path = syn::parse_quote!(crate::heap);
        let core = core(Some(&path)).expect("a given path is taken as it stands");
        assert_eq!(core.to_string(), quote!(crate::heap::__core).to_string());
    }
}
