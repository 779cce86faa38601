//! Where a graph comes from: the file's format and what the file says about the program.

use std::fmt;

/// The format that a graph was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `HEAPGRF1`: a recorded CPython heap.
    HeapGrf1,
    /// A V8 heap snapshot, of Node or Chrome.
    V8,
    /// A SNAP or KONECT edge list.
    EdgeList,
    /// Made in memory by a [`Builder`](crate::Builder).
    Built,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::HeapGrf1 => "HEAPGRF1",
            Format::V8 => "V8 heap snapshot",
            Format::EdgeList => "edge list",
            Format::Built => "built in memory",
        })
    }
}

/// Where a graph comes from. What the file does not say is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The format of the file.
    pub format: Format,
    /// The file's name as it was given; empty for graphs made in memory.
    pub name: String,
    /// Version of the Python that the program ran on, such as `3.11.7`.
    pub python: String,
    /// What the program was.
    pub workload: String,
    /// Only objects that were made after the program started were recorded.
    pub new_only: bool,
    /// Only objects that the cycle collector knows were recorded.
    pub gc_only: bool,
    /// Edges of a V8 snapshot that are shown for orientation only, repeat others, and were left out.
    pub shortcuts: u64,
}

impl Source {
    /// A description that says no more than the format and the name.
    pub fn new(format: Format, name: &str) -> Source {
        Source {
            format,
            name: name.to_owned(),
            python: String::new(),
            workload: String::new(),
            new_only: false,
            gc_only: false,
            shortcuts: 0,
        }
    }
}

impl fmt::Display for Source {
    /// One line for people, such as `app.heap (HEAPGRF1, Python 3.11.7, workload "app.py")`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "{} (", self.name)?;
        }
        write!(f, "{}", self.format)?;
        if !self.python.is_empty() {
            write!(f, ", Python {}", self.python)?;
        }
        if !self.workload.is_empty() {
            write!(f, ", workload {:?}", self.workload)?;
        }
        if self.new_only {
            f.write_str(", new objects only")?;
        }
        if self.gc_only {
            f.write_str(", collector objects only")?;
        }
        if !self.name.is_empty() {
            f.write_str(")")?;
        }
        Ok(())
    }
}
