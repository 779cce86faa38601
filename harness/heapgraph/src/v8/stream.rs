//! The serde side: arrays of numbers and strings handed on item by item, and where in them something was wrong.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use crate::error::{Place, Problem};

/// Carries what is wrong, and where, past serde, whose errors are text only.
#[derive(Default)]
pub(super) struct Report(Cell<Option<(Place, Option<Problem>)>>);

impl Report {
    /// Keeps a problem and returns an error to stop with.
    pub(super) fn stop<E: Error>(&self, place: Place, problem: Problem) -> E {
        self.0.set(Some((place, Some(problem))));
        E::custom("")
    }

    /// Keeps the place of an error that serde has found itself.
    fn locate<E: Error>(&self, place: Place, error: E) -> E {
        if let Some(earlier) = self.0.take() {
            self.0.set(Some(earlier));
        } else {
            self.0.set(Some((place, None)));
        }
        error
    }

    /// What was kept.
    pub(super) fn take(&self) -> Option<(Place, Option<Problem>)> {
        self.0.take()
    }
}

/// Something that takes the items of an array one by one.
pub(super) trait Sink<T> {
    /// Takes an item; an error stops the reading at it.
    fn item(&mut self, index: u64, item: T) -> Result<(), Problem>;

    /// Whether the item's content is wanted; what is not wanted arrives empty.
    fn wants(&self, _index: u64) -> bool {
        true
    }
}

/// An array of unsigned whole numbers for a sink. Returns how many there were.
pub(super) struct Numbers<'a, S> {
    pub(super) array: &'static str,
    pub(super) report: &'a Report,
    pub(super) sink: &'a mut S,
}

impl<'de, S: Sink<u64>> DeserializeSeed<'de> for Numbers<'_, S> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: Sink<u64>> Visitor<'de> for Numbers<'_, S> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, an array of whole numbers", self.array)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut index = 0;
        let place = |index| Place::Item { array: self.array, index, byte: None };
        loop {
            match items.next_element::<u64>() {
                Ok(Some(item)) => match self.sink.item(index, item) {
                    Ok(()) => index += 1,
                    Err(problem) => return Err(self.report.stop(place(index), problem)),
                },
                Ok(None) => return Ok(index),
                Err(error) => return Err(self.report.locate(place(index), error)),
            }
        }
    }
}

/// An array of strings for a sink. Returns how many there were.
pub(super) struct Strings<'a, S> {
    pub(super) report: &'a Report,
    pub(super) sink: &'a mut S,
}

impl<'de, S: Sink<String>> DeserializeSeed<'de> for Strings<'_, S> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: Sink<String>> Visitor<'de> for Strings<'_, S> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`strings`, an array of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut index = 0;
        let place = |index| Place::Item { array: "strings", index, byte: None };
        loop {
            let wanted = self.sink.wants(index);
            match items.next_element_seed(Text { wanted, report: self.report, place: place(index) }) {
                Ok(Some(item)) => match self.sink.item(index, item) {
                    Ok(()) => index += 1,
                    Err(problem) => return Err(self.report.stop(place(index), problem)),
                },
                Ok(None) => return Ok(index),
                Err(error) => return Err(self.report.locate(place(index), error)),
            }
        }
    }
}

/// One string. It is read as bytes, since JavaScript's strings may hold halves of surrogate pairs, which no UTF-8 text
/// has.
struct Text<'a> {
    wanted: bool,
    report: &'a Report,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
        if !is_text(bytes) {
            return Err(self.report.stop(self.place, Problem::NotUtf8 { what: "the string" }));
        }
        Ok(if self.wanted { String::from_utf8_lossy(bytes).into_owned() } else { String::new() })
    }
}

/// Whether this is UTF-8, halves of surrogate pairs aside.
fn is_text(mut bytes: &[u8]) -> bool {
    while let Err(error) = std::str::from_utf8(bytes) {
        match bytes[error.valid_up_to()..] {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => bytes = &bytes[error.valid_up_to() + 3..],
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn halves_of_surrogate_pairs_are_text_and_other_stray_bytes_are_not() {
        assert!(is_text("π".as_bytes()));
        assert!(is_text(b"a\xed\xa0\x80b\xed\xbf\xbf"));
        for bad in [&b"\xff"[..], b"a\xed\xa0", b"\xed\xa0\x80\x80", b"\xc3"] {
            assert!(!is_text(bad), "{bad:?}");
        }
    }
}
