//! The fields of an operation or an action, read one by one, so that an error names the field and says what it may be. `null` is as good
//! as no field.

use super::vocabulary::Word;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// An object of the file.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// Only the fields of this one are looked at.
    word: Option<&'static Word>,
}

/// What ids and lengths may be.
const UNSIGNED: RangeInclusive<i64> = 0..=u32::MAX as i64;

impl<'a> Fields<'a> {
    /// `what` it should be, for the error.
    pub(super) fn of(value: &'a Value, what: &str) -> Result<Self, String> {
        let map = value.as_object().ok_or_else(|| format!("{} is no {what}", shown(value)))?;
        Ok(Fields { map, word: None })
    }

    /// The fields that this operation or action has, and the names of those beside `key` that it does not have. `Err`: one is missing.
    pub(super) fn of_word(
        self,
        word: &'static Word,
        key: &'static str,
    ) -> Result<(Self, impl Iterator<Item = &'a str>), String> {
        let own = Fields { word: Some(word), ..self };
        if let Some(missing) = word.required.iter().find(|name| own.get(name).is_none()) {
            return Err(format!("`{}` needs the field `{missing}`", word.name));
        }
        let others = self.map.keys().map(String::as_str);
        Ok((own, others.filter(move |name| *name != key && !word.has(name))))
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        self.word.is_none_or(|word| word.has(name)).then_some(value)
    }

    /// A whole number in this range.
    pub(super) fn number(self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_i64().filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None if range == (i64::MIN..=i64::MAX) => Err(wrong(name, value, "a whole number")),
            None => {
                Err(wrong(name, value, &format!("a whole number from {} to {}", range.start(), range.end())))
            }
        }
    }

    /// An id, or a number of objects.
    pub(super) fn unsigned(self, name: &str) -> Result<Option<u32>, String> {
        Ok(self.number(name, UNSIGNED)?.and_then(|number| number.try_into().ok()))
    }

    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| wrong(name, value, "a text"))
    }

    /// `true`, or a number that is not 0.
    pub(super) fn switch(self, name: &str) -> Result<bool, String> {
        let Some(value) = self.get(name) else { return Ok(false) };
        let number = || value.as_i64().map(|number| number != 0);
        value.as_bool().or_else(number).ok_or_else(|| wrong(name, value, "true or false"))
    }

    /// A list whose items are read by `item`; an error in one names its place.
    pub(super) fn list<T>(
        self,
        name: &str,
        mut item: impl FnMut(&'a Value) -> Result<T, String>,
    ) -> Result<Option<Vec<T>>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let Some(items) = value.as_array() else { return Err(wrong(name, value, "a list")) };
        let read = items.iter().enumerate();
        let read = read.map(|(place, value)| {
            item(value).map_err(|reason| format!("`{name}`, number {place}: {reason}"))
        });
        read.collect::<Result<_, _>>().map(Some)
    }
}

/// An id that stands by itself.
pub(super) fn id(value: &Value) -> Result<u32, String> {
    let id = value.as_i64().and_then(|number| number.try_into().ok());
    id.ok_or_else(|| format!("{} is no id: a whole number from 0 to {}", shown(value), UNSIGNED.end()))
}

fn wrong(name: &str, value: &Value, right: &str) -> String {
    format!("`{name}` is {}; it must be {right}", shown(value))
}

/// A value, or the beginning of a long one.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
