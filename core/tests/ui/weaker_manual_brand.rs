//! The attack: by hand, tie a branded form to the static form of another type, or leave a lifetime of one's own in it.
//!
//! Whom it has hit: nobody yet; it is what the pair of traits is for.
//!
//! Why it fails: `Managed::At` and `Branded::Static` have to be each other's inverse.
use cyclade_core::{Branded, Managed, Trace};

#[derive(Trace)]
struct Honest<'gc> {
    edge: cyclade_core::Slot<'gc, Honest<'gc>>,
}

struct Liar;

impl Managed for Liar {
    type At<'gc> = Honest<'gc>;
}

fn main() {
    fn is_branded<'gc, T: Branded<'gc>>() {}
    is_branded::<Honest<'static>>();
}
