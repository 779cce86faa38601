//! The grammar of `#[trace(..)]`: which words there are, where each belongs, and what is said of one that is misspelt or
//! out of place.
//!
//! [`WORDS`] is the one table. An attribute is first read as a list of [`Entry`]s, whatever they say; then each entry is
//! looked up. So one bad word does not hide the next.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Path, Token};

use crate::errors::Problems;

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Type,
    Field,
    Variant,
    TypeParameter,
    Lifetime,
    ConstParameter,
}

impl Place {
    fn with_article(self) -> &'static str {
        match self {
            Place::Type => "a type",
            Place::Field => "a field",
            Place::Variant => "an enum variant",
            Place::TypeParameter => "a type parameter",
            Place::Lifetime => "a lifetime",
            Place::ConstParameter => "a const parameter",
        }
    }
}

/// Every word that `#[trace(..)]` knows, and the one place where it is valid.
const WORDS: [(&str, Place); 9] = [
    ("crate", Place::Type),
    ("finalize", Place::Type),
    ("no_clear", Place::Type),
    ("untrack", Place::Type),
    ("untracked", Place::Type),
    ("visit", Place::Type),
    ("weakref", Place::Type),
    ("skip", Place::Field),
    ("edges", Place::TypeParameter),
];

/// What the attributes of a type say. The fields are those of the core's `Attributes`, and the crate to look in.
#[derive(Default)]
pub(crate) struct TypeAttributes {
    /// `crate = path`
    pub(crate) krate: Option<Path>,
    /// `finalize`, `finalize = "legacy"`, and where it says so
    pub(crate) finalizer: Option<(Finalizer, Span)>,
    /// `visit = "reverse"`
    pub(crate) visit_reverse: bool,
    /// `untrack = ".."`
    pub(crate) untrack: Option<Untrack>,
    /// `no_clear`
    pub(crate) no_clear: bool,
    /// `untracked`
    pub(crate) untracked: bool,
    /// `weakref`
    pub(crate) weakref: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finalizer {
    Modern,
    Legacy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Untrack {
    Immutable,
    Container,
}

impl TypeAttributes {
    pub(crate) fn read(attrs: &[Attribute], problems: &mut Problems) -> Self {
        let mut read = Self::default();
        let entries = entries(attrs, Place::Type, problems);
        for entry in &entries {
            match entry.word.to_string().as_str() {
                "crate" => read.krate = entry.path(problems),
                "finalize" => {
                    let finalizer = match entry.value {
                        None => Some(Finalizer::Modern),
                        Some(_) => entry.choice(&[("legacy", Finalizer::Legacy)], problems),
                    };
                    read.finalizer = finalizer.map(|finalizer| (finalizer, entry.word.span()));
                }
                "no_clear" => read.no_clear = entry.flag(problems),
                "untracked" => read.untracked = entry.flag(problems),
                "weakref" => read.weakref = entry.flag(problems),
                "visit" => read.visit_reverse = entry.choice(&[("reverse", ())], problems).is_some(),
                "untrack" => {
                    let choices = [("immutable", Untrack::Immutable), ("container", Untrack::Container)];
                    read.untrack = entry.choice(&choices, problems);
                }
                // `entries` lets through only the words of this place.
                _ => {}
            }
        }
        if read.untracked
            && let Some(entry) = entries.iter().find(|entry| entry.word == "untrack")
        {
            problems.at(
                &entry.word,
                "`untrack` has nothing to do on a type that is `untracked`: its objects are never tracked in the \
                 first place. Remove one of the two",
            );
        }
        read
    }
}

/// Whether a field is marked `#[trace(skip)]`; if so, where.
pub(crate) fn skip(attrs: &[Attribute], problems: &mut Problems) -> Option<Span> {
    let entry = entries(attrs, Place::Field, problems).into_iter().next()?;
    entry.flag(problems).then(|| entry.word.span())
}

/// Whether a type parameter is marked `#[trace(edges)]`.
pub(crate) fn edges(attrs: &[Attribute], problems: &mut Problems) -> bool {
    entries(attrs, Place::TypeParameter, problems).first().is_some_and(|entry| entry.flag(problems))
}

/// For places where no word is valid: says so of each that stands there.
pub(crate) fn none(attrs: &[Attribute], place: Place, problems: &mut Problems) {
    entries(attrs, place, problems);
}

/// One element of the list in `#[trace(..)]`: `word` or `word = value`.
struct Entry {
    word: Ident,
    value: Option<Expr>,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Entry { word, value })
    }
}

impl Entry {
    /// For a word that stands alone.
    fn flag(&self, problems: &mut Problems) -> bool {
        if let Some(value) = &self.value {
            problems.at(value, format!("`{0}` takes no value: write `#[trace({0})]`", self.word));
        }
        self.value.is_none()
    }

    /// For `word = path`.
    fn path(&self, problems: &mut Problems) -> Option<Path> {
        match &self.value {
            Some(Expr::Path(path)) if path.qself.is_none() && path.attrs.is_empty() => {
                return Some(path.path.clone());
            }
            Some(value @ Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => problems.at(
                value,
                format!("write the path without quotes: `#[trace({} = {})]`", self.word, text.value()),
            ),
            Some(value) => problems.at(value, "expected a path, such as `::cyclade_core` or `crate::heap`"),
            None => problems.at(&self.word, format!("write `#[trace({} = path::to::the_crate)]`", self.word)),
        }
        None
    }

    /// For `word = "one of these"`.
    fn choice<T: Copy>(&self, choices: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let names = || choices.iter().map(|(name, _)| *name);
        let Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = &self.value else {
            let expected = one_of(names().map(|name| format!("`#[trace({} = \"{name}\")]`", self.word)));
            match &self.value {
                Some(value) => problems.at(value, format!("write {expected}")),
                None => problems.at(&self.word, format!("write {expected}")),
            }
            return None;
        };
        let text_value = text.value();
        let found = choices.iter().find(|(name, _)| *name == text_value);
        if found.is_none() {
            let hint = match nearest(&text_value, names()) {
                Some(near) => format!("did you mean `\"{near}\"`?"),
                None => format!("expected {}", one_of(names().map(|name| format!("`\"{name}\"`")))),
            };
            problems.at(text, format!("unknown value for `{}`; {hint}", self.word));
        }
        found.map(|(_, value)| *value)
    }
}

/// The entries of every `#[trace(..)]` among `attrs` that are valid in `place`, each once. Of the others an error is noted.
fn entries(attrs: &[Attribute], place: Place, problems: &mut Problems) -> Vec<Entry> {
    let mut accepted: Vec<Entry> = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("trace")) {
        let list = match attr.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated) {
            Ok(list) => list,
            Err(error) => {
                problems.push(error);
                continue;
            }
        };
        for entry in list {
            if let Err(message) = check_word(&entry.word, place) {
                problems.at(&entry.word, message);
            } else if accepted.iter().any(|earlier| earlier.word == entry.word) {
                problems.at(&entry.word, format!("`{}` is given twice", entry.word));
            } else {
                accepted.push(entry);
            }
        }
    }
    accepted
}

/// What is wrong with `word` in this place, if anything.
fn check_word(word: &Ident, place: Place) -> Result<(), String> {
    let word = word.to_string();
    let here = || WORDS.iter().filter(|(_, its)| *its == place).map(|(word, _)| *word);
    match WORDS.iter().find(|(known, _)| *known == word) {
        Some((_, its)) if *its == place => return Ok(()),
        Some(_) if word == "edges" && place == Place::Lifetime => {
            return Err(
                "`edges` belongs on a type parameter; a lifetime is the brand, and needs no mark".into()
            );
        }
        Some((_, its)) => {
            return Err(format!(
                "`{word}` belongs on {}, not on {}",
                its.with_article(),
                place.with_article()
            ));
        }
        None => {}
    }
    // The words of this place come first; one from elsewhere is still a better hint than none.
    Err(if let Some(near) = nearest(&word, here()) {
        format!("unknown attribute `{word}`; did you mean `{near}`?")
    } else if let Some(near) = nearest(&word, WORDS.iter().map(|(word, _)| *word)) {
        format!("unknown attribute `{word}`; did you mean `{near}`? It belongs on another place than this")
    } else if here().next().is_some() {
        let valid = one_of(here().map(|word| format!("`{word}`")));
        format!("unknown attribute `{word}`; valid on {}: {valid}", place.with_article())
    } else {
        format!("unknown attribute `{word}`; {} takes no `#[trace(..)]`", place.with_article())
    })
}

/// `a`, `a or b`, `a, b or c`.
fn one_of(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The candidate that `word` is most likely a misspelling of: at most a third of the longer of the two is edited.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .filter(|(distance, candidate)| distance * 3 <= word.chars().count().max(candidate.len()) + 1)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance (1966), over one row of the table.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        row[0] = left;
        for (cell, y) in row[1..].iter_mut().zip(&b) {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = *cell;
            left = substituted.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance_counts_insertions_deletions_and_substitutions() {
        assert_eq!(edit_distance("", ""), 0);
        assert_eq!(edit_distance("", "skip"), 4);
        assert_eq!(edit_distance("skip", ""), 4);
        assert_eq!(edit_distance("skip", "skip"), 0);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("untracked", "untrack"), 2);
    }

    #[test]
    fn nearest_finds_misspellings_and_leaves_strangers_alone() {
        let words = || WORDS.iter().map(|(word, _)| *word);
        assert_eq!(nearest("finalise", words()), Some("finalize"));
        assert_eq!(nearest("final", words()), Some("finalize"));
        assert_eq!(nearest("noclear", words()), Some("no_clear"));
        assert_eq!(nearest("edge", words()), Some("edges"));
        assert_eq!(nearest("Skip", words()), Some("skip"));
        assert_eq!(nearest("transparent", words()), None);
        assert_eq!(nearest("x", words()), None);
    }
}
