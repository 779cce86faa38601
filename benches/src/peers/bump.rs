//! `bumpalo`, a bump arena: nothing is freed alone, everything at once. What a programmer uses where the end of everything is known.
//!
//! It is emptied after as many objects as crates without a trigger are asked to collect after, and where others collect. It cannot keep a list at steady state,
//! nor a graph that is changed: there it does not take part.

use super::EVERY;
use crate::subject::{Acyclic, Deep, FAN_OUT, Pairs, Ring, Subject, Tree};
use bumpalo::Bump as Arena;
use std::cell::Cell;

struct Pair<'a> {
    _peer: Cell<Option<&'a Pair<'a>>>,
    _payload: u64,
}

struct Entry<'a> {
    newer: Cell<Option<&'a Entry<'a>>>,
    older: Cell<Option<&'a Entry<'a>>>,
    _payload: u64,
}

struct Node<'a> {
    _parent: Cell<Option<&'a Node<'a>>>,
    child: Cell<Option<&'a Node<'a>>>,
    _sibling: Cell<Option<&'a Node<'a>>>,
    _payload: u64,
}

/// The crate `bumpalo`.
#[derive(Debug)]
pub struct Bump {
    arena: Arena,
    made: u64,
}

impl Bump {
    /// Objects have been made: is it time to empty the arena?
    #[inline]
    fn made(&mut self, objects: u64) {
        self.made += objects;
        if self.made >= 2 * EVERY {
            self.made = 0;
            self.arena.reset();
        }
    }
}

impl Subject for Bump {
    const NAME: &'static str = "bumpalo";
    const FREES_CYCLES: bool = false;

    fn new() -> Self {
        Bump { arena: Arena::new(), made: 0 }
    }

    fn collect(&mut self) {
        self.arena.reset();
    }
}

impl Pairs for Bump {
    #[inline]
    fn pair(&mut self, payload: u64) {
        let a = self.arena.alloc(Pair { _peer: Cell::new(None), _payload: payload });
        let b = self.arena.alloc(Pair { _peer: Cell::new(Some(a)), _payload: payload });
        a._peer.set(Some(b));
        self.made(2);
    }
}

impl Ring for Bump {
    fn build_ring(&mut self, count: u64) {
        let entry =
            |older, payload| Entry { newer: Cell::new(None), older: Cell::new(older), _payload: payload };
        let first = &*self.arena.alloc(entry(None, 0));
        let mut last = first;
        for payload in 1..count {
            let entry = &*self.arena.alloc(entry(Some(last), payload));
            last.newer.set(Some(entry));
            last = entry;
        }
        last.newer.set(Some(first));
        first.older.set(Some(last));
    }

    fn drop_ring(&mut self) {}
}

/// As deep as there are levels.
fn branch<'a>(
    arena: &'a Arena,
    parent: Option<&'a Node<'a>>,
    sibling: Option<&'a Node<'a>>,
    levels: u32,
) -> &'a Node<'a> {
    let node = &*arena.alloc(Node {
        _parent: Cell::new(parent),
        child: Cell::new(None),
        _sibling: Cell::new(sibling),
        _payload: u64::from(levels),
    });
    if levels > 1 {
        let children = (0..FAN_OUT).fold(None, |next, _| Some(branch(arena, Some(node), next, levels - 1)));
        node.child.set(children);
    }
    node
}

impl Tree for Bump {
    fn tree(&mut self, levels: u32) {
        branch(&self.arena, None, None, levels);
        self.made(u64::from((FAN_OUT.pow(levels) - 1) / (FAN_OUT - 1)));
    }
}

fn chain(arena: &Arena, length: u64) {
    let mut next: Option<&Pair<'_>> = None;
    for payload in 0..length {
        next = Some(arena.alloc(Pair { _peer: Cell::new(next), _payload: payload }));
    }
}

impl Acyclic for Bump {
    fn list(&mut self, length: u64) {
        chain(&self.arena, length);
        self.made(length);
    }
}

impl Deep for Bump {
    fn build_chain(&mut self, length: u64) {
        chain(&self.arena, length);
    }

    fn drop_chain(&mut self) {}
}
