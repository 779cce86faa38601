//! Reads `HEAPGRF1`. Everything is checked once, here, so that a [`HeapGraph`] needs no checks later.

use std::io::{self, BufRead};

use super::{Array, Header, MAGIC};
use crate::error::{Place, Problem, ReadError};
use crate::graph::{Adjacency, Counts, HeapGraph};
use crate::read::Length;
use crate::source::{Format, Source};

/// Bytes that are taken from the file at once: a multiple of every item's width.
const CHUNK: usize = 64 << 10;

/// Reads a whole file; its magic was seen already, but not consumed.
pub(crate) fn read(reader: &mut dyn BufRead, length: Length, name: &str) -> Result<HeapGraph, ReadError> {
    let mut input = Input { reader, name, at: 0 };
    input.fill(&mut [0; MAGIC.len()], "the magic")?;
    let header = read_header(&mut input, length)?;
    let (n, m) = (header.n, header.m);
    let arrays = check_arrays(&header).map_err(|problem| input.error(HEADER, problem))?;
    check_size(&arrays, n, m, input.at, length).map_err(|problem| input.error(HEADER, problem))?;

    let types = header.types.len() as u64;
    let mut graph = HeapGraph {
        strong: Adjacency { offsets: Vec::new(), targets: Vec::new() },
        weak: None,
        node_type: Vec::new(),
        size: Vec::new(),
        flags: Vec::new(),
        counts: None,
        roots: Vec::new(),
        types: header.types,
        source: Source {
            python: header.python,
            workload: header.workload,
            new_only: header.new_only,
            gc_only: header.gc_only,
            ..Source::new(Format::HeapGrf1, name)
        },
    };
    let mut counts = Counts { refcount: Vec::new(), external: Vec::new(), outside: Vec::new() };
    for array in arrays {
        let mut place = Items { array, count: array.count(n, m), length };
        match array {
            Array::Offsets => graph.strong.offsets = read_offsets(&mut input, &mut place, m)?,
            Array::Targets => {
                graph.strong.targets = place.read(&mut input, |bytes| {
                    let target = u32::from_le_bytes(bytes);
                    if u64::from(target) < n {
                        Ok(target)
                    } else {
                        Err(Problem::TargetOutOfRange { target: target.into(), n })
                    }
                })?;
            }
            Array::Type => {
                graph.node_type = place.read(&mut input, |bytes| {
                    let index = u16::from_le_bytes(bytes);
                    if u64::from(index) < types {
                        Ok(index)
                    } else {
                        Err(Problem::TypeOutOfRange { index: index.into(), types })
                    }
                })?;
            }
            Array::Size => graph.size = place.read(&mut input, |bytes| Ok(u32::from_le_bytes(bytes)))?,
            Array::Refcount => {
                counts.refcount = place.read(&mut input, |bytes| Ok(u32::from_le_bytes(bytes)))?
            }
            Array::External => {
                counts.external = place.read(&mut input, |bytes| Ok(u32::from_le_bytes(bytes)))?
            }
            Array::Outside => {
                counts.outside = place.read(&mut input, |bytes| Ok(u32::from_le_bytes(bytes)))?
            }
            Array::Flags => graph.flags = place.read(&mut input, |[byte]| Ok(byte))?,
        }
    }
    if !input.at_end()? {
        return Err(input.error(Place::Byte(input.at), Problem::Trailing));
    }
    graph.roots = (0..n as u32).filter(|&i| counts.external[i as usize] > 0).collect();
    graph.counts = Some(counts);
    Ok(graph)
}

/// Where the JSON header begins.
const HEADER: Place = Place::Byte(MAGIC.len() as u64 + 4);

fn read_header(input: &mut Input<'_>, length: Length) -> Result<Header, ReadError> {
    let mut bytes = [0; 4];
    input.fill(&mut bytes, "the length of the header")?;
    let declared = u64::from(u32::from_le_bytes(bytes));
    let limit = length.most().saturating_sub(input.at);
    if declared > limit {
        let problem = Problem::CountDoesNotFit { what: "the length of the header", declared, limit };
        return Err(input.error(Place::Byte(MAGIC.len() as u64), problem));
    }
    let items = Items { array: Array::Flags, count: declared, length };
    let text = items.read_as(input, "the header", |[byte]| Ok(byte))?;
    if let Err(error) = std::str::from_utf8(&text) {
        let at = MAGIC.len() as u64 + 4 + error.valid_up_to() as u64;
        return Err(input.error(Place::Byte(at), Problem::NotUtf8 { what: "the header" }));
    }
    serde_json::from_slice(&text).map_err(|error| input.error(HEADER, Problem::Header(error)))
}

/// The arrays in the order of the file: each of the format's exactly once, with its item type.
fn check_arrays(header: &Header) -> Result<Vec<Array>, Problem> {
    let mut arrays = Vec::with_capacity(Array::ALL.len());
    for (name, item) in &header.arrays {
        let Some(array) = Array::ALL.into_iter().find(|array| array.name() == name) else {
            return Err(Problem::UnknownArray { array: name.chars().take(60).collect() });
        };
        if arrays.contains(&array) {
            return Err(Problem::DuplicateArray { array: array.name() });
        }
        let (letter, long) = array.item();
        if item != letter && item != long {
            let found = item.chars().take(60).collect();
            return Err(Problem::WrongItemType { array: array.name(), found, right: letter });
        }
        arrays.push(array);
    }
    match Array::ALL.into_iter().find(|array| !arrays.contains(array)) {
        Some(missing) => Err(Problem::MissingArray { array: missing.name() }),
        None => Ok(arrays),
    }
}

/// Compares what the header announces with what the file can hold, before anything is allocated.
fn check_size(arrays: &[Array], n: u64, m: u64, header_end: u64, length: Length) -> Result<(), Problem> {
    let limit = u64::from(u32::MAX);
    for (what, count) in [("nodes", n), ("edges", m)] {
        if count > limit {
            return Err(Problem::TooMany { what, count, limit });
        }
    }
    let bytes: u64 = arrays.iter().map(|array| array.count(n, m) * array.width() as u64).sum();
    let expected = header_end + bytes;
    let fits = match length {
        Length::Exact(found) => expected == found,
        Length::AtMost(most) => expected <= most,
    };
    if fits { Ok(()) } else { Err(Problem::SizeMismatch { n, m, expected, found: length.most() }) }
}

fn read_offsets(input: &mut Input<'_>, items: &mut Items, m: u64) -> Result<Vec<u32>, ReadError> {
    let mut before = None;
    let start = input.at;
    let offsets = items.read(input, |bytes| {
        let after = u64::from_le_bytes(bytes);
        match before.replace(after) {
            None if after != 0 => Err(Problem::FirstOffset { found: after }),
            Some(before) if after < before => Err(Problem::OffsetDecreases { before, after }),
            _ if after > m => Err(Problem::LastOffset { found: after, m }),
            _ => Ok(after as u32),
        }
    })?;
    match before {
        Some(found) if found != m => {
            Err(input.error(items.place(start, offsets.len() as u64 - 1), Problem::LastOffset { found, m }))
        }
        _ => Ok(offsets),
    }
}

/// The items of one array, about to be read.
struct Items {
    array: Array,
    count: u64,
    length: Length,
}

impl Items {
    fn place(&self, start: u64, index: u64) -> Place {
        let byte = Some(start + index * self.array.width() as u64);
        Place::Item { array: self.array.name(), index, byte }
    }

    fn read<const W: usize, T>(
        &self,
        input: &mut Input<'_>,
        convert: impl FnMut([u8; W]) -> Result<T, Problem>,
    ) -> Result<Vec<T>, ReadError> {
        self.read_as(input, self.array.name(), convert)
    }

    /// Room is made for all items at once only where they are known to be there.
    fn read_as<const W: usize, T>(
        &self,
        input: &mut Input<'_>,
        what: &'static str,
        mut convert: impl FnMut([u8; W]) -> Result<T, Problem>,
    ) -> Result<Vec<T>, ReadError> {
        let start = input.at;
        let mut items = Vec::with_capacity(self.length.capacity(self.count));
        let mut chunk = vec![0; CHUNK.min(usize::try_from(self.count).unwrap_or(CHUNK).saturating_mul(W))];
        let mut left = self.count;
        while left > 0 {
            let take = left.min((chunk.len() / W) as u64);
            let bytes = &mut chunk[..take as usize * W];
            input.fill(bytes, what)?;
            let (exact, _) = bytes.as_chunks::<W>();
            for &item in exact {
                match convert(item) {
                    Ok(item) => items.push(item),
                    Err(problem) => return Err(input.error(self.place(start, items.len() as u64), problem)),
                }
            }
            left -= take;
        }
        // Where room was made bit by bit, there is too much of it.
        items.shrink_to_fit();
        Ok(items)
    }
}

/// The file, and how far it was read.
struct Input<'a> {
    reader: &'a mut dyn BufRead,
    name: &'a str,
    at: u64,
}

impl Input<'_> {
    fn error(&self, place: Place, problem: Problem) -> ReadError {
        ReadError::new(self.name, place, problem)
    }

    /// Fills the whole buffer or says how much is missing.
    fn fill(&mut self, buffer: &mut [u8], what: &'static str) -> Result<(), ReadError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => {
                    let needed = (buffer.len() - filled) as u64;
                    return Err(self.error(Place::Byte(self.at), Problem::Truncated { what, needed }));
                }
                Ok(count) => {
                    filled += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(Place::Byte(self.at), error.into())),
            }
        }
        Ok(())
    }

    fn at_end(&mut self) -> Result<bool, ReadError> {
        match self.reader.fill_buf() {
            Ok(rest) => Ok(rest.is_empty()),
            Err(error) => Err(self.error(Place::Byte(self.at), error.into())),
        }
    }
}
