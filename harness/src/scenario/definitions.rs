//! What can be said of a program before it runs: an id is used for one object only, so the kind of object in each register is known.

use super::operation::{Action, Op};
use std::collections::BTreeMap;

/// The kind of every object that a program, its finalizers or its callbacks make: by the first id of each range of ids, a chain's being
/// one, the id behind its last, and the kind.
struct Kinds<'a>(BTreeMap<u64, (u64, &'a str)>);

/// Checks that no id is used twice, and that no slot is negative but a dictionary's.
pub(super) fn check(scenario: &str, ops: &[Op]) -> Result<(), String> {
    let mut kinds = Kinds(BTreeMap::new());
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
        match op.op {
            "new" => self.insert(id, 1, op.kind.as_deref().unwrap_or("node"))?,
            "weakref" => self.insert(id, 1, "weakref")?,
            "chain" => self.insert(op.first.unwrap_or(0), op.n.unwrap_or(0), "node")?,
            _ => {}
        }
        for action in actions(op).filter(|action| action.what == "new") {
            self.insert(action.id.unwrap_or(0), 1, action.kind.as_deref().unwrap_or("node"))?;
        }
        Ok(())
    }

    /// `n` ids from `first` on.
    fn insert(&mut self, first: u32, n: u32, kind: &'a str) -> Result<(), String> {
        let first = u64::from(first);
        let end = first + u64::from(n);
        // Ranges do not overlap: of those that begin before the end, the last one ends last.
        let before = self.0.range(..end).next_back();
        match before {
            _ if n == 0 => {}
            Some((&other, &(other_end, _))) if other_end > first => {
                let id = first.max(other);
                return Err(format!("id {id} is used twice; each object needs one of its own"));
            }
            _ => {
                self.0.insert(first, (end, kind));
            }
        }
        Ok(())
    }

    fn kind(&self, id: u32) -> Option<&'a str> {
        let (_, &(end, kind)) = self.0.range(..=u64::from(id)).next_back()?;
        (u64::from(id) < end).then_some(kind)
    }

    fn check(&self, op: &Op) -> Result<(), String> {
        if matches!(op.op, "edge" | "del_edge" | "load") {
            self.slot(op.from, op.slot)?;
        }
        for action in actions(op) {
            match action.what {
                "attach_self" => self.slot(action.to, action.slot)?,
                "link" => self.slot(action.from, action.slot)?,
                "root_slot" | "clear_slot" => self.slot(op.id, action.slot)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn slot(&self, owner: Option<u32>, slot: Option<i64>) -> Result<(), String> {
        let dictionary = owner.and_then(|id| self.kind(id)) == Some("dict");
        match slot {
            Some(slot) if slot < 0 && !dictionary => {
                Err(format!("slot {slot} is negative; only a `dict` can have such a one"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(text: &str) -> Op {
        super::super::operation::read(&serde_json::from_str(text).unwrap(), &mut Vec::new()).unwrap()
    }

    fn checked(ops: &[&str]) -> Result<(), String> {
        let ops: Vec<Op> = ops.iter().map(|text| op(text)).collect();
        check("x", &ops)
    }

    #[test]
    fn a_chain_s_ids_are_its_own_from_the_first_to_the_last() {
        let chain = r#"{"op":"chain","first":10,"n":5}"#;
        for (id, twice) in [(9, false), (10, true), (12, true), (14, true), (15, false)] {
            let new = format!(r#"{{"op":"new","id":{id},"kind":"node"}}"#);
            let expected = if twice { Err(format!("id {id} is used twice")) } else { Ok(()) };
            for ops in [[chain, &new], [&new, chain]] {
                let found = checked(&ops).map_err(|error| error.split(": ").nth(1).unwrap().to_owned());
                assert_eq!(found.map_err(|error| error.split(';').next().unwrap().to_owned()), expected);
            }
        }
        let inside = r#"{"op":"chain","first":12,"n":1}"#;
        let around = r#"{"op":"chain","first":1,"n":100}"#;
        let empty = r#"{"op":"chain","first":12,"n":0}"#;
        assert!(checked(&[chain, inside]).is_err() && checked(&[inside, chain]).is_err());
        assert!(checked(&[chain, around]).is_err() && checked(&[around, chain]).is_err());
        assert_eq!(checked(&[chain, empty]), Ok(()));
        let last = format!(r#"{{"op":"new","id":{},"kind":"node"}}"#, u32::MAX);
        assert_eq!(checked(&[&last]), Ok(()));
    }

    #[test]
    fn a_chain_is_kept_as_one_range_and_has_no_negative_slots() {
        let mut kinds = Kinds(BTreeMap::new());
        let chain = op(r#"{"op":"chain","first":0,"n":10000000}"#);
        kinds.define(&chain).unwrap();
        assert_eq!(kinds.0.len(), 1);
        assert_eq!((kinds.kind(9_999_999), kinds.kind(10_000_000)), (Some("node"), None));
        let load = op(r#"{"op":"load","from":9999999,"slot":-1}"#);
        assert!(kinds.check(&load).unwrap_err().contains("negative"));
    }
}
