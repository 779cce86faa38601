//! Records a Python program: `cargo run --example record -- OUT FUNCTION SCRIPT [ARGUMENT ..]`, FUNCTION being that at whose
//! first call it is recorded, or `-` for the program's end. An OUT that ends in `.gz` is compressed.

use std::path::PathBuf;

use cyclade_heapgraph::record::{self, RecordOptions};
use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(out), Some(at), Some(script)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: record OUT FUNCTION SCRIPT [ARGUMENT ..]".into());
    };
    let out = PathBuf::from(out);
    let compressed = out.extension().is_some_and(|extension| extension == "gz");
    let plain = if compressed { out.with_extension("") } else { out.clone() };
    let mut options = RecordOptions::new(script, &plain);
    options.at = (at != "-").then(|| at.to_string_lossy().into_owned());
    options.args = args.collect();
    let recording = record::python(&options)?;
    println!("{} nodes, {} edges, Python {}", recording.nodes, recording.edges, recording.python);
    if compressed {
        let mut encoder = GzEncoder::new(std::fs::File::create(&out)?, Compression::best());
        std::io::copy(&mut std::fs::File::open(&plain)?, &mut encoder)?;
        encoder.finish()?;
        std::fs::remove_file(&plain)?;
    }
    Ok(())
}
