//! What the protocols between owner and marker are built from: the standard library's, or loom's under `--cfg loom`.

#[cfg(loom)]
pub(crate) use loom::{
    sync::atomic::AtomicU64,
    sync::{Condvar, Mutex, MutexGuard},
    thread::yield_now,
};
#[cfg(not(loom))]
pub(crate) use std::{
    sync::{Condvar, Mutex, MutexGuard},
    thread::yield_now,
};

/// A pause in a loop that waits for the other thread: short at first, then the processor is given up.
pub(crate) fn relax(tries: &mut u32) {
    *tries += 1;
    if cfg!(loom) || *tries > 64 {
        yield_now();
    } else {
        std::hint::spin_loop();
    }
}
