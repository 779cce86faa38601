//! Whatever a record holds, nothing panics: records come from other machines, other versions, and other people.

use cyclade_report::record::*;
use cyclade_report::table::Style;
use cyclade_report::{Comparison, RunRecord, compare, export, table};
use proptest::option;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("null".to_owned()), Just("mark-sweep".to_owned()), any::<String>()]
}

fn percentiles() -> impl Strategy<Value = Percentiles> {
    any::<[u64; 3]>().prop_map(|[p50, p99, max]| Percentiles { p50, p99, max })
}

fn measures(cell: Cell) -> impl Strategy<Value = Cell> {
    let totals = any::<[u64; 6]>().prop_map(|[count, total, p50, p99, p999, max]| PauseTotals {
        count,
        total,
        p50,
        p99,
        p999,
        max,
    });
    let latency =
        (any::<[u64; 5]>(), prop::collection::vec((any::<f64>(), any::<u64>(), any::<u64>()), 0..4))
            .prop_map(|([p50, p99, p999, max, metered_p999], points)| {
                let point =
                    |(quantile, simple_ns, metered_ns)| LatencyPoint { quantile, simple_ns, metered_ns };
                let spectrum = points.into_iter().map(point).collect();
                Latency { p50, p99, p999, max, metered_p999, spectrum, ..Latency::default() }
            });
    let leaks = (any::<[u64; 4]>(), option::of(any::<f64>()), option::of(percentiles())).prop_map(
        |([allocated, reachable, leaked, freed_while_reachable], precision, detection_latency_ns)| Leaks {
            allocated,
            reachable,
            leaked,
            freed_while_reachable,
            precision,
            detection_latency_ns,
            ..Leaks::default()
        },
    );
    let pauses =
        prop::collection::vec((any::<u64>(), any::<u64>(), any::<String>()), 0..5).prop_map(|pauses| {
            let pause = |(start_ns, duration_ns, kind)| Pause { start_ns, duration_ns, kind };
            pauses.into_iter().map(pause).collect::<Vec<_>>()
        });
    let mmu = prop::collection::vec((any::<u64>(), any::<f64>()), 0..3).prop_map(|points| {
        let point = |(window_ns, utilisation)| Utilisation { window_ns, utilisation };
        points.into_iter().map(point).collect::<Vec<_>>()
    });
    let noise = (option::of(any::<f64>()), option::of(any::<u64>()))
        .prop_map(|(foreign_cpu, hiccup_max_ns)| Noise { foreign_cpu, hiccup_max_ns });
    let times = (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<f64>()));
    (times, option::of(totals), option::of(latency), option::of(leaks), option::of(noise), pauses, mmu)
        .prop_map(move |(times, pause_ns, latency_ns, leaks, noise, pauses, mmu)| {
            let mut cell = cell.clone();
            (cell.wall_ns, cell.collector_ns, cell.ops_per_second) = times;
            (cell.pause_ns, cell.latency_ns, cell.leaks, cell.noise) = (pause_ns, latency_ns, leaks, noise);
            (cell.pauses, cell.mmu) = (pauses, mmu);
            cell
        })
}

fn cell() -> impl Strategy<Value = Cell> {
    let status = prop::sample::select(Status::ALL.as_slice());
    let control = option::weighted(0.3, Just(Control::SameAgainstSame));
    (name(), name(), 0u64..2, 0u32..4, status, control, option::of(any::<String>())).prop_flat_map(
        |(collector, workload, size, repeat, status, control, detail)| {
            let mut cell = Cell::new(collector, workload, size, repeat, status);
            (cell.control, cell.detail) = (control, detail);
            measures(cell)
        },
    )
}

fn records() -> impl Strategy<Value = RunRecord> {
    let cells = || prop::collection::vec(cell(), 0..12);
    (cells(), cells(), any::<[String; 4]>(), any::<bool>()).prop_map(|(cells, contested, texts, quick)| {
        let [cpu, started, version, command] = texts;
        let environment = Environment { cpu, started, version, ..Environment::default() };
        let plan = Plan { quick, command: vec![command], ..Plan::default() };
        let contest = Contest {
            workload: "pairs".to_owned(),
            operation: plan.command[0].clone(),
            reference: "null".to_owned(),
            ours: vec!["mark-sweep".to_owned()],
            cells: contested,
            ..Contest::default()
        };
        let contests = if quick { vec![contest] } else { Vec::new() };
        RunRecord { cells, contests, ..RunRecord::new(environment, plan) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn is_shown_exported_and_compared_without_a_panic((record, other) in (records(), records())) {
        let mut record = record;
        record.summarise();
        for style in [Style::plain(), Style { colour: true, width: Some(80) }] {
            let text = table::render(&record, style);
            prop_assert!(style.colour || !text.contains('\x1b'));
        }
        let page = export::html::render(&record).unwrap();
        prop_assert_eq!(page.matches("</script>").count(), 3);
        export::csv::render(&record);
        export::json::render(&record);
        prop_assert!(export::markdown::render(&record).starts_with("# Cyclade run\n"));
        let comparison = Comparison::between(&record, &other, 0.05);
        compare::render(&comparison, Style::plain());
    }
}
