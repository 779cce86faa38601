//! Opening a graph file: which format it is, decided by its first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use crate::error::{Place, Problem, ReadError, excerpt};
use crate::graph::HeapGraph;
use crate::roots::Roots;
use crate::{edge_list, gzip, heapgrf, v8};

/// How a graph file is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Roots to use instead of the recorded ones. Edge lists have none recorded: without a choice all nodes are roots.
    pub roots: Option<Roots>,
}

/// How long the content is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// Known: a plain file, or bytes in memory.
    Exact(u64),
    /// Not known, but no longer than this: compressed content.
    AtMost(u64),
}

impl Length {
    /// The most bytes that there can be.
    pub(crate) fn most(self) -> u64 {
        match self {
            Length::Exact(length) | Length::AtMost(length) => length,
        }
    }

    /// How many items to make room for at once, when `count` were announced and found to fit.
    pub(crate) fn capacity(self, count: u64) -> usize {
        match self {
            Length::Exact(_) => count as usize,
            // What is not known to be there gets its room as it comes.
            Length::AtMost(_) => count.min(1 << 14) as usize,
        }
    }
}

impl HeapGraph {
    /// Reads a graph file of any of the formats, compressed with gzip or not, told apart by content.
    ///
    /// Cost: one pass over the file; memory for the graph and some working space in proportion to the file.
    ///
    /// # Errors
    /// If the file cannot be read or is malformed: the error says where, and what would be right.
    pub fn open(path: impl AsRef<Path>) -> Result<HeapGraph, ReadError> {
        HeapGraph::open_with(path, &ReadOptions::default())
    }

    /// As [`open`](Self::open), with options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, options: &ReadOptions) -> Result<HeapGraph, ReadError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let fail = |error: io::Error| ReadError::new(&name, Place::File, Problem::Io(error));
        let file = File::open(path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        // A pipe has no length that could be compared with anything.
        let length =
            if metadata.is_file() { Length::Exact(metadata.len()) } else { Length::AtMost(u64::MAX) };
        read(BufReader::with_capacity(64 << 10, file), length, &name, options)
    }

    /// Reads a graph from the bytes of a file. `name` stands for the file in errors and in the graph's source.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<HeapGraph, ReadError> {
        read(bytes, Length::Exact(bytes.len() as u64), name, options)
    }
}

fn read(
    mut reader: impl BufRead,
    length: Length,
    name: &str,
    options: &ReadOptions,
) -> Result<HeapGraph, ReadError> {
    let head = peek(&mut reader, name)?;
    let graph = if head.starts_with(&[0x1f, 0x8b]) {
        let limit = gzip::limit(length.most());
        let mut reader = gzip::decompress(Cursor::new(head).chain(reader), limit);
        let head = peek(&mut reader, name)?;
        read_plain(head, &mut reader, Length::AtMost(limit), name)?
    } else {
        read_plain(head, &mut reader, length, name)?
    };
    Ok(match options.roots {
        Some(roots) => graph.with_roots(roots),
        None => graph,
    })
}

/// Takes the first bytes, fewer only where the content is shorter.
fn peek(reader: &mut dyn BufRead, name: &str) -> Result<Vec<u8>, ReadError> {
    let mut head = Vec::new();
    match reader.take(64).read_to_end(&mut head) {
        Ok(_) => Ok(head),
        Err(error) => Err(ReadError::new(name, Place::File, error.into())),
    }
}

fn read_plain(
    head: Vec<u8>,
    reader: &mut dyn BufRead,
    length: Length,
    name: &str,
) -> Result<HeapGraph, ReadError> {
    let fail = |problem| Err(ReadError::new(name, Place::Byte(0), problem));
    let first = head.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    let start = head.clone();
    let mut reader = Cursor::new(head).chain(reader);
    match first {
        _ if start.starts_with(heapgrf::MAGIC) => heapgrf::read(&mut reader, length, name),
        _ if start.starts_with(&[0x1f, 0x8b]) => fail(Problem::NestedCompression),
        Some(b'{') => v8::read(&mut reader, length, name),
        Some(b'#' | b'%' | b'0'..=b'9') => edge_list::read(&mut reader, name),
        // The beginning of the magic and nothing more.
        Some(_) if heapgrf::MAGIC.starts_with(&start) => Err(ReadError::new(
            name,
            Place::Byte(start.len() as u64),
            Problem::Truncated { what: "the magic", needed: (heapgrf::MAGIC.len() - start.len()) as u64 },
        )),
        Some(_) => fail(Problem::Unrecognised { start: format!("`{}`", excerpt(&start)) }),
        None if start.len() < 64 => fail(Problem::Empty),
        None => fail(Problem::Unrecognised { start: "blanks".to_owned() }),
    }
}
