//! Files that somebody has damaged, at random: never a panic, and never more memory than the file explains.
//!
//! A program of its own, because it counts what is allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use cyclade_heapgraph::{Builder, HeapGraph, ReadOptions};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Counts the bytes that are allocated, and the most that ever were.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator as it came; the counting changes no pointer and no layout.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(NOW.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promise about `layout` is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise about `pointer` and `layout` is handed on; `alloc` got them from the same place.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the working space of a reader may take, whatever the file: buffers, the decompressor's window.
const WORKING_SPACE: usize = 384 << 10;
/// Bytes of memory per byte of the file. Measured on large files: below 1 for recorded heaps and snapshots, 9 for an edge
/// list in which every node is new. A header of nothing but empty type names is the worst: 24 bytes each for three of text,
/// in a list that grows by doubling.
const PER_BYTE: usize = 32;

/// Reads it. An error must name the file.
fn read(bytes: &[u8]) -> bool {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    let result = HeapGraph::from_bytes(bytes, "x", &ReadOptions::default());
    let used = MOST.load(Relaxed) - before;
    assert!(used <= WORKING_SPACE + PER_BYTE * bytes.len(), "{used} bytes for a file of {}", bytes.len());
    match result {
        Ok(graph) => {
            // What was read can be walked.
            let stats = graph.stats();
            assert!(stats.reachable <= stats.nodes && stats.nodes == graph.n());
            true
        }
        Err(error) => {
            assert!(error.to_string().starts_with("x: "), "{error}");
            false
        }
    }
}

fn recorded() -> Vec<u8> {
    let mut builder = Builder::new();
    for i in 0..300 {
        builder.node(["builtins.dict", "str", "app.Thing"][i % 3], 48);
    }
    for i in 0..300 {
        builder.edge(i, (i + 1) % 300).edge(i, (i * 7) % 300);
    }
    builder.root(0);
    let mut bytes = Vec::new();
    builder.finish().write(&mut bytes).unwrap();
    bytes
}

fn edge_list() -> Vec<u8> {
    (0..300).map(|i| format!("{} {}\t{}.5\n", i * 17, i * 31 % 511, i)).collect::<String>().into_bytes()
}

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Cut(prop::sample::Index),
    Byte(prop::sample::Index, u8),
    Digit(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, prop::sample::Index),
    Remove(prop::sample::Index, usize),
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    use prop::sample::Index;
    let at = any::<Index>;
    let damage = prop_oneof![
        at().prop_map(Damage::Cut),
        (at(), any::<u8>()).prop_map(|(i, byte)| Damage::Byte(i, byte)),
        (at(), b'0'..=b'9').prop_map(|(i, digit)| Damage::Digit(i, digit)),
        (at(), prop::collection::vec(prop_oneof![any::<u8>(), b'0'..=b'9'], 1..20))
            .prop_map(|(i, b)| Damage::Insert(i, b)),
        (at(), at()).prop_map(|(i, j)| Damage::Repeat(i, j)),
        (at(), 1usize..40).prop_map(|(i, count)| Damage::Remove(i, count)),
    ];
    prop::collection::vec(damage, 1..6)
}

fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let n = bytes.len();
        match damage {
            Damage::Cut(i) => bytes.truncate(i.index(n)),
            Damage::Byte(i, byte) => bytes[i.index(n)] = *byte,
            Damage::Digit(i, digit) => {
                // The next digit, so that counts and indices change while the shape stays.
                let start = i.index(n);
                if let Some(at) = (start..n).find(|&at| bytes[at].is_ascii_digit()) {
                    bytes[at] = *digit;
                }
            }
            Damage::Insert(i, inserted) => {
                let at = i.index(n);
                bytes.splice(at..at, inserted.iter().copied());
            }
            Damage::Repeat(i, j) => {
                let (from, to) = (i.index(n).min(j.index(n)), i.index(n).max(j.index(n)));
                let repeated = bytes[from..to].to_vec();
                bytes.splice(to..to, repeated);
            }
            Damage::Remove(i, count) => {
                let at = i.index(n);
                bytes.drain(at..(at + count).min(n));
            }
        }
    }
    bytes
}

// One test: the count of allocated bytes is for the whole process.
#[test]
fn damaged_files_neither_panic_nor_take_more_memory_than_they_explain() {
    let tiny = include_bytes!("fixtures/tiny.heapsnapshot").to_vec();
    let accepted = AtomicUsize::new(0);
    for original in [recorded(), edge_list(), tiny] {
        assert!(read(&original));
        let config = Config { cases: 1500, failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&damages(), |damages| {
                let bytes = damaged(&original, &damages);
                accepted.fetch_add(usize::from(read(&bytes)), Relaxed);
                Ok(())
            })
            .unwrap();
    }
    // Some damage changes a number for another that is as good.
    assert!(accepted.into_inner() > 0);

    // Large files for which the bound per byte decides: each node new, and type names that are nothing but overhead.
    let nodes: String = (0..200_000).map(|i| format!("{} {}\n", 2 * i, 2 * i + 1)).collect();
    assert!(read(nodes.as_bytes()));
    let arrays = r#""arrays":[["offsets","Q"],["targets","I"],["type","H"],["size","I"],["refcount","I"],["external","I"],["outside","I"],["flags","B"]]"#;
    let header = format!(r#"{{"n":0,"m":0,"types":[{}""],{arrays}}}"#, r#""","#.repeat(400_000));
    let mut bytes = b"HEAPGRF1".to_vec();
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend([0; 8]);
    assert!(read(&bytes));

    // What a header announces is not believed, neither in a plain file nor in a compressed one.
    for (n, m) in
        [(4_000_000_000u64, 1u64), (1, 4_000_000_000), (4_294_967_295, 4_294_967_295), (1_000_000, 1_000_000)]
    {
        let header = format!(r#"{{"n":{n},"m":{m},"types":["t"],{arrays}}}"#);
        let mut bytes = b"HEAPGRF1".to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header.as_bytes());
        assert!(!read(&bytes));
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&bytes).unwrap();
        assert!(!read(&encoder.finish().unwrap()));
        let snapshot = include_str!("fixtures/tiny.heapsnapshot");
        let snapshot = snapshot.replace("\"node_count\":9", &format!("\"node_count\":{n}"));
        assert!(!read(snapshot.as_bytes()));
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(snapshot.as_bytes()).unwrap();
        assert!(!read(&encoder.finish().unwrap()));
    }
}
