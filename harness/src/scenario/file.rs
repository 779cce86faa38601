//! Reading a scenario file.

use super::operation::{self, Ignored, Op};
use super::{definitions, vocabulary};
use cyclade_trial_deletion::Rules;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A whole file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) scenarios: Vec<Scenario>,
    /// What was not read, or is not checked as one might think: for people, a line each.
    pub(crate) warnings: Vec<String>,
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

/// Of fields that nothing reads, so many are named.
const MOST_NAMED: usize = 20;

/// Reads and checks a file.
pub(crate) fn read(path: &Path) -> Result<File, String> {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &[u8]) -> Result<File, String> {
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| format!("no complete JSON: {error}; a scenario file was expected"))?;
    let list = value.get("scenarios").and_then(Value::as_array);
    let list = list.ok_or("no list `scenarios`; expected {\"meta\": {..}, \"scenarios\": [..]}")?;
    let (python, warning) = recorded_on(&value);
    let mut unread = Unread::default();
    unread.others(&value, "a file", vocabulary::FILE, "the file");
    let mut scenarios = Vec::with_capacity(list.len());
    for (number, value) in list.iter().enumerate() {
        scenarios.push(Scenario { python, ..scenario(value, number, &mut unread)? });
    }
    let warnings = warning.into_iter().chain(unread.into_lines()).collect();
    Ok(File { scenarios, warnings })
}

/// The version that a file names; and a warning, if there are no rules for it.
fn recorded_on(file: &Value) -> (Option<[u32; 3]>, Option<String>) {
    let Some(text) = file.pointer("/meta/recorded_on") else { return (None, None) };
    let python = text.as_str().and_then(version);
    let reason = match python.map(Rules::of_python) {
        Some(Ok(_)) => return (python, None),
        Some(Err(unknown)) => unknown.to_string(),
        None => "which names no version of CPython, such as \"CPython 3.11.7\"".to_owned(),
    };
    let warning = format!("`meta.recorded_on` is {text}: {reason}; the rules of 3.9 to 3.11 are used");
    (None, Some(warning))
}

/// `CPython 3.11.7`, `Python 3.11.7 (of some place)`
fn version(text: &str) -> Option<[u32; 3]> {
    let mut numbers = text.split_once("Python ")?.1.split('.').map_while(|number| {
        let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        number[..digits].parse().ok()
    });
    Some([numbers.next()?, numbers.next()?, numbers.next().unwrap_or(0)])
}

/// What there would be to say of a program in a file.
#[cfg(test)]
pub(crate) fn warnings(value: &Value) -> Result<Vec<String>, String> {
    let mut unread = Unread::default();
    scenario(value, 0, &mut unread)?;
    Ok(unread.into_lines().collect())
}

/// Reads and checks a program that is in no file.
pub(crate) fn from_value(value: &Value) -> Result<Scenario, String> {
    scenario(value, 0, &mut Unread::default())
}

fn scenario(value: &Value, number: usize, unread: &mut Unread) -> Result<Scenario, String> {
    let name = value.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| format!("scenario number {number}: it has no `name`"))?.to_owned();
    let ops = value.get("ops").and_then(Value::as_array);
    let ops = ops.ok_or_else(|| format!("scenario `{name}`: it has no list `ops`"))?;
    unread.others(value, "a scenario", vocabulary::SCENARIO, &format!("scenario `{name}`"));
    let mut checked = Vec::with_capacity(ops.len());
    let mut ignored = Vec::new();
    for (position, op) in ops.iter().enumerate() {
        let place = || format!("scenario `{name}`, operation {position}");
        checked.push(operation::read(op, &mut ignored).map_err(|reason| format!("{}: {reason}", place()))?);
        ignored.drain(..).for_each(|ignored| unread.note(ignored, place));
    }
    let expect = value.get("expect").cloned().unwrap_or(Value::Null);
    if !expect.is_null() && !expect.is_object() {
        return Err(format!("scenario `{name}`: `expect` is no object"));
    }
    definitions::check(&name, &checked)?;
    Ok(Scenario { name, ops: checked, python: None, expect })
}

/// Fields that nothing reads. The format does not forbid them, and they may be misspelt.
#[derive(Default)]
struct Unread {
    /// By whose they would be and their names: where the first one stands and what there is to say of it, and how many there are.
    fields: BTreeMap<(&'static str, String), (String, usize)>,
}

impl Unread {
    fn note(&mut self, field: Ignored, place: impl FnOnce() -> String) {
        let found = self.fields.entry((field.owner, field.name));
        found.or_insert_with(|| (format!("{}: {}", place(), field.text), 0)).1 += 1;
    }

    /// Fields of an object that are not `known`.
    fn others(&mut self, value: &Value, owner: &'static str, known: &[&str], place: &str) {
        for name in value.as_object().into_iter().flat_map(|map| map.keys()) {
            if !known.contains(&name.as_str()) {
                let text = vocabulary::no_such_field(owner, name, known);
                self.note(Ignored { owner, name: name.clone(), text }, || place.to_owned());
            }
        }
    }

    fn into_lines(self) -> impl Iterator<Item = String> {
        let unnamed = self.fields.len().saturating_sub(MOST_NAMED);
        let lines = self.fields.into_values().take(MOST_NAMED).map(|(text, count)| match count {
            1 => format!("{text}; it is ignored"),
            _ => format!("{text}; it is ignored there and in {} other places", count - 1),
        });
        lines.chain((unnamed > 0).then(|| format!("{unnamed} more fields are ignored")))
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
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"colect"}]}]}"#);
        let start = "scenario `x`, operation 0: unknown operation `colect`; the nearest is `collect`";
        assert!(text.starts_with(start), "{text}");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"new","id":1,"kind":"car"}]}]}"#);
        assert!(text.contains("unknown kind `car`"), "{text}");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"collect","gen":3}]}]}"#);
        assert!(text.ends_with("operation 0: `gen` is 3; it must be a whole number from 0 to 2"), "{text}");
        let text = error(r#"{"scenarios":[{"name":"x","ops":[{"op":"set_debug","flags":"all"}]}]}"#);
        assert!(text.contains("operation 0") && text.contains("saveall"), "{text}");
        assert!(error("{").contains("no complete JSON"));
        assert!(error("[]").contains("no list `scenarios`"));
        assert!(error(r#"{"scenarios":[{"name":"x"}]}"#).contains("`x`"));
        assert!(
            error(r#"{"scenarios":[{"name":"x","ops":[{"op":"new","id":-1,"kind":"node"}]}]}"#)
                .contains("operation 0")
        );
    }

    #[test]
    fn a_number_that_does_not_fit_is_named_with_its_field_and_its_place() {
        let reason = |op: &str| program(op).unwrap_err();
        for (op, expected) in [
            (
                r#"{"op":"set_threshold","t0":-1,"t1":0,"t2":0}"#,
                "`t0` is -1; it must be a whole number from 0 to 2147483647",
            ),
            (r#"{"op":"set_threshold","t0":0,"t1":2147483648,"t2":0}"#, "`t1` is 2147483648; it must be"),
            (r#"{"op":"set_threshold","t0":0,"t1":0,"t2":"many"}"#, "`t2` is \"many\"; it must be"),
            (r#"{"op":"collect","gen":-1}"#, "`gen` is -1; it must be a whole number from 0 to 2"),
            (r#"{"op":"unroot","id":4294967296}"#, "`id` is 4294967296; it must be a whole number from 0 to"),
            (r#"{"op":"unroot","id":1.5}"#, "`id` is 1.5; it must be"),
            (r#"{"op":"load","from":0,"slot":"a"}"#, "`slot` is \"a\"; it must be a whole number"),
            (r#"{"op":"new","id":0,"kind":"tuple","items":[1,-2]}"#, "`items`, number 1: -2 is no id"),
            (
                r#"{"op":"new","id":0,"kind":"fin","finalizer":[{"do":"collect"},{"do":"unroot","id":-1}]}"#,
                "`finalizer`, number 1: `id` is -1",
            ),
            (r#"{"op":"gc_callbacks","on":"yes"}"#, "`on` is \"yes\"; it must be true or false"),
            (r#"{"op":"chain","first":0,"n":10000001}"#, "a chain of 10000001 objects is too long"),
            (r#"{"id":0}"#, "it has no field `op`"),
            (r#"7"#, "7 is no operation"),
        ] {
            let text = reason(op);
            assert!(text.starts_with("scenario `x`, operation 0: ") && text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_field_that_nothing_reads_is_said_once_with_its_place_and_the_nearest_name() {
        let text = r#"{"meta":{"note":1}, "scenarois":1, "scenarios":[
            {"name":"x","doc":"","category":"","ops":[{"op":"observe","what":"all"},
                {"op":"chain","first":0,"n":2,"rnig":true}, {"op":"chain","first":2,"n":2,"rnig":true},
                {"op":"new","id":9,"kind":"fin","finalizer":[{"do":"attach_self","to":1,"slot":0,"sloot":2}]},
                {"op":"enable","id":-1}],
             "expects":{}}]}"#;
        let file = parse(text.as_bytes()).unwrap();
        let expected = [
            "the file: a file has no field `scenarois`; the nearest is `scenarios` (there are: meta, scenarios); it is ignored",
            "scenario `x`: a scenario has no field `expects`; the nearest is `expect` (there are: name, category, doc, ops, expect); it is ignored",
            "scenario `x`, operation 3: `attach_self` has no field `sloot`; the nearest is `slot` (there are: to, slot); it is ignored",
            "scenario `x`, operation 1: `chain` has no field `rnig`; the nearest is `ring` (there are: first, n, ring, back); it is ignored there and in 1 other places",
            "scenario `x`, operation 4: `enable` has no field `id`, nor any other; it is ignored",
        ];
        assert_eq!(file.warnings, expected);
        let ring = file.scenarios[0].ops[1].ring;
        assert!(!ring, "it is ignored");
    }

    #[test]
    fn many_fields_that_nothing_reads_are_few_lines() {
        let fields: Vec<String> = (0..100).map(|number| format!("\"x{number}\":1")).collect();
        let text = format!("{{\"scenarios\":[],{}}}", fields.join(","));
        let warnings = parse(text.as_bytes()).unwrap().warnings;
        assert_eq!((warnings.len(), warnings[20].as_str()), (21, "80 more fields are ignored"));
    }

    #[test]
    fn a_version_without_rules_is_said_to_have_none() {
        let read = |recorded: &str| {
            parse(format!(r#"{{"meta":{{"recorded_on":{recorded}}},"scenarios":[]}}"#).as_bytes()).unwrap()
        };
        assert!(read("\"CPython 3.13.0\"").warnings.is_empty());
        let [warning] = &read("\"CPython 3.14.2\"").warnings[..] else { panic!("one warning") };
        assert!(
            warning.contains("none for 3.14.2 (3.14.0 to 3.14.4 have an incremental collector)"),
            "{warning}"
        );
        assert!(warning.ends_with("the rules of 3.9 to 3.11 are used"), "{warning}");
        for other in ["\"PyPy 7.3\"", "311"] {
            let [warning] = &read(other).warnings[..] else { panic!("one warning") };
            assert!(warning.contains("names no version of CPython"), "{warning}");
        }
    }
}
