//! The recorder, on the Python of this machine. Without one these tests say so and pass.

use std::path::{Path, PathBuf};
use std::process::Command;

use cyclade_heapgraph::record::{self, RecordError, RecordOptions, Recording};
use cyclade_heapgraph::{Flags, HeapGraph};

/// Whether there is a Python to test with.
fn has_python(test: &str) -> bool {
    let check = "import sys; sys.exit(sys.version_info < (3, 6) or sys.implementation.name != 'cpython')";
    let found = Command::new("python3").args(["-c", check]).status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("{test}: skipped: no python3 (CPython 3.6 or later)");
    }
    found
}

/// A folder for one test, with a program in it.
struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    fn new(program: &str) -> Lab {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("program.py"), program).unwrap();
        Lab { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn options(&self) -> RecordOptions {
        RecordOptions::new(self.path("program.py"), self.path("out.heap"))
    }

    fn record(&self, options: &RecordOptions) -> (Recording, HeapGraph) {
        let recording = record::python(options).unwrap();
        let graph = HeapGraph::open(&recording.output).unwrap();
        assert_eq!((recording.nodes, recording.edges), (graph.n(), graph.m()));
        let left: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("tmp")), "{left:?}");
        (recording, graph)
    }
}

/// The nodes of a type.
fn all(graph: &HeapGraph, type_name: &str) -> Vec<usize> {
    (0..graph.n()).filter(|&i| graph.type_name(i) == type_name).collect()
}

/// The only node of a type.
fn only(graph: &HeapGraph, type_name: &str) -> usize {
    let found = all(graph, type_name);
    assert_eq!(found.len(), 1, "{type_name}");
    found[0]
}

/// The edges of a node, those to its type aside, which are reported since Python 3.9.
fn edges(graph: &HeapGraph, i: usize) -> Vec<usize> {
    let targets = graph.edges(i).iter().map(|&target| target as usize);
    targets.filter(|&target| graph.type_name(target) != "builtins.type").collect()
}

fn counts(graph: &HeapGraph, i: usize) -> (u32, u32, u32) {
    (graph.refcount(i).unwrap(), graph.external(i).unwrap(), graph.outside(i).unwrap())
}

#[test]
fn every_edge_and_count_of_a_known_graph_is_exact() {
    if !has_python("every_edge_and_count_of_a_known_graph_is_exact") {
        return;
    }
    let lab = Lab::new(include_str!("fixtures/known_graph.py"));
    let mut options = lab.options();
    options.args = vec![lab.path("said").into(), "first".into(), "two words".into()];
    let (recording, graph) = lab.record(&options);
    assert!(recording.status.success());
    assert!(recording.python.starts_with("3."));
    assert_eq!(graph.source().workload, "program.py");
    let said = std::fs::read_to_string(lab.path("said")).unwrap();
    let said: Vec<_> = said.split_whitespace().collect();
    assert_eq!((said[..3].join(" ").as_str(), said[5]), ("first two words", "__main__"));

    let tracked = Flags::COLLECTED.union(Flags::TRACKED);
    let [first, second, lost, last, captured, twice, handler, named] =
        ["First", "Second", "Lost", "Final", "Captured", "Twice", "Handler", "Named"]
            .map(|name| only(&graph, &format!("__main__.{name}")));
    let reachable = graph.reachable();

    // The cycle: the name and the peer hold the first, the peer holds the second.
    assert_eq!((edges(&graph, first), edges(&graph, second)), (vec![second], vec![first]));
    assert_eq!((counts(&graph, first), counts(&graph, second)), ((2, 0, 0), (1, 0, 0)));
    assert_eq!((graph.flags(first), graph.flags(second)), (tracked.union(Flags::WEAKLY_REFERENCED), tracked));
    assert_eq!(said[3], graph.size(first).to_string());
    assert!(reachable[first] && reachable[second]);

    // The lost one is held by itself.
    assert_eq!((edges(&graph, lost), counts(&graph, lost)), (vec![lost], (1, 0, 0)));
    assert!(!reachable[lost]);

    // The finalizer, and the number that it refers to, which the code's constants hold, too.
    assert!(graph.flags(last).contains(Flags::FINALIZER));
    let [number] = edges(&graph, last)[..] else { panic!("{:?}", edges(&graph, last)) };
    assert_eq!((graph.type_name(number), graph.flags(number).bits()), ("builtins.float", 0));

    // The closure, from the object back to the function.
    let holder = |target: usize| {
        let holders: Vec<_> = (0..graph.n()).filter(|&i| graph.edges(i).contains(&(target as u32))).collect();
        assert_eq!(holders.len(), 1, "holders of {target}");
        holders[0]
    };
    let cell = holder(captured);
    let tuple = holder(cell);
    let function = holder(tuple);
    let types = [cell, tuple, function].map(|i| graph.type_name(i));
    assert_eq!(types, ["builtins.cell", "builtins.tuple", "builtins.function"]);
    for i in [captured, cell, tuple, function] {
        assert_eq!(counts(&graph, i), (1, 0, 0), "{}", graph.type_name(i));
    }

    // Twice by the list, once by name.
    assert_eq!((edges(&graph, named), counts(&graph, twice)), (vec![twice, twice], (3, 0, 0)));
    assert_eq!(said[4], graph.size(named).to_string());

    // What C code holds is a root.
    assert_eq!(counts(&graph, handler), (1, 1, 0));
    assert!(graph.roots().contains(&(handler as u32)));

    // What the recorder shares with the program is held by it no more: of all modules, a few that C code holds (at most
    // sys, builtins, _warnings and _frozen_importlib, by version) are roots, and none of gc, os and _weakref.
    let modules = all(&graph, "builtins.module").into_iter();
    let held: Vec<_> = modules.filter(|&i| graph.external(i) > Some(0)).collect();
    assert!(held.len() <= 4, "{held:?}");

    // Nobody refers to the recorder, and nothing of it is left.
    assert!((0..graph.n()).all(|i| graph.outside(i) == Some(0)));
    let incoming = graph.in_degrees();
    for (i, &edges) in incoming.iter().enumerate() {
        let (refcount, external, _) = counts(&graph, i);
        if refcount < 1 << 29 {
            assert_eq!(refcount - external, edges, "node {i}, a {}", graph.type_name(i));
        }
    }
}

#[test]
fn a_program_that_raises_is_recorded_with_its_frames_and_fails_as_it_would() {
    if !has_python("a_program_that_raises_is_recorded_with_its_frames_and_fails_as_it_would") {
        return;
    }
    let lab = Lab::new(
        "class Local:\n    pass\ndef deep(n):\n    local = Local()\n    local.me = local\n    if n == 0:\n        \
         raise SystemExit('the program fails, as this test wants it to')\n    deep(n - 1)\ndeep(3)\n",
    );
    let (recording, graph) = lab.record(&lab.options());
    assert_eq!(recording.status.code(), Some(1));
    assert_eq!(all(&graph, "__main__.Local").len(), 4);
    assert_eq!(all(&graph, "builtins.traceback").len(), 5);
    assert_eq!(all(&graph, "builtins.frame").len(), 5);
    let reachable = graph.reachable();
    assert!(all(&graph, "__main__.Local").into_iter().all(|i| reachable[i]));
    assert_eq!(graph.external(only(&graph, "builtins.SystemExit")), Some(1));
}

#[test]
fn exit_status_of_the_program_is_handed_on() {
    if !has_python("exit_status_of_the_program_is_handed_on") {
        return;
    }
    let lab = Lab::new("import sys, os\nif os.fork() == 0:\n    sys.exit(3)\nos.wait()\nsys.exit(7)\n");
    assert_eq!(lab.record(&lab.options()).0.status.code(), Some(7));
}

#[test]
fn the_graph_at_a_function_is_the_graph_before_it_runs() {
    if !has_python("the_graph_at_a_function_is_the_graph_before_it_runs") {
        return;
    }
    let lab = Lab::new(
        "class Thing:\n    pass\nthings = [Thing() for _ in range(5)]\ndef peak():\n    things.clear()\npeak()\npeak()\n\
         open(__file__ + '.done', 'w').close()\n",
    );
    let mut options = lab.options();
    options.at = Some("__main__:peak".to_owned());
    let (recording, graph) = lab.record(&options);
    assert!(recording.status.success() && lab.path("program.py.done").exists());
    assert_eq!(all(&graph, "__main__.Thing").len(), 5);

    options.force = true;
    options.at = None;
    assert!(all(&lab.record(&options).1, "__main__.Thing").is_empty());

    options.at = Some("paek".to_owned());
    let before = std::fs::read(&options.output).unwrap();
    let error = record::python(&options).unwrap_err();
    assert!(error.to_string().contains("never called paek"), "{error}");
    assert_eq!(std::fs::read(&options.output).unwrap(), before);
}

#[test]
fn what_is_left_out_is_counted() {
    if !has_python("what_is_left_out_is_counted") {
        return;
    }
    let lab =
        Lab::new("class Thing:\n    pass\nthing = Thing()\nthing.parts = [thing, 10**30, 'text', print]\n");
    let mut options = lab.options();
    let (_, whole) = lab.record(&options);
    (options.force, options.gc_only) = (true, true);
    let (_, collected) = lab.record(&options);
    options.new_only = true;
    let (_, new) = lab.record(&options);
    assert!(new.source().new_only && new.source().gc_only);
    assert!(new.n() < 100 && collected.n() > 2_000 && collected.n() < whole.n());
    assert!((0..collected.n()).all(|i| collected.flags(i).contains(Flags::COLLECTED)));
    let parts_of = |graph: &HeapGraph| {
        let lists = all(graph, "builtins.list").into_iter();
        let lists = lists
            .filter(|&i| graph.edges(i).iter().any(|&t| graph.type_name(t as usize) == "__main__.Thing"));
        lists.map(|i| (graph.edges(i).len(), graph.outside(i).unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(parts_of(&whole), [(4, 0)]);
    assert_eq!(parts_of(&collected), [(2, 2)]);
    assert_eq!(parts_of(&new), [(1, 3)]);
}

#[test]
fn what_cannot_be_recorded_is_said_for_people() {
    let lab = Lab::new("import os\nos._exit(5)\n");
    let mut options = lab.options();
    options.python = Some("no-such-python".into());
    let error = record::python(&options).unwrap_err();
    assert!(matches!(error, RecordError::NoPython { .. }), "{error}");
    assert!(error.to_string().contains("install CPython 3.6 or later"), "{error}");

    options.script = lab.path("missing.py");
    let error = record::python(&options).unwrap_err();
    assert!(error.to_string().contains("missing.py: there is no such Python file"), "{error}");

    options.script = lab.path("program.py");
    std::fs::write(&options.output, "precious").unwrap();
    let error = record::python(&options).unwrap_err();
    assert!(matches!(error, RecordError::OutputExists { .. }), "{error}");
    assert_eq!(std::fs::read(&options.output).unwrap(), b"precious");

    options.output = lab.path("no/such/folder/out.heap");
    assert!(matches!(record::python(&options).unwrap_err(), RecordError::Io { .. }));

    if !has_python("what_cannot_be_recorded_is_said_for_people") {
        return;
    }
    options = lab.options();
    options.force = true;
    options.python = None;
    let error = record::python(&options).unwrap_err();
    assert!(error.to_string().contains("before anything was recorded"), "{error}");
    assert_eq!(std::fs::read(Path::new(&options.output)).unwrap(), b"precious");

    std::fs::write(&options.script, "this is no Python\n").unwrap();
    let error = record::python(&options).unwrap_err();
    assert!(error.to_string().contains("cannot be loaded: invalid syntax"), "{error}");
}
