//! `cyclade list`: what there is to choose from.

use crate::collectors;
use crate::exit::Exit;
use crate::output;
use cyclade_core::Barrier;
use serde_json::json;
use std::fmt::Write;

pub(crate) fn run(as_json: bool) -> Result<(), Exit> {
    let workloads = cyclade_workloads::all();
    if as_json {
        let collectors: Vec<_> = collectors::ALL
            .iter()
            .map(|entry| {
                json!({
                    "collector": entry.name,
                    "about": entry.about,
                    "frees": entry.plan.frees,
                    "frees_cycles": entry.plan.frees_cycles,
                    "counts": entry.plan.counts,
                    "concurrent": entry.plan.concurrent,
                    "barrier": barrier(entry.plan.barrier),
                })
            })
            .collect();
        let workloads: Vec<_> = workloads
            .iter()
            .map(|info| {
                json!({
                    "workload": info.name,
                    "about": info.about,
                    "operation": info.operation,
                    "size": info.size,
                    "default_size": info.sizes.default,
                    "quick_size": info.sizes.quick,
                    "least_size": info.sizes.least,
                    "most_size": info.sizes.most,
                    "scope_operations": info.scope_ops,
                })
            })
            .collect();
        return output::json(&json!({ "collectors": collectors, "workloads": workloads }));
    }
    let mut text = String::from("Collectors\n");
    for entry in collectors::ALL {
        let _ = writeln!(text, "  {:<15} {}", entry.name, entry.about);
    }
    text += "\nWorkloads\n";
    for info in workloads {
        let _ = writeln!(text, "  {:<15} {}", info.name, info.about);
        let _ = writeln!(text, "  {:<15} operation: {}", "", info.operation);
        let size = match info.sizes.default {
            0 => format!("{}; the recorded graph decides", info.size),
            size => format!("{}, {} by default", info.size, cyclade_report::units::count(size)),
        };
        let _ = writeln!(text, "  {:<15} size: {size}", "");
    }
    output::print(&text)
}

fn barrier(barrier: Barrier) -> &'static str {
    match barrier {
        Barrier::None => "none",
        Barrier::Counting => "counting",
        Barrier::Deletion => "deletion",
    }
}
