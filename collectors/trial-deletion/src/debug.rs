//! What collections tell of themselves: CPython's debug flags.

use crate::place::Home;
use crate::{Collection, Object, Safepoint, TrialDeletion};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::Write;
use std::ops::{BitOr, BitOrAssign};

/// What a collection says and keeps, for those who look for leaks: the flags of CPython's `gc.set_debug`, with the same values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DebugFlags(u32);

impl DebugFlags {
    /// Nothing: `0`.
    pub const NONE: DebugFlags = DebugFlags(0);
    /// Says what each collection has found, and how long it took: `gc.DEBUG_STATS`.
    pub const STATS: DebugFlags = DebugFlags(1);
    /// Names every object that can be freed: `gc.DEBUG_COLLECTABLE`.
    pub const COLLECTABLE: DebugFlags = DebugFlags(2);
    /// Names every object that cannot: `gc.DEBUG_UNCOLLECTABLE`.
    pub const UNCOLLECTABLE: DebugFlags = DebugFlags(4);
    /// Puts unreachable objects into the garbage list instead of freeing them: `gc.DEBUG_SAVEALL`.
    pub const SAVEALL: DebugFlags = DebugFlags(32);
    /// What one needs to look for leaks: `gc.DEBUG_LEAK`.
    pub const LEAK: DebugFlags = DebugFlags(2 | 4 | 32);

    /// Are all of `flags` set?
    #[must_use]
    pub const fn contains(self, flags: DebugFlags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// As the number that CPython has for it.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl BitOr for DebugFlags {
    type Output = DebugFlags;
    fn bitor(self, other: DebugFlags) -> DebugFlags {
        DebugFlags(self.0 | other.0)
    }
}

impl BitOrAssign for DebugFlags {
    fn bitor_assign(&mut self, other: DebugFlags) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for DebugFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (DebugFlags::STATS, "STATS"),
            (DebugFlags::COLLECTABLE, "COLLECTABLE"),
            (DebugFlags::UNCOLLECTABLE, "UNCOLLECTABLE"),
            (DebugFlags::SAVEALL, "SAVEALL"),
        ];
        f.debug_set().entries(names.iter().filter(|(flag, _)| self.contains(*flag)).map(|(_, n)| n)).finish()
    }
}

/// Takes the lines, without their ends.
type Sink = Box<dyn FnMut(&str)>;

/// The flags of one heap, and where its lines go.
#[derive(Default)]
pub(crate) struct Debugging {
    flags: Cell<DebugFlags>,
    /// Standard error, if there is none.
    sink: RefCell<Option<Sink>>,
    lines: RefCell<Vec<String>>,
}

impl Debugging {
    pub(crate) fn flags(&self) -> DebugFlags {
        self.flags.get()
    }

    pub(crate) fn set_flags(&self, flags: DebugFlags) {
        self.flags.set(flags);
    }

    pub(crate) fn set_sink(&self, sink: Option<Sink>) {
        drop(self.sink.replace(sink));
    }

    /// The sink is user code: lines wait until the collection is over.
    fn say(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }

    /// A collection is over: passes on what it has said.
    pub(crate) fn flush(&self, safepoint: &Safepoint<'_, TrialDeletion>) {
        let lines = self.lines.take();
        if !lines.is_empty() {
            safepoint.run(|| self.pass_on(&lines));
        }
    }

    fn pass_on(&self, lines: &[String]) {
        // Taken out meanwhile, since it may set another one.
        let Some(mut sink) = self.sink.take() else {
            // That nobody listens is no reason to stop.
            return lines.iter().for_each(|line| _ = writeln!(std::io::stderr(), "{line}"));
        };
        lines.iter().for_each(|line| sink(line));
        let mut place = self.sink.borrow_mut();
        let replaced = if place.is_none() { place.replace(sink) } else { Some(sink) };
        drop(place);
        drop(replaced);
    }

    /// Names an object, if `flag` is set.
    pub(crate) fn tell(&self, flag: DebugFlags, what: &str, object: Object) {
        if self.flags().contains(flag) {
            self.say(format!("gc: {what} <{} {}>", object.type_info().name(), object.id()));
        }
    }

    /// A collection of `generation` begins.
    pub(crate) fn begin(&self, collector: &TrialDeletion, generation: usize) {
        if self.flags().contains(DebugFlags::STATS) {
            let [young, middle, old] = Home::GENERATIONS.map(|home| collector.lists.len(home));
            self.say(format!("gc: collecting generation {generation}..."));
            self.say(format!("gc: objects in each generation: {young} {middle} {old}"));
            self.say(format!("gc: objects in permanent generation: {}", collector.lists.len(Home::Frozen)));
        }
    }

    /// It has ended.
    pub(crate) fn end(&self, collection: &Collection, seconds: f64) {
        if self.flags().contains(DebugFlags::STATS) {
            let Collection { unreachable, uncollectable, .. } = collection;
            self.say(format!(
                "gc: done, {unreachable} unreachable, {uncollectable} uncollectable, {seconds:.4}s elapsed"
            ));
        }
    }
}

impl fmt::Debug for Debugging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flags().fmt(f)
    }
}
