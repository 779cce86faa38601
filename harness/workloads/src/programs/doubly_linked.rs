//! `doubly-linked`: a least-recently-used cache at steady state. Seven of eight requests hit and move their entry to the front; the
//! eighth replaces the entry at the back. Evicted entries are unlinked properly, so counting alone can free them: the cycles
//! here are alive, and what is measured is what it costs that they could be garbage.

use super::FOLLOW_EVERY;
use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, Gc, GcVec, Mutator, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Entry<'gc> {
    newer: Slot<'gc, Entry<'gc>>,
    older: Slot<'gc, Entry<'gc>>,
    key: u64,
}

#[derive(Trace)]
struct Cache<'gc> {
    newest: Slot<'gc, Entry<'gc>>,
    oldest: Slot<'gc, Entry<'gc>>,
    table: GcVec<'gc, Entry<'gc>>,
}

type CacheGc<'gc> = Gc<'gc, Cache<'gc>>;

fn unlink<'gc, C: Collector>(mc: &Mutator<'gc, C>, cache: CacheGc<'gc>, entry: Gc<'gc, Entry<'gc>>) {
    let newer = entry.take(mc, |entry| &entry.newer);
    let older = entry.take(mc, |entry| &entry.older);
    match newer {
        Some(newer) => newer.set(mc, |entry| &entry.older, older),
        None => cache.set(mc, |cache| &cache.newest, older),
    }
    match older {
        Some(older) => older.set(mc, |entry| &entry.newer, newer),
        None => cache.set(mc, |cache| &cache.oldest, newer),
    }
}

fn push_front<'gc, C: Collector>(mc: &Mutator<'gc, C>, cache: CacheGc<'gc>, entry: Gc<'gc, Entry<'gc>>) {
    let second = cache.newest.get();
    entry.set(mc, |entry| &entry.older, second);
    match second {
        Some(second) => second.set(mc, |entry| &entry.newer, Some(entry)),
        None => cache.set(mc, |cache| &cache.oldest, Some(entry)),
    }
    cache.set(mc, |cache| &cache.newest, Some(entry));
}

/// See the module.
pub(crate) struct DoublyLinked {
    entries: u64,
    cache: Root<Cache<'static>>,
    random: fastrand::Rng,
}

impl Workload for DoublyLinked {
    const INFO: Info = Info {
        name: "doubly-linked",
        about: "a least-recently-used cache at steady state, one request in eight replaces an entry",
        operation: "one request to the cache",
        size: "entries in the cache",
        sizes: Sizes::around(20_000),
        scope_ops: 64,
        steady: true,
    };

    fn set_up<C: Collector>(bench: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        let entries = params.size.max(1);
        let cache = bench.scope(|mc, tally| -> Result<_, Stop> {
            let cache = Cache { newest: Slot::empty(), oldest: Slot::empty(), table: GcVec::new() };
            let cache = tally.alloc(mc, cache)?;
            Ok(mc.root(cache))
        })?;
        let mut made = 0;
        while made < entries {
            let until = entries.min(made + Self::INFO.scope_ops);
            bench.scope(|mc, tally| -> Result<_, Stop> {
                let cache = cache.get(mc);
                for key in made..until {
                    let entry = tally.alloc(mc, Entry { newer: Slot::empty(), older: Slot::empty(), key })?;
                    cache.edit(mc, |cache| &cache.table).try_push(entry)?;
                    push_front(mc, cache, entry);
                }
                Ok(())
            })?;
            made = until;
        }
        Ok(DoublyLinked { entries, cache, random: fastrand::Rng::with_seed(params.seed) })
    }

    fn round(&self) -> u64 {
        self.entries.max(1_000)
    }

    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let (cache, random, entries) = (&self.cache, &mut self.random, self.entries);
        bench.scope(|mc, tally| {
            let cache = cache.get(mc);
            for _ in operations {
                if random.u8(..8) == 0 {
                    let key = cache.oldest.get().map_or(0, |oldest| oldest.key);
                    let fresh = tally.alloc(mc, Entry { newer: Slot::empty(), older: Slot::empty(), key })?;
                    if let Some(oldest) = cache.oldest.get() {
                        unlink(mc, cache, oldest);
                        cache.edit(mc, |cache| &cache.table).set(key as usize, fresh);
                        tally.dying(mc, oldest, FOLLOW_EVERY);
                    }
                    push_front(mc, cache, fresh);
                    continue;
                }
                let key = random.u64(..entries);
                let entry = cache.table.get(key as usize).filter(|entry| entry.key == key);
                let Some(entry) = entry else {
                    return Err(Stop::Wrong(format!("the entry of key {key} is not what it was")));
                };
                unlink(mc, cache, entry);
                push_front(mc, cache, entry);
            }
            Ok(())
        })
    }

    fn reachable(&self) -> u64 {
        1 + self.entries
    }
}
