//! Prints the table of a made-up record; with a directory, writes its files there too:
//! `cargo run -p cyclade-report --example sample -- DIR`.

#[path = "../tests/suite/support/sample.rs"]
mod sample;

use std::error::Error;
use std::path::Path;

use cyclade_report::{Output, export, table};

fn main() -> Result<(), Box<dyn Error>> {
    let record = sample::record();
    print!("{}", table::render(&record, table::Style::for_stdout(None)));
    if let Some(directory) = std::env::args_os().nth(1) {
        let output = Output::prepare(Path::new(&directory), &export::FILES, true)?;
        for path in export::write_all(&record, &output)? {
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}
