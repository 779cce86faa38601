//! `Locked`: edges in a shape of your own, behind a borrow flag.

use crate::brand::{Branded, Managed};
use crate::collector::{Barrier, Collector};
use crate::edges::Edges;
use crate::gc::Gc;
use crate::mutator::{Mutator, scopes};
use crate::object::Flag;
use crate::shape::Shape;
use crate::trace::{Trace, Tracer};
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// Any shape with edges in it: `Locked<HashMap<String, Gc<'gc, Node<'gc>>>>`.
///
/// Read by [`borrow`](Self::borrow), changed through the owner by [`Gc::borrow_mut`], with a `RefCell`'s rules. The collector
/// is told all of the owner's edges before the first change in a scope, so single writes need no barrier. The price:
/// counting collectors trace the owner twice in every scope that borrows for writing, and a concurrent one makes a pass over
/// it once per cycle. For plain lists and maps of edges prefer [`GcVec`](crate::GcVec) and [`GcMap`](crate::GcMap).
///
/// Forgetting a guard (`mem::forget`) leaves the lock as the guard had it until the scope ends, and no longer.
pub struct Locked<T> {
    /// The scope in which `state` was written; in any other scope that is still open or not, it means nothing.
    scope: Cell<u64>,
    /// Readers, or -1 for a writer.
    state: Cell<isize>,
    /// Invariant K: written only through the one `RefMut` of a scope in which `state` is -1.
    value: UnsafeCell<T>,
}

const WRITING: isize = -1;

impl<T> Locked<T> {
    /// Locks `value` up.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Locked { scope: Cell::new(0), state: Cell::new(0), value: UnsafeCell::new(value) }
    }

    /// The value, if nothing is borrowed: by value there is nothing to be told to a collector.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    /// Borrows for reading.
    ///
    /// # Panics
    /// If the value is being written.
    #[track_caller]
    pub fn borrow<'a, 'gc, C: Collector>(&'a self, mc: &'a Mutator<'gc, C>) -> Ref<'a, T> {
        self.enter(mc.serial());
        assert!(self.state.get() != WRITING, "already borrowed for writing in this scope");
        let Some(readers) = self.state.get().checked_add(1) else { panic!("too many readers") };
        self.state.set(readers);
        // SAFETY: K: no writer, and while there are readers none comes.
        Ref { value: unsafe { &*self.value.get() }, state: &self.state }
    }

    /// Forgets the state that an ended scope has left, by a forgotten guard.
    #[track_caller]
    fn enter(&self, serial: u64) {
        let last = self.scope.replace(serial);
        if last != serial {
            if self.state.get() != 0 && scopes::is_open(last) {
                self.scope.set(last);
                panic!("already borrowed in another scope that is still open");
            }
            self.state.set(0);
        }
    }

    fn is_being_written(&self) -> bool {
        self.state.get() == WRITING && scopes::is_open(self.scope.get())
    }
}

impl<'gc, T: Shape + ?Sized + 'gc> Gc<'gc, T> {
    /// Borrows a [`Locked`] of this object for writing.
    ///
    /// # Panics
    /// If the lock is borrowed already, or is not this object's.
    #[track_caller]
    pub fn borrow_mut<'a, U: Trace + 'gc, C: Collector>(
        self,
        mc: &'a Mutator<'gc, C>,
        lock: impl FnOnce(&'gc T) -> &'gc Locked<U>,
    ) -> RefMut<'a, U>
    where
        'gc: 'a,
    {
        let lock = lock(self.as_ref());
        self.check_owns(std::ptr::from_ref(lock).addr());
        lock.enter(mc.serial());
        assert!(lock.state.get() == 0, "already borrowed in this scope");
        let owner = self.object();
        if !U::EDGES.is_none() && !matches!(C::PLAN.barrier, Barrier::None) && !owner.has(Flag::Logged) {
            // First, in case it panics (K7).
            mc.collector().log(mc.graph(), owner);
            owner.set(Flag::Logged);
            mc.graph().logged().push(owner);
            mc.graph().need_attention();
        }
        lock.state.set(WRITING);
        // SAFETY: K: nobody reads or writes, as the state just was 0; the collector has let go of the owner (`log`).
        RefMut { value: unsafe { &mut *lock.value.get() }, state: &lock.state }
    }
}

impl<T: Default> Default for Locked<T> {
    fn default() -> Self {
        Locked::new(T::default())
    }
}

impl<T> fmt::Debug for Locked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Locked(..)")
    }
}

// SAFETY: passes the content's edges, which change only in a scope that has told the collector (`log`).
unsafe impl<T: Trace> Trace for Locked<T> {
    const EDGES: Edges = T::EDGES.in_locked();
    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.place(std::ptr::from_ref(self).addr());
        // A search runs on the owner's thread in the middle of a scope: what is being written is not looked into, and
        // cannot hold a place that somebody else has a reference to.
        if tracer.searching() && self.is_being_written() {
            return;
        }
        if tracer.wants(T::EDGES) {
            // SAFETY: K: outside of a scope nobody writes, and weak references are emptied only there; from edges a concurrent collector
            // keeps writers away by `log`.
            unsafe { &*self.value.get() }.trace(tracer);
        }
    }
}

impl<T: Managed> Managed for Locked<T> {
    type At<'gc> = Locked<T::At<'gc>>;
}

impl<'gc, T: Branded<'gc>> Branded<'gc> for Locked<T> {
    type Static = Locked<T::Static>;
}

/// A read guard of a [`Locked`].
pub struct Ref<'a, T> {
    value: &'a T,
    state: &'a Cell<isize>,
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> Drop for Ref<'_, T> {
    fn drop(&mut self) {
        self.state.set(self.state.get() - 1);
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A write guard of a [`Locked`].
pub struct RefMut<'a, T> {
    value: &'a mut T,
    state: &'a Cell<isize>,
}

impl<T> Deref for RefMut<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for RefMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

impl<T> Drop for RefMut<'_, T> {
    fn drop(&mut self) {
        self.state.set(0);
    }
}

impl<T: fmt::Debug> fmt::Debug for RefMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
