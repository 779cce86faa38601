//! Ctrl-C: what has been measured is kept.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C asks for an end, and does not make one.
pub(crate) fn watch() {
    let set = ctrlc::set_handler(|| {
        // Relaxed: it is a flag and nothing comes with it.
        ASKED.store(true, Ordering::Relaxed);
    });
    if let Err(error) = set {
        eprintln!("compare: Ctrl-C will lose what has been measured: {error}");
    }
}

/// Has somebody pressed it?
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
