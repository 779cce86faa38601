//! Settings of the mark-sweep collector.

/// When to collect, and with how many threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Threads that mark: 1 marks on the owner's thread, more mark in rayon's pool, which has as many threads as the machine has
    /// processors unless the program says otherwise. Default 1.
    pub threads: usize,
    /// A collection is due when this many times the bytes that were live after the last one have been allocated since. Smaller
    /// means less memory and more collections. Default 1.0.
    pub growth: f64,
    /// No collection before this many bytes have been allocated. Default 4 MiB.
    pub min_bytes: u64,
    /// Are collections automatic? Default true.
    pub automatic: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { threads: 1, growth: 1.0, min_bytes: 4 << 20, automatic: true }
    }
}
