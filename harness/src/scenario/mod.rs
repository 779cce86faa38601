//! Scenario files (formats.md §1): small mutation programs that run on any collector's shipped heap, through public attributes of
//! types, one scope per operation and per action.
//!
//! | file | what |
//! |---|---|
//! | [`mod@file`] | reads a file; every error names the scenario, the position and the reason |
//! | [`operation`] | operations and actions, and how they are read |
//! | [`vocabulary`] | which there are, and their fields |
//! | [`fields`] | numbers, texts and lists, and what is wrong with one |
//! | [`definitions`] | ids that are used twice, slots that no object can have |
//! | [`kinds`] | the types of objects: what makes a `dict` a dictionary is an attribute |
//! | [`state`] | registers, and what finalizers and callbacks share with the program |
//! | [`actions`] | what finalizers and callbacks do |
//! | [`program`] | the operations |
//! | [`mod@snapshot`] | what can be seen of a heap, as `observe` writes it down |
//! | [`subject`] | what only some collectors can be asked |
//! | [`check`] | the comparison with what CPython did, and the weaker rule for other collectors |

mod actions;
mod check;
mod definitions;
mod fields;
mod file;
mod kinds;
mod operation;
mod program;
mod ranges;
mod snapshot;
mod state;
mod subject;
mod vocabulary;

pub(crate) use check::{Difference, compare, compare_values};
#[cfg(test)]
pub(crate) use file::warnings;
pub(crate) use file::{File, Scenario, from_value, read};
pub(crate) use program::{Observed, perform, perform_with};
pub(crate) use subject::Subject;
#[cfg(test)]
pub(crate) use vocabulary::vocabulary;
