//! `GcMap`: a map from payload keys to edges.

use crate::brand::{Branded, Managed, Referent, ReferentIn};
use crate::collector::Collector;
use crate::edge_buffer::EdgeBuffer;
use crate::edges::Edges;
use crate::error::AllocError;
use crate::gc::{Gc, Invariant};
use crate::gc_vec::Edit;
use crate::mutator::Mutator;
use crate::object::Object;
use crate::trace::{Trace, Tracer};
use indexmap::set::MutableValues;
use indexmap::{Equivalent, IndexSet};
use std::cell::RefCell;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

/// A map from keys without edges to edges, in an object. Keeps the order of insertion until something is removed.
///
/// Read by [`get`](Self::get), [`len`](Self::len) and [`iter`](Self::iter); changed through the owner:
/// `owner.edit(mc, |n| &n.map).insert(key, x)`. The keys are the owner's thread's alone; the values lie in an array like a
/// `GcVec`'s, the only part that a marker reads.
pub struct GcMap<'gc, K: 'static, T: ?Sized> {
    /// Key number i belongs to value number i. Borrowed only while a key is hashed, compared, cloned or shown, which is user code: if that
    /// comes back to change the same map, the borrow panics. No key is dropped meanwhile.
    keys: RefCell<IndexSet<K>>,
    values: EdgeBuffer,
    _brand: Invariant<'gc>,
    _type: PhantomData<*mut T>,
}

impl<'gc, K: 'static, T: ?Sized> GcMap<'gc, K, T> {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        GcMap { keys: RefCell::default(), values: EdgeBuffer::new(), _brand: PhantomData, _type: PhantomData }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Is the map empty?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values, in the order of the keys.
    pub fn values(&self) -> impl Iterator<Item = Gc<'gc, T>> + '_ {
        (0..).map_while(|i| self.values.get(i).map(Gc::new))
    }

    /// Calls `visit` with every key and its value. The map cannot be changed meanwhile.
    pub fn for_each(&self, mut visit: impl FnMut(&K, Gc<'gc, T>)) {
        for (i, key) in self.keys.borrow().iter().enumerate() {
            if let Some(value) = self.values.get(i) {
                visit(key, Gc::new(value));
            }
        }
    }

    /// The entries, keys cloned.
    pub fn iter(&self) -> impl Iterator<Item = (K, Gc<'gc, T>)> + '_
    where
        K: Clone,
    {
        (0..).map_while(|i| {
            let key = self.keys.borrow().get_index(i).cloned()?;
            self.values.get(i).map(|value| (key, Gc::new(value)))
        })
    }
}

impl<'gc, K: Hash + Eq + 'static, T: ?Sized> GcMap<'gc, K, T> {
    /// The value of `key`.
    #[must_use]
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<Gc<'gc, T>> {
        let index = self.keys.borrow().get_index_of(key)?;
        self.values.get(index).map(Gc::new)
    }

    /// Is there an entry for `key`?
    #[must_use]
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.get(key).is_some()
    }
}

impl<K: 'static, T: ?Sized> Default for GcMap<'_, K, T> {
    fn default() -> Self {
        GcMap::new()
    }
}

impl<K: fmt::Debug + 'static, T: ?Sized> fmt::Debug for GcMap<'_, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        self.for_each(|key, value| {
            map.entry(key, &value);
        });
        map.finish()
    }
}

// SAFETY: the buffer passes every value; keys are payload.
unsafe impl<K: 'static, T: ?Sized> Trace for GcMap<'_, K, T> {
    const EDGES: Edges = Edges::BUFFER;
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.values.trace(tracer);
    }
}

impl<K: 'static, T: Referent + ?Sized> Managed for GcMap<'static, K, T> {
    type At<'gc> = GcMap<'gc, K, T::In<'gc>>;
}

impl<'gc, K: 'static, T: ReferentIn<'gc> + ?Sized> Branded<'gc> for GcMap<'gc, K, T> {
    type Static = GcMap<'static, K, T::Out>;
}

impl<'gc, K: 'static, T: ?Sized> Edit<'gc> for GcMap<'gc, K, T> {
    type Editor<'a, C: Collector>
        = MapEditor<'a, 'gc, K, T, C>
    where
        Self: 'a,
        'gc: 'a;

    #[inline]
    fn address(&self) -> usize {
        self.values.address()
    }

    fn editor<'a, C: Collector>(
        &'a self,
        mc: &'a Mutator<'gc, C>,
        owner: Object,
    ) -> MapEditor<'a, 'gc, K, T, C> {
        MapEditor { map: self, mc, owner }
    }
}

/// Changes a [`GcMap`]; every removal and every addition is a write that the collector hears of.
pub struct MapEditor<'a, 'gc, K: 'static, T: ?Sized, C: Collector> {
    map: &'a GcMap<'gc, K, T>,
    mc: &'a Mutator<'gc, C>,
    owner: Object,
}

impl<'gc, K: Hash + Eq + 'static, T: ?Sized, C: Collector> MapEditor<'_, 'gc, K, T, C> {
    /// Puts `value` at `key`; returns what was there.
    ///
    /// # Panics
    /// At the heap limit; see [`try_insert`](Self::try_insert).
    #[track_caller]
    pub fn insert(&mut self, key: K, value: Gc<'gc, T>) -> Option<Gc<'gc, T>> {
        match self.try_insert(key, value) {
            Ok(old) => old,
            Err(error) => panic!("{error}"),
        }
    }

    /// Puts `value` at `key`; returns what was there. Of two equal keys the map keeps the first one.
    ///
    /// # Errors
    /// At the heap limit, or if the system has no memory; the map is as before. Replacing a value needs no memory.
    pub fn try_insert(&mut self, key: K, value: Gc<'gc, T>) -> Result<Option<Gc<'gc, T>>, AllocError> {
        let values = &self.map.values;
        if let Err(error) = self.try_reserve(1)
            && !self.map.contains_key(&key)
        {
            return Err(error);
        }
        let (index, refused) = self.map.insert_key(key);
        if refused.is_some() {
            let old = values.get(index).map(Gc::new);
            values.set(self.mc, self.owner, index, value.object());
            return Ok(old);
        }
        values.push(self.mc, self.owner, value.object())?;
        Ok(None)
    }

    /// Makes room for `more` entries.
    ///
    /// # Errors
    /// As [`try_insert`](Self::try_insert).
    pub fn try_reserve(&mut self, more: usize) -> Result<(), AllocError> {
        let out_of_memory = |_| AllocError::OutOfMemory { bytes: more.saturating_mul(size_of::<K>()) };
        self.map.values.reserve(self.mc, more)?;
        self.map.keys.borrow_mut().try_reserve(more).map_err(out_of_memory)
    }

    /// Removes the entry of `key`; the last entry takes its place in the order.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<Gc<'gc, T>> {
        // The key is dropped, which is user code, after the map is whole again.
        let (index, _key) = self.map.keys.borrow_mut().swap_remove_full(key)?;
        self.map.values.swap_remove(self.mc, self.owner, index).map(Gc::new)
    }

    /// Removes and returns the last entry.
    pub fn pop(&mut self) -> Option<(K, Gc<'gc, T>)> {
        let key = self.map.keys.borrow_mut().pop()?;
        let last = self.map.len().checked_sub(1)?;
        self.map.values.swap_remove(self.mc, self.owner, last).map(|value| (key, Gc::new(value)))
    }

    /// Keeps the entries that `keep` wants, in order. All are asked about before the first one goes: if `keep` panics, nothing is removed,
    /// and `keep` may read the map but not change it.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, Gc<'gc, T>) -> bool) {
        let mut wanted = Vec::with_capacity(self.map.len());
        self.map.for_each(|key, value| wanted.push(keep(key, value)));
        let mut asked = wanted.iter();
        let refused: Vec<K> =
            self.map.keys.borrow_mut().extract_if(.., |_| asked.next() == Some(&false)).collect();
        self.map.values.retain(self.mc, self.owner, |index, _| wanted[index]);
        drop(refused);
    }

    /// Removes all entries and returns them, first to last.
    pub fn drain(&mut self) -> std::vec::IntoIter<(K, Gc<'gc, T>)> {
        let values: Vec<_> = self.map.values().collect();
        let keys = self.map.keys.take();
        self.map.values.clear(self.mc, self.owner);
        keys.into_iter().zip(values).collect::<Vec<_>>().into_iter()
    }

    /// Removes all entries. The buffer of the values stays.
    pub fn clear(&mut self) {
        let keys = self.map.keys.take();
        self.map.values.clear(self.mc, self.owner);
        drop(keys);
    }
}

impl<'gc, K: Hash + Eq + 'static, T: ?Sized> GcMap<'gc, K, T> {
    /// The place of `key`, and `key` itself if an equal one was there, for the caller to drop when the keys are no longer borrowed.
    fn insert_key(&self, key: K) -> (usize, Option<K>) {
        let mut keys = self.keys.borrow_mut();
        // An equal key is put in its place, and back again: one search in either case.
        let (index, mut first) = keys.replace_full(key);
        if let (Some(first), Some(place)) = (&mut first, keys.get_index_mut2(index)) {
            std::mem::swap(first, place);
        }
        (index, first)
    }
}

impl<'gc, K: Hash + Eq + 'static, T: ?Sized, C: Collector> Extend<(K, Gc<'gc, T>)>
    for MapEditor<'_, 'gc, K, T, C>
{
    fn extend<I: IntoIterator<Item = (K, Gc<'gc, T>)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| {
            self.insert(key, value);
        });
    }
}

impl<K: fmt::Debug + 'static, T: ?Sized, C: Collector> fmt::Debug for MapEditor<'_, '_, K, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapEditor").field("map", self.map).finish_non_exhaustive()
    }
}
