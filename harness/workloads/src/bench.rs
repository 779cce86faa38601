//! What a workload works with: a heap, and a tally that watches without getting in the way.
//!
//! What the tally costs: one addition per object; two readings of the clock for one scope in 64; a weak reference for one dying
//! structure in some hundred.

use crate::clock::Clock;
use cyclade_core::{AllocError, Branded, Collector, Config, Gc, Heap, Mutator, ReferentIn};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

/// One scope in so many is timed.
const SCOPE_EVERY: u32 = 64;

/// More samples than this are not kept of anything.
const MOST_SAMPLES: usize = 1 << 20;

/// A heap under observation.
#[derive(Debug)]
pub struct Bench<C: Collector> {
    /// The heap.
    pub heap: Heap<C>,
    /// The clock of the measured part.
    pub clock: Clock,
    tally: Tally<C>,
}

impl<C: Collector> Bench<C> {
    /// A bench with an empty heap.
    #[must_use]
    pub fn new(config: Config<C>) -> Self {
        Bench { heap: Heap::new(config), clock: Clock::start(), tally: Tally::new() }
    }

    /// Opens a scope; the tally comes along.
    #[inline]
    pub fn scope<R>(&mut self, work: impl for<'gc> FnOnce(&'gc Mutator<'gc, C>, &mut Tally<C>) -> R) -> R {
        let tally = &mut self.tally;
        tally.scopes = tally.scopes.wrapping_add(1);
        let result = if tally.scopes % SCOPE_EVERY == 1 {
            self.heap.mutate(|mc| {
                let start = Instant::now();
                let result = work(mc, tally);
                let length = start.elapsed().as_nanos() as u64;
                if tally.scope_lengths.len() < MOST_SAMPLES {
                    tally.scope_lengths.push(length);
                }
                result
            })
        } else {
            self.heap.mutate(|mc| work(mc, tally))
        };
        if !self.tally.watched.is_empty() {
            self.watch();
        }
        result
    }

    /// Enters the callbacks of what the last scope gave up.
    #[cold]
    fn watch(&mut self) {
        for enter in self.tally.watched.drain(..) {
            enter(&mut self.heap);
        }
    }

    /// Does something that is not part of the measurement: the clock stands still, pauses are not kept.
    pub fn untimed<R>(&mut self, work: impl FnOnce(&mut Heap<C>) -> R) -> R {
        self.clock.keep(&mut self.heap);
        let start = Instant::now();
        let result = work(&mut self.heap);
        drop(self.heap.take_pauses());
        self.clock.exclude(start);
        result
    }

    /// Objects allocated so far.
    #[must_use]
    pub fn allocated(&self) -> u64 {
        self.tally.seen.allocated.get()
    }

    /// Forgets the scopes that were timed and the deaths that were seen: the measured part begins.
    pub(crate) fn begin(&mut self) {
        self.tally.scope_lengths.clear();
        self.tally.seen.deaths.borrow_mut().clear();
        self.heap.record_pauses(true);
        self.clock = Clock::start();
    }

    /// Durations of the scopes that were timed, in ns.
    pub(crate) fn take_scope_lengths(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.tally.scope_lengths)
    }

    /// For each structure that was watched and has died: ns, and objects allocated meanwhile.
    pub(crate) fn take_deaths(&mut self) -> Vec<(u64, u64)> {
        self.tally.seen.deaths.take()
    }
}

/// What callbacks of the heap see of a tally.
#[derive(Debug, Default)]
struct Seen {
    allocated: Cell<u64>,
    deaths: RefCell<Vec<(u64, u64)>>,
}

/// Counts what a workload does.
pub struct Tally<C: Collector> {
    seen: Rc<Seen>,
    scopes: u32,
    scope_lengths: Vec<u64>,
    dying: u32,
    watched: Vec<Watch<C>>,
}

/// Enters the callback of a structure that has been given up in the scope that just ended.
type Watch<C> = Box<dyn FnOnce(&mut Heap<C>)>;

impl<C: Collector> Tally<C> {
    fn new() -> Self {
        Tally { seen: Rc::default(), scopes: 0, scope_lengths: Vec::new(), dying: 0, watched: Vec::new() }
    }

    /// Allocates, and counts.
    ///
    /// # Errors
    /// As [`Mutator::try_alloc`].
    #[inline]
    pub fn alloc<'gc, T: Branded<'gc>>(
        &mut self,
        mc: &Mutator<'gc, C>,
        value: T,
    ) -> Result<Gc<'gc, T>, AllocError> {
        let object = mc.try_alloc(value)?;
        self.count(1);
        Ok(object)
    }

    /// Counts objects that were allocated in another way.
    #[inline]
    pub fn count(&mut self, objects: u64) {
        self.seen.allocated.set(self.seen.allocated.get() + objects);
    }

    /// `object` cannot be reached any more from the end of this scope on. One call in `every` is followed until the
    /// object is freed.
    #[inline]
    pub fn dying<'gc, T: ReferentIn<'gc> + ?Sized>(
        &mut self,
        mc: &Mutator<'gc, C>,
        object: Gc<'gc, T>,
        every: u32,
    ) {
        self.dying = self.dying.wrapping_add(1);
        if self.dying.is_multiple_of(every) {
            self.follow(mc, object);
        }
    }

    #[cold]
    fn follow<'gc, T: ReferentIn<'gc> + ?Sized>(&mut self, mc: &Mutator<'gc, C>, object: Gc<'gc, T>) {
        let weak = object.downgrade_root(mc);
        let seen = Rc::clone(&self.seen);
        let (since, before) = (Instant::now(), seen.allocated.get());
        self.watched.push(Box::new(move |heap| {
            let note = {
                let seen = Rc::clone(&seen);
                move || {
                    let mut deaths = seen.deaths.borrow_mut();
                    if deaths.len() < MOST_SAMPLES {
                        deaths.push((since.elapsed().as_nanos() as u64, seen.allocated.get() - before));
                    }
                }
            };
            let due = note.clone();
            if !heap.on_death(&weak, move |_| due()) {
                // It was freed when the scope ended.
                note();
            }
        }));
    }
}

impl<C: Collector> fmt::Debug for Tally<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tally")
            .field("seen", &self.seen)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
