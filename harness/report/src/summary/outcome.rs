//! How a row ended, in words.

use crate::record::{Cell, Status};
use crate::units;

/// The worst that happened, and to how many of the processes.
pub(super) fn words(cells: &[&Cell]) -> String {
    let Some(worst) = cells.iter().max_by_key(|cell| (cell.status, leaked(cell))) else {
        return "not measured".to_owned();
    };
    let freed =
        cells.iter().filter_map(|cell| Some(cell.leaks.as_ref()?.freed_while_reachable)).max().unwrap_or(0);
    let mut text = one(worst);
    if freed > 0 {
        text = format!("FREED {} IN USE; {text}", units::counted(freed, "object").to_uppercase());
    }
    let alike = cells.iter().filter(|cell| cell.status == worst.status).count();
    if alike < cells.len() {
        text += &format!(" ({alike} of {})", cells.len());
    }
    text
}

fn leaked(cell: &Cell) -> u64 {
    cell.leaks.as_ref().map_or(0, |leaks| leaks.leaked)
}

fn one(cell: &Cell) -> String {
    let with_detail = |text: String| match cell.detail.as_deref().map(first_line) {
        Some(detail) if !detail.is_empty() => format!("{text}: {detail}"),
        _ => text,
    };
    match cell.status {
        Status::Ok | Status::LeakedAsExpected => match &cell.leaks {
            Some(leaks) if leaks.leaked > 0 => {
                let unexpected = if cell.status == Status::Ok { ", which it should not" } else { "" };
                format!(
                    "leaks {} of {}{unexpected}",
                    units::count(leaks.leaked),
                    units::count(leaks.allocated)
                )
            }
            Some(_) => "no leaks".to_owned(),
            None => "finished; leaks not counted".to_owned(),
        },
        Status::Interrupted => with_detail("interrupted".to_owned()),
        Status::TimedOut => match cell.timeout_ns.or(cell.wall_ns) {
            Some(ns) => format!("timed out after {}", units::duration(ns)),
            None => "timed out".to_owned(),
        },
        Status::HeapLimit => match cell.heap_limit_bytes {
            Some(limit) => format!("heap limit {}", units::bytes(limit)),
            None => with_detail("heap limit".to_owned()),
        },
        Status::Failed => with_detail("failed".to_owned()),
        Status::Crashed => match (cell.signal, cell.exit_code) {
            (Some(signal), _) => format!("crashed: signal {signal}"),
            (None, Some(code)) => with_detail(format!("crashed: exit code {code}")),
            (None, None) => with_detail("crashed".to_owned()),
        },
    }
}

/// The first line, cut to what a table can hold.
fn first_line(text: &str) -> String {
    const LONGEST: usize = 80;
    let line = units::printable(text.trim().lines().next().unwrap_or_default().trim());
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Leaks;

    fn cell(status: Status) -> Cell {
        Cell::new("refcount", "pairs", 1000, 0, status)
    }

    fn with(status: Status, change: impl FnOnce(&mut Cell)) -> String {
        let mut cell = cell(status);
        change(&mut cell);
        words(&[&cell])
    }

    #[test]
    fn every_status_has_words_that_say_what_happened() {
        let leaks = |leaked| Some(Leaks { allocated: 2000, leaked, ..Leaks::default() });
        assert_eq!(with(Status::Ok, |c| c.leaks = leaks(0)), "no leaks");
        assert_eq!(with(Status::LeakedAsExpected, |c| c.leaks = leaks(2000)), "leaks 2,000 of 2,000");
        assert_eq!(with(Status::Ok, |c| c.leaks = leaks(3)), "leaks 3 of 2,000, which it should not");
        assert_eq!(with(Status::Ok, |_| ()), "finished; leaks not counted");
        assert_eq!(with(Status::TimedOut, |c| c.timeout_ns = Some(10_000_000_000)), "timed out after 10 s");
        assert_eq!(with(Status::HeapLimit, |c| c.heap_limit_bytes = Some(256 << 20)), "heap limit 256 MiB");
        assert_eq!(with(Status::Crashed, |c| c.signal = Some(11)), "crashed: signal 11");
        assert_eq!(with(Status::Crashed, |c| c.exit_code = Some(101)), "crashed: exit code 101");
        assert_eq!(with(Status::Failed, |c| c.detail = Some("a\nb".into())), "failed: a");
        assert_eq!(with(Status::Interrupted, |_| ()), "interrupted");
    }

    #[test]
    fn what_happened_to_some_processes_only_is_counted() {
        let (good, mut bad) = (cell(Status::Ok), cell(Status::Crashed));
        bad.signal = Some(6);
        assert_eq!(words(&[&good, &good, &bad]), "crashed: signal 6 (1 of 3)");
    }

    #[test]
    fn an_object_that_was_freed_while_in_use_comes_first() {
        let text = with(Status::Failed, |c| {
            c.leaks = Some(Leaks { freed_while_reachable: 1, ..Leaks::default() });
        });
        assert_eq!(text, "FREED 1 OBJECT IN USE; failed");
    }

    #[test]
    fn long_details_are_cut() {
        let text = with(Status::Failed, |c| c.detail = Some("é".repeat(500)));
        assert_eq!(text.chars().count(), "failed: ".len() + 80);
    }
}
