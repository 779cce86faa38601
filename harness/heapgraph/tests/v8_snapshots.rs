//! V8 heap snapshots: a small one that is known in every edge, broken ones, and a real one if there is a Node here.

mod support;

use std::process::Command;

use cyclade_heapgraph::{Flags, Format, HeapGraph, Place, ReadError, ReadOptions, Roots};
use support::{assert_beginnings_refused, assert_refused, write};

const TINY: &str = include_str!("fixtures/tiny.heapsnapshot");

fn read(text: &str) -> Result<HeapGraph, ReadError> {
    support::read("x.heapsnapshot", text.as_bytes())
}

#[test]
fn every_edge_of_a_small_snapshot_is_where_it_belongs() {
    let graph = read(TINY).unwrap();
    assert_eq!(graph.source().format, Format::V8);
    let edges: Vec<_> = (0..graph.n()).map(|i| graph.edges(i).to_vec()).collect();
    let expected: [&[u32]; 9] = [&[1, 3], &[2, 8], &[3], &[4, 6], &[5, 7], &[4], &[4], &[], &[5]];
    assert_eq!(edges, expected);
    // The one weak edge, and the one shortcut that does not begin at the root.
    assert_eq!((graph.weak_m(), graph.weak_edges(4), graph.weak_edges(5)), (1, &[3][..], &[][..]));
    assert_eq!((graph.m(), graph.source().shortcuts), (12, 1));
    assert_eq!(graph.flags(3), Flags::WEAKLY_REFERENCED);
    assert_eq!(graph.flags(8), Flags::DETACHED);
    let types: Vec<_> = (0..graph.n()).map(|i| graph.type_name(i)).collect();
    let expected = [
        "(synthetic)",
        "(synthetic)",
        "(synthetic)",
        "global",
        "Peer",
        "Peer",
        "(closure)",
        "(string)",
        "<div>",
    ];
    assert_eq!(types, expected);
    assert_eq!((0..graph.n()).map(|i| graph.size(i)).collect::<Vec<_>>(), [0, 0, 0, 24, 48, 48, 64, 32, 128]);
    // The synthetic root, the GC roots, and their part.
    assert_eq!(graph.roots(), [0, 1, 2]);
    let stats = graph.stats();
    assert_eq!((stats.reachable, stats.in_cycles, stats.cycles), (9, 2, 1));
}

#[test]
fn other_roots_can_be_chosen() {
    let options = ReadOptions { roots: Some(Roots::Count(1)) };
    let graph = HeapGraph::from_bytes(TINY.as_bytes(), "x", &options).unwrap();
    assert_eq!(graph.roots(), [0]);
}

#[test]
fn a_snapshot_survives_being_kept_as_a_recorded_heap() {
    let graph = read(TINY).unwrap();
    let again = support::read("x.heap", &write(&graph)).unwrap();
    assert_eq!(again.stats(), {
        let mut stats = graph.stats();
        stats.weak_edges = 0;
        stats
    });
    assert_eq!(again.roots(), graph.roots());
    assert_eq!((again.refcount(4), again.external(4), again.external(2)), (Some(3), Some(0), Some(1)));
    assert_eq!((again.flags(3), again.flags(8)), (Flags::WEAKLY_REFERENCED, Flags::default()));
}

#[test]
fn broken_snapshots_are_errors_with_their_place() {
    let cases = [
        (
            "],\n\"edges\"",
            ",9,9],\n\"edges\"",
            "nodes[63]: `nodes` has 10 here, but snapshot.node_count says 9",
        ),
        (",8,7,17,128,1,0,2\n", "", "nodes[56]: `nodes` has 8 here, but snapshot.node_count says 9"),
        (",0,2\n]", ",0\n]", "nodes[62]: `nodes` ends in the middle of an entry of 7 fields"),
        ("[9,0,1,0,2,", "[9,0,1,0,3,", "nodes[60]: `nodes' edge_count, summed up,` has 15 here"),
        ("[9,0,1,0,2,", "[9,0,1,0,1,", "nodes[63]: `nodes' edge_count, summed up,` has 13 here"),
        (
            "[9,0,1,0,2,",
            "[9,0,1,0,18446744073709551615,",
            "nodes[4]: `nodes' edge_count, summed up,` has 18446744",
        ),
        (",5,5,13", ",15,5,13", "nodes[42]: the type index 15 is out of range; there are 15 types"),
        (",5,5,13", ",5,16,13", "nodes[43]: the name index 16 is out of range; `strings` has 16 items"),
        (",5,5,13", ",5,4294967296,13", "nodes[43]: the name index 4294967296 is out of range"),
        (
            ",5,5,13",
            ",5,-5,13",
            "nodes[43]: not a V8 heap snapshot: invalid value: integer `-5`, expected u64 at line 8",
        ),
        (
            ",5,5,13",
            ",5,\"5\",13",
            "nodes[43]: not a V8 heap snapshot: invalid type: string \"5\", expected u64",
        ),
        (",5,5,13", ",5,5.5,13", "nodes[43]: not a V8 heap snapshot: invalid type: floating point"),
        (
            ",3,12,49",
            ",3,12,50",
            "edges[26]: `to_node` is 50; it must be an index into `nodes` where a node begins: a",
        ),
        (",3,12,49", ",3,12,63", "edges[26]: `to_node` is 63"),
        (",3,12,49", ",7,12,49", "edges[24]: the type index 7 is out of range; there are 7 types"),
        (",1,1,35\n", "", "edges[39]: `edges` has 13 here, but snapshot.edge_count says 14"),
        (",1,1,35\n", ",1,1,35,0,0,0\n", "edges[42]: `edges` has 15 here, but snapshot.edge_count says 14"),
        (",1,1,35\n", ",1,1\n", "edges[41]: `edges` ends in the middle of an entry of 3 fields"),
        (
            "\"node_count\":9",
            "\"node_count\":900",
            "snapshot.node_count says 900, but a file of this size has room for",
        ),
        (
            "\"edge_count\":14",
            "\"edge_count\":999999999999",
            "snapshot.edge_count says 999999999999, but a file",
        ),
        ("\"node_count\":9", "\"node_count\":-9", "line 1: not a V8 heap snapshot: invalid value"),
        ("\"to_node\"]", "\"to\"]", "the snapshot has no `snapshot.meta.edge_fields `to_node``"),
        (
            "\"edge_types\":[[\"context\",",
            "\"edge_types\":[\"context\",[",
            "the snapshot has no `snapshot.meta.edge_types`",
        ),
        (
            "\"node_count\":9",
            "\"root_index\":3,\"node_count\":9",
            "`to_node` is 3; it must be an index into `nodes`",
        ),
        ("\"nodes\"", "\"other\"", "`edges` comes before `nodes`"),
        ("\"samples\":[]", "\"nodes\":[]", "`nodes` comes a second time"),
        ("\"strings\"", "\"other\"", "the snapshot has no `strings`; a complete snapshot has"),
        (
            "\"some text\"",
            "7",
            "strings[6]: not a V8 heap snapshot: invalid type: integer `7`, expected a string",
        ),
        ("\"some text\"", "\"some\\q\"", "strings[6]: not a V8 heap snapshot: invalid escape at line 31"),
        ("\\u00e9\"]}", "\"]", "line 32: not a V8 heap snapshot: EOF while parsing an object"),
        ("\\u00e9\"]}", "\"]} more", "line 31: not a V8 heap snapshot: trailing characters"),
    ];
    assert_refused(TINY, &cases, "x.heapsnapshot: ", |text| read(&text));
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let mut bytes = TINY.as_bytes().to_vec();
    let at = TINY.find("some text").unwrap();
    bytes[at] = 0xff;
    let error = support::read("x", &bytes).unwrap_err();
    assert_eq!(error.to_string(), "x: strings[6]: the string is not UTF-8 text");
    assert_eq!(*error.place(), Place::Item { array: "strings", index: 6, byte: None });
}

#[test]
fn deeply_nested_parts_that_are_passed_over_need_no_stack() {
    let nested = format!("\"trace_tree\":{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(read(&TINY.replace("\"trace_tree\":[]", &nested)).unwrap().n(), 9);
}

#[test]
fn every_beginning_of_a_snapshot_is_an_error() {
    assert_beginnings_refused("x.heapsnapshot", TINY.trim_end().as_bytes());
}

#[test]
fn a_snapshot_of_a_real_program_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.heapsnapshot");
    let program = "class Peer { constructor(o) { this.other = o ?? new Peer(this); } } \
                   globalThis.kept = new Peer(); globalThis.weak = new WeakRef(kept); \
                   require('v8').writeHeapSnapshot(process.argv[1]);";
    let status = Command::new("node").args(["-e", program]).arg(&file).status();
    if !status.is_ok_and(|status| status.success() && file.exists()) {
        eprintln!("a_snapshot_of_a_real_program_is_read: skipped: no node");
        return;
    }
    let graph = HeapGraph::open(&file).unwrap();
    let peers: Vec<_> = (0..graph.n()).filter(|&i| graph.type_name(i) == "Peer").collect();
    let pair = peers.iter().any(|&i| {
        graph.edges(i).iter().any(|&t| {
            t as usize != i && peers.contains(&(t as usize)) && graph.edges(t as usize).contains(&(i as u32))
        })
    });
    assert!(pair, "two peers refer to each other: {peers:?}");
    let stats = graph.stats();
    assert!(
        stats.reachable * 10 > stats.nodes * 9 && stats.weak_edges > 0 && stats.in_cycles > 100,
        "{stats:?}"
    );
}
