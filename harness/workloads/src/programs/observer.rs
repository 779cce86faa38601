//! `observer`: subjects that know their observers, callbacks that know both. Unsubscribing leaves a small cycle behind (callback ⇄
//! widget); now and then a subject goes with all who observe it.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, GcVec, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Subject<'gc> {
    callbacks: GcVec<'gc, Callback<'gc>>,
}

#[derive(Trace)]
struct Callback<'gc> {
    subject: Slot<'gc, Subject<'gc>>,
    widget: Slot<'gc, Widget<'gc>>,
}

#[derive(Trace)]
struct Widget<'gc> {
    callback: Slot<'gc, Callback<'gc>>,
    _name: [u64; 4],
}

/// Observers of a subject.
const OBSERVERS: usize = 8;

/// A subject is replaced every so many operations.
const REPLACE_EVERY: u64 = 64;

/// See the module.
pub(crate) struct Observer {
    operations: u64,
    subjects: Vec<Root<Subject<'static>>>,
    /// How many callbacks each has: the workload's own book.
    subscribed: Vec<u32>,
    random: fastrand::Rng,
}

impl Workload for Observer {
    const INFO: Info = Info {
        name: "observer",
        about: "subjects, callbacks and widgets; subscribing, unsubscribing, subjects replaced",
        operation: "one widget subscribed, and the oldest unsubscribed where there are more than eight",
        size: "live objects",
        sizes: Sizes::around(50_000),
        scope_ops: 64,
        steady: true,
    };

    fn set_up<C: Collector>(bench: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let count = (params.size / (1 + 2 * OBSERVERS as u64)).max(1);
        let mut subjects = Vec::new();
        for _ in 0..count {
            subjects.push(bench.scope(|mc, tally| -> Result<_, Stop> {
                let subject = tally.alloc(mc, Subject { callbacks: GcVec::new() })?;
                Ok(mc.root(subject))
            })?);
        }
        let subscribed = vec![0; subjects.len()];
        let random = fastrand::Rng::with_seed(params.seed);
        Ok(Observer { operations: params.size.max(100), subjects, subscribed, random })
    }

    fn round(&self) -> u64 {
        self.operations
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let (subjects, subscribed, random) = (&mut self.subjects, &mut self.subscribed, &mut self.random);
        bench.scope(|mc, tally| {
            for i in operations {
                let chosen = random.usize(..subjects.len());
                let mut subject = subjects[chosen].get(mc);
                if i % REPLACE_EVERY == 0 {
                    let fresh = tally.alloc(mc, Subject { callbacks: GcVec::new() })?;
                    subjects[chosen] = mc.root(fresh);
                    subscribed[chosen] = 0;
                    tally.dying(mc, subject, FOLLOW_EVERY);
                    subject = fresh;
                }
                let widget = tally.alloc(mc, Widget { callback: Slot::empty(), _name: [i; 4] })?;
                let callback = Callback { subject: Slot::to(subject), widget: Slot::to(widget) };
                let callback = tally.alloc(mc, callback)?;
                widget.set(mc, |widget| &widget.callback, Some(callback));
                let mut list = subject.edit(mc, |subject| &subject.callbacks);
                if subject.callbacks.len() < OBSERVERS {
                    list.try_push(callback)?;
                    subscribed[chosen] += 1;
                } else {
                    let place = (i % OBSERVERS as u64) as usize;
                    if let Some(old) = subject.callbacks.get(place) {
                        tally.dying(mc, old, FOLLOW_EVERY);
                    }
                    list.set(place, callback);
                }
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        let callbacks: u64 = self.subscribed.iter().map(|count| u64::from(*count)).sum();
        self.subjects.len() as u64 + 2 * callbacks
    }
}
