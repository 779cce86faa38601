//! Callbacks of weak references: whose they are, and what is due.
//!
//! A callback is entered in the weak cell of its target. It may belong to an object, its *watcher* (CPython's `weakref.ref(target, callback)`
//! is such an object): then it is dropped, and not called, when the watcher goes first.
//!
//! Invariants:
//! - **W3** A watcher has [`Flag::Watches`](crate::Flag::Watches), and the weak table knows the cells that it has callbacks in; both end before its
//!   memory is released. So a callback's watcher is an object that has not been released.

use crate::object::Object;
use crate::root::AnyRoot;
use std::fmt;
use std::ptr::NonNull;

/// What is called, with the heap's `Inner`, its type erased, and the watcher.
pub(crate) type Call = Box<dyn FnOnce(NonNull<()>, Option<Object>)>;

/// A callback that waits for the death of its target.
pub(crate) struct Callback {
    pub(crate) watcher: Option<Object>,
    pub(crate) call: Call,
}

/// A callback whose target's weak references have been emptied. Its watcher is held until it is dropped.
pub struct Due {
    pub(crate) watcher: Option<(Object, AnyRoot)>,
    pub(crate) call: Option<Call>,
}

impl Due {
    /// The object that the callback belongs to, if it belongs to one.
    #[must_use]
    pub fn watcher(&self) -> Option<Object> {
        self.watcher.as_ref().map(|(object, _)| *object)
    }
}

impl fmt::Debug for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Due").field("watcher", &self.watcher()).finish_non_exhaustive()
    }
}
