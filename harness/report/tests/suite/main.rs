//! Tests of the crate through its public interface, in one binary, which takes a third of the time to compile and link.

mod any_record;
mod compare;
mod contests;
mod exports;
mod record;
mod summary;
mod support;
mod table;
mod verdict_and_warnings;
