//! What a cell of a contest holds.

use cyclade_report::record::Cell;
use std::time::Duration;

/// Why a cell of a contest has nothing but operations and times.
const UNTOLD: &str = "not measured in a contest: a published crate does not tell";

/// Fills in what a contest measures; the rest is absent for a stated reason.
pub(super) fn fill(cell: &mut Cell, wall: Duration, cpu: Duration) {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    cell.ops = Some(cell.size);
    cell.wall_ns = Some(nanoseconds(wall));
    cell.cpu_ns = Some(nanoseconds(cpu));
    if wall.is_zero() {
        cell.mark_absent("ops_per_second", "it took less time than the clock can tell");
    } else {
        cell.ops_per_second = Some(cell.size as f64 / wall.as_secs_f64());
    }
    cell.explain_absences(UNTOLD);
}

#[cfg(test)]
mod tests {
    use super::*;
    use cyclade_report::Status;

    #[test]
    fn a_contests_cell_has_operations_and_times_and_says_why_nothing_else() {
        let mut cell = Cell::new("gc", "pairs", 3_000, 1, Status::Ok);
        fill(&mut cell, Duration::from_millis(2), Duration::from_millis(3));
        assert_eq!(
            (cell.ops, cell.wall_ns, cell.cpu_ns, cell.ops_per_second),
            (Some(3_000), Some(2_000_000), Some(3_000_000), Some(1_500_000.0))
        );
        assert_eq!(cell.unexplained(), Vec::<&str>::new());
        for field in ["pauses", "leaks", "memory.peak_bytes", "latency_ns", "noise"] {
            assert_eq!(cell.absent[field], UNTOLD, "{field}");
        }
        assert!(!cell.absent.contains_key("cpu_ns"));
    }

    #[test]
    fn a_time_of_nothing_gives_no_throughput() {
        let mut cell = Cell::new("gc", "pairs", 3_000, 1, Status::Ok);
        fill(&mut cell, Duration::ZERO, Duration::ZERO);
        assert_eq!(cell.ops_per_second, None);
        assert!(cell.absent["ops_per_second"].contains("clock"));
    }
}
