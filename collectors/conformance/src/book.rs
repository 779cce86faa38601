//! The README and the pages of the book, so that their examples are compiled and run.

macro_rules! pages {
    ($($name:ident $path:literal),+ $(,)?) => {
        $(#[doc = include_str!($path)] mod $name {})+
    };
}

pages! {
    readme "../../../README.md",
    quickstart "../../../docs/quickstart.md",
    collectors "../../../docs/collectors.md",
    add_a_collector "../../../docs/add-a-collector.md",
}
