//! Prints the figures of graph files: `cargo run --example inspect -- FILE..`

use cyclade_heapgraph::HeapGraph;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in std::env::args_os().skip(1) {
        let graph = HeapGraph::open(file)?;
        let stats = graph.stats();
        println!("{}", graph.source());
        println!("  {stats:#?}");
        println!("  {} types, {} bytes in memory", graph.type_names().len(), graph.memory_bytes());
    }
    Ok(())
}
