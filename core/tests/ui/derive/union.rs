//! Nobody knows which field of a union is live.
use cyclade_core::{Gc, Trace};

#[derive(Trace)]
union Either<'gc> {
    edge: Gc<'gc, u64>,
    word: u64,
}

fn main() {}
