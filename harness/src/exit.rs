//! How the program ends: a code, and a line for people.

use std::fmt::Display;
use std::process::ExitCode;

/// An end other than success.
///
/// Codes: 1 for a result that is not as it should be (a difference, a regression, a collector at fault), 2 for input that cannot be
/// used, 130 for Ctrl-C.
#[derive(Debug)]
pub(crate) struct Exit {
    code: u8,
    message: Option<String>,
}

impl Exit {
    /// The input cannot be used.
    pub(crate) fn usage(message: impl Display) -> Self {
        Exit { code: 2, message: Some(message.to_string()) }
    }

    /// The result is not as it should be, and has been printed.
    pub(crate) fn differs() -> Self {
        Exit { code: 1, message: None }
    }

    /// Something failed on the way.
    pub(crate) fn failed(message: impl Display) -> Self {
        Exit { code: 1, message: Some(message.to_string()) }
    }

    /// Somebody pressed Ctrl-C, and what there was has been written.
    pub(crate) fn interrupted() -> Self {
        Exit { code: 130, message: None }
    }

    /// Another program's exit code.
    pub(crate) fn code(code: u8) -> Self {
        Exit { code, message: None }
    }

    /// Says what there is to say.
    pub(crate) fn report(self) -> ExitCode {
        if let Some(message) = self.message {
            eprintln!("cyclade: {message}");
        }
        ExitCode::from(self.code)
    }
}
