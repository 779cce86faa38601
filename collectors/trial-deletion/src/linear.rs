//! The full trial in order of address.
//!
//! A collection of everything need not follow a list, if survivors keep their places in it ([`Order::Kept`](crate::Order)). Between scopes all
//! references from outside are known: they are the roots. So what they reach is marked first; trial deletion is for *the rest*, which is
//! little in a heap that is mostly alive:
//!
//! 1. **Mark** from the roots, with a bit on the side for each object.
//! 2. **Balance.** Memory is walked from front to back. For each tracked object of the rest, its count is subtracted from its tally in the side
//!    array, and 1 is added to that of each object that it refers to. (Adding up says the same as starting with the count and counting down,
//!    and saves a pass.) A tally is a byte, and wraps round; if a count does not fit into it, scratch words are the tallies.
//! 3. **Compare.** If all tallies are 0 now, and all counts together are as many as all edges, every reference to the rest has been found in the rest, and
//!    all of it is dead: most often so. Otherwise a tally other than 0 is that of an object which something holds that is not tracked and not
//!    reachable (a frozen object, one that is dying). It is alive, and what it reaches too: marked.
//! 4. What is left is dead. If it refers to nothing but itself and nobody watches, everything that is not marked is swept, by the bitmaps. Otherwise it
//!    leaves its list and is freed object by object, in list order where somebody could tell.
//!
//! Then what has survived of the younger generations is appended to generation 2.
//!
//! So each object is touched once, in order of address, and beyond that only side tables are: of a shuffled ring of a million dead
//! objects, the tables (two bits and a byte for 32 bytes) are a twenty-fifth of the heap.
//!
//! Invariants: those of the trial (T1, T2), and
//! - **A1** Outside of [`linear_trial`](TrialDeletion::linear_trial) no object is marked. When payloads are dropped in it, all generations are one
//!   already. If somebody's `Trace` panics in it, all objects stay where they are.
//! - **A2** A candidate's tally is 0 after step 2 exactly if as many edges of candidates lead to it as its count says: there are no more (I1), and no fewer
//!   by as many as the tally wraps round at, since no count is so large. (Of what is no candidate a tally says nothing, but that all is 0 and the
//!   sums are equal says that no edge leads there.)

use crate::clearing::Condemned;
use crate::place::{Home, is_in_generation, place};
use crate::trial::{ASIDE, Seen, spectator};
use crate::{Collection, Counts, Graph, MarkQueue, Object, Safepoint, Scanner, TrialDeletion};
use std::sync::atomic::Ordering::Relaxed;

/// So many tallies are being fetched at a time.
const IN_FLIGHT: usize = 16;

/// What lies in the same piece of memory of this size is in a cache when memory is walked.
const NEAR: usize = 16 << 10;

/// If so many times more have died than survived, the survivors are listed anew.
const FEW: usize = 4;

/// A count that sticks is no number of references.
const STICKS: usize = u32::MAX as usize;

impl TrialDeletion {
    /// Steps 1 to 4 of a collection of everything. The survivors keep their order: generation 2, then 0, then 1. Returns what must be
    /// freed with care; most often everything dead has been freed already.
    pub(crate) fn linear_trial(
        &self,
        safepoint: &Safepoint<'_, Self>,
        collection: &mut Collection,
    ) -> (Vec<Object>, Seen) {
        let graph = safepoint.graph();
        for left_by_a_panic in [Home::Doomed, Home::Uncollectable] {
            self.lists.append(left_by_a_panic, Home::Middle);
        }
        let mut trial = LinearTrial { graph, survivors: Seen::default(), rest: Seen::default() };
        let mut scanner = self.scanner.borrow_mut();
        let undo = Undo(graph);
        trial.mark_from_roots(&mut scanner);
        let (balance, sums) = self.balance(&mut trial, &mut scanner);
        let watched = self.is_watched(trial.rest);
        // What has been emptied and has still to die, deeper in a death that is under way, is no longer marked by anybody, and must not be swept.
        let emptied = self.lists.len(Home::Cleared);
        let balanced = || {
            let comparable = emptied == 0 && balance.strangers == 0 && balance.stuck.is_empty();
            comparable && balance.surplus == 0 && (sums.are_clear)(graph)
        };
        let mut aside = Vec::new();
        if balance.candidates > 0 {
            let tallies = graph.scratch_bytes() * sums.bytes / size_of::<u32>();
            graph.count_scratch(tallies + balance.candidates * size_of::<Object>());
        }
        if balance.candidates == 0 {
            drop((undo, scanner));
            self.merge();
        } else if !watched && !trial.rest.unclearable && balanced() {
            // Nothing refers to the rest, it refers to nothing else, and nobody watches it go.
            std::mem::forget(undo);
            drop(scanner);
            self.sweep(safepoint, balance.candidates, collection);
        } else {
            // For all that is known.
            trial.rest.outward = true;
            // Those that go one by one are noted in their scratch words (T2).
            graph.count_scratch(graph.scratch_bytes() + balance.candidates * size_of::<Object>());
            let held = trial.held(balance.stuck, sums);
            aside = self.buffer.take();
            trial.collect_dead(&mut scanner, held, &mut aside);
            drop((undo, scanner));
            self.take_out(graph, &mut aside, watched);
            self.merge();
        }
        let condemned = Condemned { collector: self, graph, set: aside, target: Home::Old };
        self.untrack(Home::Old, 0, trial.survivors, true);
        self.generations.survived(2, self.lists.len(Home::Old));
        (condemned.into_set(), trial.rest)
    }

    /// Step 2, in bytes or in words.
    fn balance(&self, trial: &mut LinearTrial<'_>, scanner: &mut Scanner) -> (Balance, &'static Sums) {
        if !self.large_counts.get() {
            let in_bytes = trial.balance(scanner, u8::MAX.into(), add_to_tally, Graph::prefetch_tally);
            if !in_bytes.is_void {
                return (in_bytes, &BYTES);
            }
            // Whoever has had such an object has one again.
            self.large_counts.set(true);
            trial.graph.clear_tallies();
        }
        let in_words = trial.balance(scanner, usize::MAX, add_to_word, Graph::prefetch_scratch);
        (in_words, &WORDS)
    }

    /// Frees all that is not marked, `dead` objects, by the bitmaps.
    fn sweep(&self, safepoint: &Safepoint<'_, Self>, dead: usize, collection: &mut Collection) {
        let graph = safepoint.graph();
        let alive = self.tracked() - dead;
        if alive < dead / FEW {
            let mut survivors = Vec::with_capacity(alive);
            graph.all_marked(|object| {
                if is_in_generation(object) {
                    survivors.push(object);
                }
            });
            survivors.sort_by_key(|&object| in_list_order(object));
            Home::GENERATIONS.into_iter().for_each(|home| self.lists.clear(home));
            survivors.into_iter().for_each(|object| self.lists.push(object, Home::Old));
        } else {
            Home::GENERATIONS.into_iter().for_each(|home| self.lists.keep(home, Graph::is_marked));
        }
        self.merge();
        graph.begin_sweep();
        safepoint.sweep_all();
        collection.unreachable = dead;
        collection.freed = dead;
        collection.bytes_freed = graph.swept().bytes;
        self.generations.lower(dead);
    }

    /// All generations are one. After the trial, since what is dead need not be moved; and before any user code, whose newborns are young.
    fn merge(&self) {
        for joining in [Home::Young, Home::Middle] {
            self.lists.append(joining, Home::Old);
        }
        self.generations.set_joined(0);
    }

    /// Takes the dead out of their list, and marks them as [`ASIDE`] (T2).
    fn take_out(&self, graph: &Graph, dead: &mut [Object], watched: bool) {
        if watched {
            // Those who watch see them go in list order.
            dead.sort_by_key(|&object| in_list_order(object));
        }
        if dead.len() == self.tracked() {
            Home::GENERATIONS.into_iter().for_each(|home| self.lists.clear(home));
        } else {
            dead.iter().for_each(|&object| self.lists.remove(object));
        }
        dead.iter().for_each(|&object| graph.scratch(object).store(ASIDE, Relaxed));
    }

    /// Number of objects in the three generations.
    pub(crate) fn tracked(&self) -> usize {
        Home::GENERATIONS.iter().map(|&home| self.lists.len(home)).sum()
    }
}

/// Where an object of the generations stands among all of them: generation 2 comes first, then 0, then 1.
fn in_list_order(object: Object) -> (bool, Home, usize) {
    let (home, index) = place(object);
    (home != Home::Old, home, index)
}

/// One trial.
struct LinearTrial<'a> {
    graph: &'a Graph,
    /// What has been found alive.
    survivors: Seen,
    /// What the roots do not reach.
    rest: Seen,
}

/// What step 2 has met.
#[derive(Default)]
struct Balance {
    /// Tracked objects of the rest.
    candidates: usize,
    /// Others.
    strangers: usize,
    /// Candidates whose count sticks, and so says nothing.
    stuck: Vec<Object>,
    /// Counts of the candidates, less the number of their edges.
    surplus: i64,
    /// There was a count that does not fit into a tally.
    is_void: bool,
}

/// What step 2 adds up in.
struct Sums {
    /// Bytes of one.
    bytes: usize,
    is_zero: fn(&Graph, Object) -> bool,
    are_clear: fn(&Graph) -> bool,
    clear: fn(&Graph),
}

/// A byte for each object. (A fifth of the time of a dead ring of a million, a third of a shuffled one's: a quarter of the pages is touched for the first
/// time, and a quarter of the cache taken.)
const BYTES: Sums = Sums {
    bytes: size_of::<u8>(),
    is_zero: |graph, object| graph.tally(object).load(Relaxed) == 0,
    are_clear: Graph::tallies_are_clear,
    clear: Graph::clear_tallies,
};

/// A word for each.
const WORDS: Sums = Sums {
    bytes: size_of::<u32>(),
    is_zero: |graph, object| graph.scratch(object).load(Relaxed) == 0,
    are_clear: Graph::scratch_is_clear,
    clear: Graph::clear_scratch,
};

#[inline]
fn add_to_tally(graph: &Graph, object: Object, number: u32) {
    let tally = graph.tally(object);
    tally.store(tally.load(Relaxed).wrapping_add(number as u8), Relaxed);
}

#[inline]
fn add_to_word(graph: &Graph, object: Object, number: u32) {
    let word = graph.scratch(object);
    word.store(word.load(Relaxed).wrapping_add(number), Relaxed);
}

impl LinearTrial<'_> {
    /// Step 1.
    fn mark_from_roots(&mut self, scanner: &mut Scanner) {
        let graph = self.graph;
        let mut grey = MarkQueue::new(|object| graph.mark(object));
        graph.for_each_root(|object, _| grey.reach(object));
        self.mark(scanner, grey);
    }

    /// Marks what the `grey` objects reach.
    fn mark(&mut self, scanner: &mut Scanner, mut grey: MarkQueue<impl FnMut(Object) -> bool>) {
        while let Some(object) = grey.pop() {
            self.survivors.note(object);
            scanner.edges(object, |target| grey.reach(target));
        }
        self.graph.count_scratch(grey.take_most_bytes());
    }

    /// Step 2: what a tally says when all have been added up is how many edges there are, less how many references there should be. A target
    /// that is far away is fetched some edges before it is its turn. Void if a count is larger than `most`.
    #[inline]
    fn balance(
        &mut self,
        scanner: &mut Scanner,
        most: usize,
        add: impl Fn(&Graph, Object, u32),
        fetch: impl Fn(&Graph, Object),
    ) -> Balance {
        let graph = self.graph;
        let mut balance = Balance::default();
        let mut in_flight = [None; IN_FLIGHT];
        let mut at = 0;
        let (mut references, mut edges) = (0, 0);
        graph.unmarked(|object| {
            if !is_in_generation(object) {
                balance.strangers += 1;
                return;
            }
            balance.candidates += 1;
            self.rest.note(object);
            let count = Counts::count(object);
            if count > most.min(STICKS - 1) {
                balance.is_void |= count > most;
                if count == STICKS {
                    balance.stuck.push(object);
                }
            }
            references += count as i64;
            add(graph, object, (count as u32).wrapping_neg());
            scanner.edges(object, |target| {
                edges += 1;
                if object.id().address() ^ target.id().address() < NEAR {
                    return add(graph, target, 1);
                }
                fetch(graph, target);
                if let Some(due) = in_flight[at].replace(target) {
                    add(graph, due, 1);
                }
                at = (at + 1) % IN_FLIGHT;
            });
            spectator::tell_balanced(graph, object);
        });
        in_flight.into_iter().flatten().for_each(|target| add(graph, target, 1));
        balance.surplus = references - edges;
        balance
    }

    /// Step 3: those that something refers to which is no candidate. Leaves all tallies at 0.
    fn held(&self, mut stuck: Vec<Object>, sums: &Sums) -> Vec<Object> {
        self.graph.unmarked(|object| {
            if is_in_generation(object) && !(sums.is_zero)(self.graph, object) {
                stuck.push(object);
            }
        });
        (sums.clear)(self.graph);
        stuck
    }

    /// Step 4: what is held is alive, and what it reaches; the others are put into `dead`, in order of address.
    fn collect_dead(&mut self, scanner: &mut Scanner, held: Vec<Object>, dead: &mut Vec<Object>) {
        let graph = self.graph;
        let mut grey = MarkQueue::new(|object| graph.mark(object));
        held.into_iter().for_each(|object| grey.reach(object));
        self.mark(scanner, grey);
        graph.unmarked(|object| {
            if is_in_generation(object) {
                dead.push(object);
            }
        });
    }
}

/// Establishes A1 and T2, also when a panic ends the trial.
struct Undo<'a>(&'a Graph);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.0.clear_marks();
        if std::thread::panicking() {
            self.0.clear_tallies();
            self.0.clear_scratch();
        }
    }
}
