//! The comparison with what CPython did: field by field, what differs and where.

use super::file::Scenario;
use super::program::Observed;
use serde::Serialize;
use serde_json::Value;

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    pub(crate) scenario: String,
    /// `results[3].snap.rc`, or a rule.
    pub(crate) place: String,
    pub(crate) expected: Value,
    pub(crate) found: Value,
}

/// Everything in `expect` that came out differently. With `exact`, in every field; else by the weaker rule alone.
pub(crate) fn compare(scenario: &Scenario, observed: &Observed, exact: bool) -> Vec<Difference> {
    let mut differences: Vec<Difference> = observed
        .broken
        .iter()
        .map(|text| Difference {
            scenario: scenario.name.clone(),
            place: "rule".to_owned(),
            expected: Value::Null,
            found: text.clone().into(),
        })
        .collect();
    if exact {
        let found = observed.to_json();
        walk(&scenario.name, String::new(), &scenario.expect, &found, &mut differences);
    }
    differences
}

/// Objects are compared by the fields that are expected, lists by position, the rest as it is.
fn walk(scenario: &str, place: String, expected: &Value, found: &Value, out: &mut Vec<Difference>) {
    match (expected, found) {
        // Counts are exact: an object too many in the table is a difference.
        (Value::Object(want), Value::Object(have)) if !place.ends_with(".rc") && !place.ends_with(".wr") => {
            for (name, want) in want {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                walk(scenario, place, want, have.get(name).unwrap_or(&Value::Null), out);
            }
        }
        (Value::Array(want), Value::Array(have)) if place == "results" && want.len() == have.len() => {
            for (index, (want, have)) in want.iter().zip(have).enumerate() {
                walk(scenario, format!("{place}[{index}]"), want, have, out);
            }
        }
        _ if expected == found => {}
        _ => out.push(Difference {
            scenario: scenario.to_owned(),
            place,
            expected: expected.clone(),
            found: found.clone(),
        }),
    }
}
