//! Objects of the shapes that a recorded graph asks for: so many edges, so many bytes.
//!
//! Up to eight edges are slots in the object, as in a Python object with attributes; more are a list with a buffer of its own, as
//! in a list or a dictionary. The payload makes up for what the recorded object was larger: up to 512 bytes of it lie in the object, more
//! in a box (as the text of a long string).

use crate::bench::Tally;
use cyclade_core::{AllocError, Collector, Gc, GcVec, Mutator, Slot, Trace, TraceObject};

/// Any object of a replayed graph.
pub(crate) trait Part<'gc>: TraceObject {
    /// Slot `index`, if the edges are slots.
    fn slot(&self, index: usize) -> Option<&Slot<'gc, dyn Part<'gc> + 'gc>>;

    /// The list, if the edges are a list.
    fn list(&self) -> Option<&GcVec<'gc, dyn Part<'gc> + 'gc>>;
}
cyclade_core::managed_dyn!(Part<'gc>);

/// An object with its edges in slots.
#[derive(Trace)]
struct Compact<'gc, const SLOTS: usize, const WORDS: usize> {
    slots: [Slot<'gc, dyn Part<'gc> + 'gc>; SLOTS],
    _payload: [u64; WORDS],
}

impl<'gc, const SLOTS: usize, const WORDS: usize> Part<'gc> for Compact<'gc, SLOTS, WORDS> {
    fn slot(&self, index: usize) -> Option<&Slot<'gc, dyn Part<'gc> + 'gc>> {
        self.slots.get(index)
    }

    fn list(&self) -> Option<&GcVec<'gc, dyn Part<'gc> + 'gc>> {
        None
    }
}

/// An object with its edges in a list.
#[derive(Trace)]
struct Listed<'gc> {
    edges: GcVec<'gc, dyn Part<'gc> + 'gc>,
    _payload: Box<[u8]>,
}

impl<'gc> Part<'gc> for Listed<'gc> {
    fn slot(&self, _: usize) -> Option<&Slot<'gc, dyn Part<'gc> + 'gc>> {
        None
    }

    fn list(&self) -> Option<&GcVec<'gc, dyn Part<'gc> + 'gc>> {
        Some(&self.edges)
    }
}

pub(crate) type PartGc<'gc> = Gc<'gc, dyn Part<'gc> + 'gc>;

/// Header and fat pointer of a trait object.
const OVERHEAD: usize = 32;

/// Most words of payload in the object itself, and most edges of such an object.
const INSIDE: usize = 64;
const MOST_SLOTS: usize = 8;

/// Words of payload that make an object with so many edges take so many bytes.
fn payload_words(edges: usize, bytes: usize) -> usize {
    bytes.saturating_sub(OVERHEAD + edges * size_of::<usize>()) / size_of::<u64>()
}

/// Bytes of such an object that lie in a box.
pub(crate) fn boxed_bytes(edges: usize, bytes: usize) -> usize {
    let words = payload_words(edges, bytes);
    if words <= INSIDE && edges <= MOST_SLOTS { 0 } else { words * size_of::<u64>() }
}

/// Slots and payload words that there are types for; what lies between is rounded up to slots, down to payload.
macro_rules! shapes {
    ($mc:expr, $slots:expr, $words:expr, [$($s:literal),+], $w:tt) => {
        $(if $slots <= $s {
            return shapes!(@words $mc, $words, $s, $w);
        })+
    };
    (@words $mc:expr, $words:expr, $s:literal, [$($w:literal),+]) => {{
        $(if $words >= $w {
            return compact::<C, $s, $w>($mc);
        })+
        compact::<C, $s, 0>($mc)
    }};
}

fn compact<'gc, C: Collector, const SLOTS: usize, const WORDS: usize>(
    mc: &Mutator<'gc, C>,
) -> Result<PartGc<'gc>, AllocError> {
    let value =
        Compact::<'gc, SLOTS, WORDS> { slots: std::array::from_fn(|_| Slot::empty()), _payload: [0; WORDS] };
    cyclade_core::try_alloc_dyn!(mc, value => Part<'gc>)
}

/// An object with room for `edges` edges that takes about `bytes` bytes.
pub(crate) fn build<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    tally: &mut Tally<C>,
    edges: usize,
    bytes: usize,
) -> Result<PartGc<'gc>, AllocError> {
    let part = place(mc, edges, bytes)?;
    tally.count(1);
    Ok(part)
}

fn place<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    edges: usize,
    bytes: usize,
) -> Result<PartGc<'gc>, AllocError> {
    let words = payload_words(edges, bytes);
    if words <= INSIDE && edges <= MOST_SLOTS {
        shapes!(mc, edges, words, [0, 1, 2, 4, 8], [64, 32, 16, 8, 4, 2]);
    }
    let payload = vec![0; words * size_of::<u64>()].into_boxed_slice();
    let value = Listed { edges: GcVec::new(), _payload: payload };
    cyclade_core::try_alloc_dyn!(mc, value => Part<'gc>)
}

/// Makes edge number `index` of `from` lead to `to`. Doing it twice changes nothing.
pub(crate) fn link<'gc, C: Collector>(
    mc: &Mutator<'gc, C>,
    from: PartGc<'gc>,
    index: usize,
    to: PartGc<'gc>,
) -> Result<(), AllocError> {
    match from.as_ref().list() {
        Some(list) if index < list.len() => Ok(()),
        Some(_) => from.edit(mc, |part| list_of(part)).try_push(to),
        None => {
            from.set(mc, |part| slot_of(part, index), Some(to));
            Ok(())
        }
    }
}

fn list_of<'gc>(part: &'gc (dyn Part<'gc> + 'gc)) -> &'gc GcVec<'gc, dyn Part<'gc> + 'gc> {
    part.list().expect("asked for before")
}

fn slot_of<'gc>(part: &'gc (dyn Part<'gc> + 'gc), index: usize) -> &'gc Slot<'gc, dyn Part<'gc> + 'gc> {
    part.slot(index).expect("built with a slot for every edge")
}
