//! `HEAPGRF1` files: what is written is read again, and what is broken is refused with the place and what would be right.

mod support;

use std::io::Write;

use cyclade_heapgraph::{Builder, Flags, Format, HeapGraph, Place, Problem, ReadError};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use support::{assert_beginnings_refused, assert_refused, gzip, write};

fn read(bytes: &[u8]) -> Result<HeapGraph, ReadError> {
    support::read("x.heap", bytes)
}

/// A file made by hand: three nodes, four edges, in the order of the format. `change` may alter header and arrays.
struct Parts {
    header: String,
    arrays: Vec<Vec<u8>>,
}

impl Parts {
    fn new() -> Parts {
        let words = |items: &[u32]| items.iter().flat_map(|item| item.to_le_bytes()).collect::<Vec<u8>>();
        Parts {
            header: r#"{"n": 3, "m": 4, "types": ["builtins.dict", "str"], "python": "3.11.7", "workload": "w", "new_only": false, "gc_only": true, "arrays": [["offsets", "Q"], ["targets", "I"], ["type", "H"], ["size", "I"], ["refcount", "I"], ["external", "I"], ["outside", "I"], ["flags", "B"]]}"#
                .to_owned(),
            arrays: vec![
                [0u64, 2, 2, 4].iter().flat_map(|offset| offset.to_le_bytes()).collect(),
                words(&[1, 1, 0, 2]),
                [0u16, 1, 0].iter().flat_map(|index| index.to_le_bytes()).collect(),
                words(&[64, 50, 232]),
                words(&[2, 2, 1]),
                words(&[1, 0, 0]),
                words(&[0, 0, 7]),
                vec![3, 0, 15],
            ],
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"HEAPGRF1".to_vec();
        bytes.extend((self.header.len() as u32).to_le_bytes());
        bytes.extend(self.header.as_bytes());
        bytes.extend(self.arrays.concat());
        bytes
    }

    /// Where an array begins.
    fn start(&self, array: usize) -> u64 {
        12 + self.header.len() as u64 + self.arrays[..array].iter().map(|a| a.len() as u64).sum::<u64>()
    }
}

#[test]
fn a_file_made_by_hand_is_read_as_it_is_meant() {
    let graph = read(&Parts::new().bytes()).unwrap();
    assert_eq!((graph.n(), graph.m(), graph.weak_m()), (3, 4, 0));
    assert_eq!([graph.edges(0), graph.edges(1), graph.edges(2)], [&[1, 1][..], &[], &[0, 2]]);
    assert_eq!(
        (graph.roots(), graph.external(0), graph.refcount(1), graph.outside(2)),
        (&[0][..], Some(1), Some(2), Some(7))
    );
    assert_eq!((graph.type_name(1), graph.type_name(2), graph.size(2)), ("str", "builtins.dict", 232));
    assert!(graph.flags(2).contains(Flags::FINALIZER.union(Flags::WEAKLY_REFERENCED)));
    let source = graph.source();
    assert_eq!(
        (source.format, source.python.as_str(), source.new_only, source.gc_only),
        (Format::HeapGrf1, "3.11.7", false, true)
    );
    let stats = graph.stats();
    assert_eq!((stats.reachable, stats.garbage, stats.in_cycles, stats.bytes), (2, 1, 1, 346));
}

#[test]
fn long_names_of_item_types_and_another_order_of_arrays_are_read_too() {
    let mut parts = Parts::new();
    let expected = read(&parts.bytes()).unwrap();
    parts.header = parts.header.replace("\"Q\"", "\"u64\"").replace("\"B\"", "\"u8\"");
    parts.header = parts
        .header
        .replace(r#"["offsets", "u64"], ["targets", "I"]"#, r#"["targets", "I"], ["offsets", "u64"]"#);
    parts.arrays.swap(0, 1);
    assert_eq!(read(&parts.bytes()).unwrap(), expected);
}

#[test]
fn a_compressed_file_is_the_same_graph() {
    let bytes = Parts::new().bytes();
    assert_eq!(read(&gzip(&bytes)).unwrap(), read(&bytes).unwrap());
    // Several members, one after the other, are one content.
    let (first, second) = bytes.split_at(30);
    assert_eq!(read(&[gzip(first), gzip(second)].concat()).unwrap(), read(&bytes).unwrap());
}

#[test]
fn wrong_headers_are_errors() {
    let cases = [
        ("\"n\": 3", "\"n\": 4", "byte 12: the header announces n = 4 nodes and m = 4 edges, which makes"),
        ("\"n\": 3", "\"n\": 4294967295", "byte 12: the header announces n = 4294967295 nodes"),
        ("\"n\": 3", "\"n\": 4294967296", "4294967296 nodes are too many: the limit is 4294967295"),
        ("\"m\": 4", "\"m\": 18446744073709551615", "18446744073709551615 edges are too many"),
        (
            "\"n\": 3",
            "\"n\": -3",
            "the header is not the JSON object that it should be: invalid value: integer `-3`",
        ),
        ("\"n\": 3", "\"n\": \"3\"", "invalid type: string \"3\", expected u64"),
        ("\"n\": 3, ", "", "missing field `n`"),
        ("\"types\": [\"builtins.dict\", \"str\"], ", "", "missing field `types`"),
        ("[\"size\", \"I\"], ", "", "the header's `arrays` lacks `size`"),
        ("[\"size\", \"I\"]", "[\"type\", \"H\"]", "the header's `arrays` names `type` twice"),
        (
            "[\"size\", \"I\"]",
            "[\"sizes\", \"I\"]",
            "the header's `arrays` names `sizes`, which the format does not have",
        ),
        (
            "[\"size\", \"I\"]",
            "[\"size\", \"Q\"]",
            "the header gives `size` items of type `Q`; `I` would be right",
        ),
        ("[\"size\", \"I\"]", "[\"size\"]", "invalid length 1"),
        ("{\"n\"", "[\"n\"", "the header is not the JSON object"),
    ];
    let parts = Parts::new();
    assert_refused(&parts.header, &cases, "x.heap: byte 12: ", |header| {
        read(&Parts { header, ..Parts::new() }.bytes())
    });
}

#[test]
fn wrong_items_are_errors_with_array_index_and_byte() {
    let cases: [(usize, usize, &[u8], &str); 6] = [
        (0, 0, &[1], "offsets[0] (byte START): the first offset is 1; it must be 0"),
        (0, 2, &[1], "offsets[2] (byte START): the offset 1 comes after 2; offsets never decrease"),
        (0, 3, &[3], "offsets[3] (byte START): the last offset is 3; it must be the number of edges, 4"),
        (0, 1, &[2, 0, 0, 0, 1], "offsets[1] (byte START): the last offset is 4294967298; it must be"),
        (
            1,
            3,
            &[3],
            "targets[3] (byte START): the target 3 is out of range; there are 3 nodes, numbered from 0",
        ),
        (
            2,
            1,
            &[2],
            "type[1] (byte START): the type index 2 is out of range; there are 2 types, numbered from 0",
        ),
    ];
    for (array, index, item, expected) in cases {
        let mut parts = Parts::new();
        let width = [8, 4, 2][array];
        parts.arrays[array][index * width..][..item.len()].copy_from_slice(item);
        let byte = parts.start(array) + (index * width) as u64;
        let error = read(&parts.bytes()).expect_err(expected);
        assert!(matches!(error.place(), Place::Item { byte: Some(at), .. } if *at == byte));
        let expected = expected.replace("START", &byte.to_string());
        assert!(error.to_string().contains(&expected), "{error}");
    }
}

#[test]
fn every_beginning_and_every_longer_file_is_an_error() {
    let bytes = Parts::new().bytes();
    assert_beginnings_refused("x.heap", &bytes);
    let error = read(&[&bytes[..], &[0]].concat()).unwrap_err();
    assert!(matches!(error.problem(), Problem::SizeMismatch { .. }), "{error}");
    // In a compressed file the end is only known when it comes.
    let error = read(&gzip(&bytes[..bytes.len() - 1])).unwrap_err();
    assert!(error.to_string().ends_with("the file ends here, but flags needs 1 more bytes"), "{error}");
    let error = read(&gzip(&[&bytes[..], &[0]].concat())).unwrap_err();
    assert!(matches!(error.problem(), Problem::Trailing), "{error}");
}

#[test]
fn what_is_no_graph_is_named_for_what_it_is() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "x.heap: byte 0: the file is empty; a heap graph was expected"),
        (b"  \n", "x.heap: byte 0: the file is empty; a heap graph was expected"),
        (b"HEAPGRF", "x.heap: byte 7: the file ends here, but the magic needs 1 more bytes"),
        (
            b"HEAPGRF2\x10\0\0\0{}",
            "begins with `HEAPGRF2\\x10\\x00\\x00\\x00{}`, which is no known heap graph",
        ),
        (
            b"<html>",
            "begins with `<html>`, which is no known heap graph: expected the magic `HEAPGRF1`, a V8",
        ),
        (b"\x7fELF\x02", "begins with `\\x7fELF\\x02`"),
        (
            b"HEAPGRF1\xff\xff\xff\xff{}",
            "byte 8: the length of the header says 4294967295, but a file of this size",
        ),
        (b"HEAPGRF1\x03\0\0\0{\xff}", "byte 13: the header is not UTF-8 text"),
    ];
    for (bytes, expected) in cases {
        let error = read(bytes).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn broken_and_boundless_compression_is_an_error() {
    let bytes = Parts::new().bytes();
    let error = read(&gzip(&gzip(&bytes))).unwrap_err().to_string();
    assert!(error.contains("compressed a second time"), "{error}");
    let compressed = gzip(&bytes);
    for end in 2..compressed.len() {
        assert!(read(&compressed[..end]).is_err(), "{end}");
    }
    let mut wrong = compressed.clone();
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    let error = read(&wrong).unwrap_err().to_string();
    assert!(error.contains("cannot be read: corrupt gzip stream"), "{error}");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        encoder.write_all(&[b'#'; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let error = read(&bomb).unwrap_err();
    assert!(matches!(error.problem(), Problem::Expansion { .. }), "{error}");
}

#[test]
fn a_missing_file_and_a_folder_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let error = HeapGraph::open(folder.path().join("missing.heap")).unwrap_err().to_string();
    assert!(error.contains("missing.heap: cannot be read: "), "{error}");
    assert!(HeapGraph::open(folder.path()).is_err());
}

#[test]
fn a_graph_with_other_roots_is_written_with_these() {
    let graph = read(&Parts::new().bytes()).unwrap().with_roots(cyclade_heapgraph::Roots::All);
    let again = read(&write(&graph)).unwrap();
    assert_eq!((again.roots(), again.external(0), again.external(1)), (&[0, 1, 2][..], Some(1), Some(1)));
}

/// Any small graph.
fn graphs() -> impl Strategy<Value = HeapGraph> {
    let node = ("[a-z\u{e9}\"\\\\]{0,5}", any::<u32>(), 0u8..16);
    (
        prop::collection::vec(node, 0..40),
        prop::collection::vec((any::<u32>(), any::<u32>()), 0..120),
        any::<u64>(),
    )
        .prop_map(|(nodes, edges, roots)| {
            let mut builder = Builder::new();
            for (name, size, flags) in &nodes {
                let id = builder.node(name, *size);
                builder.flag(id, Flags::from_bits(*flags));
                if roots >> (id % 64) & 1 == 1 {
                    builder.root(id);
                }
            }
            if let n @ 1.. = nodes.len() as u32 {
                for (from, to) in edges {
                    builder.edge(from % n, to % n);
                }
            }
            builder.finish()
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(graph in graphs()) {
        let bytes = write(&graph);
        let again = read(&bytes).unwrap();
        prop_assert_eq!(again.stats(), graph.stats());
        prop_assert_eq!((again.n(), again.m(), again.roots()), (graph.n(), graph.m(), graph.roots()));
        let incoming = graph.in_degrees();
        for (i, &degree) in incoming.iter().enumerate() {
            prop_assert_eq!(again.edges(i), graph.edges(i));
            prop_assert_eq!((again.type_name(i), again.size(i)), (graph.type_name(i), graph.size(i)));
            prop_assert_eq!(again.flags(i), graph.flags(i));
            let external = u32::from(graph.roots().contains(&(i as u32)));
            prop_assert_eq!((again.external(i), again.refcount(i)), (Some(external), Some(degree + external)));
        }
        // Written once more, it is the same, byte for byte; compressed, the same graph.
        prop_assert_eq!(&write(&again), &bytes);
        prop_assert_eq!(read(&gzip(&bytes)).unwrap(), again);
    }
}
