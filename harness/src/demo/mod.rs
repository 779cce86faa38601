//! The story that every Python tutorial on garbage tells, told by each collector's heap, and by the real Python if there is one.
//!
//! `A` has two attributes, `b` and `me`; `B` has one, `a`. The names on the left of the steps are variables: a variable is a root.

mod automatic;
mod finalizers;
mod python;
mod teller;
mod text;

use cyclade_core::{Collector, Config, Slot, Trace};
use serde::Serialize;

pub(crate) use python::ask as ask_python;
pub(crate) use text::render;

/// What one of the two objects looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(crate) struct Look {
    /// References to what lives at its address now; 0 where nothing does, `null` where the collector does not count.
    pub(crate) ref_count: Option<u64>,
    /// Does anything live at its address now?
    pub(crate) exists: bool,
}

/// One step of the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(crate) struct Step {
    /// The chapter and the statement: `pair: a = None`.
    pub(crate) step: String,
    pub(crate) a: Look,
    pub(crate) b: Look,
    /// What `collect` returned, where the step is one.
    pub(crate) collected: Option<u64>,
}

/// The story as one collector tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub(crate) struct Story {
    pub(crate) collector: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Trace)]
struct A<'gc> {
    b: Slot<'gc, B<'gc>>,
    me: Slot<'gc, A<'gc>>,
}

#[derive(Trace)]
struct B<'gc> {
    a: Slot<'gc, A<'gc>>,
}

/// A collector with the settings that the story needs.
pub(crate) trait Storyteller: Collector {
    /// No collection starts by itself.
    fn manual() -> Config<Self> {
        Config::default()
    }

    /// Collections start by themselves, and early; `None` if they never do.
    fn automatic() -> Option<Config<Self>> {
        None
    }

    /// The rules before Python 3.4, and since, where the collector knows them.
    fn rules() -> Option<[(&'static str, Config<Self>); 2]> {
        None
    }
}

/// Tells the whole story.
pub(crate) fn tell<C: Storyteller>() -> Story {
    let mut steps = Vec::new();
    steps.extend(teller::aliases::<C>());
    steps.extend(teller::pair::<C>());
    steps.extend(teller::acyclic::<C>());
    steps.extend(teller::self_reference::<C>());
    steps.extend(automatic::story::<C>());
    steps.extend(finalizers::story::<C>());
    Story { collector: C::NAME.to_owned(), steps }
}
