//! The graph that the crate carries: what its README says about it is true.

use cyclade_heapgraph::{Flags, HeapGraph};

#[test]
fn the_carried_graph_is_what_its_readme_says() {
    let graph = HeapGraph::bundled();
    let stats = graph.stats();
    let source = graph.source();
    assert_eq!((source.python.as_str(), source.workload.as_str()), ("3.13.0", "docatlas.py"));
    assert!(!source.new_only && !source.gc_only);
    let readme = include_str!("../data/README.md").replace(',', "");
    let percent = |part: usize| format!("{:.1} %", 100.0 * part as f64 / stats.nodes as f64);
    for (what, figure) in [
        ("nodes", stats.nodes.to_string()),
        ("edges", stats.edges.to_string()),
        ("roots", stats.roots.to_string()),
        ("bytes", stats.bytes.to_string()),
        ("in cycles", stats.in_cycles.to_string()),
        ("share in cycles", percent(stats.in_cycles)),
        ("cycles", stats.cycles.to_string()),
        ("largest", stats.largest_cycle.to_string()),
        ("held by cycles", stats.held_by_cycles.to_string()),
        ("share held by cycles", percent(stats.held_by_cycles)),
    ] {
        assert!(readme.contains(&format!(" {figure}")), "data/README.md does not say {what}: {figure}");
    }
}

#[test]
fn counts_edges_and_flags_of_the_carried_graph_agree() {
    let graph = HeapGraph::bundled();
    for (i, incoming) in graph.in_degrees().into_iter().enumerate() {
        let (refcount, external) = (graph.refcount(i).unwrap(), graph.external(i).unwrap());
        assert_eq!(refcount, incoming + external, "node {i}, a {}", graph.type_name(i));
        let flags = graph.flags(i);
        assert!(flags.contains(Flags::COLLECTED) || !flags.contains(Flags::TRACKED));
        assert!(graph.size(i) >= 16);
        // A tracked object has a header of its own beside type and count.
        assert!(!flags.contains(Flags::TRACKED) || graph.size(i) >= 32);
    }
    let of = |name: &str| (0..graph.n()).filter(|&i| graph.type_name(i) == name).count();
    assert!(of("__main__.Symbol") > 1_000 && of("__main__.Page") > 500 && of("ast.Name") > 5_000);
    assert!(of("_asyncio.Task") >= 8 && of("builtins.traceback") >= 1 && of("builtins.cell") > 100);
}

#[test]
fn the_program_of_the_carried_graph_is_in_the_crate() {
    let program = include_str!("../programs/docatlas.py");
    assert!(program.contains("def publish("));
}
