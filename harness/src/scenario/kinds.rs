//! The types of objects. What distinguishes them is said in attributes, as any user of a heap would say it.

use super::actions;
use super::state::Token;
use cyclade_core::{
    Between, Collector, Finalize, Gc, Heap, Locked, Mutator, Root, Slot, Trace, Weak, WeakRoot,
};

/// An edge to an object of any kind.
#[derive(Clone, Copy, Trace)]
pub(super) enum Any<'gc> {
    Node(Gc<'gc, Node<'gc>>),
    Fin(Gc<'gc, Fin<'gc>>),
    Legacy(Gc<'gc, Legacy<'gc>>),
    List(Gc<'gc, List<'gc>>),
    Dict(Gc<'gc, Dict<'gc>>),
    Tuple(Gc<'gc, Tuple<'gc>>),
    Atom(Gc<'gc, Atom>),
    WeakRef(Gc<'gc, WeakRef<'gc>>),
    Inst(Gc<'gc, Inst<'gc>>),
}

/// Eight numbered edges.
type Slots<'gc> = Locked<[Option<Any<'gc>>; 8]>;

#[derive(Trace)]
pub(super) struct Node<'gc> {
    token: Token,
    slots: Slots<'gc>,
}

#[derive(Trace)]
#[trace(finalize)]
pub(super) struct Fin<'gc> {
    token: Token,
    slots: Slots<'gc>,
}

#[derive(Trace)]
#[trace(finalize = "legacy")]
pub(super) struct Legacy<'gc> {
    token: Token,
    slots: Slots<'gc>,
}

#[derive(Trace)]
#[trace(visit = "reverse")]
pub(super) struct List<'gc> {
    token: Token,
    items: Locked<Vec<Any<'gc>>>,
}

#[derive(Trace)]
pub(super) struct Entry<'gc> {
    key: i64,
    value: Any<'gc>,
}

#[derive(Trace)]
#[trace(untrack = "container")]
pub(super) struct Dict<'gc> {
    token: Token,
    entries: Locked<Vec<Entry<'gc>>>,
}

#[derive(Trace)]
#[trace(visit = "reverse", untrack = "immutable", no_clear)]
pub(super) struct Tuple<'gc> {
    token: Token,
    items: Box<[Any<'gc>]>,
}

#[derive(Trace)]
pub(super) struct Atom {
    token: Token,
}

/// The target is no edge. The slot, where CPython's weak references have their callback, stays empty; it makes this an object that the
/// collector knows. The callback is the heap's (`Heap::watch`).
#[derive(Trace)]
#[trace(weakref)]
pub(super) struct WeakRef<'gc> {
    token: Token,
    target: Target<'gc>,
    _callback: Slot<'gc, Node<'gc>>,
}

/// What a weak reference refers to.
#[derive(Trace)]
pub(super) enum Target<'gc> {
    Node(Weak<'gc, Node<'gc>>),
    Fin(Weak<'gc, Fin<'gc>>),
    Legacy(Weak<'gc, Legacy<'gc>>),
    List(Weak<'gc, List<'gc>>),
    Dict(Weak<'gc, Dict<'gc>>),
    Tuple(Weak<'gc, Tuple<'gc>>),
    Atom(Weak<'gc, Atom>),
    WeakRef(Weak<'gc, WeakRef<'gc>>),
    Inst(Weak<'gc, Inst<'gc>>),
}

/// An instance; once materialised, its attributes are a second object, which holds the edges.
#[derive(Trace)]
pub(super) struct Inst<'gc> {
    token: Token,
    slots: Slots<'gc>,
    attributes: Slot<'gc, Attributes<'gc>>,
}

#[derive(Trace)]
pub(super) struct Attributes<'gc> {
    slots: Slots<'gc>,
}

impl Finalize for Fin<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        actions::finalize(Held::Fin(this.clone()), heap);
    }
}

impl Finalize for Legacy<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        actions::finalize(Held::Legacy(this.clone()), heap);
    }
}

macro_rules! kinds {
    ($($kind:ident, $static:ty);+ $(;)?) => {
        /// A root of any kind.
        pub(super) enum Held {
            $($kind(Root<$static>),)+
        }

        /// A weak reference to any kind.
        #[derive(Clone)]
        pub(super) enum HeldWeak {
            $($kind(WeakRoot<$static>),)+
        }

        impl<'gc> Any<'gc> {
            pub(super) fn root<C: Collector>(self, mc: &Mutator<'gc, C>) -> Held {
                match self {
                    $(Any::$kind(object) => Held::$kind(mc.root(object)),)+
                }
            }

            fn target<C: Collector>(self, mc: &Mutator<'gc, C>) -> Target<'gc> {
                match self {
                    $(Any::$kind(object) => Target::$kind(object.downgrade(mc)),)+
                }
            }

            pub(super) fn weak<C: Collector>(self, mc: &Mutator<'gc, C>) -> HeldWeak {
                match self {
                    $(Any::$kind(object) => HeldWeak::$kind(object.downgrade_root(mc)),)+
                }
            }

            /// The number that the file gives to the object.
            pub(super) fn number(self) -> u32 {
                match self {
                    $(Any::$kind(object) => object.token.number(),)+
                }
            }

            pub(super) fn address(self) -> cyclade_core::ObjectId {
                match self {
                    $(Any::$kind(object) => object.id(),)+
                }
            }
        }

        impl<'gc> Target<'gc> {
            fn upgrade<C: Collector>(&self, mc: &Mutator<'gc, C>) -> Option<Any<'gc>> {
                match self {
                    $(Target::$kind(weak) => weak.upgrade(mc).map(Any::$kind),)+
                }
            }
        }

        impl Held {
            pub(super) fn get<'gc, C: Collector>(&self, mc: &Mutator<'gc, C>) -> Any<'gc> {
                match self {
                    $(Held::$kind(root) => Any::$kind(root.get(mc)),)+
                }
            }
        }

        impl Clone for Held {
            fn clone(&self) -> Self {
                match self {
                    $(Held::$kind(root) => Held::$kind(root.clone()),)+
                }
            }
        }

        impl HeldWeak {
            pub(super) fn upgrade(&self) -> Option<Held> {
                match self {
                    $(HeldWeak::$kind(weak) => weak.upgrade().map(Held::$kind),)+
                }
            }

            pub(super) fn is_alive(&self) -> bool {
                match self {
                    $(HeldWeak::$kind(weak) => weak.is_alive(),)+
                }
            }

            /// Calls `callback` at the death of this, on behalf of the weak reference.
            pub(super) fn watch<C: Collector>(
                &self,
                heap: &mut Heap<C>,
                reference: &Root<WeakRef<'static>>,
                callback: impl FnOnce(&Root<WeakRef<'static>>, &mut Between<'_, C>) + 'static,
            ) -> bool {
                match self {
                    $(HeldWeak::$kind(weak) => heap.watch(reference, weak, callback),)+
                }
            }
        }
    };
}

kinds! {
    Node, Node<'static>;
    Fin, Fin<'static>;
    Legacy, Legacy<'static>;
    List, List<'static>;
    Dict, Dict<'static>;
    Tuple, Tuple<'static>;
    Atom, Atom;
    WeakRef, WeakRef<'static>;
    Inst, Inst<'static>;
}

fn slots<'gc>() -> Slots<'gc> {
    Locked::new([None; 8])
}

/// Makes an object.
pub(super) fn make<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    kind: &str,
    token: Token,
    items: Vec<Any<'gc>>,
) -> Any<'gc> {
    match kind {
        "fin" => Any::Fin(mc.alloc(Fin { token, slots: slots() })),
        "legacy" => Any::Legacy(mc.alloc(Legacy { token, slots: slots() })),
        "flist" => Any::List(mc.alloc(List { token, items: Locked::new(Vec::new()) })),
        "dict" => Any::Dict(mc.alloc(Dict { token, entries: Locked::new(Vec::new()) })),
        "tuple" => Any::Tuple(mc.alloc(Tuple { token, items: items.into() })),
        "atom" => Any::Atom(mc.alloc(Atom { token })),
        "weakref" => weak_reference(mc, token, None),
        "inst" => Any::Inst(mc.alloc(Inst { token, slots: slots(), attributes: Slot::empty() })),
        _ => Any::Node(mc.alloc(Node { token, slots: slots() })),
    }
}

/// Makes a weak reference.
pub(super) fn weak_reference<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    token: Token,
    target: Option<Any<'gc>>,
) -> Any<'gc> {
    let target = target.map_or(Target::Node(Weak::empty()), |target| target.target(mc));
    Any::WeakRef(mc.alloc(WeakRef { token, target, _callback: Slot::empty() }))
}

/// False if there is no such attribute.
fn set_attribute<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    instance: Gc<'gc, Inst<'gc>>,
    slot: i64,
    value: Option<Any<'gc>>,
) -> bool {
    let Some(slot) = index(slot) else { return false };
    match instance.attributes.get() {
        Some(attributes) => attributes.borrow_mut(mc, |o| &o.slots)[slot] = value,
        None => instance.borrow_mut(mc, |o| &o.slots)[slot] = value,
    }
    true
}

fn index(slot: i64) -> Option<usize> {
    usize::try_from(slot).ok().filter(|slot| *slot < 8)
}

impl<'gc> Any<'gc> {
    /// What this weak reference refers to, if it is one and is not dead.
    pub(super) fn dereference<C: Collector>(self, mc: &Mutator<'gc, C>) -> Option<Any<'gc>> {
        match self {
            Any::WeakRef(reference) => reference.as_ref().target.upgrade(mc),
            _ => None,
        }
    }

    /// What the slot refers to.
    pub(super) fn read<C: Collector>(self, mc: &Mutator<'gc, C>, slot: i64) -> Option<Any<'gc>> {
        match self {
            Any::Node(o) => o.slots.borrow(mc)[index(slot)?],
            Any::Fin(o) => o.slots.borrow(mc)[index(slot)?],
            Any::Legacy(o) => o.slots.borrow(mc)[index(slot)?],
            Any::Inst(o) => match o.attributes.get() {
                Some(attributes) => attributes.slots.borrow(mc)[index(slot)?],
                None => o.slots.borrow(mc)[index(slot)?],
            },
            Any::List(o) => o.items.borrow(mc).get(usize::try_from(slot).ok()?).copied(),
            Any::Tuple(o) => o.items.get(usize::try_from(slot).ok()?).copied(),
            Any::Dict(o) => {
                o.entries.borrow(mc).iter().find(|entry| entry.key == slot).map(|entry| entry.value)
            }
            Any::Atom(_) | Any::WeakRef(_) => None,
        }
    }

    /// Writes the slot; false if the kind has none of this number.
    pub(super) fn write<C: Collector>(self, mc: &Mutator<'gc, C>, slot: i64, value: Any<'gc>) -> bool {
        match self {
            Any::Node(o) => index(slot).map(|i| o.borrow_mut(mc, |o| &o.slots)[i] = Some(value)).is_some(),
            Any::Fin(o) => index(slot).map(|i| o.borrow_mut(mc, |o| &o.slots)[i] = Some(value)).is_some(),
            Any::Legacy(o) => index(slot).map(|i| o.borrow_mut(mc, |o| &o.slots)[i] = Some(value)).is_some(),
            Any::Inst(o) => set_attribute(mc, o, slot, Some(value)),
            Any::List(o) => {
                let Ok(slot) = usize::try_from(slot) else { return false };
                let mut items = o.borrow_mut(mc, |o| &o.items);
                match items.get_mut(slot) {
                    Some(item) => *item = value,
                    None => items.push(value),
                }
                true
            }
            Any::Dict(o) => {
                let mut entries = o.borrow_mut(mc, |o| &o.entries);
                match entries.iter_mut().find(|entry| entry.key == slot) {
                    Some(entry) => entry.value = value,
                    None => entries.push(Entry { key: slot, value }),
                }
                true
            }
            Any::Tuple(_) | Any::Atom(_) | Any::WeakRef(_) => false,
        }
    }

    /// Empties the slot, if there is anything in it; false if the kind cannot do that.
    pub(super) fn erase<C: Collector>(self, mc: &Mutator<'gc, C>, slot: i64) -> bool {
        match self {
            Any::Node(o) => index(slot).map(|i| o.borrow_mut(mc, |o| &o.slots)[i] = None).is_some(),
            Any::Fin(o) => index(slot).map(|i| o.borrow_mut(mc, |o| &o.slots)[i] = None).is_some(),
            Any::Legacy(o) => index(slot).map(|i| o.borrow_mut(mc, |o| &o.slots)[i] = None).is_some(),
            Any::Inst(o) => set_attribute(mc, o, slot, None),
            Any::List(o) => {
                let mut items = o.borrow_mut(mc, |o| &o.items);
                if let Some(slot) = usize::try_from(slot).ok().filter(|slot| *slot < items.len()) {
                    items.remove(slot);
                }
                true
            }
            Any::Dict(o) => {
                o.borrow_mut(mc, |o| &o.entries).retain(|entry| entry.key != slot);
                true
            }
            Any::Tuple(_) | Any::Atom(_) | Any::WeakRef(_) => false,
        }
    }

    /// Gives an instance its second object; false for other kinds.
    pub(super) fn materialise<C: Collector>(self, mc: &Mutator<'gc, C>) -> bool {
        let Any::Inst(o) = self else { return false };
        if o.attributes.get().is_none() {
            let attributes = mc.alloc(Attributes { slots: Locked::new(*o.slots.borrow(mc)) });
            o.set(mc, |o| &o.attributes, Some(attributes));
            *o.borrow_mut(mc, |o| &o.slots) = [None; 8];
        }
        true
    }
}
