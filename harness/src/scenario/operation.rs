//! Operations and actions: what a program consists of, and how they are read.

use super::fields::{self, Fields};
use super::vocabulary::{self, ACTIONS, OPERATIONS, Word, check_kind};
use serde_json::Value;

/// One operation. Which fields it has depends on `op`: see [`OPERATIONS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Op {
    pub(crate) op: &'static str,
    pub(crate) id: Option<u32>,
    pub(crate) kind: Option<String>,
    pub(crate) items: Option<Vec<u32>>,
    pub(crate) finalizer: Option<Vec<Action>>,
    pub(crate) from: Option<u32>,
    pub(crate) slot: Option<i64>,
    pub(crate) to: Option<u32>,
    pub(crate) target: Option<u32>,
    pub(crate) callback: Option<Vec<Action>>,
    pub(crate) generation: Option<usize>,
    /// Is there to be no snapshot?
    pub(crate) unseen: bool,
    pub(crate) thresholds: [u32; 3],
    pub(crate) saveall: bool,
    pub(crate) on: bool,
    pub(crate) first: Option<u32>,
    pub(crate) n: Option<u32>,
    pub(crate) ring: bool,
    pub(crate) back: bool,
}

/// One action of a finalizer or callback.
#[derive(Clone, Debug, Default)]
pub(crate) struct Action {
    pub(crate) what: &'static str,
    pub(crate) id: Option<u32>,
    pub(crate) kind: Option<String>,
    pub(crate) from: Option<u32>,
    pub(crate) slot: Option<i64>,
    pub(crate) to: Option<u32>,
}

/// More objects than this in one chain are a mistake, not a program.
const LONGEST_CHAIN: u32 = 10_000_000;

/// CPython's thresholds are a C `int`.
const LARGEST_THRESHOLD: i64 = i32::MAX as i64;

/// A field that nothing reads.
pub(super) struct Ignored {
    /// Whose it would be.
    pub(super) owner: &'static str,
    pub(super) name: String,
    /// What there is to say of it.
    pub(super) text: String,
}

impl Ignored {
    fn of(word: &'static Word, field: &str) -> Self {
        Ignored { owner: word.name, name: field.to_owned(), text: word.lacks(field) }
    }
}

/// Reads and checks an operation. `ignored` hears of fields that it does not have.
pub(super) fn read(value: &Value, ignored: &mut Vec<Ignored>) -> Result<Op, String> {
    let fields = Fields::of(value, "operation, such as {\"op\": \"unroot\", \"id\": 0}")?;
    let name = fields.text("op")?.ok_or("it has no field `op`")?;
    let word = vocabulary::find("operation", name, OPERATIONS)?;
    let (fields, others) = fields.of_word(word, "op")?;
    ignored.extend(others.map(|field| Ignored::of(word, field)));
    let threshold = |name: &str| {
        let number = fields.number(name, 0..=LARGEST_THRESHOLD)?;
        Ok::<u32, String>(number.and_then(|number| number.try_into().ok()).unwrap_or(0))
    };
    let op = Op {
        op: word.name,
        id: fields.unsigned("id")?,
        kind: kind(fields)?,
        items: fields.list("items", fields::id)?,
        finalizer: fields.list("finalizer", |value| action(value, ignored))?,
        from: fields.unsigned("from")?,
        slot: fields.number("slot", i64::MIN..=i64::MAX)?,
        to: fields.unsigned("to")?,
        target: fields.unsigned("target")?,
        callback: fields.list("callback", |value| action(value, ignored))?,
        generation: fields.number("gen", 0..=2)?.and_then(|number| number.try_into().ok()),
        unseen: fields.get("snap").is_some_and(|snap| snap == "none" || snap == false),
        thresholds: [threshold("t0")?, threshold("t1")?, threshold("t2")?],
        saveall: saveall(fields)?,
        on: fields.switch("on")?,
        first: fields.unsigned("first")?,
        n: fields.unsigned("n")?,
        ring: fields.switch("ring")?,
        back: fields.switch("back")?,
    };
    let n = op.n.unwrap_or(0);
    if n > LONGEST_CHAIN || op.first.unwrap_or(0).checked_add(n).is_none() {
        return Err(format!("a chain of {n} objects is too long; {LONGEST_CHAIN} are possible"));
    }
    Ok(op)
}

fn action(value: &Value, ignored: &mut Vec<Ignored>) -> Result<Action, String> {
    let fields = Fields::of(value, "action, such as {\"do\": \"root_self\"}")?;
    let name = fields.text("do")?.ok_or("it has no field `do`")?;
    let word = vocabulary::find("action", name, ACTIONS)?;
    let (fields, others) = fields.of_word(word, "do")?;
    ignored.extend(others.map(|field| Ignored::of(word, field)));
    Ok(Action {
        what: word.name,
        id: fields.unsigned("id")?,
        kind: kind(fields)?,
        from: fields.unsigned("from")?,
        slot: fields.number("slot", i64::MIN..=i64::MAX)?,
        to: fields.unsigned("to")?,
    })
}

fn kind(fields: Fields<'_>) -> Result<Option<String>, String> {
    let Some(kind) = fields.text("kind")? else { return Ok(None) };
    check_kind(kind)?;
    Ok(Some(kind.to_owned()))
}

fn saveall(fields: Fields<'_>) -> Result<bool, String> {
    match fields.get("flags") {
        None => Ok(false),
        Some(flags) if flags == "saveall" => Ok(true),
        Some(flags) if flags == "none" => Ok(false),
        Some(flags) => Err(format!("`flags` is {flags}; it must be \"saveall\" or \"none\"")),
    }
}
