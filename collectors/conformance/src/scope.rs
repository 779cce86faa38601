//! A scope of a [`World`](crate::world::World): every operation on the heap, done on the model as well.

use crate::witness::Token;
use crate::world::{Book, Handle};
use cyclade_core::{
    Collector, Gc, GcMap, GcVec, Locked, Mutator, ObjectId, Slot, Trace, TraceObject, Weak, alloc_dyn,
    managed_dyn,
};

/// An object with one field of every kind that can hold an edge.
#[derive(Debug, Trace)]
pub struct Node<'gc> {
    /// Which thing of the model it is.
    pub number: usize,
    /// An edge that may change.
    pub slot: Slot<'gc, Node<'gc>>,
    /// An edge that never changes.
    pub fixed: Option<Gc<'gc, Node<'gc>>>,
    /// A list of edges.
    pub list: GcVec<'gc, Node<'gc>>,
    /// A map to edges.
    pub map: GcMap<'gc, u8, Node<'gc>>,
    /// Edges in a shape of the user's.
    pub locked: Locked<Vec<Gc<'gc, Node<'gc>>>>,
    /// Edges that do not lie in the object itself.
    pub boxed: Box<[Slot<'gc, Node<'gc>>]>,
    /// No edge.
    pub weak: Weak<'gc, Node<'gc>>,
    /// An edge to a slice.
    pub row: Slot<'gc, [Cell<'gc>]>,
    /// An edge to a string.
    pub text: Slot<'gc, str>,
    /// An edge to a trait object.
    pub figure: Slot<'gc, dyn Figure<'gc> + 'gc>,
    _token: Token,
}

/// An element of a slice object.
#[derive(Debug, Trace)]
pub struct Cell<'gc> {
    /// An edge that may change.
    pub slot: Slot<'gc, Node<'gc>>,
    _token: Option<Token>,
}

/// A trait whose objects live in the heap.
pub trait Figure<'gc>: TraceObject {
    /// The edge of the figure.
    fn edge(&self) -> &Slot<'gc, Node<'gc>>;
}
managed_dyn!(Figure<'gc>);

#[derive(Debug, Trace)]
struct Square<'gc> {
    edge: Slot<'gc, Node<'gc>>,
    _token: Token,
}

impl<'gc> Figure<'gc> for Square<'gc> {
    fn edge(&self) -> &Slot<'gc, Node<'gc>> {
        &self.edge
    }
}

/// A scope of a world. Nodes are chosen by the index of a root handle, modulo their number.
#[derive(Debug)]
pub struct Scope<'a, 'gc, C: Collector> {
    /// The heap's side.
    pub mc: &'gc Mutator<'gc, C>,
    /// The other side.
    pub book: &'a mut Book,
}

impl<'gc, C: Collector> Scope<'_, 'gc, C> {
    fn register(&mut self, id: ObjectId, serial: Option<usize>) -> usize {
        self.book.ids.push(id);
        self.book.serials.push(serial);
        self.book.model.add()
    }

    /// Allocates a node, with an unchanging edge to another one, and roots it. Returns its number.
    pub fn add(&mut self, fixed: Option<usize>) -> usize {
        let fixed = fixed.and_then(|index| self.node(index));
        let token = self.book.witness.token();
        let (serial, number) = (token.serial(), self.book.model.len());
        let node = self.mc.alloc(Node {
            number,
            slot: Slot::empty(),
            fixed,
            list: GcVec::new(),
            map: GcMap::new(),
            locked: Locked::default(),
            boxed: [Slot::empty(), Slot::empty()].into(),
            weak: Weak::empty(),
            row: Slot::empty(),
            text: Slot::empty(),
            figure: Slot::empty(),
            _token: token,
        });
        let thing = self.register(node.id(), Some(serial));
        if let Some(target) = fixed {
            self.book.model.link(thing, target.number);
        }
        self.book.model.root(thing);
        self.book.handles.push(Handle { root: self.mc.root(node), thing });
        thing
    }

    /// The node of handle `index`.
    #[must_use]
    pub fn node(&self, index: usize) -> Option<Gc<'gc, Node<'gc>>> {
        self.book.handle(index).map(|handle| handle.root.get(self.mc))
    }

    /// The node that is this thing, found by its handle.
    ///
    /// # Panics
    /// If it has none.
    #[must_use]
    pub fn rooted(&self, thing: usize) -> Gc<'gc, Node<'gc>> {
        let handle = self.book.handles.iter().find(|handle| handle.thing == thing);
        handle.expect("this thing has no root").root.get(self.mc)
    }

    /// The model's part of a changed edge.
    fn relink(&mut self, from: usize, old: Option<usize>, new: Option<usize>) {
        if let Some(new) = new {
            self.book.model.link(from, new);
        }
        if let Some(old) = old {
            self.book.model.unlink(from, old);
        }
    }

    /// Writes the edge of `owner` that `slot` chooses.
    pub fn set(
        &mut self,
        owner: Gc<'gc, Node<'gc>>,
        slot: impl Fn(&'gc Node<'gc>) -> &'gc Slot<'gc, Node<'gc>>,
        target: Option<Gc<'gc, Node<'gc>>>,
    ) {
        let old = slot(owner.as_ref()).get().map(|node| node.number);
        owner.set(self.mc, slot, target);
        self.relink(owner.number, old, target.map(|node| node.number));
    }

    /// Appends an edge to the list of `owner`.
    pub fn push(&mut self, owner: Gc<'gc, Node<'gc>>, target: Gc<'gc, Node<'gc>>) {
        owner.edit(self.mc, |n| &n.list).push(target);
        self.relink(owner.number, None, Some(target.number));
    }

    /// Removes the last edge of the list.
    pub fn pop(&mut self, owner: Gc<'gc, Node<'gc>>) {
        if let Some(old) = owner.edit(self.mc, |n| &n.list).pop() {
            self.relink(owner.number, Some(old.number), None);
        }
    }

    /// Removes an edge of the list, or replaces it.
    pub fn change(&mut self, owner: Gc<'gc, Node<'gc>>, index: usize, target: Option<Gc<'gc, Node<'gc>>>) {
        let Some(index) = index.checked_rem(owner.list.len()) else { return };
        let old = owner.list.get(index).map(|node| node.number);
        match target {
            Some(target) => owner.edit(self.mc, |n| &n.list).set(index, target),
            None => assert_eq!(Some(owner.edit(self.mc, |n| &n.list).swap_remove(index).number), old),
        }
        self.relink(owner.number, old, target.map(|node| node.number));
    }

    /// Puts an entry into the map, or removes it.
    pub fn map(&mut self, owner: Gc<'gc, Node<'gc>>, key: u8, target: Option<Gc<'gc, Node<'gc>>>) {
        let old = match target {
            Some(target) => owner.edit(self.mc, |n| &n.map).insert(key, target),
            None => owner.edit(self.mc, |n| &n.map).remove(&key),
        };
        self.relink(owner.number, old.map(|node| node.number), target.map(|node| node.number));
        assert_eq!(owner.map.get(&key), target);
    }

    /// Pushes to the locked vector, or pops from it.
    pub fn lock(&mut self, owner: Gc<'gc, Node<'gc>>, target: Option<Gc<'gc, Node<'gc>>>) {
        let mut locked = owner.borrow_mut(self.mc, |n| &n.locked);
        let old = match target {
            Some(target) => {
                locked.push(target);
                None
            }
            None => locked.pop(),
        };
        drop(locked);
        self.relink(owner.number, old.map(|node| node.number), target.map(|node| node.number));
    }

    /// Removes every edge of the collections of `owner`.
    pub fn clear(&mut self, owner: Gc<'gc, Node<'gc>>) {
        let locked = std::mem::take(&mut *owner.borrow_mut(self.mc, |n| &n.locked));
        let old = owner.list.iter().chain(owner.map.values()).chain(locked);
        let old: Vec<usize> = old.map(|node| node.number).collect();
        owner.edit(self.mc, |n| &n.list).clear();
        owner.edit(self.mc, |n| &n.map).clear();
        for target in old {
            self.relink(owner.number, Some(target), None);
        }
    }

    /// Makes the weak reference of `owner` refer to `target`.
    pub fn weaken(&mut self, owner: Gc<'gc, Node<'gc>>, target: Option<Gc<'gc, Node<'gc>>>) {
        owner.set_weak(self.mc, |n| &n.weak, target);
        match target {
            Some(target) => self.book.weak.insert(owner.number, target.number),
            None => self.book.weak.remove(&owner.number),
        };
    }

    /// Upgrades the weak reference of `owner` and roots what comes out. Inside a scope nothing dies, so the answer is as
    /// it was at the last safepoint.
    pub fn upgrade(&mut self, owner: Gc<'gc, Node<'gc>>) {
        let target = self.book.weak.get(&owner.number).copied();
        let expected = target.filter(|&thing| !self.book.model.is_gone(thing));
        let found = owner.weak.upgrade(self.mc);
        assert_eq!(found.map(|node| node.number), expected, "the weak reference of thing {}", owner.number);
        if let Some(node) = found {
            self.book.model.root(node.number);
            self.book.handles.push(Handle { root: self.mc.root(node), thing: node.number });
        }
    }

    /// Makes a new slice object whose elements refer to `target`, the row of `owner`.
    pub fn make_row(&mut self, owner: Gc<'gc, Node<'gc>>, len: usize, target: Gc<'gc, Node<'gc>>) {
        let token = self.book.witness.token();
        let serial = token.serial();
        let first = Cell { slot: Slot::to(target), _token: Some(token) };
        let rest = (0..len).map(|_| Cell { slot: Slot::to(target), _token: None });
        let row = self.mc.alloc_slice(std::iter::once(first).chain(rest));
        assert_eq!(row.len(), len + 1);
        let thing = self.register(row.id(), Some(serial));
        for _ in 0..row.len() {
            self.book.model.link(thing, target.number);
        }
        let old = owner.take(self.mc, |n| &n.row).map(|row| row.id());
        self.unlink_satellite(owner.number, old);
        owner.set(self.mc, |n| &n.row, Some(row));
        self.book.model.link(owner.number, thing);
    }

    /// Writes an element of the row of `owner`.
    pub fn set_in_row(
        &mut self,
        owner: Gc<'gc, Node<'gc>>,
        index: usize,
        target: Option<Gc<'gc, Node<'gc>>>,
    ) {
        let Some(row) = owner.row.get() else { return };
        let thing = self.thing_at(row.id());
        let old = row[index % row.len()].slot.get().map(|node| node.number);
        row.set(self.mc, |row| &row[index % row.len()].slot, target);
        self.relink(thing, old, target.map(|node| node.number));
    }

    /// Makes a new string, the text of `owner`.
    pub fn make_text(&mut self, owner: Gc<'gc, Node<'gc>>, len: usize) {
        let content = "x".repeat(len);
        let text = self.mc.alloc_str(&content);
        assert_eq!(&*text, content);
        let thing = self.register(text.id(), None);
        let old = owner.take(self.mc, |n| &n.text).map(|text| text.id());
        self.unlink_satellite(owner.number, old);
        owner.set(self.mc, |n| &n.text, Some(text));
        self.book.model.link(owner.number, thing);
    }

    /// Makes a new trait object with an edge to `target`, the figure of `owner`.
    pub fn make_figure(&mut self, owner: Gc<'gc, Node<'gc>>, target: Gc<'gc, Node<'gc>>) {
        let token = self.book.witness.token();
        let serial = token.serial();
        let square = Square { edge: Slot::to(target), _token: token };
        let figure = alloc_dyn!(self.mc, square => Figure<'_>);
        assert_eq!(figure.edge().get(), Some(target));
        let thing = self.register(figure.id(), Some(serial));
        self.book.model.link(thing, target.number);
        let old = owner.take(self.mc, |n| &n.figure).map(|figure| figure.id());
        self.unlink_satellite(owner.number, old);
        owner.set(self.mc, |n| &n.figure, Some(figure));
        self.book.model.link(owner.number, thing);
    }

    /// The youngest thing at this address: the one that exists, since somebody has an edge to it.
    fn thing_at(&self, id: ObjectId) -> usize {
        self.book.ids.iter().rposition(|&other| other == id).expect("an object that the world has made")
    }

    fn unlink_satellite(&mut self, owner: usize, old: Option<ObjectId>) {
        if let Some(old) = old {
            let thing = self.thing_at(old);
            self.book.model.unlink(owner, thing);
        }
    }

    /// Clones a handle inside the scope.
    pub fn clone_root(&mut self, index: usize) {
        self.book.clone_root(index);
    }

    /// Drops a handle inside the scope: it acts when the scope ends.
    pub fn drop_root(&mut self, index: usize) {
        self.book.drop_root(index);
    }

    /// Roots the node that `owner` refers to in its `choice`-th way.
    pub fn step(&mut self, owner: Gc<'gc, Node<'gc>>, choice: usize) {
        let target = match choice % 5 {
            0 => owner.slot.get(),
            1 => owner.fixed,
            2 => owner.list.get(choice / 5 % owner.list.len().max(1)),
            3 => owner.boxed[choice / 5 % 2].get(),
            _ => owner.locked.borrow(self.mc).first().copied(),
        };
        if let Some(target) = target {
            self.book.model.root(target.number);
            self.book.handles.push(Handle { root: self.mc.root(target), thing: target.number });
        }
    }
}
