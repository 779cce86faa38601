//! `rust-cc`: counts, with a cycle collector that looks at what has lost a reference. Collects by itself.

use crate::subject::{DoublyLinked, Pairs, Subject};
use ::rust_cc::{Cc, Finalize, Trace, collect_cycles};
use std::cell::RefCell;

#[derive(Trace, Finalize)]
struct Pair {
    peer: RefCell<Option<Cc<Pair>>>,
    _payload: u64,
}

type Link = Option<Cc<Entry>>;

#[derive(Trace, Finalize)]
struct Entry {
    newer: RefCell<Link>,
    older: RefCell<Link>,
    payload: u64,
}

/// The crate `rust-cc`.
#[derive(Default)]
pub struct RustCc {
    newest: Link,
    oldest: Link,
}

impl std::fmt::Debug for RustCc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for RustCc {
    const NAME: &'static str = "rust-cc";

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {
        collect_cycles();
    }
}

impl Pairs for RustCc {
    fn pair(&mut self, payload: u64) {
        let a = Cc::new(Pair { peer: RefCell::new(None), _payload: payload });
        let b = Cc::new(Pair { peer: RefCell::new(Some(a.clone())), _payload: payload });
        *a.peer.borrow_mut() = Some(b);
    }
}

impl DoublyLinked for RustCc {
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
