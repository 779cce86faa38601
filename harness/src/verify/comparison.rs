//! One interpreter: programs on it and on the shipped heap, what differs, and the smallest program that does.

use super::driver::{Answer, Driver};
use super::generator;
use super::interpreters::Interpreter;
use super::rules;
use super::shrinking::{self, Judge};
use crate::scenario::{self, Difference};
use cyclade_core::Config;
use cyclade_trial_deletion::TrialDeletion;
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
}

/// What came out for one interpreter.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Programs that were compared.
    pub(crate) compared: u64,
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
    let rules = rules::settings(interpreter.version)?;
    let mut verdict = Verdict::default();
    let mut driver = Driver::start(interpreter)?;
    let mut under_way: VecDeque<(u64, Value)> = VecDeque::new();
    let mut next = plan.programs.start;
    loop {
        while under_way.len() < AHEAD && next < plan.programs.end {
            let program = generator::program(plan.seed, next);
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
                if let Some(found) = judge(&mut verdict, &rules, program, answer) {
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
        verdict.smallest = Some(smallest(interpreter, &rules, program, differences));
    }
    Ok(verdict)
}

/// Compares one program. If it differs: the program with what the interpreter did, and the differences.
fn judge(
    verdict: &mut Verdict,
    rules: &Config<TrialDeletion>,
    mut program: Value,
    answer: Answer,
) -> Option<(Value, Vec<Difference>)> {
    match answer {
        Answer::Skipped(reason) => {
            verdict.skip(&reason);
            None
        }
        Answer::Expect(expect) => {
            verdict.compared += 1;
            program["expect"] = expect;
            let differences = differences(rules, &program);
            (!differences.is_empty()).then_some((program, differences))
        }
    }
}

/// Where the heap does something else than what the program expects.
fn differences(rules: &Config<TrialDeletion>, program: &Value) -> Vec<Difference> {
    match scenario::from_value(program) {
        Ok(scenario) => {
            let observed = scenario::perform_with::<TrialDeletion>(&scenario, rules.clone());
            scenario::compare(&scenario, &observed, true)
        }
        Err(reason) => vec![Difference {
            scenario: program["name"].as_str().unwrap_or_default().to_owned(),
            place: "rule".to_owned(),
            expected: Value::Null,
            found: reason.into(),
        }],
    }
}

/// An interpreter and the heap, asked together.
struct Both<'a> {
    driver: Driver,
    rules: &'a Config<TrialDeletion>,
}

impl Judge for Both<'_> {
    type Error = String;

    fn differ(&mut self, programs: &[Value]) -> Result<Vec<bool>, String> {
        let answers = self.driver.run(programs)?;
        let mut different = Vec::with_capacity(programs.len());
        for (program, answer) in programs.iter().zip(answers) {
            different.push(match answer {
                Answer::Skipped(_) => false,
                Answer::Expect(expect) => {
                    let mut program = program.clone();
                    program["expect"] = expect;
                    !differences(self.rules, &program).is_empty()
                }
            });
        }
        Ok(different)
    }
}

fn smallest(
    interpreter: &Interpreter,
    rules: &Config<TrialDeletion>,
    program: Value,
    found: Vec<Difference>,
) -> (Value, Vec<Difference>) {
    let Ok(driver) = Driver::start(interpreter) else { return (program, found) };
    let mut both = Both { driver, rules };
    let (mut small, shrunk) = shrinking::shrink(program.clone(), &mut both);
    if shrunk.is_err() {
        // Some candidate made the interpreter end. What was reached before differs all the same.
        match Driver::start(interpreter) {
            Ok(driver) => both.driver = driver,
            Err(_) => return (program, found),
        }
    }
    match both.driver.run(std::slice::from_ref(&small)).as_deref() {
        Ok([Answer::Expect(expect)]) => small["expect"] = expect.clone(),
        _ => return (program, found),
    }
    let differences = differences(rules, &small);
    if differences.is_empty() {
        return (program, found);
    }
    (json!({ "name": small["name"], "ops": small["ops"], "expect": small["expect"] }), differences)
}
