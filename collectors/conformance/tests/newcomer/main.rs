//! The collector that the book's chapter on adding one is about: it passes the suite, and the chapter shows it as it is.

/// The collector.
pub mod every_nth;

use cyclade_conformance::{Check, Mode, checks};
use cyclade_core::Collector;
use every_nth::{EveryNth, Nth};

/// The collectors of the workspace build the ten million objects of `deep`; here that would only take time.
fn quick() -> impl Iterator<Item = Check> {
    checks::<EveryNth>().into_iter().filter(|check| !check.name.starts_with("deep::"))
}

#[test]
fn collector_of_the_chapter_passes_the_suite() {
    quick().for_each(|check| (check.run)(Mode::Plain));
}

#[test]
fn collector_of_the_chapter_passes_the_suite_under_zeal() {
    quick().for_each(|check| (check.run)(Mode::Zeal));
}

#[test]
fn collector_of_the_chapter_collects_by_itself() {
    let mut heap = cyclade_core::Heap::<EveryNth>::new(cyclade_core::Config {
        collector: Nth(10),
        ..cyclade_core::Config::default()
    });
    for _ in 0..100 {
        heap.mutate(|mc| _ = mc.alloc(7_u64));
        assert!(heap.len() <= 10, "{} collects at every tenth safepoint", EveryNth::NAME);
    }
}

#[test]
fn chapter_shows_the_collector_as_it_is() {
    let chapter = include_str!("../../../../docs/add-a-collector.md").replace('\r', "");
    let code = include_str!("every_nth.rs").replace('\r', "");
    assert!(
        chapter.contains(&code),
        "docs/add-a-collector.md must contain newcomer/every_nth.rs word for word"
    );
}
