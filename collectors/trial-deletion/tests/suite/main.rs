//! Tests of the collector through its public interface, in one binary: as eighteen of them they took three times as long to compile and link.

mod attacks;
mod callbacks;
mod deaths;
mod deep_nesting;
mod faulty_code;
mod finalizers;
mod gc_module;
mod generations;
mod joining;
mod many_references;
#[cfg(not(miri))]
mod mistakes;
mod panics;
mod payload_births;
mod random_programs;
mod story;
mod swift_deaths;
mod tutorials;
mod weak_containers;
mod weak_objects;
