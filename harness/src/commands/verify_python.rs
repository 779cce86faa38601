//! `cyclade verify-python`: random programs on this machine's real interpreters and on trial deletion.

use crate::cli::VerifyPython;
use crate::exit::Exit;
use crate::verify::{self, Interpreter, Plan, Unusable, Verdict};
use crate::{interrupt, names, output, progress};
use cyclade_report::units;
use cyclade_trial_deletion::Order;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::{Instant, SystemTime};

/// One interpreter's part of the result.
struct Part {
    interpreter: Interpreter,
    outcome: Result<Verdict, String>,
    seconds: f64,
}

pub(crate) fn run(args: VerifyPython, as_json: bool) -> Result<(), Exit> {
    let plan = plan(&args)?;
    let (interpreters, unusable) = match &args.python {
        Some(path) => {
            let found = verify::ask(path).map_err(|unusable| {
                Exit::usage(format_args!("--python {}: {}", unusable.path.display(), unusable.reason))
            })?;
            (vec![found], Vec::new())
        }
        None => verify::all(),
    };
    interrupt::listen();
    let mut parts = Vec::new();
    for interpreter in interpreters {
        let bar = progress::bar(plan.programs.end - plan.programs.start);
        bar.set_message(format!("Python {}", interpreter.name()));
        let start = Instant::now();
        let outcome = verify::verify(&interpreter, &plan, |verdict| {
            bar.set_position(verdict.compared + verdict.skipped.values().sum::<u64>());
            !interrupt::asked()
        });
        bar.finish_and_clear();
        parts.push(Part { interpreter, outcome, seconds: start.elapsed().as_secs_f64() });
        if interrupt::asked() {
            break;
        }
    }
    if as_json {
        output::json(&as_value(&plan, &parts, &unusable, interrupt::asked()))?;
    } else {
        output::print(&as_text(&plan, &parts, &unusable, interrupt::asked()))?;
    }
    verdict(&parts)
}

fn plan(args: &VerifyPython) -> Result<Plan, Exit> {
    let number = |name: &str, text: &str| {
        names::number(text).ok_or_else(|| {
            Exit::usage(format_args!("--{name} `{}` is no number, such as 2000", text.escape_debug()))
        })
    };
    let programs = number("programs", &args.programs)?;
    if programs == 0 {
        return Err(Exit::usage("--programs 0 compares nothing; give at least 1"));
    }
    let seed = match &args.seed {
        Some(text) => number("seed", text)?,
        // Short enough to be typed.
        None => SystemTime::UNIX_EPOCH.elapsed().map_or(1, |time| time.as_micros() as u64 % 1_000_000),
    };
    let programs = match &args.only {
        Some(text) => {
            let only = number("only", text)?;
            only..only.saturating_add(1)
        }
        None => 0..programs,
    };
    let order = match args.order.as_str() {
        "python" => Order::Python,
        "kept" => Order::Kept,
        other => return Err(Exit::usage(names::unknown("order", other, ["python", "kept"].into_iter()))),
    };
    Ok(Plan { seed, programs, order })
}

/// Success if something was compared, and nothing differed or crashed.
fn verdict(parts: &[Part]) -> Result<(), Exit> {
    if interrupt::asked() {
        return Err(Exit::interrupted());
    }
    let verdicts: Vec<&Verdict> = parts.iter().filter_map(|part| part.outcome.as_ref().ok()).collect();
    if verdicts.is_empty() {
        return Err(Exit::failed("nothing was compared: no interpreter was found that can be"));
    }
    if verdicts.iter().all(|verdict| verdict.is_clean()) { Ok(()) } else { Err(Exit::differs()) }
}

fn as_value(plan: &Plan, parts: &[Part], unusable: &[Unusable], interrupted: bool) -> Value {
    let interpreters: Vec<Value> = parts
        .iter()
        .map(|part| {
            let mut value = json!({
                "python": part.interpreter.path,
                "version": part.interpreter.name(),
                "seconds": part.seconds,
            });
            match &part.outcome {
                Ok(verdict) => {
                    value["compared"] = verdict.compared.into();
                    if plan.order == Order::Kept {
                        value["regardless_of_order"] = verdict.unordered.into();
                        value["in_part"] = verdict.in_part.into();
                    }
                    value["different"] = json!(verdict.different);
                    value["skipped"] = json!(verdict.skipped);
                    value["crashes"] = json!(verdict.crashes);
                    if let Some((program, differences)) = &verdict.smallest {
                        value["smallest"] = program.clone();
                        value["differences"] = json!(differences);
                    }
                }
                Err(reason) => value["not_compared"] = reason.clone().into(),
            }
            value
        })
        .collect();
    let unusable: Vec<Value> =
        unusable.iter().map(|one| json!({ "python": one.path, "reason": one.reason })).collect();
    json!({
        "seed": plan.seed,
        "order": if plan.order == Order::Kept { "kept" } else { "python" },
        "programs": plan.programs.end - plan.programs.start,
        "interpreters": interpreters,
        "unusable": unusable,
        "interrupted": interrupted,
    })
}

fn as_text(plan: &Plan, parts: &[Part], unusable: &[Unusable], interrupted: bool) -> String {
    let mut text = format!("seed {}\n", plan.seed);
    let mut smallest = Vec::new();
    for part in parts {
        let name = format!("Python {} ({})", part.interpreter.name(), part.interpreter.path.display());
        match &part.outcome {
            Err(reason) => {
                let _ = writeln!(text, "{name}: skipped: {reason}");
            }
            Ok(verdict) => {
                let _ = writeln!(
                    text,
                    "{name}: {} compared, {} in {:.1} s",
                    units::counted(verdict.compared, "program"),
                    match verdict.different.len() {
                        0 => "no difference".to_owned(),
                        n => format!("{n} different"),
                    },
                    part.seconds,
                );
                if plan.order == Order::Kept {
                    let Verdict { compared, unordered, in_part, .. } = verdict;
                    let exact = compared - unordered - in_part;
                    let _ = writeln!(
                        text,
                        "  in every field {exact}, regardless of order {unordered}, until the order mattered {in_part}",
                    );
                }
                for (reason, count) in &verdict.skipped {
                    let _ = writeln!(text, "  {} skipped: {reason}", units::counted(*count, "program"));
                }
                for (number, how) in &verdict.crashes {
                    let _ = writeln!(text, "  program {number} made the interpreter end: {how}");
                }
                if let Some(found) = &verdict.smallest {
                    smallest.push((name, &verdict.different, found));
                }
            }
        }
    }
    for one in unusable {
        let _ = writeln!(text, "{}: skipped: {}", one.path.display(), one.reason);
    }
    if interrupted {
        let planned = units::counted(plan.programs.end - plan.programs.start, "program");
        let _ = writeln!(
            text,
            "interrupted: the plan was {planned} on each interpreter, and this is what was done of it"
        );
    }
    for (name, different, (program, differences)) in smallest {
        let first: Vec<String> = different.iter().take(10).map(u64::to_string).collect();
        let more = if different.len() > first.len() { ", ..." } else { "" };
        let _ = writeln!(text, "\n{name} differs in programs {}{more}", first.join(", "));
        text += match plan.order {
            Order::Python => {
                "the first of them, as small as it can be, as a file for `cyclade scenario FILE --check`:\n"
            }
            Order::Kept => "the first of them, as small as it can be (`--only` and the seed repeat it):\n",
        };
        text += &as_file(&name, program);
        for difference in differences {
            let _ = writeln!(
                text,
                "{}: the interpreter {}, the heap {}",
                difference.place, difference.expected, difference.found
            );
        }
    }
    text
}

/// A scenario file with this program, an operation a line.
fn as_file(name: &str, program: &Value) -> String {
    let ops = program["ops"].as_array().map_or(&[][..], Vec::as_slice);
    let ops: Vec<String> = ops.iter().map(Value::to_string).collect();
    format!(
        "{{\"meta\": {{\"recorded_on\": {}}}, \"scenarios\": [{{\"name\": {}, \"ops\": [\n  {}],\n \"expect\": {}}}]}}\n",
        Value::from(name),
        program["name"],
        ops.join(",\n  "),
        program["expect"],
    )
}

#[cfg(test)]
mod tests {
    use super::{Order, Plan, as_file, as_text, as_value};
    use serde_json::{Value, json};

    #[test]
    fn a_comparison_that_was_interrupted_says_so() {
        let plan = Plan { seed: 1, programs: 0..2000, order: Order::Python };
        assert!(as_text(&plan, &[], &[], true).contains("interrupted: the plan was 2,000 programs"));
        assert_eq!(as_value(&plan, &[], &[], true)["interrupted"], true);
        assert_eq!(as_text(&plan, &[], &[], false), "seed 1\n");
    }

    #[test]
    fn the_printed_program_is_a_scenario_file() {
        let program =
            json!({ "name": "x \"y\"", "ops": [{ "op": "enable" }, { "op": "disable" }], "expect": {} });
        let file: Value = serde_json::from_str(&as_file("Python 3.11.7 (/a b)", &program)).unwrap();
        assert_eq!(file["scenarios"][0], program);
        assert_eq!(file["meta"]["recorded_on"], "Python 3.11.7 (/a b)");
    }
}
