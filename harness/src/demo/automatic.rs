//! Automatic collection, off and on: pairs are made and dropped until the first of them is gone.

use super::teller::{Teller, pair_in};
use super::{Step, Storyteller};
use cyclade_core::Heap;

/// So many pairs are made and dropped while nothing collects.
const PAIRS: u32 = 2_000;

/// With automatic collection a pair goes long before this.
const MOST_PAIRS: u32 = 200_000;

pub(super) fn story<C: Storyteller>() -> Vec<Step> {
    let mut teller: Teller<C> = Teller::new("automatic off", Heap::new(C::manual()));
    let (a, b) = pair_in(&mut teller.heap);
    teller.about(a.id(), Some(b));
    drop(a);
    for _ in 0..PAIRS {
        let _ = pair_in(&mut teller.heap);
    }
    teller.step("a pair is dropped; 2000 more are made and dropped");
    teller.collect();
    let mut steps = teller.end();
    let Some(config) = C::automatic() else { return steps };
    let mut teller: Teller<C> = Teller::new("automatic on", Heap::new(config));
    let (a, b) = pair_in(&mut teller.heap);
    teller.about(a.id(), Some(b));
    let witness = a.downgrade();
    drop(a);
    for _ in 0..MOST_PAIRS {
        if !witness.is_alive() {
            break;
        }
        let _ = pair_in(&mut teller.heap);
    }
    teller.step("a pair is dropped; more are made and dropped until it is gone");
    steps.extend(teller.end());
    steps
}
