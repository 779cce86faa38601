//! The lists of tracked objects: the generations, and the few lists that hold objects for the duration of a collection.
//!
//! A list is an array in list order. An object that leaves, because it died or was untracked, leaves a gap; gaps at the end are
//! removed at once, others when they are half of the list, or when the list is collected.
//!
//! Invariants:
//! - **L1** Whenever user code may run, an object with home h and index i stands at index i (modulo [`INDEX_MODULUS`]) of list h and
//!   nowhere else, and every entry of a list is such an object.

use crate::place::{Home, INDEX_MODULUS, home, place, set_first_place, set_place};
use crate::{CellStack, Graph, Object};
use std::cell::Cell;

/// One list. Gaps are `None`.
#[derive(Debug, Default)]
struct List {
    entries: CellStack<Option<Object>>,
    gaps: Cell<usize>,
}

impl List {
    #[inline]
    fn is_untidy(&self) -> bool {
        self.gaps.get() > FEW_GAPS && self.gaps.get() * 2 > self.entries.len()
    }
}

/// All lists of one heap.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    lists: [List; Home::COUNT],
    /// Has a list become half gaps?
    untidy: Cell<bool>,
}

/// A list is not worth compacting for fewer gaps than this.
const FEW_GAPS: usize = 256;

impl Lists {
    #[inline]
    fn list(&self, home: Home) -> &List {
        &self.lists[home as usize]
    }

    /// Number of entries, gaps included: the index that the next object will get.
    #[inline]
    pub(crate) fn end(&self, home: Home) -> usize {
        self.list(home).entries.len()
    }

    /// Number of objects.
    pub(crate) fn len(&self, home: Home) -> usize {
        self.end(home) - self.list(home).gaps.get()
    }

    /// The object at `index`, unless there is a gap.
    #[inline]
    pub(crate) fn get(&self, home: Home, index: usize) -> Option<Object> {
        self.list(home).entries.get(index).flatten()
    }

    /// Puts an object that is in no list at the end of one.
    #[inline]
    pub(crate) fn push(&self, object: Object, home: Home) {
        let entries = &self.list(home).entries;
        set_place(object, home, entries.len());
        entries.push(Some(object));
    }

    /// Puts a newborn, to which nothing refers yet, at the end of generation 0.
    #[inline]
    pub(crate) fn push_newborn(&self, object: Object) {
        let entries = &self.list(Home::Young).entries;
        set_first_place(object, Home::Young, entries.len());
        entries.push(Some(object));
    }

    /// Takes an object out of its list, whichever it is.
    #[inline]
    pub(crate) fn remove(&self, object: Object) {
        let (home, hint) = place(object);
        if home == Home::Untracked {
            return;
        }
        set_place(object, Home::Untracked, 0);
        let list = self.list(home);
        let index = self.index_of(object, home, hint);
        if index + 1 == list.entries.len() && Self::may_shrink(home) {
            list.entries.pop();
            while list.gaps.get() > 0 && list.entries.get(list.entries.len() - 1) == Some(None) {
                list.entries.pop();
                list.gaps.set(list.gaps.get() - 1);
            }
        } else {
            list.entries.set(index, None);
            list.gaps.set(list.gaps.get() + 1);
            if list.is_untidy() {
                self.untidy.set(true);
            }
        }
    }

    /// The others are walked by index while objects leave them.
    fn may_shrink(home: Home) -> bool {
        !matches!(home, Home::Doomed | Home::Uncollectable | Home::Waiting)
    }

    #[inline]
    fn index_of(&self, object: Object, home: Home, hint: usize) -> usize {
        let entries = &self.list(home).entries;
        let mut index = hint;
        while entries.get(index) != Some(Some(object)) {
            index += INDEX_MODULUS;
            assert!(
                index < entries.len(),
                "L1: {object:?} is not in the list {home:?} that it says it is in"
            );
        }
        index
    }

    /// Takes an object out of its list and puts it at the end of another.
    pub(crate) fn relocate(&self, object: Object, to: Home) {
        self.remove(object);
        self.push(object, to);
    }

    /// Drops the entries from index `end` on, whose objects stand elsewhere now.
    pub(crate) fn cut(&self, home: Home, end: usize) {
        let list = self.list(home);
        while list.entries.len() > end {
            if list.entries.pop() == Some(None) {
                list.gaps.set(list.gaps.get() - 1);
            }
        }
    }

    /// Leaves gaps where `wanted` is false, and does not touch the objects there: they are about to be freed.
    pub(crate) fn keep(&self, home: Home, wanted: impl Fn(Object) -> bool) {
        let list = self.list(home);
        for index in 0..list.entries.len() {
            if list.entries.get(index).flatten().is_some_and(|object| !wanted(object)) {
                list.entries.set(index, None);
                list.gaps.set(list.gaps.get() + 1);
            }
        }
        while !list.entries.is_empty() && list.entries.get(list.entries.len() - 1) == Some(None) {
            list.entries.pop();
            list.gaps.set(list.gaps.get() - 1);
        }
        self.untidy.set(true);
    }

    /// Takes a list's content, gaps included. Until the objects are put somewhere, L1 does not hold.
    pub(crate) fn take(&self, home: Home) -> Vec<Option<Object>> {
        let list = self.list(home);
        list.gaps.set(0);
        list.entries.take()
    }

    /// Puts objects whose places have been set already at the end of a list.
    pub(crate) fn put(&self, home: Home, objects: Vec<Option<Object>>) {
        self.list(home).entries.append(objects);
    }

    /// As above, one by one.
    pub(crate) fn put_each(&self, home: Home, objects: impl Iterator<Item = Option<Object>>) {
        objects.for_each(|object| self.list(home).entries.push(object));
    }

    /// Puts all objects of list `from` at the end of list `to`, in order.
    pub(crate) fn append(&self, from: Home, to: Home) {
        for object in self.take(from).into_iter().flatten() {
            self.push(object, to);
        }
    }

    /// Gives an empty list a buffer to grow into.
    pub(crate) fn reuse(&self, home: Home, mut buffer: Vec<Option<Object>>) {
        buffer.clear();
        self.list(home).entries.append(buffer);
    }

    /// Is there a list of which half is gaps, perhaps?
    #[inline]
    pub(crate) fn are_untidy(&self) -> bool {
        self.untidy.get()
    }

    /// Removes the gaps of the lists that are half gaps, and tells of generation 0. Not while anybody walks one of the generations by index.
    #[cold]
    #[inline(never)]
    pub(crate) fn tidy(&self, young_has_moved: impl Fn()) {
        self.untidy.set(false);
        for home in Home::GENERATIONS {
            let list = self.list(home);
            if list.is_untidy() {
                let content = self.take(home);
                self.reuse(home, Vec::with_capacity(content.len() / 2));
                content.into_iter().flatten().for_each(|object| self.push(object, home));
                if home == Home::Young {
                    young_has_moved();
                }
            }
        }
    }

    /// The objects of a list, in order.
    pub(crate) fn objects(&self, home: Home) -> impl Iterator<Item = Object> + '_ {
        (0..self.end(home)).filter_map(move |i| self.get(home, i))
    }

    /// Checks L1.
    pub(crate) fn check(&self, graph: &Graph) {
        let mut listed = 0;
        for (i, list) in self.lists.iter().enumerate() {
            let gaps = (0..list.entries.len()).filter(|&at| list.entries.get(at) == Some(None)).count();
            assert!(gaps == list.gaps.get(), "list {i} has {gaps} gaps and counts {}", list.gaps.get());
            for at in 0..list.entries.len() {
                if let Some(object) = list.entries.get(at).flatten() {
                    let (home, index) = place(object);
                    assert!(
                        home as usize == i && index == at % INDEX_MODULUS,
                        "L1: {object:?} stands at {at} of list {i} and says {index} of {home:?}"
                    );
                    // What has been emptied does not exist for the graph.
                    listed += usize::from(home != Home::Cleared);
                }
            }
        }
        let mut homed = 0;
        graph.objects(|object| homed += usize::from(home(object) != Home::Untracked));
        assert!(listed == homed, "L1: {listed} objects are listed, and {homed} say that they are");
    }
}
