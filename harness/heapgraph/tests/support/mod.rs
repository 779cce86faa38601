//! What the tests of every format do with a file: read it, write it, break it in one place, cut it short.

// Each of the tests uses a part of it.
#![allow(dead_code)]

use std::io::Write;

use cyclade_heapgraph::{HeapGraph, ReadError, ReadOptions};
use flate2::Compression;
use flate2::write::GzEncoder;

pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<HeapGraph, ReadError> {
    HeapGraph::from_bytes(bytes, name, &ReadOptions::default())
}

pub(crate) fn write(graph: &HeapGraph) -> Vec<u8> {
    let mut bytes = Vec::new();
    graph.write(&mut bytes).unwrap();
    bytes
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// `text` with one thing replaced, which must be there once.
pub(crate) fn replaced(text: &str, what: &str, by: &str) -> String {
    assert_eq!(text.matches(what).count(), 1, "{what:?} is not there once");
    text.replace(what, by)
}

/// Each replacement makes `text` a file that is refused with an error that begins with `start` and contains what is `expected`.
#[track_caller]
pub(crate) fn assert_refused(
    text: &str,
    cases: &[(&str, &str, &str)],
    start: &str,
    read: impl Fn(String) -> Result<HeapGraph, ReadError>,
) {
    for &(what, by, expected) in cases {
        let error = read(replaced(text, what, by)).expect_err(by).to_string();
        assert!(error.starts_with(start) && error.contains(expected), "{by:?}: {error}");
    }
}

/// A file that ends too early is refused, wherever it ends, and by name.
#[track_caller]
pub(crate) fn assert_beginnings_refused(name: &str, bytes: &[u8]) {
    for end in 0..bytes.len() {
        let error = read(name, &bytes[..end]).expect_err("truncated").to_string();
        assert!(error.starts_with(name), "after {end} bytes: {error}");
    }
}
