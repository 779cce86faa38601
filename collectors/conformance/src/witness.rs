//! Payloads that tell when they are dropped: evidence that shares no mistake with `Trace`, marks or counts.

use cyclade_core::Trace;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Hands out [`Token`]s with serial numbers, and knows which have been dropped.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    dropped: Rc<RefCell<Vec<u32>>>,
}

impl Witness {
    /// A token for a new payload.
    #[must_use]
    pub fn token(&self) -> Token {
        let mut dropped = self.dropped.borrow_mut();
        dropped.push(0);
        Token { serial: dropped.len() - 1, witness: self.clone() }
    }

    /// How often the payload with this number has been dropped.
    #[must_use]
    pub fn drops_of(&self, serial: usize) -> u32 {
        self.dropped.borrow()[serial]
    }

    /// How many payloads have been dropped.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped.borrow().iter().filter(|&&n| n > 0).count()
    }

    /// How many tokens there have been.
    #[must_use]
    pub fn issued(&self) -> usize {
        self.dropped.borrow().len()
    }

    /// Every payload has been dropped, and once.
    ///
    /// # Panics
    /// If that is not so.
    pub fn assert_all_dropped_once(&self) {
        for (serial, &times) in self.dropped.borrow().iter().enumerate() {
            assert_eq!(times, 1, "payload {serial} must be dropped once, and was dropped {times} times");
        }
    }
}

/// A payload with a serial number, whose drop is counted.
#[derive(Trace)]
pub struct Token {
    serial: usize,
    witness: Witness,
}

impl Token {
    /// Its number.
    #[must_use]
    pub fn serial(&self) -> usize {
        self.serial
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let mut dropped = self.witness.dropped.borrow_mut();
        dropped[self.serial] += 1;
        let times = dropped[self.serial];
        drop(dropped);
        assert_eq!(times, 1, "payload {} is dropped a second time", self.serial);
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.serial)
    }
}
