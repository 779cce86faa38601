//! One object in memory: a two-word header, then the value.
//!
//! ```text
//!   cell ->  +--------------------------+
//!            | type information | flags |   word 0: belongs to the core
//!            | collector's word         |   word 1: belongs to the collector
//!   Gc   ->  +--------------------------+
//!            | the value                |
//! ```
//!
//! The address of the value is the object's identity ([`ObjectId`]). Type information is aligned to 64 bytes, so the low
//! six bits of word 0 hold the core's flags. Only the owner's thread writes flags; a marker may read word 0 at any time,
//! hence the atomics, which cost nothing on the machines that matter when relaxed.

use crate::type_info::TypeInfo;
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

/// Bytes in front of every value.
pub const HEADER_BYTES: usize = 16;

const _: () = assert!(size_of::<Header>() == HEADER_BYTES);
const _: () = assert!(align_of::<TypeInfo>() > Flag::MASK);

#[repr(C)]
pub(crate) struct Header {
    info: AtomicPtr<TypeInfo>,
    word: AtomicU64,
}

impl Header {
    pub(crate) fn new(info: &'static TypeInfo) -> Self {
        Header { info: AtomicPtr::new(std::ptr::from_ref(info).cast_mut()), word: AtomicU64::new(0) }
    }
}

/// The core's flags in an object's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flag {
    /// A weak reference to the object exists, or did: the weak table has an entry.
    HasWeak = 1,
    /// The finalizer has run; it never runs again.
    Finalized = 2,
    /// A `Locked` field was borrowed for writing in this scope: the collector has been told all edges as they were, and
    /// is told them again when the scope ends. Single writes meanwhile are not reported.
    Logged = 4,
    /// The object is being freed: it does not exist any more, but its cell is not reusable yet.
    Dead = 8,
    /// Callbacks of other objects' deaths belong to the object, or did.
    Watches = 16,
}

impl Flag {
    const MASK: usize = 31;
}

/// The identity of an object: the address of its value, like Python's `id()`.
///
/// An address may come back after the object is freed; then the same `ObjectId` names another object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(usize);

impl ObjectId {
    /// The address as a number.
    #[must_use]
    pub fn address(self) -> usize {
        self.0
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({:#x})", self.0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// An object as a collector sees it: one word, no type.
///
/// `Object`s come only from the core, and only into the hands of an implementor of [`Collector`](crate::Collector), whose
/// `unsafe impl` promises K1: no `Object` is used after it has been released. That promise is what makes the methods here
/// safe to call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Object(NonNull<u8>);

// SAFETY: an `Object` is an address; K6 says what a collector may do with one on another thread: read its header, trace it and set its
// mark bit, all of which are atomic or guarded.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    /// Invariant H1: `value` points [`HEADER_BYTES`] behind a header that the core wrote, in a cell of an arena.
    pub(crate) fn new(value: NonNull<u8>) -> Self {
        Object(value)
    }

    pub(crate) fn from_raw(value: *mut u8) -> Option<Self> {
        NonNull::new(value).map(Object)
    }

    /// Address of the value.
    #[must_use]
    #[inline]
    pub fn id(self) -> ObjectId {
        ObjectId(self.0.as_ptr().addr())
    }

    /// The object `bytes` behind this one. H1: there is one, in the same arena.
    #[inline]
    pub(crate) fn behind(self, bytes: usize) -> Object {
        Object(self.0.map_addr(|address| address.saturating_add(bytes)))
    }

    #[inline]
    pub(crate) fn value(self) -> NonNull<u8> {
        self.0
    }

    #[inline]
    pub(crate) fn raw(self) -> *mut u8 {
        self.0.as_ptr()
    }

    #[inline]
    pub(crate) fn cell(self) -> *mut u8 {
        self.0.as_ptr().wrapping_sub(HEADER_BYTES)
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY: H1 and K1: the header lies in front of the value and the cell has not been released.
        unsafe { &*self.cell().cast::<Header>() }
    }

    /// The type's information: edges, drop function, size, name.
    #[must_use]
    #[inline]
    pub fn type_info(self) -> &'static TypeInfo {
        let tagged = self.header().info.load(Relaxed);
        // SAFETY: H1: word 0 is a pointer to static type information, plus flags in its low bits.
        unsafe { &*tagged.map_addr(|a| a & !Flag::MASK) }
    }

    /// Is `flag` set?
    #[must_use]
    #[inline]
    pub fn has(self, flag: Flag) -> bool {
        self.header().info.load(Relaxed).addr() & flag as usize != 0
    }

    /// Type and flags as one number: objects with the same tag have the same type and the same flags.
    #[must_use]
    #[inline]
    pub fn tag(self) -> usize {
        self.header().info.load(Relaxed).addr()
    }

    /// Is nothing special about this object: no flag, and a type that needs no dropping and has no finalizer? Then freeing it is
    /// taking its edges back and releasing its cell.
    #[must_use]
    #[inline]
    pub fn is_plain(self) -> bool {
        self.plain_type().is_some()
    }

    /// The type of an object that [`is_plain`](Self::is_plain), by one load.
    #[must_use]
    #[inline]
    pub(crate) fn plain_type(self) -> Option<&'static TypeInfo> {
        let tagged = self.header().info.load(Relaxed);
        if tagged.addr() & Flag::MASK != 0 {
            return None;
        }
        // SAFETY: H1: without flags, word 0 is a pointer to static type information.
        let info: &'static TypeInfo = unsafe { &*tagged };
        info.is_plain().then_some(info)
    }

    #[inline]
    pub(crate) fn set(self, flag: Flag) {
        let header = self.header();
        header.info.store(header.info.load(Relaxed).map_addr(|a| a | flag as usize), Relaxed);
    }

    #[inline]
    pub(crate) fn unset(self, flag: Flag) {
        let header = self.header();
        header.info.store(header.info.load(Relaxed).map_addr(|a| a & !(flag as usize)), Relaxed);
    }

    /// Records that the finalizer has run (or need not run any more).
    pub fn set_finalized(self) {
        self.set(Flag::Finalized);
    }

    /// The collector's own word, 0 at birth. The core never looks at it.
    #[must_use]
    #[inline]
    pub fn word(&self) -> &AtomicU64 {
        &self.header().word
    }

    /// Asks the processor to fetch the header and the first edges; a hint, never a fault.
    #[inline]
    pub fn prefetch(self) {
        prefetch(self.cell());
        prefetch(self.cell().wrapping_add(HEADER_BYTES + 31));
    }
}

/// Asks the processor to fetch what lies at `address`; a hint, never a fault.
#[inline]
pub(crate) fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch is a hint: it may name any address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({:#x})", self.0.as_ptr().addr())
    }
}
