//! Ctrl-C: the first one ends the measuring and lets what there is be written; the second one ends the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static INSTALLED: OnceLock<bool> = OnceLock::new();

/// Listens from now on. Also to the end of a terminal, and to a polite request to stop.
pub(crate) fn listen() {
    INSTALLED.get_or_init(|| {
        ctrlc::set_handler(|| {
            if ASKED.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        })
        .is_ok()
    });
}

/// Has somebody asked the program to stop?
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
