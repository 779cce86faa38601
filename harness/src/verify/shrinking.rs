//! The smallest program that still differs: delta debugging over operations (Zeller and Hildebrandt 2002), then over what is in
//! them.
//!
//! Candidates are tried in batches, since an interpreter answers a hundred programs as quickly as one. S1: what comes out differs.
//! S2: no single operation, action or item of it can be left out. Both hold for any judge that answers the same twice.

use serde_json::{Value, json};

/// Says for each program whether it differs.
pub(crate) trait Judge {
    /// An error ends the shrinking; what has been reached by then is kept.
    type Error;

    /// One answer per program, in order.
    fn differ(&mut self, programs: &[Value]) -> Result<Vec<bool>, Self::Error>;
}

/// Makes a program that differs as small as the judge lets it be.
pub(crate) fn shrink<J: Judge>(program: Value, judge: &mut J) -> (Value, Result<(), J::Error>) {
    let mut best = program;
    let result = descend(&mut best, judge);
    (best, result)
}

fn descend<J: Judge>(best: &mut Value, judge: &mut J) -> Result<(), J::Error> {
    loop {
        let before = best.clone();
        drop_operations(best, judge)?;
        while let Some(simpler) = first(&edits(best), judge)? {
            *best = simpler;
        }
        if *best == before {
            return Ok(());
        }
    }
}

/// The first of the candidates that differs.
fn first<J: Judge>(candidates: &[Value], judge: &mut J) -> Result<Option<Value>, J::Error> {
    let answers = judge.differ(candidates)?;
    Ok(answers.iter().position(|differs| *differs).map(|at| candidates[at].clone()))
}

/// Leaves out operations: first halves, at last single ones.
fn drop_operations<J: Judge>(best: &mut Value, judge: &mut J) -> Result<(), J::Error> {
    let mut size = operations(best).len().div_ceil(2).max(1);
    loop {
        loop {
            let count = operations(best).len();
            let starts: Vec<usize> = (0..count).step_by(size).collect();
            let candidates: Vec<Value> = starts.iter().map(|start| without(best, &[*start], size)).collect();
            let answers = judge.differ(&candidates)?;
            let can_go: Vec<usize> = starts
                .iter()
                .zip(&answers)
                .filter(|(_, differs)| **differs)
                .map(|(start, _)| *start)
                .collect();
            let Some(last) = can_go.last() else { break };
            // What can go alone can often go together; if not, then at least the last one.
            let together = without(best, &can_go, size);
            *best = if can_go.len() > 1 && judge.differ(std::slice::from_ref(&together))? == [true] {
                together
            } else {
                without(best, &[*last], size)
            };
        }
        if size == 1 {
            return Ok(());
        }
        size = size.div_ceil(2);
    }
}

fn operations(program: &Value) -> &[Value] {
    program["ops"].as_array().map_or(&[], Vec::as_slice)
}

fn with_operations(program: &Value, ops: Vec<Value>) -> Value {
    let mut copy = program.clone();
    copy["ops"] = Value::Array(ops);
    copy
}

/// The program without `size` operations from each of these places on.
fn without(program: &Value, starts: &[usize], size: usize) -> Value {
    let gone = |at: usize| starts.iter().any(|start| (*start..*start + size).contains(&at));
    let ops = operations(program).iter().enumerate().filter(|(at, _)| !gone(*at));
    with_operations(program, ops.map(|(_, op)| op.clone()).collect())
}

/// Every program that is simpler by one step inside an operation.
fn edits(program: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for (at, op) in operations(program).iter().enumerate() {
        let mut put = |op: Value| {
            let mut ops = operations(program).to_vec();
            ops[at] = op;
            all.push(with_operations(program, ops));
        };
        for field in ["finalizer", "callback", "items"] {
            let list = op[field].as_array().map_or(&[][..], Vec::as_slice);
            for gone in 0..list.len() {
                let mut shorter = op.clone();
                let rest = list.iter().enumerate().filter(|(place, _)| *place != gone);
                shorter[field] = rest.map(|(_, item)| item.clone()).collect();
                put(shorter);
            }
        }
        if op["callback"] == json!([]) {
            let mut plainer = op.clone();
            plainer["callback"] = Value::Null;
            put(plainer);
        }
        if op["op"] == "new" && op["kind"] != "node" {
            put(json!({ "op": "new", "id": op["id"], "kind": "node" }));
        }
        if let Some(n) = op["n"].as_u64().filter(|n| *n > 1) {
            for fewer in [n / 2, n - 1] {
                let mut shorter = op.clone();
                shorter["n"] = fewer.into();
                put(shorter);
            }
            for field in ["ring", "back"] {
                if op[field] == true {
                    let mut plainer = op.clone();
                    plainer[field] = false.into();
                    put(plainer);
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Differs as a function of the program says, and counts.
    struct Fake<F> {
        differs: F,
        batches: usize,
        programs: usize,
    }

    impl<F: FnMut(&Value) -> bool> Judge for Fake<F> {
        type Error = Infallible;

        fn differ(&mut self, programs: &[Value]) -> Result<Vec<bool>, Infallible> {
            self.batches += 1;
            self.programs += programs.len();
            Ok(programs.iter().map(|program| (self.differs)(program)).collect())
        }
    }

    fn smallest(ops: Vec<Value>, differs: impl FnMut(&Value) -> bool) -> (Value, usize) {
        let mut judge = Fake { differs, batches: 0, programs: 0 };
        let (program, Ok(())) = shrink(json!({ "name": "x", "ops": ops }), &mut judge);
        (program["ops"].clone(), judge.batches)
    }

    fn numbered(n: u64) -> Vec<Value> {
        (0..n).map(|id| json!({ "op": "hold", "id": id })).collect()
    }

    fn ids(ops: &Value) -> Vec<u64> {
        ops.as_array().unwrap().iter().map(|op| op["id"].as_u64().unwrap()).collect()
    }

    #[test]
    fn two_operations_that_need_each_other_are_found_among_a_hundred_in_few_batches() {
        let (ops, batches) = smallest(numbered(100), |program| {
            let ids = ids(&program["ops"]);
            ids.contains(&13) && ids.contains(&77)
        });
        assert_eq!(ids(&ops), [13, 77]);
        assert!(batches < 60, "{batches}");
    }

    #[test]
    fn nothing_can_be_left_out_of_what_is_left() {
        // At least five operations with an odd number.
        let differs = |program: &Value| ids(&program["ops"]).iter().filter(|id| *id % 2 == 1).count() >= 5;
        let (ops, _) = smallest(numbered(60), differs);
        assert_eq!(ops.as_array().unwrap().len(), 5);
        assert!(ids(&ops).iter().all(|id| id % 2 == 1));
    }

    #[test]
    fn actions_and_items_are_left_out_one_by_one() {
        let op = json!({ "op": "new", "id": 0, "kind": "fin",
            "finalizer": [{ "do": "collect" }, { "do": "raise" }, { "do": "root_self" }] });
        let (ops, _) = smallest(vec![op], |program| {
            let actions = program["ops"][0]["finalizer"].as_array();
            actions.is_some_and(|list| list.iter().any(|action| action["do"] == "raise"))
        });
        assert_eq!(ops, json!([{ "op": "new", "id": 0, "kind": "fin", "finalizer": [{ "do": "raise" }] }]));
    }

    #[test]
    fn chains_become_short_and_kinds_plain() {
        let chain = json!({ "op": "chain", "first": 0, "n": 29, "ring": true, "back": true });
        let tuple = json!({ "op": "new", "id": 50, "kind": "tuple", "items": [0] });
        let (ops, _) = smallest(vec![chain, tuple], |program| {
            let ops = program["ops"].as_array().unwrap();
            ops.len() == 2 && ops[0]["n"].as_u64() >= Some(3)
        });
        assert_eq!(ops[0], json!({ "op": "chain", "first": 0, "n": 3, "ring": false, "back": false }));
        assert_eq!(ops[1], json!({ "op": "new", "id": 50, "kind": "node" }));
    }

    #[test]
    fn what_has_been_reached_is_kept_when_the_judge_fails() {
        struct Weary(usize);
        impl Judge for Weary {
            type Error = &'static str;
            fn differ(&mut self, programs: &[Value]) -> Result<Vec<bool>, &'static str> {
                self.0 -= 1;
                if self.0 == 0 { Err("tired") } else { Ok(vec![true; programs.len()]) }
            }
        }
        let (program, result) = shrink(json!({ "ops": numbered(40) }), &mut Weary(3));
        assert_eq!(result, Err("tired"));
        assert!(program["ops"].as_array().unwrap().len() < 40);
    }
}
