//! The attack: pass a pointer off as one with a shorter or longer brand, by subtyping.
//!
//! Whom it has hit: "generative" brands have to be invariant (GhostCell, gc-arena); a covariant one lets two scopes meet at their
//! common shorter lifetime.
//!
//! Why it fails: `Gc`, `Slot`, `Weak`, `GcVec` and `GcMap` are invariant in the brand.
use cyclade_core::{Gc, GcMap, GcVec, Slot, Weak};

fn shorter<'long: 'short, 'short>(gc: Gc<'long, u64>) -> Gc<'short, u64> {
    gc
}

fn longer<'long: 'short, 'short>(gc: Gc<'short, u64>) -> Gc<'long, u64> {
    gc
}

fn slot<'long: 'short, 'short>(slot: &'short Slot<'long, u64>) -> &'short Slot<'short, u64> {
    slot
}

fn weak<'long: 'short, 'short>(weak: Weak<'long, u64>) -> Weak<'short, u64> {
    weak
}

fn list<'long: 'short, 'short>(list: GcVec<'long, u64>) -> GcVec<'short, u64> {
    list
}

fn map<'long: 'short, 'short>(map: GcMap<'long, u8, u64>) -> GcMap<'short, u8, u64> {
    map
}

fn main() {}
