//! `cyclade compare A B`: two run records, metric by metric.

use crate::cli::Compare;
use crate::exit::Exit;
use crate::output;
use cyclade_report::{Comparison, RunRecord, compare, table};

pub(crate) fn run(args: Compare, as_json: bool) -> Result<(), Exit> {
    let Some(threshold) = share(&args.threshold) else {
        return Err(Exit::usage(format_args!(
            "`{}` is no threshold; expected a share such as 5% or 0.05",
            args.threshold.escape_debug()
        )));
    };
    let before = RunRecord::read(&args.before).map_err(Exit::usage)?;
    let after = RunRecord::read(&args.after).map_err(Exit::usage)?;
    let comparison = Comparison::between(&before, &after, threshold);
    if as_json {
        output::json(&comparison)?;
    } else {
        output::print(&compare::render(&comparison, table::Style::for_stdout(None)))?;
    }
    if comparison.has_regression() { Err(Exit::differs()) } else { Ok(()) }
}

/// `5%` or `0.05`.
fn share(text: &str) -> Option<f64> {
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (value.is_finite() && value >= 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn thresholds_are_shares_or_percentages() {
        assert_eq!(share("5%"), Some(0.05));
        assert_eq!(share(" 0.1 "), Some(0.1));
        for text in ["", "-1", "nan", "inf", "much"] {
            assert_eq!(share(text), None, "{text}");
        }
    }
}
