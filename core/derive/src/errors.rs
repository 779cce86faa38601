//! Errors are collected, not returned one at a time: whoever made three mistakes reads of three.

use proc_macro2::TokenStream;
use syn::{Error, Result};

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Problems(Option<Error>);

impl Problems {
    /// Notes one more mistake.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Notes a mistake whose place is the tokens of `at`, all of them.
    pub(crate) fn at(&mut self, at: impl quote::ToTokens, message: impl std::fmt::Display) {
        self.push(Error::new_spanned(at, message));
    }

    /// `tokens`, if there was no mistake.
    pub(crate) fn or(self, tokens: TokenStream) -> Result<TokenStream> {
        self.0.map_or(Ok(tokens), Err)
    }
}
