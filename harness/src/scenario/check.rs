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
    let broken = |text: &str| Difference {
        scenario: scenario.name.clone(),
        place: "rule".to_owned(),
        expected: Value::Null,
        found: text.into(),
    };
    let mut differences: Vec<Difference> = observed.broken.iter().map(|text| broken(text)).collect();
    if exact && scenario.expect.is_null() {
        differences.push(broken("there is no `expect` to compare with"));
    } else if exact {
        differences.extend(compare_values(&scenario.name, &scenario.expect, &observed.to_json()));
    }
    differences
}

/// Everything in `expected`, which is in the shape of `expect`, that is another in `found`.
pub(crate) fn compare_values(scenario: &str, expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    walk(scenario, String::new(), &without_addresses(expected), found, &mut differences);
    differences
}

/// Whether a freed address has come back is nobody's business but the allocator's: `addr` and `addr_same` are not compared.
fn without_addresses(expect: &Value) -> Value {
    let mut expect = expect.clone();
    let informative = |name: &str| name == "addr" || name == "addr_same";
    if let Some(Value::Array(results)) = expect.get_mut("results") {
        results.retain(|entry| {
            !entry.as_object().is_some_and(|entry| entry.keys().any(|name| informative(name)))
        });
    }
    if let Some(Value::Array(values)) = expect.get_mut("values") {
        values.retain(|entry| !entry.get(2).and_then(Value::as_str).is_some_and(informative));
    }
    expect
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_are_not_compared() {
        let expect = json!({
            "results": [{ "pc": 0, "collect": 1 }, { "pc": 2, "addr_same": true }, { "pc": 3, "collect": 0 }],
            "values": [[1, 0, "deref", -1], [2, 0, "addr_same", 1]],
        });
        let left = without_addresses(&expect);
        assert_eq!(left["results"], json!([{ "pc": 0, "collect": 1 }, { "pc": 3, "collect": 0 }]));
        assert_eq!(left["values"], json!([[1, 0, "deref", -1]]));
    }
}
