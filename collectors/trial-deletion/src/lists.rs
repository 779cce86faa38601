//! The lists of tracked objects: the generations, and the few lists that hold objects for the duration of a collection.
//!
//! A list is an array in list order. An object that leaves, because it died or was untracked, leaves a gap; gaps at the end are
//! removed at once, others when they are half of the list, or when the list is collected.
//!
//! Where objects come and go often, an entry is a word. Generation 2 and the frozen objects, where most objects rest for most of their lives, are
//! packed ([`PackedList`]): half a byte for an object, if they lie in memory as they stand in the list.
//!
//! Invariants:
//! - **L1** Whenever user code may run, an object with home h and index i stands at index i (modulo [`INDEX_MODULUS`]) of list h and
//!   nowhere else, and every entry of a list is such an object.

use crate::place::{Home, INDEX_MODULUS, home, place, set_first_place, set_place};
use crate::{CellStack, Graph, Object, PackedList};
use std::cell::{Cell, RefCell};

/// One list that is not packed. Gaps are `None`.
#[derive(Debug, Default)]
struct List {
    entries: CellStack<Option<Object>>,
    gaps: Cell<usize>,
}

/// All lists of one heap.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Those of the packed ones stay empty.
    lists: [List; Home::COUNT],
    old: RefCell<PackedList>,
    frozen: RefCell<PackedList>,
    /// Has a list become half gaps?
    untidy: Cell<bool>,
}

/// Buffers of more entries than this are not kept from one full collection to the next, but that of the young ([`Lists::shrink`]).
pub(crate) const KEPT_BUFFER: usize = 1 << 16;

/// A list is not worth compacting for fewer gaps than this.
const FEW_GAPS: usize = 256;

/// Is more than half of a list of `len` entries gaps?
#[inline]
fn is_untidy(gaps: usize, len: usize) -> bool {
    gaps > FEW_GAPS && gaps * 2 > len
}

impl Lists {
    #[inline]
    fn list(&self, home: Home) -> &List {
        &self.lists[home as usize]
    }

    /// The list, if it is a packed one. Nobody holds a reference into it while anything else is called.
    #[inline]
    fn packed(&self, home: Home) -> Option<&RefCell<PackedList>> {
        match home {
            Home::Old => Some(&self.old),
            Home::Frozen => Some(&self.frozen),
            _ => None,
        }
    }

    /// Number of entries, gaps included: the index that the next object will get.
    #[inline]
    pub(crate) fn end(&self, home: Home) -> usize {
        match self.packed(home) {
            Some(packed) => packed.borrow().len(),
            None => self.list(home).entries.len(),
        }
    }

    /// Number of gaps.
    pub(crate) fn gaps(&self, home: Home) -> usize {
        match self.packed(home) {
            Some(packed) => packed.borrow().gaps(),
            None => self.list(home).gaps.get(),
        }
    }

    /// Number of objects.
    pub(crate) fn len(&self, home: Home) -> usize {
        self.end(home) - self.gaps(home)
    }

    /// The object at `index`, unless there is a gap.
    #[inline]
    pub(crate) fn get(&self, home: Home, index: usize) -> Option<Object> {
        match self.packed(home) {
            Some(packed) => packed.borrow().get(index),
            None => self.list(home).entries.get(index).flatten(),
        }
    }

    /// Puts an object that is in no list at the end of one.
    #[inline]
    pub(crate) fn push(&self, object: Object, home: Home) {
        if let Some(packed) = self.packed(home) {
            let mut packed = packed.borrow_mut();
            set_place(object, home, packed.len());
            return packed.push(object);
        }
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
        self.vacate(object, home, hint);
    }

    /// As [`remove`](Self::remove), of an object that is at its end: it keeps saying that it stands at `hint` of list `home`, where it does.
    #[inline]
    pub(crate) fn vacate(&self, object: Object, home: Home, hint: usize) {
        if let Some(packed) = self.packed(home) {
            return self.remove_packed(object, home, hint, &mut packed.borrow_mut());
        }
        let list = self.list(home);
        let index =
            index_of(object, home, hint, list.entries.len(), |index| list.entries.get(index).flatten());
        if index + 1 == list.entries.len() && Self::may_shrink(home) {
            list.entries.pop();
            while list.gaps.get() > 0 && list.entries.get(list.entries.len() - 1) == Some(None) {
                list.entries.pop();
                list.gaps.set(list.gaps.get() - 1);
            }
        } else {
            list.entries.set(index, None);
            list.gaps.set(list.gaps.get() + 1);
            if is_untidy(list.gaps.get(), list.entries.len()) {
                self.untidy.set(true);
            }
        }
    }

    #[inline(never)]
    fn remove_packed(&self, object: Object, home: Home, hint: usize, packed: &mut PackedList) {
        let index = index_of(object, home, hint, packed.len(), |index| packed.get(index));
        packed.take_out(index);
        if index + 1 == packed.len() {
            packed.trim();
        } else if is_untidy(packed.gaps(), packed.len()) {
            self.untidy.set(true);
        }
    }

    /// The others are walked by index while objects leave them.
    fn may_shrink(home: Home) -> bool {
        !matches!(home, Home::Doomed | Home::Uncollectable | Home::Waiting)
    }

    /// Takes an object out of its list and puts it at the end of another.
    pub(crate) fn relocate(&self, object: Object, to: Home) {
        self.remove(object);
        self.push(object, to);
    }

    /// Takes the object at `index` of list `from`, where it leaves a gap, and puts it at the end of list `to`.
    #[inline]
    pub(crate) fn pass_on(&self, from: Home, index: usize, to: Home) {
        debug_assert!(self.packed(from).is_none());
        let list = self.list(from);
        if let Some(object) = list.entries.get(index).flatten() {
            list.entries.set(index, None);
            list.gaps.set(list.gaps.get() + 1);
            self.push(object, to);
        }
    }

    /// Drops the entries from index `end` on, whose objects stand elsewhere now.
    pub(crate) fn cut(&self, home: Home, end: usize) {
        if let Some(packed) = self.packed(home) {
            return packed.borrow_mut().truncate(end);
        }
        let list = self.list(home);
        while list.entries.len() > end {
            if list.entries.pop() == Some(None) {
                list.gaps.set(list.gaps.get() - 1);
            }
        }
    }

    /// Leaves gaps where `wanted` is false, and does not touch the objects there: they are about to be freed.
    pub(crate) fn keep(&self, home: Home, wanted: impl Fn(Object) -> bool) {
        self.untidy.set(true);
        if let Some(packed) = self.packed(home) {
            let mut packed = packed.borrow_mut();
            packed.keep(wanted);
            return packed.trim();
        }
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
    }

    /// Empties a list whose objects are about to be freed, or listed anew.
    pub(crate) fn clear(&self, home: Home) {
        match self.packed(home) {
            Some(packed) => drop(packed.take()),
            None => {
                let list = self.list(home);
                list.entries.clear();
                list.gaps.set(0);
            }
        }
    }

    /// Takes a list's content, gaps included. Until the objects are put somewhere, L1 does not hold.
    pub(crate) fn take(&self, home: Home) -> Vec<Option<Object>> {
        if let Some(packed) = self.packed(home) {
            let packed = packed.take();
            return (0..packed.len()).map(|index| packed.get(index)).collect();
        }
        let list = self.list(home);
        list.gaps.set(0);
        list.entries.take()
    }

    /// Puts all objects of list `from` at the end of list `to`, in order.
    pub(crate) fn append(&self, from: Home, to: Home) {
        let mut content = self.take(from);
        let objects = content.drain(..).flatten();
        match self.packed(to) {
            Some(packed) => {
                let mut packed = packed.borrow_mut();
                let first = packed.len();
                for (object, index) in objects.zip(first..) {
                    set_place(object, to, index);
                    packed.push(object);
                }
            }
            None => objects.for_each(|object| self.push(object, to)),
        }
        if self.packed(from).is_none() {
            self.list(from).entries.append(content);
        }
    }

    /// Gives the memory of buffers back that have room for more than is kept in any case; but that of the young, to which everything is born,
    /// keeps `room` entries (asked only if it matters).
    pub(crate) fn shrink(&self, room: impl Fn() -> usize) {
        for (home, list) in self.lists.iter().enumerate() {
            if list.entries.capacity() > KEPT_BUFFER {
                let kept = if home == Home::Young as usize { room() } else { 0 };
                list.entries.shrink_to(kept.max(KEPT_BUFFER));
            }
        }
    }

    /// Gives an empty list a buffer to grow into, unless that is too much to lie idle.
    pub(crate) fn reuse(&self, home: Home, mut buffer: Vec<Option<Object>>) {
        if buffer.capacity() <= KEPT_BUFFER && self.packed(home).is_none() {
            buffer.clear();
            self.list(home).entries.append(buffer);
        }
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
            if is_untidy(self.gaps(home), self.end(home)) {
                match self.packed(home) {
                    Some(packed) => {
                        let before = packed.take();
                        before.iter().for_each(|object| self.push(object, home));
                    }
                    None => {
                        let content = self.take(home);
                        content.into_iter().flatten().for_each(|object| self.push(object, home));
                    }
                }
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
        for list in Home::lists() {
            let entries = || (0..self.end(list)).map(|at| (at, self.get(list, at)));
            let gaps = entries().filter(|(_, entry)| entry.is_none()).count();
            assert!(gaps == self.gaps(list), "list {list:?} has {gaps} gaps and counts {}", self.gaps(list));
            for (at, object) in entries().filter_map(|(at, entry)| Some((at, entry?))) {
                let (home, index) = place(object);
                assert!(
                    home == list && index == at % INDEX_MODULUS,
                    "L1: {object:?} stands at {at} of list {list:?} and says {index} of {home:?}"
                );
                // What has been emptied does not exist for the graph.
                listed += usize::from(home != Home::Cleared);
            }
        }
        let mut homed = 0;
        graph.objects(|object| homed += usize::from(home(object) != Home::Untracked));
        assert!(listed == homed, "L1: {listed} objects are listed, and {homed} say that they are");
    }
}

/// Where `object` stands, whose index has the remainder `hint`.
#[inline]
fn index_of(
    object: Object,
    home: Home,
    hint: usize,
    end: usize,
    get: impl Fn(usize) -> Option<Object>,
) -> usize {
    let mut index = hint;
    while get(index) != Some(object) {
        index += INDEX_MODULUS;
        assert!(index < end, "L1: {object:?} is not in the list {home:?} that it says it is in");
    }
    index
}

#[cfg(test)]
mod tests {
    use super::{Home, KEPT_BUFFER};
    use crate::{Config, Heap, Options, Root, Slot, Trace};

    #[derive(Trace)]
    struct Node<'gc> {
        itself: Slot<'gc, Node<'gc>>,
        _payload: [u64; 2],
    }

    /// So many that refer to themselves.
    fn nodes(count: usize) -> (Heap, Vec<Root<Node<'static>>>) {
        let collector = Options { automatic: false, ..Options::default() };
        let mut heap = Heap::new(Config { collector, ..Config::default() });
        let node = |_| {
            heap.mutate(|mc| {
                let node = mc.alloc(Node { itself: Slot::empty(), _payload: [0; 2] });
                node.set(mc, |n| &n.itself, Some(node));
                mc.root(node)
            })
        };
        let roots = (0..count).map(node).collect();
        (heap, roots)
    }

    fn room(heap: &Heap) -> usize {
        heap.collector().lists.list(Home::Young).entries.capacity()
    }

    /// Room for so many objects has generation 0 after a full collection, if `count` were made, and those that are not `wanted` died by it.
    fn room_after(count: usize, wanted: impl Fn(usize) -> bool) -> usize {
        let (mut heap, mut roots) = nodes(count);
        let mut number = 0..;
        roots.retain(|_| number.next().is_some_and(&wanted));
        assert_eq!(heap.collect().freed, count - roots.len());
        room(&heap)
    }

    #[test]
    fn generation_0_keeps_as_much_room_as_there_are_holes() {
        let count = 4 * KEPT_BUFFER;
        assert_eq!(room_after(count, |_| true), KEPT_BUFFER);
        // By two ways: most of what is in the lists stays, or few of it.
        for alive_of_ten in [5, 1] {
            let holes = room_after(count, |i| i % 10 < alive_of_ten);
            let dead = count / 10 * (10 - alive_of_ten);
            assert!((dead..2 * dead).contains(&holes), "room for {holes} objects");
        }
    }

    #[test]
    fn no_room_is_kept_for_what_has_been_frozen() {
        let (heap, roots) = nodes(4 * KEPT_BUFFER);
        heap.collector().freeze();
        assert_eq!((heap.collector().freeze_count(), room(&heap)), (roots.len(), KEPT_BUFFER));
    }
}
