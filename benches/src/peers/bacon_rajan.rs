//! `bacon_rajan_cc`: counts, with Bacon and Rajan's synchronous cycle collection. Collects only when asked.

use super::EVERY;
use crate::subject::{DoublyLinked, Pairs, Subject};
use ::bacon_rajan_cc::{Cc, Trace, Tracer, collect_cycles};
use std::cell::RefCell;

struct Pair {
    peer: RefCell<Option<Cc<Pair>>>,
    _payload: u64,
}

type Link = Option<Cc<Entry>>;

struct Entry {
    newer: RefCell<Link>,
    older: RefCell<Link>,
    payload: u64,
}

impl Trace for Pair {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.peer.trace(tracer);
    }
}

impl Trace for Entry {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.newer.trace(tracer);
        self.older.trace(tracer);
    }
}

/// The crate `bacon_rajan_cc`.
#[derive(Default)]
pub struct BaconRajan {
    newest: Link,
    oldest: Link,
}

impl std::fmt::Debug for BaconRajan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for BaconRajan {
    const NAME: &'static str = "bacon_rajan_cc";

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {
        collect_cycles();
    }
}

impl Pairs for BaconRajan {
    fn pair(&mut self, payload: u64) {
        let a = Cc::new(Pair { peer: RefCell::new(None), _payload: payload });
        let b = Cc::new(Pair { peer: RefCell::new(Some(a.clone())), _payload: payload });
        *a.peer.borrow_mut() = Some(b);
        if payload % EVERY == EVERY - 1 {
            collect_cycles();
        }
    }
}

impl DoublyLinked for BaconRajan {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry =
            Cc::new(Entry { newer: RefCell::new(None), older: RefCell::new(newest.clone()), payload });
        match newest {
            Some(newest) => *newest.newer.borrow_mut() = Some(entry.clone()),
            None => self.oldest = Some(entry.clone()),
        }
        self.newest = Some(entry);
    }

    fn replace(&mut self, payload: u64) -> u64 {
        let oldest = self.oldest.take().expect("an entry to replace");
        let next = oldest.newer.borrow_mut().take();
        match &next {
            Some(next) => *next.older.borrow_mut() = None,
            None => self.newest = None,
        }
        self.oldest = next;
        let evicted = oldest.payload;
        drop(oldest);
        self.insert(payload);
        evicted
    }
}
