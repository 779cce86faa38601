//! Ctrl-C: the first one ends the measuring and lets what there is be written; the second one ends the program. Where another program
//! runs that gets the first one too, the second one ends that, and the third one this.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

static TIMES: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(1);
static INSTALLED: OnceLock<bool> = OnceLock::new();

/// Listens from now on. Also to the end of a terminal, and to a polite request to stop.
pub(crate) fn listen() {
    INSTALLED.get_or_init(|| {
        ctrlc::set_handler(|| {
            if TIMES.fetch_add(1, Ordering::SeqCst) >= MOST.load(Ordering::SeqCst) {
                std::process::exit(130);
            }
        })
        .is_ok()
    });
}

/// Likewise; and once more before the program is ended from outside, see [`insisted`].
pub(crate) fn listen_twice() {
    MOST.store(2, Ordering::SeqCst);
    listen();
}

/// Has somebody asked the program to stop?
pub(crate) fn asked() -> bool {
    TIMES.load(Ordering::SeqCst) > 0
}

/// Has somebody asked again?
pub(crate) fn insisted() -> bool {
    TIMES.load(Ordering::SeqCst) > 1
}
