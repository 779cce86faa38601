//! What was not measured, and why: many cells lack the same things for the same reasons, so they are told together.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::RunRecord;
use crate::units;

/// One reason, what it explains, and where.
pub(super) struct Absence {
    pub(super) reason: String,
    pub(super) fields: String,
    pub(super) places: String,
}

/// What shares a reason.
#[derive(Default)]
struct Gathered<'a> {
    fields: BTreeSet<&'a str>,
    /// In the order of the record.
    places: Vec<String>,
}

/// Every reason of a record, in alphabetical order; what is missing without one is named as such.
pub(super) fn collect(record: &RunRecord) -> Vec<Absence> {
    let mut reasons: BTreeMap<&str, Gathered<'_>> = BTreeMap::new();
    let mut note = |reason, field, place: &str| {
        let gathered: &mut Gathered<'_> = reasons.entry(reason).or_default();
        gathered.fields.insert(field);
        if !gathered.places.iter().any(|known| known == place) {
            gathered.places.push(place.to_owned());
        }
    };
    for (field, reason) in &record.environment.absent {
        note(reason, field, "the environment");
    }
    for cell in &record.cells {
        let place = format!("{} on {}", cell.collector, cell.workload);
        for (field, reason) in &cell.absent {
            note(reason, field, &place);
        }
        for field in cell.unexplained() {
            note("no reason was recorded", field, &place);
        }
    }
    let tell = |(reason, gathered): (&str, Gathered<'_>)| Absence {
        reason: reason.to_owned(),
        fields: name(gathered.fields),
        places: shorten(&gathered.places),
    };
    reasons.into_iter().map(tell).collect()
}

/// The fields by name; so many that they amount to a whole cell, as what they are.
fn name(fields: BTreeSet<&str>) -> String {
    const A_WHOLE_CELL: usize = 12;
    if fields.len() >= A_WHOLE_CELL {
        return "every measurement".to_owned();
    }
    fields.into_iter().collect::<Vec<_>>().join(", ")
}

/// The places, or the first few of them.
fn shorten(places: &[String]) -> String {
    const SHOWN: usize = 4;
    match places.len().checked_sub(SHOWN) {
        Some(more) if more > 1 => {
            format!("{} and {} more", places[..SHOWN].join(", "), units::count(more as u64))
        }
        _ => places.join(", "),
    }
}
