//! What the plots draw: a small JSON block that the page's script reads. The numbers come from the process that stands for
//! its row; long lists of pauses are thinned out, keeping the longest of each stretch of time.

use std::collections::BTreeMap;

use serde::Serialize;

use super::representative;
use crate::record::{Cell, Pause, RunRecord, Utilisation};
use crate::summary::Summary;
use crate::units;

/// No plot holds more pauses of one collector than this.
const MOST_PAUSES: u64 = 300;

/// One workload at one size: where its plots go, and what they show to those who do not see them.
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) label: String,
    pub(super) pauses: String,
    pub(super) utilisation: String,
    pub(super) latency: String,
}

#[derive(Serialize)]
struct Data<'a> {
    collectors: Vec<&'a str>,
    places: Vec<BTreeMap<usize, Series>>,
}

/// What one collector did on one workload: pairs of x and y.
#[derive(Serialize, Default)]
struct Series {
    /// Start and duration, in nanoseconds.
    pauses: Vec<(u64, u64)>,
    /// Window in nanoseconds, and share.
    mmu: Vec<(u64, f64)>,
    bmu: Vec<(u64, f64)>,
    /// The quantile as "one of so many", and nanoseconds: simple, metered.
    simple: Vec<(f64, u64)>,
    metered: Vec<(f64, u64)>,
}

/// The data block, safe to stand inside a script element: `<`, `>` and `&` are written as escapes, and so are the two
/// line separators that JavaScript once minded.
pub(super) fn data(record: &RunRecord, summary: &Summary) -> String {
    let collectors = summary.collectors();
    let places = summary
        .groups()
        .iter()
        .map(|group| {
            let one = |row: &&crate::summary::SummaryRow| {
                let index = collectors.iter().position(|name| *name == row.collector)?;
                Some((index, series(representative(record, row)?)))
            };
            group.iter().filter_map(one).collect()
        })
        .collect();
    let json = serde_json::to_string(&Data { collectors, places }).expect("keys are numbers");
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe += &format!("\\u{:04x}", u32::from(c)),
            c => safe.push(c),
        }
    }
    safe
}

/// The plots' places, with descriptions.
pub(super) fn places(record: &RunRecord, summary: &Summary) -> Vec<Place> {
    let tell = |(index, group): (usize, Vec<&crate::summary::SummaryRow>)| {
        let each = |get: fn(&Cell) -> Option<String>| {
            let told: Vec<String> = group
                .iter()
                .filter_map(|row| Some(format!("{} {}", row.collector, get(representative(record, row)?)?)))
                .collect();
            if told.is_empty() { "nothing was measured".to_owned() } else { told.join(", ") }
        };
        Place {
            index,
            label: summary.label(group[0]),
            pauses: each(|cell| Some(units::duration(cell.pause_ns.as_ref()?.max))),
            utilisation: each(|cell| {
                cell.mmu
                    .iter()
                    .find(|point| point.window_ns == 10_000_000)
                    .map(|p| units::percent(p.utilisation))
            }),
            latency: each(|cell| Some(units::duration(cell.latency_ns.as_ref()?.metered_p999))),
        }
    };
    summary.groups().into_iter().enumerate().map(tell).collect()
}

fn series(cell: &Cell) -> Series {
    let curve =
        |points: &[Utilisation]| points.iter().map(|p| (p.window_ns, thousandths(p.utilisation))).collect();
    let spectrum = cell.latency_ns.as_ref().map_or(&[][..], |latency| &latency.spectrum);
    let tail: Vec<_> = spectrum.iter().filter(|point| point.quantile < 1.0).collect();
    let one_of = |quantile: f64| thousandths(1.0 / (1.0 - quantile));
    Series {
        pauses: thinned(&cell.pauses),
        mmu: curve(&cell.mmu),
        bmu: curve(&cell.bmu),
        simple: tail.iter().map(|point| (one_of(point.quantile), point.simple_ns)).collect(),
        metered: tail.iter().map(|point| (one_of(point.quantile), point.metered_ns)).collect(),
    }
}

/// Three decimals are more than a plot can show.
fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// At most [`MOST_PAUSES`] pauses: of each of so many equal stretches of time, the longest one.
fn thinned(pauses: &[Pause]) -> Vec<(u64, u64)> {
    let last = pauses.iter().map(|pause| pause.start_ns).max().unwrap_or(0);
    let stretch = if pauses.len() as u64 > MOST_PAUSES { last / MOST_PAUSES + 1 } else { 1 };
    let mut longest: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for pause in pauses {
        let place = longest.entry(pause.start_ns / stretch).or_insert((pause.start_ns, pause.duration_ns));
        if pause.duration_ns > place.1 {
            *place = (pause.start_ns, pause.duration_ns);
        }
    }
    longest.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_longest_pause_and_the_limit() {
        let mut pauses: Vec<Pause> = (0..100_000)
            .map(|n| Pause { start_ns: n * 1000, duration_ns: 1 + n % 7, kind: "young".into() })
            .collect();
        pauses[54_321].duration_ns = 99;
        let thin = thinned(&pauses);
        assert!(thin.len() as u64 <= MOST_PAUSES && thin.len() > 250);
        assert!(thin.contains(&(54_321_000, 99)));
        assert!(thin.is_sorted());
    }

    #[test]
    fn few_pauses_are_all_kept() {
        let pauses = [(5, 2), (9, 1)].map(|(start_ns, duration_ns)| Pause {
            start_ns,
            duration_ns,
            kind: String::new(),
        });
        assert_eq!(thinned(&pauses), [(5, 2), (9, 1)]);
        assert_eq!(thinned(&[]), []);
    }
}
