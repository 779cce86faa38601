//! The graph in memory: nodes numbered from 0, their strong edges in one array, their weak edges in another.

use crate::source::Source;

/// What is known about one node. A set of bits; those of `HEAPGRF1`, and one more for V8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub(crate) u8);

impl Flags {
    /// The collector knows this kind of object (CPython: it has a collector header).
    pub const COLLECTED: Flags = Flags(1);
    /// The collector tracked it when it was recorded.
    pub const TRACKED: Flags = Flags(2);
    /// It has a finalizer (CPython: its type has `__del__`).
    pub const FINALIZER: Flags = Flags(4);
    /// Weak references to it existed.
    pub const WEAKLY_REFERENCED: Flags = Flags(8);
    /// V8: a DOM node that is no longer part of a document.
    pub const DETACHED: Flags = Flags(16);

    /// The set with these bits.
    pub const fn from_bits(bits: u8) -> Flags {
        Flags(bits)
    }

    /// The bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether all bits of `other` are in this set.
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// Edges in compressed rows: those of node i are `targets[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Adjacency {
    /// n + 1 numbers, never decreasing, the first 0, the last the number of targets.
    pub(crate) offsets: Vec<u32>,
    /// Each below n.
    pub(crate) targets: Vec<u32>,
}

impl Adjacency {
    /// Rows from a list of pairs, each row in the order of the list. Cost: O(n + m), one pass to count, one to place.
    pub(crate) fn from_pairs(n: usize, pairs: &[(u32, u32)]) -> Adjacency {
        let mut offsets = vec![0u32; n + 1];
        for &(from, _) in pairs {
            offsets[from as usize + 1] += 1;
        }
        for i in 0..n {
            offsets[i + 1] += offsets[i];
        }
        let mut next = offsets.clone();
        let mut targets = vec![0u32; pairs.len()];
        for &(from, to) in pairs {
            let at = &mut next[from as usize];
            targets[*at as usize] = to;
            *at += 1;
        }
        Adjacency { offsets, targets }
    }

    fn row(&self, i: usize) -> &[u32] {
        &self.targets[self.offsets[i] as usize..self.offsets[i + 1] as usize]
    }

    fn bytes(&self) -> usize {
        (self.offsets.capacity() + self.targets.capacity()) * size_of::<u32>()
    }
}

/// Reference counts as CPython had them when the graph was recorded. Three arrays of n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) refcount: Vec<u32>,
    pub(crate) external: Vec<u32>,
    pub(crate) outside: Vec<u32>,
}

/// A recorded object graph: n nodes, numbered from 0, and m strong edges, in compressed rows.
///
/// Immutable once read; every target, root and type index is in range, so that nothing that walks it needs checks. A node
/// costs 11 bytes (23 with CPython's counts), an edge 4. At most `u32::MAX` nodes and edges, 65,536 types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapGraph {
    pub(crate) strong: Adjacency,
    /// Absent where the source has no weak edges.
    pub(crate) weak: Option<Adjacency>,
    pub(crate) node_type: Vec<u16>,
    pub(crate) size: Vec<u32>,
    pub(crate) flags: Vec<u8>,
    pub(crate) counts: Option<Counts>,
    pub(crate) roots: Vec<u32>,
    pub(crate) types: Vec<String>,
    pub(crate) source: Source,
}

impl HeapGraph {
    /// Number of nodes.
    pub fn n(&self) -> usize {
        self.node_type.len()
    }

    /// Number of strong edges, repeats included.
    pub fn m(&self) -> usize {
        self.strong.targets.len()
    }

    /// Number of weak edges. 0 for Python, whose weak references are not edges: see [`Flags::WEAKLY_REFERENCED`].
    pub fn weak_m(&self) -> usize {
        self.weak.as_ref().map_or(0, |weak| weak.targets.len())
    }

    /// Targets of the strong edges of node `i`, in the order in which the object reports them, with repeats.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n), as all methods that take a node.
    pub fn edges(&self, i: usize) -> &[u32] {
        self.strong.row(i)
    }

    /// Targets of the weak edges of node `i`: they keep nothing alive.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn weak_edges(&self, i: usize) -> &[u32] {
        assert!(i < self.n(), "node {i} of a graph of {} nodes", self.n());
        self.weak.as_ref().map_or(&[], |weak| weak.row(i))
    }

    /// Nodes that are held from outside the graph: increasing, each once.
    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// Size of node `i` in bytes, its collector header included. Above 4 GiB: `u32::MAX`. Edge lists have no sizes: 0.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn size(&self, i: usize) -> u32 {
        self.size[i]
    }

    /// Index of the type of node `i` in [`type_names`](Self::type_names).
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn type_index(&self, i: usize) -> u16 {
        self.node_type[i]
    }

    /// Name of the type of node `i`, such as `builtins.dict`, or `Map` and `(closure)` for V8.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn type_name(&self, i: usize) -> &str {
        &self.types[self.node_type[i] as usize]
    }

    /// Names of all types.
    pub fn type_names(&self) -> &[String] {
        &self.types
    }

    /// What is known about node `i`.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn flags(&self, i: usize) -> Flags {
        Flags(self.flags[i])
    }

    /// CPython: the reference count of node `i` when recorded, capped at `u32::MAX` (which immortal objects reach).
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn refcount(&self, i: usize) -> Option<u32> {
        self.counts.as_ref().map(|counts| counts.refcount[i])
    }

    /// CPython: how many references to node `i` came from outside the recorded nodes. Above 0: it is a root.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn external(&self, i: usize) -> Option<u32> {
        self.counts.as_ref().map(|counts| counts.external[i])
    }

    /// CPython: how many referents of node `i` were left out of the recording.
    ///
    /// # Panics
    /// If `i` is not below [`n`](Self::n).
    pub fn outside(&self, i: usize) -> Option<u32> {
        self.counts.as_ref().map(|counts| counts.outside[i])
    }

    /// Where the graph comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// How many strong edges, repeats included, lead to each node. An array of n. Cost: O(n + m).
    pub fn in_degrees(&self) -> Vec<u32> {
        let mut degrees = vec![0u32; self.n()];
        for &target in &self.strong.targets {
            degrees[target as usize] += 1;
        }
        degrees
    }

    /// Bytes that this graph takes in memory, allocated capacity included. Cost: O(types).
    pub fn memory_bytes(&self) -> usize {
        let counts = self.counts.as_ref().map_or(0, |counts| {
            (counts.refcount.capacity() + counts.external.capacity() + counts.outside.capacity())
                * size_of::<u32>()
        });
        let names: usize = self.types.iter().map(String::capacity).sum();
        size_of::<HeapGraph>()
            + self.strong.bytes()
            + self.weak.as_ref().map_or(0, Adjacency::bytes)
            + self.node_type.capacity() * size_of::<u16>()
            + (self.size.capacity() + self.roots.capacity()) * size_of::<u32>()
            + self.flags.capacity()
            + counts
            + self.types.capacity() * size_of::<String>()
            + names
    }
}
