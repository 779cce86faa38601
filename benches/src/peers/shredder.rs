//! `shredder`: marks and sweeps in a thread of its own, and drops in another. Every access takes a guard. Collects by itself; when asked to, its two threads are
//! waited for.

#![expect(non_local_definitions, reason = "the crate's derive makes them")]

use super::shared::{LivePeer, Peer, Pointer, Shared};
use ::shredder::{Gc, Scan, collect, synchronize_destructors};
use std::cell::RefCell;

/// An object with `N` edges: guards are for whole objects.
#[derive(Scan)]
#[allow(missing_debug_implementations, reason = "printing would follow cycles")]
pub struct Pair {
    edge: Option<Gc<RefCell<Pair>>>,
    payload: u64,
}

/// As above.
#[derive(Scan)]
#[allow(missing_debug_implementations, reason = "as above")]
pub struct Entry {
    newer: Option<Gc<RefCell<Entry>>>,
    older: Option<Gc<RefCell<Entry>>>,
    payload: u64,
}

/// As above.
#[derive(Scan)]
#[allow(missing_debug_implementations, reason = "as above")]
pub struct Node {
    first: Option<Gc<RefCell<Node>>>,
    second: Option<Gc<RefCell<Node>>>,
    third: Option<Gc<RefCell<Node>>>,
    payload: u64,
}

impl Pointer<1> for Gc<RefCell<Pair>> {
    fn new([edge]: [Option<Self>; 1], payload: u64) -> Self {
        Gc::new(RefCell::new(Pair { edge, payload }))
    }

    fn get(&self, _: usize) -> Option<Self> {
        self.borrow().edge.clone()
    }

    fn replace(&self, _: usize, to: Option<Self>) -> Option<Self> {
        std::mem::replace(&mut self.borrow_mut().edge, to)
    }

    fn payload(&self) -> u64 {
        self.borrow().payload
    }
}

impl Pointer<2> for Gc<RefCell<Entry>> {
    fn new([newer, older]: [Option<Self>; 2], payload: u64) -> Self {
        Gc::new(RefCell::new(Entry { newer, older, payload }))
    }

    fn get(&self, edge: usize) -> Option<Self> {
        let this = self.borrow();
        if edge == 0 { this.newer.clone() } else { this.older.clone() }
    }

    fn replace(&self, edge: usize, to: Option<Self>) -> Option<Self> {
        let mut this = self.borrow_mut();
        std::mem::replace(if edge == 0 { &mut this.newer } else { &mut this.older }, to)
    }

    fn payload(&self) -> u64 {
        self.borrow().payload
    }
}

impl Pointer<3> for Gc<RefCell<Node>> {
    fn new([first, second, third]: [Option<Self>; 3], payload: u64) -> Self {
        Gc::new(RefCell::new(Node { first, second, third, payload }))
    }

    fn get(&self, edge: usize) -> Option<Self> {
        let this = self.borrow();
        match edge {
            0 => this.first.clone(),
            1 => this.second.clone(),
            _ => this.third.clone(),
        }
    }

    fn replace(&self, edge: usize, to: Option<Self>) -> Option<Self> {
        let this = &mut *self.borrow_mut();
        let place = match edge {
            0 => &mut this.first,
            1 => &mut this.second,
            _ => &mut this.third,
        };
        std::mem::replace(place, to)
    }

    fn payload(&self) -> u64 {
        self.borrow().payload
    }
}

/// What the crate calls its things.
#[derive(Debug)]
pub enum Crate {}

/// The crate `shredder`.
pub type Shredder = Shared<Crate>;

impl Peer for Crate {
    const NAME: &'static str = "shredder";
    const EVERY: Option<u64> = None;
    type Pair = Gc<RefCell<Pair>>;
    type Entry = Gc<RefCell<Entry>>;
    type Node = Gc<RefCell<Node>>;

    fn collect() {
        collect();
        synchronize_destructors();
    }
}

impl LivePeer for Crate {}
