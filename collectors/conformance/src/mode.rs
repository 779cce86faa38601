//! How a check is run: normally, under zeal, or with settings of the collector's; and how it says that it does not apply.

use cyclade_core::{Collector, Config, Heap, Zeal};
use std::any::Any;

/// Every check is run in the first two modes, and in the third if somebody asks for it.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// As programs use a heap.
    Plain,
    /// Freed values are overwritten, the heap is collected at the end of every scope, the collector checks its own invariants
    /// there, and the core's oracle looks on.
    Zeal,
    /// As `Plain`, with settings that make the collector collect as often as it can: the function is given the collector's
    /// [`Options`](Collector::Options) to change.
    Eager(fn(&mut dyn Any)),
}

impl Mode {
    /// A heap in this mode.
    #[must_use]
    pub fn heap<C: Collector>(self) -> Heap<C> {
        Heap::new(self.config())
    }

    /// A heap in this mode that may not use more than `bytes`.
    #[must_use]
    pub fn heap_of<C: Collector>(self, bytes: usize) -> Heap<C> {
        Heap::new(Config { heap_limit: Some(bytes), ..self.config() })
    }

    fn config<C: Collector>(self) -> Config<C> {
        let mut config = Config { zeal: self.is_zeal().then(Zeal::default), ..Config::default() };
        if let Mode::Eager(settings) = self {
            let options: &mut C::Options = &mut config.collector;
            settings(options);
        }
        config
    }

    /// Is the heap collected at the end of every scope?
    #[must_use]
    pub fn is_zeal(self) -> bool {
        matches!(self, Mode::Zeal)
    }

    /// May garbage be gone before a collection is asked for, or a count falls to 0?
    #[must_use]
    pub fn is_eager(self) -> bool {
        !matches!(self, Mode::Plain)
    }
}

/// Does a check apply? If not, says what was skipped and why.
///
/// `because` completes the sentence "it is skipped, because the collector ...".
#[must_use]
pub fn applies<C: Collector>(check: &str, condition: bool, because: &str) -> bool {
    if !condition {
        println!("skipped for `{}`: {check}, because the collector {because}", C::NAME);
    }
    condition
}
