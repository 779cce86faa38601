//! Reading a scenario file.

use super::definitions;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// A whole file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) scenarios: Vec<Scenario>,
}

/// One program.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) ops: Vec<Op>,
    /// The version of CPython that `expect` is of.
    pub(crate) python: Option<[u32; 3]>,
    /// What CPython did: compared as it stands.
    pub(crate) expect: Value,
}

/// One operation. Which fields it must have depends on `op`; [`required`] is the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Op {
    pub(crate) op: String,
    pub(crate) id: Option<u32>,
    pub(crate) kind: Option<String>,
    pub(crate) items: Option<Vec<u32>>,
    pub(crate) finalizer: Option<Vec<Action>>,
    pub(crate) from: Option<u32>,
    pub(crate) slot: Option<i64>,
    pub(crate) to: Option<u32>,
    pub(crate) target: Option<u32>,
    pub(crate) callback: Option<Vec<Action>>,
    #[serde(rename = "gen")]
    pub(crate) generation: Option<u32>,
    pub(crate) snap: Option<String>,
    pub(crate) t0: Option<u32>,
    pub(crate) t1: Option<u32>,
    pub(crate) t2: Option<u32>,
    pub(crate) flags: Option<Value>,
    pub(crate) on: Option<Value>,
    pub(crate) first: Option<u32>,
    pub(crate) n: Option<u32>,
    pub(crate) ring: Option<Value>,
    pub(crate) back: Option<Value>,
}

/// One action of a finalizer or callback.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Action {
    #[serde(rename = "do")]
    pub(crate) what: String,
    pub(crate) id: Option<u32>,
    pub(crate) kind: Option<String>,
    pub(crate) from: Option<u32>,
    pub(crate) slot: Option<i64>,
    pub(crate) to: Option<u32>,
}

/// Is a field on? `true`, or a number that is not 0.
pub(crate) fn is_on(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool().unwrap_or_else(|| value.as_i64().is_some_and(|n| n != 0)))
}

/// More objects than this in one chain are a mistake, not a program.
const LONGEST_CHAIN: u32 = 10_000_000;

/// Reads and checks a file.
pub(crate) fn read(path: &Path) -> Result<File, String> {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &[u8]) -> Result<File, String> {
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| format!("no complete JSON: {error}; a scenario file was expected"))?;
    let python = value.pointer("/meta/recorded_on").and_then(Value::as_str).and_then(version);
    let list = value.get("scenarios").and_then(Value::as_array);
    let list = list.ok_or("no list `scenarios`; expected {\"meta\": {..}, \"scenarios\": [..]}")?;
    let mut scenarios = Vec::with_capacity(list.len());
    for (number, value) in list.iter().enumerate() {
        scenarios.push(Scenario { python, ..scenario(value, number)? });
    }
    Ok(File { scenarios })
}

/// `CPython 3.11.7`, `Python 3.11.7 (of some place)`
fn version(text: &str) -> Option<[u32; 3]> {
    let mut numbers = text.split_once("Python ")?.1.split('.').map_while(|number| {
        let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        number[..digits].parse().ok()
    });
    Some([numbers.next()?, numbers.next()?, numbers.next().unwrap_or(0)])
}

/// Reads and checks a program that is in no file.
pub(crate) fn from_value(value: &Value) -> Result<Scenario, String> {
    scenario(value, 0)
}

fn scenario(value: &Value, number: usize) -> Result<Scenario, String> {
    let name = value.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| format!("scenario number {number}: it has no `name`"))?.to_owned();
    let ops = value.get("ops").and_then(Value::as_array);
    let ops = ops.ok_or_else(|| format!("scenario `{name}`: it has no list `ops`"))?;
    let mut checked = Vec::with_capacity(ops.len());
    for (position, op) in ops.iter().enumerate() {
        let at = |reason: String| format!("scenario `{name}`, operation {position}: {reason}");
        let op: Op = Op::deserialize(op).map_err(|error| at(error.to_string()))?;
        check(&op).map_err(at)?;
        checked.push(op);
    }
    let expect = value.get("expect").cloned().unwrap_or(Value::Null);
    if !expect.is_null() && !expect.is_object() {
        return Err(format!("scenario `{name}`: `expect` is no object"));
    }
    definitions::check(&name, &checked)?;
    Ok(Scenario { name, ops: checked, python: None, expect })
}

/// The operations, and the fields that each needs.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("new", &["id", "kind"]),
    ("edge", &["from", "slot", "to"]),
    ("del_edge", &["from", "slot"]),
    ("load", &["from", "slot"]),
    ("unroot", &["id"]),
    ("hold", &["id"]),
    ("release", &["id"]),
    ("weakref", &["id", "target"]),
    ("deref", &["id"]),
    ("deref_load", &["id"]),
    ("collect", &["gen"]),
    ("enable", &[]),
    ("disable", &[]),
    ("isenabled", &[]),
    ("set_threshold", &["t0", "t1", "t2"]),
    ("freeze", &[]),
    ("unfreeze", &[]),
    ("freeze_count", &[]),
    ("set_debug", &["flags"]),
    ("clear_garbage", &[]),
    ("gc_callbacks", &["on"]),
    ("get_count", &[]),
    ("observe", &[]),
    ("referrers", &["id"]),
    ("referents", &["id"]),
    ("chain", &["first", "n"]),
    ("materialise", &["id"]),
    ("addr", &[]),
    ("addr_same", &[]),
];

const ACTIONS: &[(&str, &[&str])] = &[
    ("root_self", &[]),
    ("attach_self", &["to", "slot"]),
    ("root_slot", &["slot"]),
    ("clear_slot", &["slot"]),
    ("unroot", &["id"]),
    ("new", &["id"]),
    ("link", &["from", "slot", "to"]),
    ("collect", &[]),
    ("deref", &["id"]),
    ("raise", &[]),
];

/// The names of all operations, actions and kinds, in this order.
#[cfg(test)]
pub(crate) fn vocabulary() -> impl Iterator<Item = &'static str> {
    let names = OPERATIONS.iter().chain(ACTIONS).map(|(name, _)| *name);
    names.chain(KINDS.iter().copied())
}

/// The kinds of objects.
pub(crate) const KINDS: &[&str] =
    &["node", "fin", "legacy", "flist", "dict", "tuple", "atom", "weakref", "inst"];

fn check(op: &Op) -> Result<(), String> {
    let present = |name: &str| match name {
        "id" => op.id.is_some(),
        "kind" => op.kind.is_some(),
        "from" => op.from.is_some(),
        "slot" => op.slot.is_some(),
        "to" => op.to.is_some(),
        "target" => op.target.is_some(),
        "gen" => op.generation.is_some(),
        "t0" => op.t0.is_some(),
        "t1" => op.t1.is_some(),
        "t2" => op.t2.is_some(),
        "flags" => op.flags.is_some(),
        "on" => op.on.is_some(),
        "first" => op.first.is_some(),
        _ => op.n.is_some(),
    };
    required("operation", &op.op, OPERATIONS, present)?;
    if op.op == "collect" && op.generation.is_some_and(|generation| generation > 2) {
        return Err("`gen` must be 0, 1 or 2".to_owned());
    }
    if op.op == "set_debug" && !op.flags.as_ref().is_some_and(|flags| flags == "saveall" || flags == "none") {
        return Err("`flags` must be \"saveall\" or \"none\"".to_owned());
    }
    if op.op == "chain" {
        let n = op.n.unwrap_or(0);
        if n > LONGEST_CHAIN || op.first.unwrap_or(0).checked_add(n).is_none() {
            return Err(format!("a chain of {n} objects is too long; {LONGEST_CHAIN} are possible"));
        }
    }
    kind(op.kind.as_deref())?;
    for action in op.finalizer.iter().chain(&op.callback).flatten() {
        let present = |name: &str| match name {
            "id" => action.id.is_some(),
            "from" => action.from.is_some(),
            "slot" => action.slot.is_some(),
            _ => action.to.is_some(),
        };
        required("action", &action.what, ACTIONS, present)?;
        kind(action.kind.as_deref())?;
    }
    Ok(())
}

fn kind(kind: Option<&str>) -> Result<(), String> {
    match kind {
        Some(kind) if !KINDS.contains(&kind) => {
            Err(format!("unknown kind `{kind}`; there are: {}", KINDS.join(", ")))
        }
        _ => Ok(()),
    }
}

fn required(
    what: &str,
    name: &str,
    known: &[(&str, &[&str])],
    present: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let Some((_, fields)) = known.iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        return Err(format!("unknown {what} `{name}`; there are: {}", names.join(", ")));
    };
    match fields.iter().find(|field| !present(field)) {
        Some(field) => Err(format!("`{name}` needs the field `{field}`")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err()
    }

    fn program(ops: &str) -> Result<File, String> {
        parse(format!(r#"{{"scenarios":[{{"name":"x","ops":[{ops}]}}]}}"#).as_bytes())
    }

    #[test]
    fn an_id_is_used_for_one_object_only() {
        let node = r#"{"op":"new","id":1,"kind":"node"}"#;
        for other in [
            node,
            r#"{"op":"weakref","id":1,"target":0}"#,
            r#"{"op":"chain","first":0,"n":3}"#,
            r#"{"op":"new","id":2,"kind":"fin","finalizer":[{"do":"new","id":1}]}"#,
        ] {
            let text = program(&format!("{node},{other}")).unwrap_err();
            let expected = "scenario `x`, operation 1: id 1 is used twice; each object needs one of its own";
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn only_a_dictionary_has_negative_slots() {
        let new = |kind: &str| format!(r#"{{"op":"new","id":1,"kind":"{kind}"}}"#);
        let load = r#"{"op":"load","from":1,"slot":-2}"#;
        assert!(program(&format!("{},{load}", new("dict"))).is_ok());
        let text = program(&format!("{},{load}", new("node"))).unwrap_err();
        assert_eq!(text, "scenario `x`, operation 1: slot -2 is negative; only a `dict` can have such a one");
        let fin = r#"{"op":"new","id":1,"kind":"fin","finalizer":[{"do":"clear_slot","slot":-1}]}"#;
        assert!(program(fin).unwrap_err().starts_with("scenario `x`, operation 0: slot -1"));
    }

    #[test]
    fn a_files_version_selects_the_rules() {
        assert_eq!(version("CPython 3.11.7"), Some([3, 11, 7]));
        assert_eq!(version("Python 3.13.0rc2 (/usr/bin/python3)"), Some([3, 13, 0]));
        assert_eq!(version("CPython 3.8"), Some([3, 8, 0]));
        assert_eq!(version("PyPy"), None);
    }

    #[test]
    fn every_error_names_the_scenario_the_position_and_the_reason() {
        let text =
            error(r#"{"scenarios":[{"name":"x","ops":[{"op":"enable"},{"op":"edge","from":1,"slot":0}]}]}"#);
        assert_eq!(text, "scenario `x`, operation 1: `edge` needs the field `to`");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"explode"}]}]}"#);
        assert!(text.starts_with("scenario `x`, operation 0: unknown operation `explode`"), "{text}");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"new","id":1,"kind":"car"}]}]}"#);
        assert!(text.contains("unknown kind `car`"), "{text}");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"collect","gen":3}]}]}"#);
        assert!(text.contains("0, 1 or 2"), "{text}");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"set_debug","flags":"all"}]}]}"#);
        assert!(text.contains("operation 0") && text.contains("saveall"), "{text}");
        let text =
            error(r#"{"scenarios":[{"name":"x","ops":[{"op":"set_threshold","t0":-1,"t1":0,"t2":0}]}]}"#);
        assert!(text.starts_with("scenario `x`, operation 0: ") && text.contains("-1"), "{text}");
        assert!(error("{").contains("no complete JSON"));
        assert!(error("[]").contains("no list `scenarios`"));
        assert!(error(r#"{"scenarios":[{"name":"x"}]}"#).contains("`x`"));
        assert!(
            error(r#"{"scenarios":[{"name":"x","ops":[{"op":"new","id":-1,"kind":"node"}]}]}"#)
                .contains("operation 0")
        );
    }
}
