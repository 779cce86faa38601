//! How edges are found: the `Trace` trait and the `Tracer` that collects them.

use crate::edges::{DYNAMIC, Edges};
use crate::object::Object;
use crate::type_info::TypeInfo;
use std::fmt;
use std::sync::atomic::{AtomicPtr, Ordering::Acquire};

/// Types that can tell their edges. Use `#[derive(Trace)]`.
///
/// # Safety
/// An implementation by hand promises:
///
/// 1. `trace` passes the tracer to every field that holds an edge (`Gc`, `Slot`, `GcVec`, `GcMap`, `Locked`, or a
///    container of these), each exactly once, the same ones in the same order every time as long as nobody writes.
/// 2. `EDGES` says the same: [`Edges::NONE`] only if there is never an edge; constant offsets only if those words, and no
///    others, are edges in every value of the type.
/// 3. `trace` reads fields that hold edges and nothing else: it may run on another thread while the owner changes payload.
///    It takes no lock, does not panic, does not allocate from the heap, and does not depend on thread-local state.
/// 4. Its stack depth does not depend on the data that lies behind edges.
/// 5. The type has no `Drop` that looks at an edge: when a cycle is freed, what an edge refers to may be gone.
/// 6. No edge can change except through the heap's own types: no `Cell`, `RefCell`, `Mutex` or atomic around one.
pub unsafe trait Trace {
    /// Where the edges are, as far as the type tells.
    const EDGES: Edges;

    /// Passes `tracer` to every edge.
    fn trace(&self, tracer: &mut Tracer<'_>);
}

/// Collects the edges of one object after another.
pub struct Tracer<'a> {
    edges: &'a mut Vec<Object>,
    search: Option<Search>,
    detaching: bool,
}

/// Looks for one particular place instead of collecting edges (the cold path of a write's range check).
struct Search {
    place: usize,
    found: bool,
}

impl<'a> Tracer<'a> {
    pub(crate) fn new(edges: &'a mut Vec<Object>) -> Self {
        Tracer { edges, search: None, detaching: false }
    }

    /// Whether `place`, the address of a slot, list, map or lock, belongs to what `trace` visits.
    pub(crate) fn finds(place: usize, trace: impl FnOnce(&mut Tracer<'_>)) -> bool {
        let mut edges = Vec::new();
        let mut tracer =
            Tracer { edges: &mut edges, search: Some(Search { place, found: false }), detaching: false };
        trace(&mut tracer);
        tracer.search.is_some_and(|s| s.found)
    }

    /// A tracer that empties the weak references it meets. Not while a marker may run.
    pub(crate) fn detach(trace: impl FnOnce(&mut Tracer<'_>)) {
        trace(&mut Tracer { edges: &mut Vec::new(), search: None, detaching: true });
    }

    /// Are weak references to be emptied?
    pub(crate) fn detaching(&self) -> bool {
        self.detaching
    }

    /// Is what has these edges to be looked into? Weak references are none, and may lie where there is no edge at all.
    #[inline]
    pub(crate) fn wants(&self, edges: Edges) -> bool {
        !edges.is_none() || self.detaching
    }

    /// One edge that never changes.
    #[inline]
    pub(crate) fn edge(&mut self, object: Object) {
        self.edges.push(object);
    }

    /// One edge that lies in `word` and may change.
    #[inline]
    pub(crate) fn word(&mut self, word: &AtomicPtr<u8>) {
        if self.search.is_some() {
            self.place(std::ptr::from_ref(word).addr());
        } else if let Some(object) = Object::from_raw(word.load(Acquire)) {
            self.edges.push(object);
        }
    }

    /// Something that can be written through its owner lies at `address`.
    #[inline]
    pub(crate) fn place(&mut self, address: usize) {
        if let Some(search) = &mut self.search {
            search.found |= search.place == address;
        }
    }

    /// Is this a search on the owner's thread, in the middle of a scope?
    pub(crate) fn searching(&self) -> bool {
        self.search.is_some()
    }
}

impl fmt::Debug for Tracer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("edges", &self.edges.len()).finish_non_exhaustive()
    }
}

/// Reads the edges of objects, with a buffer that is kept from one object to the next.
#[derive(Default)]
pub struct Scanner {
    buffer: Vec<Object>,
}

impl Scanner {
    /// A scanner with an empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Scanner::default()
    }

    /// Calls `visit` with the target of every edge of `object`, in the order of declaration. Constant offsets are read in
    /// place, without a call; other types are traced into the buffer first.
    ///
    /// Cost: proportional to the number of edges, and one indirect call for dynamic types.
    #[inline]
    pub fn edges(&mut self, object: Object, visit: impl FnMut(Object)) {
        let edges = object.type_info().edges();
        match edges.count() {
            0 => {}
            // Each number of edges has its own straight code: a loop's end is mispredicted, which costs a mark a fifth.
            1 => edges_at(object, edges.first::<1>(), visit),
            2 => edges_at(object, edges.first::<2>(), visit),
            3 => edges_at(object, edges.first::<3>(), visit),
            4 => edges_at(object, edges.first::<4>(), visit),
            DYNAMIC => self.traced(object).iter().copied().for_each(visit),
            _ => edges_at(object, edges.offsets().unwrap_or_default().iter().copied(), visit),
        }
    }

    /// As [`edges`](Self::edges), last edge first.
    #[inline]
    pub fn edges_reversed(&mut self, object: Object, visit: impl FnMut(Object)) {
        match object.type_info().edges().offsets() {
            Some(offsets) => {
                offsets.iter().rev().filter_map(|&offset| edge_at(object, offset)).for_each(visit)
            }
            None => self.traced(object).iter().rev().copied().for_each(visit),
        }
    }

    fn traced(&mut self, object: Object) -> &[Object] {
        self.buffer.clear();
        // SAFETY: H1, K1: a live object, and this is its type.
        unsafe { object.type_info().trace(object.value(), &mut Tracer::new(&mut self.buffer)) };
        &self.buffer
    }
}

impl Object {
    /// If the object [is plain](Object::is_plain) and its edges lie at constant offsets, calls `visit` with their targets, last edge first, and returns its
    /// type. Runs no code of anybody else, and looks at the type once.
    #[inline]
    pub fn plain_edges_reversed(self, visit: impl FnMut(Object)) -> Option<&'static TypeInfo> {
        let info = self.plain_type()?;
        let edges = info.edges();
        match edges.count() {
            0 => {}
            1 => edges_at(self, edges.first::<1>(), visit),
            2 => edges_at(self, edges.first::<2>().into_iter().rev(), visit),
            _ => edges_at(self, edges.offsets()?.iter().rev().copied(), visit),
        }
        Some(info)
    }
}

#[inline]
fn edges_at(object: Object, offsets: impl IntoIterator<Item = u16>, visit: impl FnMut(Object)) {
    offsets.into_iter().filter_map(|offset| edge_at(object, offset)).for_each(visit);
}

/// The edge at a constant offset of its type, if it is set.
#[inline]
pub(crate) fn edge_at(object: Object, offset: u16) -> Option<Object> {
    // SAFETY: T2: at this offset of every value of the type lies a word that is an edge, null or an object; it is only written
    // atomically.
    let word = unsafe { &*object.raw().add(usize::from(offset)).cast::<AtomicPtr<u8>>() };
    Object::from_raw(word.load(Acquire))
}

impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner").field("capacity", &self.buffer.capacity()).finish()
    }
}
