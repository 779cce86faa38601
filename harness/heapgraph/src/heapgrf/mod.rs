//! `HEAPGRF1`, the format of recorded CPython heaps: a JSON header, then plain little-endian arrays.
//!
//! ```text
//! 8 bytes   HEAPGRF1
//! u32       H
//! H bytes   JSON: n, m, types, python, workload, new_only, gc_only, arrays: [[name, item type], ..]
//! arrays    one after the other, in the order of the header
//! ```
//!
//! Item types are the letters of Python's `array` module (`Q`, `I`, `H`, `B`), as the first recordings have them; `u64`,
//! `u32`, `u16` and `u8` are understood too.

mod read;
mod write;

pub(crate) use read::read;
pub use write::WriteError;

use serde::{Deserialize, Serialize};

/// The first eight bytes of such a file.
pub(crate) const MAGIC: &[u8; 8] = b"HEAPGRF1";

/// The header. Fields that it has beyond these are passed over; descriptions that it lacks are empty.
#[derive(Debug, Deserialize, Serialize)]
struct Header {
    n: u64,
    m: u64,
    types: Vec<String>,
    #[serde(default)]
    python: String,
    #[serde(default)]
    workload: String,
    #[serde(default)]
    new_only: bool,
    #[serde(default)]
    gc_only: bool,
    arrays: Vec<(String, String)>,
}

/// The arrays of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Array {
    Offsets,
    Targets,
    Type,
    Size,
    Refcount,
    External,
    Outside,
    Flags,
}

impl Array {
    /// All of them, in the order in which they are written.
    const ALL: [Array; 8] = [
        Array::Offsets,
        Array::Targets,
        Array::Type,
        Array::Size,
        Array::Refcount,
        Array::External,
        Array::Outside,
        Array::Flags,
    ];

    fn name(self) -> &'static str {
        match self {
            Array::Offsets => "offsets",
            Array::Targets => "targets",
            Array::Type => "type",
            Array::Size => "size",
            Array::Refcount => "refcount",
            Array::External => "external",
            Array::Outside => "outside",
            Array::Flags => "flags",
        }
    }

    /// The item type: its letter, its other name.
    fn item(self) -> (&'static str, &'static str) {
        match self.width() {
            8 => ("Q", "u64"),
            4 => ("I", "u32"),
            2 => ("H", "u16"),
            _ => ("B", "u8"),
        }
    }

    /// Bytes of an item.
    fn width(self) -> usize {
        match self {
            Array::Offsets => 8,
            Array::Type => 2,
            Array::Flags => 1,
            _ => 4,
        }
    }

    /// Number of items.
    fn count(self, n: u64, m: u64) -> u64 {
        match self {
            Array::Offsets => n + 1,
            Array::Targets => m,
            _ => n,
        }
    }
}
