//! Churn: a random one of a million live objects is replaced by a new one, again and again. Each refers to itself, so that only a collection frees
//! what was replaced. How long do full collections stop the program, and how much garbage lies about meanwhile?
//!
//! ```text
//! cargo bench -p cyclade-benches --bench churn [-- --live N --operations N]
//! ```
//!
//! Trial deletion under CPython's trigger and order, under CPython's trigger alone, and under the trigger that grows with the live heap; and the real
//! `python3`, if there is one. Times are those on the wall.

use cyclade_core::{GcVec, PauseKind, Slot, Trace};
use cyclade_trial_deletion::{Config, Full, Heap, Options, Order};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

#[derive(Trace)]
struct Node<'gc> {
    itself: Slot<'gc, Node<'gc>>,
    payload: u64,
}

/// A piece of the table of live objects.
#[derive(Trace)]
struct Page<'gc> {
    nodes: GcVec<'gc, Node<'gc>>,
}

const PAGE: u64 = 1024;

/// What was seen.
struct Seen {
    each: Duration,
    full: Vec<Duration>,
    most_bytes: Option<usize>,
}

fn churn(options: Options, live: u64, operations: u64) -> Seen {
    let mut heap = Heap::new(Config { collector: options, ..Config::default() });
    let mut random = fastrand::Rng::with_seed(1);
    let pages: Vec<_> = (0..live.div_ceil(PAGE))
        .map(|page| {
            heap.mutate(|mc| {
                let list = mc.alloc(Page { nodes: GcVec::new() });
                for payload in page * PAGE..live.min((page + 1) * PAGE) {
                    let node = mc.alloc(Node { itself: Slot::empty(), payload });
                    node.set(mc, |n| &n.itself, Some(node));
                    list.edit(mc, |l| &l.nodes).push(node);
                }
                mc.root(list)
            })
        })
        .collect();
    heap.collect();
    heap.record_pauses(true);
    let mut most_bytes = 0;
    let start = Instant::now();
    for payload in 0..operations {
        let place = random.u64(..live);
        heap.mutate(|mc| {
            let node = mc.alloc(Node { itself: Slot::empty(), payload });
            node.set(mc, |n| &n.itself, Some(node));
            let page = pages[(place / PAGE) as usize].get(mc);
            page.edit(mc, |l| &l.nodes).set((place % PAGE) as usize, node);
        });
        if payload % 1024 == 0 {
            most_bytes = most_bytes.max(heap.stats().used_bytes);
        }
    }
    let each = start.elapsed() / operations as u32;
    let pauses = heap.take_pauses();
    let full = pauses.iter().filter(|p| p.kind == PauseKind::Full).map(|p| p.duration).collect();
    let checked = heap.mutate(|mc| pages[0].get(mc).nodes.get(0).map(|node| node.payload));
    assert!(checked.is_some(), "the first node is gone");
    Seen { each, full, most_bytes: Some(most_bytes) }
}

fn python(live: u64, operations: u64) -> Option<Seen> {
    let arguments = ["-c", include_str!("churn.py"), &live.to_string(), &operations.to_string()];
    let output = Command::new("python3").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok()).map(Duration::from_nanos);
    let each = numbers.next()? / operations as u32;
    Some(Seen { each, full: numbers.collect(), most_bytes: None })
}

fn row(name: &str, seen: Option<Seen>) {
    let Some(Seen { each, mut full, most_bytes }) = seen else {
        return println!("| {name} | could not be run | | | | |");
    };
    full.sort_unstable();
    let milliseconds =
        |d: Option<&Duration>| d.map_or("—".to_owned(), |d| format!("{:.1}", d.as_secs_f64() * 1e3));
    println!(
        "| {name} | {} | {} | {} | {} | {} |",
        each.as_nanos(),
        full.len(),
        milliseconds(full.get(full.len() / 2)),
        milliseconds(full.last()),
        most_bytes.map_or("—".to_owned(), |bytes| format!("{:.0}", bytes as f64 / 1048576.0))
    );
}

fn main() -> ExitCode {
    let (mut live, mut operations) = (1_000_000, 2_000_000);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|text| text.parse().ok()).filter(|&n: &u64| n > 0);
        let read = match word.as_str() {
            // Cargo says so to every bench.
            "--bench" => Some(()),
            "--test" => Some((live, operations) = (1_000, 5_000)),
            "--live" => number().map(|n| live = n),
            "--operations" => number().map(|n| operations = n),
            _ => None,
        };
        if read.is_none() {
            eprintln!("churn: cannot make sense of `{word}`; there are --live N, --operations N and --test");
            return ExitCode::from(2);
        }
    }
    println!("{operations} operations on {live} live objects.\n");
    println!("| | ns per operation | full collections | median pause, ms | longest, ms | most memory, MiB |");
    println!("|---|---:|---:|---:|---:|---:|");
    let exact = Options { order: Order::Python, ..Options::default() };
    let growth = Options { full: Full::GROWTH, ..Options::default() };
    row("trial deletion, CPython's trigger and order", Some(churn(exact, live, operations)));
    row("trial deletion, CPython's trigger", Some(churn(Options::default(), live, operations)));
    row("trial deletion, `Full::GROWTH`", Some(churn(growth, live, operations)));
    row("CPython", python(live, operations));
    ExitCode::SUCCESS
}
