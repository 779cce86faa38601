//! `Rc` and `Weak` by hand: what an experienced programmer writes when there is no collector. No cycle is ever made.

use crate::subject::{DoublyLinked, Pairs, Subject};
use std::cell::Cell;
use std::rc::{Rc, Weak};

/// The owner of a pair: knows its peer strongly.
struct Owner {
    peer: Cell<Option<Rc<Owned>>>,
    _payload: u64,
}

/// The other one, which knows its owner weakly.
struct Owned {
    _peer: Weak<Owner>,
    _payload: u64,
}

/// An entry owns the older one. `Cell`s, because a link is only ever taken or replaced: cheaper than `RefCell`s.
struct Entry {
    newer: Cell<Weak<Entry>>,
    older: Cell<Option<Rc<Entry>>>,
    payload: u64,
}

/// `Rc` and `Weak`, by hand.
#[derive(Default)]
pub struct ByHand {
    newest: Option<Rc<Entry>>,
    oldest: Option<Rc<Entry>>,
}

impl std::fmt::Debug for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for ByHand {
    const NAME: &'static str = "Rc/Weak by hand";
    const FREES_CYCLES: bool = false;

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {}
}

impl Pairs for ByHand {
    fn pair(&mut self, payload: u64) {
        let a = Rc::new(Owner { peer: Cell::new(None), _payload: payload });
        let b = Rc::new(Owned { _peer: Rc::downgrade(&a), _payload: payload });
        a.peer.set(Some(b));
    }
}

impl DoublyLinked for ByHand {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry = Rc::new(Entry { newer: Cell::default(), older: Cell::new(None), payload });
        match newest {
            Some(newest) => {
                newest.newer.set(Rc::downgrade(&entry));
                entry.older.set(Some(newest));
            }
            None => self.oldest = Some(entry.clone()),
        }
        self.newest = Some(entry);
    }

    fn replace(&mut self, payload: u64) -> u64 {
        let oldest = self.oldest.take().expect("an entry to replace");
        let next = oldest.newer.take().upgrade();
        match &next {
            Some(next) => drop(next.older.take()),
            None => self.newest = None,
        }
        self.oldest = next;
        let evicted = oldest.payload;
        drop(oldest);
        self.insert(payload);
        evicted
    }
}

impl Drop for ByHand {
    /// From the newest on: the list's own recursion would be as deep as it is long.
    fn drop(&mut self) {
        let mut next = self.newest.take();
        while let Some(entry) = next {
            next = entry.older.take();
        }
    }
}
