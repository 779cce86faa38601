//! The attack: follow an edge in a destructor, when the object behind it has been freed already.
//!
//! Whom it has hit: rust-gc (issues 36 and 37), bacon-rajan-cc (issue 6, "Drop is unsound"); alloy found that destructors run
//! late may also see dead borrows (pull request 83).
//!
//! Why it fails: the derive makes an implementation that conflicts with `Drop`. Payload fields may have one; a destructor that needs edges is
//! a finalizer (`#[trace(finalize)]`), which runs while everything is whole.
use cyclade_core::{Gc, Trace};

#[derive(Trace)]
struct Looks<'gc> {
    other: Gc<'gc, String>,
}

impl Drop for Looks<'_> {
    fn drop(&mut self) {
        println!("{}", *self.other);
    }
}

fn main() {}
