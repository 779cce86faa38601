//! `Rc` and `Weak` by hand: what an experienced programmer writes when there is no collector. No cycle is ever made.

use crate::subject::{Acyclic, Deep, DoublyLinked, FAN_OUT, Pairs, Ring, Subject, Tree};
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

/// A node of a tree: owns its first child and its next sibling.
struct Node {
    _parent: Weak<Node>,
    child: Cell<Option<Rc<Node>>>,
    _sibling: Option<Rc<Node>>,
    _payload: u64,
}

/// An object of a list.
struct Link {
    next: Cell<Option<Rc<Link>>>,
    _payload: u64,
}

/// `Rc` and `Weak`, by hand.
#[derive(Default)]
pub struct ByHand {
    newest: Option<Rc<Entry>>,
    oldest: Option<Rc<Entry>>,
    chain: Option<Rc<Link>>,
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

/// The oldest entry, which knows the newest one weakly: a ring without a cycle.
impl Ring for ByHand {
    fn build_ring(&mut self, count: u64) {
        for payload in 0..count {
            self.insert(payload);
        }
        if let (Some(newest), Some(oldest)) = (&self.newest, &self.oldest) {
            newest.newer.set(Rc::downgrade(oldest));
        }
    }

    fn drop_ring(&mut self) {
        self.oldest = None;
        self.unlink();
    }
}

/// As deep as there are levels.
fn branch(parent: Weak<Node>, sibling: Option<Rc<Node>>, levels: u32) -> Rc<Node> {
    let node = Rc::new(Node {
        _parent: parent,
        child: Cell::new(None),
        _sibling: sibling,
        _payload: u64::from(levels),
    });
    if levels > 1 {
        let children =
            (0..FAN_OUT).fold(None, |next, _| Some(branch(Rc::downgrade(&node), next, levels - 1)));
        node.child.set(children);
    }
    node
}

impl Tree for ByHand {
    fn tree(&mut self, levels: u32) {
        branch(Weak::new(), None, levels);
    }
}

fn chain(length: u64) -> Option<Rc<Link>> {
    (0..length).fold(None, |next, payload| Some(Rc::new(Link { next: Cell::new(next), _payload: payload })))
}

impl Acyclic for ByHand {
    fn list(&mut self, length: u64) {
        drop(chain(length));
    }
}

impl Deep for ByHand {
    fn build_chain(&mut self, length: u64) {
        self.chain = chain(length);
    }

    /// One by one: the list's own recursion would be as deep as it is long.
    fn drop_chain(&mut self) {
        let mut next = self.chain.take();
        while let Some(link) = next {
            next = link.next.take();
        }
    }
}

impl ByHand {
    /// From the newest on, one by one, as above.
    fn unlink(&mut self) {
        let mut next = self.newest.take();
        while let Some(entry) = next {
            next = entry.older.take();
        }
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.drop_chain();
        self.unlink();
    }
}
