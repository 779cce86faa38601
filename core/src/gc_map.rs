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
    /// Key number i belongs to value number i. Borrowed only while a key is hashed and compared, which is user code: if that
    /// comes back to the same map, the borrow panics.
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

    /// The values, in the order of [`VecEditor`](crate::VecEditor)-like insertion and removal.
    pub fn values(&self) -> impl Iterator<Item = Gc<'gc, T>> + '_ {
        (0..).map_while(|i| self.values.get(i).map(Gc::new))
    }

    /// Calls `visit` with every key and its value.
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

    /// Puts `value` at `key`; returns what was there.
    ///
    /// # Errors
    /// At the heap limit, or if the system has no memory; the map is as before.
    pub fn try_insert(&mut self, key: K, value: Gc<'gc, T>) -> Result<Option<Gc<'gc, T>>, AllocError> {
        let values = &self.map.values;
        values.reserve(self.mc, 1)?;
        let (index, fresh) = self.map.keys.borrow_mut().insert_full(key);
        if !fresh {
            let old = values.get(index).map(Gc::new);
            values.set(self.mc, self.owner, index, value.object());
            return Ok(old);
        }
        values.push(self.mc, self.owner, value.object())?;
        Ok(None)
    }

    /// Removes the entry of `key`; the last entry takes its place in the order.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<Gc<'gc, T>> {
        // The key is dropped, which is user code, after the map is whole again.
        let (index, _key) = self.map.keys.borrow_mut().swap_remove_full(key)?;
        self.map.values.swap_remove(self.mc, self.owner, index).map(Gc::new)
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        let keys = self.map.keys.take();
        while let Some(last) = self.map.len().checked_sub(1) {
            self.map.values.swap_remove(self.mc, self.owner, last);
        }
        drop(keys);
    }
}

impl<K: fmt::Debug + 'static, T: ?Sized, C: Collector> fmt::Debug for MapEditor<'_, '_, K, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapEditor").field("map", self.map).finish_non_exhaustive()
    }
}
