//! Writing to standard output: a reader who has seen enough (`cyclade list | head`) is no error.

use crate::exit::Exit;
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// Prints text as it is.
pub(crate) fn print(text: &str) -> Result<(), Exit> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Exit::failed(format_args!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a value as JSON, with a line break.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Exit> {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&(text + "\n")),
        Err(error) => Err(Exit::failed(format_args!("cannot put the result into JSON: {error}"))),
    }
}
