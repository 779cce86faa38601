//! The attack: a type with two lifetimes, of which one is not the brand: edges of two heaps in one object, or a borrow that ends
//! before the object does.
//!
//! Whom it has hit: alloy, where a `Gc<&T>` outlives what it borrows once destructors run late (pull request 83); gc-arena's users ask for it
//! (issue 99).
//!
//! Why it fails: the derive takes exactly one lifetime, the brand, and by hand no `Managed` can be written for the other one.
use cyclade_core::{Gc, Trace};

#[derive(Trace)]
struct Between<'a, 'b> {
    one: Gc<'a, u64>,
    two: Gc<'b, u64>,
}

#[derive(Trace)]
struct Borrows<'gc> {
    text: &'gc str,
}

fn main() {}
