//! The attack: use a heap from two threads. Counts are plain numbers; and a concurrent cycle that begins with one handshake per mutator
//! loses objects (Doligez and Gonthier 1994).
//!
//! Whom it has hit: gc-arena considered sendable arenas and found a way to share what must not be shared (pull request 61).
//!
//! Why it fails: `Heap`, `Root`, `WeakRoot`, `Gc` and the mutator are neither `Send` nor `Sync`.
use cyclade_core::{Collector, Gc, Heap, Mutator, Root, WeakRoot};

fn assert_send<T: Send>() {}
fn assert_sync<T: Sync>() {}

fn attack<C: Collector + Send + Sync>() {
    assert_send::<Heap<C>>();
    assert_sync::<Heap<C>>();
    assert_send::<Root<u64>>();
    assert_sync::<Root<u64>>();
    assert_send::<WeakRoot<u64>>();
    assert_send::<Gc<'static, u64>>();
    assert_sync::<Mutator<'static, C>>();
}

fn main() {}
