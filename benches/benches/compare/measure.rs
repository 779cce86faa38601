//! The rounds of one workload: repeated as a whole while the machine is not quiet.

use crate::child;
use crate::interrupt;
use crate::load::Ticks;
use cyclade_benches::Workload;
use cyclade_benches::contest::measured::{Measured, Rounds};
use cyclade_report::statistics::SplitMix64;

/// Measures `workload`, up to `attempts` times.
pub(crate) fn workload(workload: &Workload, attempts: u32) -> Measured {
    let mut best: Option<Measured> = None;
    for attempt in 1..=attempts {
        let now = attempt_at(workload, attempt);
        let quieter = best.as_ref().is_none_or(|best| !now.interrupted && now.foreign < best.foreign);
        if quieter {
            best = Some(now);
        }
        if let Some(best) = &mut best {
            best.attempts = attempt;
            if best.is_quiet() || interrupt::asked() {
                break;
            }
        }
    }
    best.expect("one attempt at least")
}

fn attempt_at(workload: &Workload, attempt: u32) -> Measured {
    let before = Ticks::now();
    let mut names: Vec<(usize, &str)> =
        workload.contestants.iter().map(|c| c.name).chain([workload.reference]).enumerate().collect();
    let mut random = SplitMix64::new(u64::from(workload.rounds * attempt));
    let mut rounds: Vec<Rounds> = names.iter().map(|_| Ok(Vec::new())).collect();
    for round in 0..workload.rounds {
        let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
        eprint!("\r{}: round {} of {}{again} ", workload.name, round + 1, workload.rounds);
        for i in (1..names.len()).rev() {
            names.swap(i, random.below(i + 1));
        }
        for &(i, name) in &names {
            let Ok(so_far) = &mut rounds[i] else { continue };
            let measured = child::measure(workload, name);
            if interrupt::asked() {
                // The terminal's signal ends the child, too.
                break;
            }
            match measured {
                Ok(figures) => so_far.push(figures),
                Err(why) => rounds[i] = Err(why),
            }
        }
        if interrupt::asked() {
            break;
        }
    }
    eprintln!();
    let foreign = before.zip(Ticks::now()).and_then(|(before, now)| now.foreign_share_since(before));
    let again = rounds.pop().unwrap_or(Ok(Vec::new()));
    Measured {
        workload: workload.clone(),
        rounds,
        again,
        foreign,
        attempts: attempt,
        interrupted: interrupt::asked(),
    }
}
