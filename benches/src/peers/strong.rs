//! `std::rc::Rc`, strong both ways: leaks every cycle, like our `refcount`. The list unlinks what it drops.

use super::shared::{Peer, Shared, objects};
use std::cell::RefCell;
use std::rc::Rc;

objects!(Rc, RefCell, []);

/// What the standard library calls its things.
#[derive(Debug)]
pub enum Library {}

/// Strong `Rc`s.
pub type Strong = Shared<Library>;

impl Peer for Library {
    const NAME: &'static str = "Rc, strong";
    const FREES_CYCLES: bool = false;
    const EVERY: Option<u64> = None;
    type Pair = Rc<Pair>;
    type Entry = Rc<Entry>;
    type Node = Rc<Node>;

    fn collect() {}
}
