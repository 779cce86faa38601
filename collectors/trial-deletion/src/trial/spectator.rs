//! Somebody who watches trials: the crate's own tests, which draw the worked graph of the book from what they see. Everywhere else nobody does,
//! and nothing of this is left.

use super::Trial;
use crate::{Graph, Object};

/// What has just been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(test), expect(dead_code, reason = "nobody watches"))]
pub(crate) enum Step {
    /// Scratch words have been set to counts.
    Counted,
    /// The object's edges have been subtracted.
    Subtracted(Object),
    /// Nothing was known to hold the object.
    SetAside(Object),
    /// The object is alive, and its edges have been followed.
    Kept(Object),
    /// The object's count has been taken off its tally, and its edges added to those of their targets (`linear`).
    Balanced(Object),
}

#[cfg(not(test))]
#[inline(always)]
pub(super) fn tell(_: &Trial<'_>, _: Step, _: usize) {}

#[cfg(not(test))]
#[inline(always)]
pub(crate) fn tell_balanced(_: &Graph, _: Object) {}

#[cfg(test)]
pub(super) use seen::tell;
#[cfg(test)]
pub(crate) use seen::{Look, take, tell_balanced};

#[cfg(test)]
mod seen {
    use super::{Graph, Object, Step, Trial};
    use crate::trial::ASIDE;
    use std::cell::RefCell;
    use std::sync::atomic::Ordering::Relaxed;

    /// What there was to be seen after a step.
    #[derive(Clone, Debug)]
    pub(crate) struct Look {
        pub(crate) step: Step,
        /// Scratch words or tallies, of those that have one other than 0.
        pub(crate) words: Vec<(Object, u32)>,
        pub(crate) kept: Vec<Object>,
        pub(crate) aside: Vec<Object>,
        pub(crate) queue: Vec<Object>,
    }

    thread_local! { static LOOKS: RefCell<Option<Vec<Look>>> = const { RefCell::new(None) }; }

    /// All looks since the last time; the first time, none yet.
    pub(crate) fn take() -> Vec<Look> {
        LOOKS.replace(Some(Vec::new())).unwrap_or_default()
    }

    /// Nobody looks, and each look goes through all objects.
    fn is_idle() -> bool {
        LOOKS.with_borrow(Option::is_none)
    }

    /// `next`: so many of the candidates, and then of those who have rejoined, have been looked at.
    pub(crate) fn tell(trial: &Trial<'_>, step: Step, next: usize) {
        if is_idle() {
            return;
        }
        let words = |object| trial.graph.scratch(object).load(Relaxed);
        let word = |object: &Object| words(*object);
        let looked_at = next.min(trial.candidates.len());
        let queue = trial.candidates.iter().chain(&trial.rejoined).skip(next);
        let target = trial.lists.end(trial.target);
        let kept = (target - trial.kept..target).filter_map(|index| trial.lists.get(trial.target, index));
        note(
            trial.graph,
            words,
            Look {
                step,
                words: Vec::new(),
                kept: kept.collect(),
                aside: trial.candidates[..looked_at].iter().copied().filter(|o| word(o) == ASIDE).collect(),
                queue: queue.copied().collect(),
            },
        );
    }

    pub(crate) fn tell_balanced(graph: &Graph, object: Object) {
        if is_idle() {
            return;
        }
        let step = Step::Balanced(object);
        let tallies = |object| graph.tally(object).load(Relaxed) as i8 as u32;
        note(
            graph,
            tallies,
            Look { step, words: Vec::new(), kept: Vec::new(), aside: Vec::new(), queue: Vec::new() },
        );
    }

    fn note(graph: &Graph, word: impl Fn(Object) -> u32, mut look: Look) {
        graph.objects(|object| match word(object) {
            0 => {}
            word => look.words.push((object, word)),
        });
        LOOKS.with_borrow_mut(|looks| looks.as_mut().map(|looks| looks.push(look)));
    }
}
