//! `std::rc::Rc`, strong both ways: leaks every cycle, like our `refcount`. The list unlinks what it drops.

use crate::subject::{DoublyLinked, Pairs, Subject};
use std::cell::RefCell;
use std::rc::Rc;

struct Pair {
    peer: RefCell<Option<Rc<Pair>>>,
    _payload: u64,
}

type Link = Option<Rc<Entry>>;

struct Entry {
    newer: RefCell<Link>,
    older: RefCell<Link>,
    payload: u64,
}

/// Strong `Rc`s.
#[derive(Default)]
pub struct Strong {
    newest: Link,
    oldest: Link,
}

impl std::fmt::Debug for Strong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::NAME)
    }
}

impl Subject for Strong {
    const NAME: &'static str = "Rc, strong";

    fn new() -> Self {
        Self::default()
    }

    fn collect(&mut self) {
        let _ = self;
    }
}

impl Pairs for Strong {
    fn pair(&mut self, payload: u64) {
        let a = Rc::new(Pair { peer: RefCell::new(None), _payload: payload });
        let b = Rc::new(Pair { peer: RefCell::new(Some(a.clone())), _payload: payload });
        *a.peer.borrow_mut() = Some(b);
    }
}

impl DoublyLinked for Strong {
    fn insert(&mut self, payload: u64) {
        let newest = self.newest.take();
        let entry =
            Rc::new(Entry { newer: RefCell::new(None), older: RefCell::new(newest.clone()), payload });
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
