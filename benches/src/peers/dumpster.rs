//! `dumpster`, its version for one thread: counts, with a cycle collector that looks at what has lost a reference. Collects by itself.

use crate::subject::{DoublyLinked, Pairs, Subject};
use ::dumpster::Trace;
use ::dumpster::unsync::{Gc, collect};
use std::cell::RefCell;

#[derive(Trace)]
struct Pair {
    peer: RefCell<Option<Gc<Pair>>>,
    _payload: u64,
}

type Link = Option<Gc<Entry>>;

#[derive(Trace)]
struct Entry {
    newer: RefCell<Link>,
    older: RefCell<Link>,
    payload: u64,
}

/// The crate `dumpster` (unsync).
#[derive(Default)]
pub struct Dumpster {
    newest: Link,
    oldest: Link,
}

impl std::fmt::Debug for Dumpster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for Dumpster {
    const NAME: &'static str = "dumpster";

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {
        collect();
    }
}

impl Pairs for Dumpster {
    fn pair(&mut self, payload: u64) {
        let a = Gc::new(Pair { peer: RefCell::new(None), _payload: payload });
        let b = Gc::new(Pair { peer: RefCell::new(Some(a.clone())), _payload: payload });
        *a.peer.borrow_mut() = Some(b);
    }
}

impl DoublyLinked for Dumpster {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry =
            Gc::new(Entry { newer: RefCell::new(None), older: RefCell::new(newest.clone()), payload });
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
