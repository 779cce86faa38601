//! The comparison under the shipped policy, [`Order::Kept`](cyclade_trial_deletion::Order): the interpreter's full collections leave
//! survivors in another order than the heap's do.
//!
//! - **V1** Until a snapshot shows the lists in another order, everything is equal in every field. [`prepare`] sees to it that nothing can
//!   reorder a list without a snapshot behind it.
//! - **V2** Nothing but a collection looks at the order of lists, and what it finds unreachable does not depend on it. So from there on
//!   everything is equal still, but for order: that of lists and of the garbage, and, within an operation, of finalizers, callbacks and
//!   what they have read.
//! - **V3** Unless what a finalizer or callback does *minds the order*: it takes references away, or reads what others may have changed.
//!   Those that only add (`root_self`, `root_slot`, `new`, `collect`, which does nothing inside of a collection, and `raise`)
//!   come to the same in any order. A tuple that holds a tuple minds it too: it is untracked only if the inner one was before. Programs
//!   that mind the order are compared up to the first operation with another order, that one included.
//!
//! V1 and V2 need no excuse for a program: it is compared in full. V3 is decided by the program's text, never by what came out.

use crate::scenario::{self, Difference, Observed, Scenario};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How far a program could be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The order never differed: every field (V1).
    Exact,
    /// Every field, regardless of order from some operation on (V2).
    Unordered,
    /// Up to the first operation after which the order differs (V3).
    Part,
}

/// The actions that mind the order.
const MINDING: &[&str] = &["attach_self", "clear_slot", "unroot", "link", "deref"];

/// The program as it is compared: with a snapshot behind whatever may collect. Every second program loses the actions that mind the order.
pub(crate) fn prepare(program: &Value, number: u64) -> Value {
    let mut program = program.clone();
    let operations = program["ops"].as_array().map_or(&[][..], Vec::as_slice);
    let collects_unasked = operations
        .iter()
        .any(|op| op["op"] == "enable" || actions(op).any(|action| action["do"] == "collect"));
    let mut prepared = Vec::new();
    for op in operations {
        let mut op = op.clone();
        if number % 2 == 1 {
            for list in ["finalizer", "callback"] {
                if let Some(Value::Array(actions)) = op.get_mut(list) {
                    actions.retain(|action| !minds_the_order(action));
                }
            }
        }
        if op["op"] == "collect" {
            op["snap"] = Value::Null;
        }
        let sees = op["op"] == "collect" || op["op"] == "observe";
        prepared.push(op);
        if collects_unasked && !sees {
            prepared.push(json!({ "op": "observe", "what": "all" }));
        }
    }
    program["ops"] = prepared.into();
    program
}

fn actions(op: &Value) -> impl Iterator<Item = &Value> {
    [&op["finalizer"], &op["callback"]].into_iter().filter_map(Value::as_array).flatten()
}

fn minds_the_order(action: &Value) -> bool {
    action["do"].as_str().is_some_and(|name| MINDING.contains(&name))
}

/// V3: is there anything in the program whose outcome may depend on the order of lists?
fn depends_on_order(program: &Value) -> bool {
    let mut tuples = BTreeSet::new();
    program["ops"].as_array().into_iter().flatten().any(|op| {
        let items = op["items"].as_array().map_or(&[][..], Vec::as_slice);
        let nested = items.iter().filter_map(Value::as_u64).any(|item| tuples.contains(&item));
        if op["kind"] == "tuple" {
            tuples.extend(op["id"].as_u64());
        }
        nested || actions(op).any(minds_the_order)
    })
}

/// What differs between the interpreter and the heap, in a program that [`prepare`] has made.
pub(crate) fn compare(
    program: &Value,
    scenario: &Scenario,
    observed: &Observed,
) -> (Vec<Difference>, Extent) {
    let (expected, found) = (&scenario.expect, &observed.to_json());
    let mut differences = scenario::compare(scenario, observed, false);
    let mut also = |expected: &Value, found: &Value| {
        differences.extend(scenario::compare_values(&scenario.name, expected, found));
    };
    let Some(place) = first_other_order(expected, found) else {
        also(expected, found);
        return (differences, Extent::Exact);
    };
    also(&before(expected, place), &before(found, place));
    if depends_on_order(program) {
        let unordered = |seen: &Value| regardless_of_order(before(seen, place + 1));
        also(&unordered(expected), &unordered(found));
        return (differences, Extent::Part);
    }
    also(&regardless_of_order(expected.clone()), &regardless_of_order(found.clone()));
    (differences, Extent::Unordered)
}

fn results(seen: &Value) -> &[Value] {
    seen["results"].as_array().map_or(&[], Vec::as_slice)
}

/// The position of the first operation with a snapshot whose lists hold the same in another order.
fn first_other_order(expected: &Value, found: &Value) -> Option<u64> {
    let differs = |(want, have): &(&Value, &Value)| {
        let (want, have) = (&want["snap"]["order"], &have["snap"]["order"]);
        want != have && sorted_lists(want) == sorted_lists(have)
    };
    let (want, _) = results(expected).iter().zip(results(found)).find(differs)?;
    want["pc"].as_u64()
}

/// What was seen of operations in front of this position.
fn before(seen: &Value, place: u64) -> Value {
    let mut seen = seen.clone();
    for entries in seen.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
        if let Value::Array(entries) = entries {
            entries.retain(|entry| position(entry).is_some_and(|at| at < place));
        }
    }
    seen
}

/// Every record begins with the position of its operation: as a field, as the first item, or as the first word.
fn position(entry: &Value) -> Option<u64> {
    match entry {
        Value::Object(entry) => entry.get("pc")?.as_u64(),
        Value::Array(entry) => entry.first()?.as_u64(),
        Value::String(text) => text.split(' ').next()?.parse().ok(),
        entry => entry.as_u64(),
    }
}

/// With lists that stand for sets in one order: that of numbers.
fn regardless_of_order(mut seen: Value) -> Value {
    for name in ["finalizers", "weakref_callbacks", "values"] {
        if let Some(list) = seen.get_mut(name) {
            *list = sorted(list);
        }
    }
    for result in seen.get_mut("results").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(snap) = result.get_mut("snap") {
            snap["order"] = sorted_lists(&snap["order"]);
            snap["garbage"] = sorted(&snap["garbage"]);
        }
    }
    seen
}

fn sorted_lists(lists: &Value) -> Value {
    lists.as_array().into_iter().flatten().map(sorted).collect()
}

/// A list of numbers, or of records that begin with two.
fn sorted(list: &Value) -> Value {
    let mut items = list.as_array().cloned().unwrap_or_default();
    let rank = |item: &Value| match item {
        Value::Array(record) => {
            (record.first().and_then(Value::as_u64), record.get(1).and_then(Value::as_u64))
        }
        item => (item.as_u64(), None),
    };
    items.sort_by_key(|item| (rank(item), item.to_string()));
    items.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain of three, of which the last one is rooted; collected; then what `more` says.
    fn program(more: &[Value]) -> Value {
        let mut ops = vec![
            json!({ "op": "new", "id": 0, "kind": "fin", "finalizer": [] }),
            json!({ "op": "new", "id": 1, "kind": "node" }),
            json!({ "op": "edge", "from": 1, "slot": 0, "to": 0 }),
            json!({ "op": "unroot", "id": 0 }),
            json!({ "op": "collect", "gen": 2, "snap": "none" }),
        ];
        ops.extend_from_slice(more);
        json!({ "name": "x", "ops": ops })
    }

    /// Compares a heap that keeps the order with what one has seen that does not; `change` may alter that.
    fn judge(program: &Value, change: impl FnOnce(&mut Value)) -> (Vec<Difference>, Extent) {
        use cyclade_trial_deletion::{Config, Options, Order, TrialDeletion};
        let program = prepare(program, 0);
        let mut scenario = scenario::from_value(&program).unwrap();
        let perform = |scenario: &Scenario, order| {
            let collector = Options { automatic: false, order, ..Options::default() };
            scenario::perform_with::<TrialDeletion>(scenario, Config { collector, ..Config::default() })
        };
        let mut seen = perform(&scenario, Order::Python).to_json();
        change(&mut seen);
        scenario.expect = seen;
        let observed = perform(&scenario, Order::Kept);
        compare(&program, &scenario, &observed)
    }

    #[test]
    fn another_order_is_no_difference_and_everything_else_is() {
        let collect = json!({ "op": "collect", "gen": 2 });
        assert_eq!(judge(&program(std::slice::from_ref(&collect)), |_| ()), (Vec::new(), Extent::Unordered));
        for (place, value) in [
            ("/results/1/snap/alive", json!("0")),
            ("/results/2/collect", json!(1)),
            ("/results/3/snap/rc/0", json!(7)),
            ("/results/3/snap/order/2", json!([1])),
            ("/skipped", json!([0])),
        ] {
            let (differences, _) = judge(&program(std::slice::from_ref(&collect)), |seen| {
                *seen.pointer_mut(place).unwrap() = value;
            });
            assert!(!differences.is_empty(), "{place}");
        }
    }

    #[test]
    fn a_program_whose_order_never_differs_is_compared_in_order() {
        let alone = json!({ "name": "x", "ops": [
            { "op": "new", "id": 0, "kind": "fin", "finalizer": [] }, { "op": "new", "id": 1, "kind": "fin", "finalizer": [] },
            { "op": "edge", "from": 0, "slot": 0, "to": 0 }, { "op": "edge", "from": 1, "slot": 0, "to": 1 },
            { "op": "unroot", "id": 1 }, { "op": "unroot", "id": 0 }, { "op": "collect", "gen": 2 } ] });
        assert_eq!(judge(&alone, |_| ()), (Vec::new(), Extent::Exact));
        let (differences, _) = judge(&alone, |seen| seen["finalizers"].as_array_mut().unwrap().reverse());
        assert_eq!(differences[0].place, "finalizers");
    }

    #[test]
    fn a_program_that_minds_the_order_is_compared_until_it_differs() {
        let finalizer = json!([{ "do": "unroot", "id": 1 }]);
        let more = [
            json!({ "op": "new", "id": 2, "kind": "fin", "finalizer": finalizer }),
            json!({ "op": "collect", "gen": 2 }),
        ];
        let program = program(&more);
        assert_eq!(judge(&program, |_| ()), (Vec::new(), Extent::Part));
        let (differences, _) = judge(&program, |seen| seen["results"][3]["snap"]["rc"] = json!(0));
        assert_eq!(differences, [], "what comes after it is not looked at");
        let (differences, _) = judge(&program, |seen| seen["results"][0]["collect"] = json!(5));
        assert!(!differences.is_empty());
    }

    #[test]
    fn what_minds_the_order_is_said_by_the_text() {
        let with = |op: Value| {
            depends_on_order(&json!({ "ops": [{ "op": "new", "id": 0, "kind": "tuple", "items": [] }, op] }))
        };
        assert!(with(json!({ "op": "new", "id": 1, "kind": "tuple", "items": [0] })));
        assert!(!with(json!({ "op": "new", "id": 1, "kind": "tuple", "items": [5] })));
        for name in MINDING {
            assert!(with(json!({ "op": "weakref", "id": 1, "target": 0, "callback": [{ "do": name }] })));
        }
        for name in ["root_self", "root_slot", "new", "collect", "raise"] {
            assert!(!with(json!({ "op": "new", "id": 1, "kind": "fin", "finalizer": [{ "do": name }] })));
        }
    }

    #[test]
    fn whatever_may_collect_has_a_snapshot_behind_it() {
        let automatic = json!({ "name": "x", "ops": [{ "op": "enable" }, { "op": "collect", "gen": 0, "snap": "none" }] });
        let prepared = prepare(&automatic, 0);
        let names: Vec<&str> =
            prepared["ops"].as_array().unwrap().iter().map(|op| op["op"].as_str().unwrap()).collect();
        assert_eq!(names, ["enable", "observe", "collect"]);
        assert_eq!(prepared["ops"][2]["snap"], Value::Null);
        let asked = prepare(&program(&[]), 0);
        assert_eq!(asked["ops"].as_array().unwrap().len(), 5);
        let minding = program(&[
            json!({ "op": "new", "id": 2, "kind": "fin", "finalizer": [{ "do": "unroot", "id": 1 }, { "do": "raise" }] }),
        ]);
        assert_eq!(prepare(&minding, 1)["ops"][5]["finalizer"], json!([{ "do": "raise" }]));
    }
}
