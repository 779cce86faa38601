//! Tests of the core through its public interface, in one binary: as eight of them they took three times as long to compile and link.

mod counting;
mod derive;
mod dying_at_work;
mod faulty_trace;
mod hygiene;
mod maps;
mod museum;
mod recorder;
mod reentrance;
mod self_watch;
mod std_types;
