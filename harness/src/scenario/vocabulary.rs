//! The words of scenario files: operations, actions, kinds, and the fields of each; and what a misspelt one may have been.

use crate::names;

/// An operation or an action, the fields that it must have, and those that it may have.
pub(super) struct Word {
    pub(super) name: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

impl Word {
    pub(super) fn has(&self, field: &str) -> bool {
        self.required.contains(&field) || self.optional.contains(&field)
    }

    /// What there is to say of a field that it does not have.
    pub(super) fn lacks(&self, field: &str) -> String {
        let known: Vec<&str> = self.required.iter().chain(self.optional).copied().collect();
        no_such_field(&format!("`{}`", self.name), field, &known)
    }
}

const fn word(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> Word {
    Word { name, required, optional }
}

pub(super) const OPERATIONS: &[Word] = &[
    word("new", &["id", "kind"], &["items", "finalizer"]),
    word("edge", &["from", "slot", "to"], &[]),
    word("del_edge", &["from", "slot"], &[]),
    word("load", &["from", "slot"], &[]),
    word("unroot", &["id"], &[]),
    word("hold", &["id"], &[]),
    word("release", &["id"], &[]),
    word("weakref", &["id", "target"], &["callback"]),
    word("deref", &["id"], &[]),
    word("deref_load", &["id"], &[]),
    word("collect", &["gen"], &["snap"]),
    word("enable", &[], &[]),
    word("disable", &[], &[]),
    word("isenabled", &[], &[]),
    word("set_threshold", &["t0", "t1", "t2"], &[]),
    word("freeze", &[], &[]),
    word("unfreeze", &[], &[]),
    word("freeze_count", &[], &[]),
    word("set_debug", &["flags"], &[]),
    word("clear_garbage", &[], &[]),
    word("gc_callbacks", &["on"], &[]),
    word("get_count", &[], &[]),
    word("observe", &[], &["what"]),
    word("referrers", &["id"], &[]),
    word("referents", &["id"], &[]),
    word("chain", &["first", "n"], &["ring", "back"]),
    word("materialise", &["id"], &[]),
    word("addr", &[], &["id"]),
    word("addr_same", &[], &["id"]),
];

pub(super) const ACTIONS: &[Word] = &[
    word("root_self", &[], &[]),
    word("attach_self", &["to", "slot"], &[]),
    word("root_slot", &["slot"], &[]),
    word("clear_slot", &["slot"], &[]),
    word("unroot", &["id"], &[]),
    word("new", &["id"], &["kind"]),
    word("link", &["from", "slot", "to"], &[]),
    word("collect", &[], &[]),
    word("deref", &["id"], &[]),
    word("raise", &[], &[]),
];

/// The kinds of objects.
pub(super) const KINDS: &[&str] =
    &["node", "fin", "legacy", "flist", "dict", "tuple", "atom", "weakref", "inst"];

/// The fields of a file, and of a scenario.
pub(super) const FILE: &[&str] = &["meta", "scenarios"];
pub(super) const SCENARIO: &[&str] = &["name", "category", "doc", "ops", "expect"];

/// The names of all operations, actions and kinds, in this order.
#[cfg(test)]
pub(crate) fn vocabulary() -> impl Iterator<Item = &'static str> {
    let names = OPERATIONS.iter().chain(ACTIONS).map(|word| word.name);
    names.chain(KINDS.iter().copied())
}

/// The operation or action of this name. `Err`: there is none, and which there are.
pub(super) fn find(what: &str, name: &str, known: &'static [Word]) -> Result<&'static Word, String> {
    let found = known.iter().find(|word| word.name == name);
    found.ok_or_else(|| names::unknown(what, name, known.iter().map(|word| word.name)))
}

pub(super) fn check_kind(kind: &str) -> Result<(), String> {
    match KINDS.contains(&kind) {
        true => Ok(()),
        false => Err(names::unknown("kind", kind, KINDS.iter().copied())),
    }
}

/// What is to be said of a field that `owner` does not have.
pub(super) fn no_such_field(owner: &str, field: &str, known: &[&str]) -> String {
    let field: String = field.escape_debug().take(60).collect();
    match names::nearest(&field, known.iter().copied()) {
        Some(nearest) => {
            let known = known.join(", ");
            format!("{owner} has no field `{field}`; the nearest is `{nearest}` (there are: {known})")
        }
        None => format!("{owner} has no field `{field}`, nor any other"),
    }
}
