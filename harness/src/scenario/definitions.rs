//! What can be said of a program before it runs: an id is used for one object only, so the kind of object in each register is known.

use super::file::{Action, Op};
use std::collections::HashMap;

/// The kind of every object that a program, its finalizers or its callbacks make.
struct Kinds<'a>(HashMap<u32, &'a str>);

/// Checks that no id is used twice, and that no slot is negative but a dictionary's.
pub(super) fn check(scenario: &str, ops: &[Op]) -> Result<(), String> {
    let mut kinds = Kinds(HashMap::new());
    let at =
        |position: usize, reason: String| format!("scenario `{scenario}`, operation {position}: {reason}");
    for (position, op) in ops.iter().enumerate() {
        kinds.define(op).map_err(|reason| at(position, reason))?;
    }
    for (position, op) in ops.iter().enumerate() {
        kinds.check(op).map_err(|reason| at(position, reason))?;
    }
    Ok(())
}

fn actions(op: &Op) -> impl Iterator<Item = &Action> {
    op.finalizer.iter().chain(&op.callback).flatten()
}

impl<'a> Kinds<'a> {
    fn define(&mut self, op: &'a Op) -> Result<(), String> {
        let id = op.id.unwrap_or(0);
        match op.op.as_str() {
            "new" => self.insert(id, op.kind.as_deref().unwrap_or("node"))?,
            "weakref" => self.insert(id, "weakref")?,
            "chain" => {
                let first = op.first.unwrap_or(0);
                (first..first + op.n.unwrap_or(0)).try_for_each(|id| self.insert(id, "node"))?;
            }
            _ => {}
        }
        for action in actions(op).filter(|action| action.what == "new") {
            self.insert(action.id.unwrap_or(0), action.kind.as_deref().unwrap_or("node"))?;
        }
        Ok(())
    }

    fn insert(&mut self, id: u32, kind: &'a str) -> Result<(), String> {
        match self.0.insert(id, kind) {
            None => Ok(()),
            Some(_) => Err(format!("id {id} is used twice; each object needs one of its own")),
        }
    }

    fn check(&self, op: &Op) -> Result<(), String> {
        if matches!(op.op.as_str(), "edge" | "del_edge" | "load") {
            self.slot(op.from, op.slot)?;
        }
        for action in actions(op) {
            match action.what.as_str() {
                "attach_self" => self.slot(action.to, action.slot)?,
                "link" => self.slot(action.from, action.slot)?,
                "root_slot" | "clear_slot" => self.slot(op.id, action.slot)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn slot(&self, owner: Option<u32>, slot: Option<i64>) -> Result<(), String> {
        let dictionary = owner.and_then(|id| self.0.get(&id)).is_some_and(|kind| *kind == "dict");
        match slot {
            Some(slot) if slot < 0 && !dictionary => {
                Err(format!("slot {slot} is negative; only a `dict` can have such a one"))
            }
            _ => Ok(()),
        }
    }
}
