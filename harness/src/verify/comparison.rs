//! One interpreter: programs on it and on the shipped heap, what differs, and the smallest program that does.

use super::driver::{Answer, Driver};
use super::generator;
use super::interpreters::Interpreter;
use super::kept::{self, Extent};
use super::rules;
use super::shrinking::{self, Judge};
use crate::scenario::{self, Difference};
use cyclade_core::Config;
use cyclade_trial_deletion::{Order, TrialDeletion};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// So many programs are under way at once.
const AHEAD: usize = 128;

/// After so many crashes the rest is given up.
const MOST_CRASHES: usize = 3;

/// Which programs.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) programs: Range<u64>,
    /// In which order the heap's full collections leave survivors.
    pub(crate) order: Order,
}

/// What came out for one interpreter.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Programs that were compared.
    pub(crate) compared: u64,
    /// Of these, if the heap keeps the order: how many regardless of it from some operation on, and how many up to there.
    pub(crate) unordered: u64,
    pub(crate) in_part: u64,
    /// Programs that differ, by number.
    pub(crate) different: Vec<u64>,
    /// How many were not compared, and why.
    pub(crate) skipped: BTreeMap<String, u64>,
    /// The first that differs, as small as it can be, with what the interpreter did; and where it differs.
    pub(crate) smallest: Option<(Value, Vec<Difference>)>,
    /// Programs in which the interpreter ended, by number, and how.
    pub(crate) crashes: Vec<(u64, String)>,
}

impl Verdict {
    fn skip(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_insert(0) += 1;
    }

    /// Did everything that was compared come out the same, and did nothing crash?
    pub(crate) fn is_clean(&self) -> bool {
        self.different.is_empty() && self.crashes.is_empty()
    }
}

/// Compares. `told` hears of each program that is done; false ends it.
///
/// # Errors
/// If the interpreter cannot be started, or there are no rules for its version.
pub(crate) fn verify(
    interpreter: &Interpreter,
    plan: &Plan,
    mut told: impl FnMut(&Verdict) -> bool,
) -> Result<Verdict, String> {
    let subject = Subject { settings: rules::settings(interpreter.version, plan.order)?, order: plan.order };
    let mut verdict = Verdict::default();
    let mut driver = Driver::start(interpreter)?;
    let mut under_way: VecDeque<(u64, Value)> = VecDeque::new();
    let mut next = plan.programs.start;
    loop {
        while under_way.len() < AHEAD && next < plan.programs.end {
            let program = subject.prepare(&generator::program(plan.seed, next), next);
            if let Some(exception) = rules::exception(interpreter.version, &program) {
                verdict.skip(exception.name);
            } else {
                driver.send(&program);
                under_way.push_back((next, program));
            }
            next += 1;
        }
        let Some((number, program)) = under_way.pop_front() else { break };
        match driver.receive() {
            Ok(answer) => {
                if let Some(found) = judge(&mut verdict, &subject, program, answer) {
                    if verdict.different.is_empty() {
                        verdict.smallest = Some(found);
                    }
                    verdict.different.push(number);
                }
            }
            Err(how) => {
                verdict.crashes.push((number, how));
                if verdict.crashes.len() >= MOST_CRASHES {
                    let left = under_way.len() as u64 + (plan.programs.end - next);
                    if left > 0 {
                        verdict.skipped.insert("the interpreter kept crashing".to_owned(), left);
                    }
                    break;
                }
                driver = Driver::start(interpreter)?;
                for (_, program) in &under_way {
                    driver.send(program);
                }
            }
        }
        if !told(&verdict) {
            break;
        }
    }
    if let Some((program, differences)) = verdict.smallest.take() {
        verdict.smallest = Some(smallest(interpreter, &subject, program, differences));
    }
    Ok(verdict)
}

/// The heap, as it is compared.
struct Subject {
    settings: Config<TrialDeletion>,
    order: Order,
}

impl Subject {
    /// The program as both get it.
    fn prepare(&self, program: &Value, number: u64) -> Value {
        match self.order {
            Order::Python => program.clone(),
            Order::Kept => kept::prepare(program, number),
        }
    }

    /// Where the heap does something else than what the program expects, and how much of it was compared.
    fn compare(&self, program: &Value) -> (Vec<Difference>, Extent) {
        let scenario = match scenario::from_value(program) {
            Ok(scenario) => scenario,
            Err(reason) => {
                let name = program["name"].as_str().unwrap_or_default().to_owned();
                let place = "rule".to_owned();
                let refused =
                    Difference { scenario: name, place, expected: Value::Null, found: reason.into() };
                return (vec![refused], Extent::Exact);
            }
        };
        let observed = scenario::perform_with::<TrialDeletion>(&scenario, self.settings.clone());
        match self.order {
            Order::Python => (scenario::compare(&scenario, &observed, true), Extent::Exact),
            Order::Kept => kept::compare(program, &scenario, &observed),
        }
    }
}

/// Compares one program. If it differs: the program with what the interpreter did, and the differences.
fn judge(
    verdict: &mut Verdict,
    subject: &Subject,
    mut program: Value,
    answer: Answer,
) -> Option<(Value, Vec<Difference>)> {
    match answer {
        Answer::Skipped(reason) => {
            verdict.skip(&reason);
            None
        }
        Answer::Expect(expect) => {
            program["expect"] = expect;
            let (differences, extent) = subject.compare(&program);
            verdict.compared += 1;
            verdict.unordered += u64::from(extent == Extent::Unordered);
            verdict.in_part += u64::from(extent == Extent::Part);
            (!differences.is_empty()).then_some((program, differences))
        }
    }
}

/// An interpreter and the heap, asked together.
struct Both<'a> {
    driver: Driver,
    subject: &'a Subject,
}

impl Judge for Both<'_> {
    type Error = String;

    fn differ(&mut self, programs: &[Value]) -> Result<Vec<bool>, String> {
        // What has been left out may have been a snapshot.
        let programs: Vec<Value> = programs.iter().map(|program| self.subject.prepare(program, 0)).collect();
        let answers = self.driver.run(&programs)?;
        let mut different = Vec::with_capacity(programs.len());
        for (mut program, answer) in programs.into_iter().zip(answers) {
            different.push(match answer {
                Answer::Skipped(_) => false,
                Answer::Expect(expect) => {
                    program["expect"] = expect;
                    !self.subject.compare(&program).0.is_empty()
                }
            });
        }
        Ok(different)
    }
}

fn smallest(
    interpreter: &Interpreter,
    subject: &Subject,
    program: Value,
    found: Vec<Difference>,
) -> (Value, Vec<Difference>) {
    let Ok(driver) = Driver::start(interpreter) else { return (program, found) };
    let mut both = Both { driver, subject };
    let (mut small, shrunk) = shrinking::shrink(program.clone(), &mut both);
    if shrunk.is_err() {
        // Some candidate made the interpreter end. What was reached before differs all the same.
        match Driver::start(interpreter) {
            Ok(driver) => both.driver = driver,
            Err(_) => return (program, found),
        }
    }
    small = subject.prepare(&small, 0);
    match both.driver.run(std::slice::from_ref(&small)).as_deref() {
        Ok([Answer::Expect(expect)]) => small["expect"] = expect.clone(),
        _ => return (program, found),
    }
    let (differences, _) = subject.compare(&small);
    if differences.is_empty() {
        return (program, found);
    }
    (json!({ "name": small["name"], "ops": small["ops"], "expect": small["expect"] }), differences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{all, ask};
    use std::path::Path;

    /// Asserts that python3 and the heap do the same; nothing, unless there is one that can be compared.
    fn assert_same_on_python3(ops: Value) {
        match ask(Path::new("python3")) {
            Ok(interpreter) => assert_same(&interpreter, &[ops]),
            Err(unusable) => println!("skipped: {}", unusable.reason),
        }
    }

    /// Asserts that the interpreter and the heap do the same in each of these programs, but for those that a rule excepts.
    fn assert_same(interpreter: &Interpreter, all_ops: &[Value]) {
        let plan = Plan { seed: 0, programs: 0..0, order: Order::Python };
        let settings = rules::settings(interpreter.version, plan.order).unwrap();
        let subject = Subject { settings, order: plan.order };
        let mut programs: Vec<Value> =
            all_ops.iter().map(|ops| json!({ "name": "written by hand", "ops": ops })).collect();
        programs.retain(|program| rules::exception(interpreter.version, program).is_none());
        let answers = Driver::start(interpreter).unwrap().run(&programs).unwrap();
        for (program, answer) in programs.into_iter().zip(answers) {
            let mut verdict = Verdict::default();
            let found = judge(&mut verdict, &subject, program, answer);
            assert_eq!(found.map(|(_, differences)| differences), None, "{}", interpreter.name());
            assert_eq!(verdict.compared, 1, "{verdict:?}");
        }
    }

    #[test]
    fn a_callback_that_collects_does_not_find_weak_references_without_one_held() {
        // The interpreter holds both of object 3 in a tuple while the callback runs (D6 of the driver), which the driver hides: 4 would keep its
        // place in the list, if the tuple still held it. It belongs behind 1, which reaches it.
        assert_same_on_python3(json!([
            { "op": "new", "id": 1, "kind": "node" },
            { "op": "new", "id": 2, "kind": "tuple", "items": [1] },
            { "op": "new", "id": 3, "kind": "node" },
            { "op": "weakref", "id": 4, "target": 3, "callback": null },
            { "op": "edge", "from": 1, "slot": 0, "to": 4 },
            { "op": "weakref", "id": 5, "target": 3, "callback": [{ "do": "collect" }] },
            { "op": "unroot", "id": 1 },
            { "op": "unroot", "id": 4 },
            { "op": "unroot", "id": 3 },
            { "op": "observe", "what": "all" }
        ]));
    }

    #[test]
    fn a_tuple_that_a_collection_was_not_to_see_is_not_taken_off_the_count_again() {
        // It is made when 4 dies, before 6 collects, and is in a free list when 7 is made.
        assert_same_on_python3(json!([
            { "op": "new", "id": 1, "kind": "node" },
            { "op": "weakref", "id": 2, "target": 1, "callback": [{ "do": "new", "id": 7 }] },
            { "op": "new", "id": 3, "kind": "node" },
            { "op": "edge", "from": 3, "slot": 1, "to": 1 },
            { "op": "unroot", "id": 1 },
            { "op": "new", "id": 4, "kind": "node" },
            { "op": "edge", "from": 4, "slot": 1, "to": 3 },
            { "op": "unroot", "id": 3 },
            { "op": "weakref", "id": 5, "target": 4, "callback": [] },
            { "op": "weakref", "id": 6, "target": 4, "callback": [{ "do": "collect" }] },
            { "op": "unroot", "id": 4 },
            { "op": "observe", "what": "all" }
        ]));
    }

    #[test]
    fn callbacks_of_a_crowd_of_weak_references_are_called_in_order_and_collect_and_make_objects() {
        // Tuples of 4 to 40 items: with a free list, with one from which nobody takes, and without.
        for weak_references in [2, 9, 10, 11, 20] {
            let mut ops = vec![json!({ "op": "new", "id": 0, "kind": "node" })];
            for i in 1..=weak_references {
                let does = match i == weak_references / 2 {
                    true => json!({ "do": "collect" }),
                    false => json!({ "do": "new", "id": 100 + i }),
                };
                ops.push(json!({ "op": "weakref", "id": i, "target": 0, "callback": [does] }));
            }
            ops.extend([json!({ "op": "unroot", "id": 0 }), json!({ "op": "observe", "what": "all" })]);
            assert_same_on_python3(Value::Array(ops));
        }
    }

    /// A chain of so many, which dies from its first object to its last; under it, three objects, each with one at either side whose death is seen.
    fn dies_nested(chain: u64) -> Value {
        let new = |id: u64, kind: &str| json!({ "op": "new", "id": id, "kind": kind });
        let edge =
            |from: u64, slot: u64, to: u64| json!({ "op": "edge", "from": from, "slot": slot, "to": to });
        let unroot = |id: u64| json!({ "op": "unroot", "id": id });
        let mut ops = Vec::new();
        for floor in 0..3 {
            let [left, own, right] = [0, 1, 2].map(|place| 3 * floor + place);
            ops.extend([new(left, "fin"), new(own, "fin"), new(right, "fin")]);
            ops.extend([edge(own, 0, left), edge(own, 2, right), unroot(left), unroot(right)]);
            if let Some(below) = own.checked_sub(3) {
                ops.extend([edge(own, 1, below), unroot(below)]);
            }
        }
        // The second of the ring is held, the first one is made the last.
        ops.push(json!({ "op": "chain", "first": 10, "n": chain, "ring": true }));
        ops.push(json!({ "op": "load", "from": 10, "slot": 0 }));
        ops.extend([edge(10, 0, 7), unroot(7), unroot(10), unroot(11)]);
        ops.push(json!({ "op": "observe", "what": "all" }));
        Value::Array(ops)
    }

    #[test]
    fn what_dies_nested_up_to_twenty_thousand_deep_dies_in_the_order_of_every_interpreter() {
        let depths = [46, 47, 48, 49, 50, 51, 197, 200, 9_945, 9_946, 9_947, 9_948, 9_949, 10_000, 19_997];
        let programs = depths.map(dies_nested);
        for interpreter in all().0 {
            assert_same(&interpreter, &programs);
        }
    }
}
