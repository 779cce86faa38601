//! Random programs: the same seed makes the same programs, on any machine.
//!
//! A program is drawn in gestures, not in single operations: rings that are let go of, weak references that are stored where they
//! die with their targets, finalizers that attach themselves. Operations drawn one by one hardly ever build the garbage in which
//! something happens. What a program is about (its [`Features`]) is drawn first, so that there are programs with one feature
//! alone, which shrink well, and programs with many.

mod actions;
mod gestures;

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// With so many, nothing new is made but by what is under way.
const MOST_OBJECTS: usize = 44;

/// An edge to this slot of a list appends.
const PAST_THE_END: i64 = 1_000_000;

/// What a program is about.
#[derive(Clone, Copy, Debug, Default)]
struct Features {
    finalizers: bool,
    weak: bool,
    containers: bool,
    instances: bool,
    atoms: bool,
    legacy: bool,
    automatic: bool,
    freezing: bool,
    saving: bool,
    callbacks: bool,
    queries: bool,
    chains: bool,
    raising: bool,
    /// Deaths may be nested deeper than most versions of CPython let them.
    deep: bool,
    /// Objects may have several weak references.
    several: bool,
    /// The program is about deaths that are nested some ten thousand deep, and nothing else.
    abyss: bool,
    /// Finalizers and callbacks make nothing die.
    quiet: bool,
    /// Finalizers and callbacks may make objects.
    making: bool,
    /// Finalizers and callbacks may collect.
    collecting: bool,
}

impl Features {
    fn draw(rng: &mut Rng) -> Self {
        let mut one_in = |n: u32| rng.u32(0..n) == 0;
        let mut features = Features {
            finalizers: !one_in(3),
            weak: one_in(2),
            containers: one_in(2),
            instances: one_in(8),
            atoms: one_in(4),
            legacy: one_in(8),
            automatic: one_in(3),
            freezing: one_in(5),
            saving: one_in(10),
            callbacks: one_in(8),
            queries: one_in(6),
            chains: one_in(10),
            raising: one_in(6),
            deep: one_in(16),
            several: one_in(2),
            making: !one_in(3),
            collecting: !one_in(4),
            abyss: one_in(400),
            quiet: false,
        };
        // When an object with several weak references dies, CPython holds them in a tuple, which its collector knows. The driver
        // hides it, but not from the count of an automatic collection in which finalizers make objects too.
        features.making &= !(features.automatic && features.several);
        features
    }
}

/// An object of the program that is being drawn.
#[derive(Clone, Copy, Debug)]
struct Object {
    id: u32,
    kind: &'static str,
    /// As far as can be told without running the program.
    rooted: bool,
}

/// Where one program is drawn.
struct Maker {
    rng: Rng,
    features: Features,
    ops: Vec<Value>,
    objects: Vec<Object>,
    /// Edges that were written: where a `load` finds something.
    edges: Vec<(u32, i64)>,
    /// The targets of weak references.
    referenced: Vec<u32>,
    next: u32,
}

/// The program of this number: a scenario without expectations.
pub(crate) fn program(seed: u64, number: u64) -> Value {
    // Two steps of SplitMix64's mixing keep neighbouring seeds apart.
    let mut rng = Rng::with_seed(seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let rng = Rng::with_seed(rng.u64(..));
    let ops = Maker::new(rng).draw();
    json!({ "name": format!("seed {seed}, program {number}"), "category": "verify", "ops": ops })
}

impl Maker {
    fn new(mut rng: Rng) -> Self {
        let features = Features::draw(&mut rng);
        let (ops, objects, edges, referenced) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Maker { rng, features, ops, objects, edges, referenced, next: 0 }
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.rng.u32(0..n) == 0
    }

    fn draw(mut self) -> Vec<Value> {
        if self.features.abyss {
            self.abyss();
            return self.ops;
        }
        if self.features.callbacks {
            self.op(json!({ "op": "gc_callbacks", "on": true }));
        }
        if self.features.saving && self.one_in(2) {
            self.op(json!({ "op": "set_debug", "flags": "saveall" }));
        }
        if self.features.automatic {
            self.thresholds();
            if self.one_in(2) {
                self.old_garbage();
            }
            self.op(json!({ "op": "enable" }));
        }
        // Most programs are short: they run faster and shrink better.
        let mut length = [6, 12, 25, 50, 90][self.rng.usize(0..5)];
        let deep_at = if self.features.deep { self.rng.usize(0..length) } else { usize::MAX };
        while self.ops.len() < length {
            if self.features.deep && self.ops.len() >= deep_at {
                let before = self.ops.len();
                self.tower();
                length += self.ops.len() - before;
            }
            self.gesture();
        }
        if self.one_in(2) {
            self.let_go(4);
            let generation = self.rng.u32(0..3);
            self.op(json!({ "op": "collect", "gen": generation }));
        }
        if self.one_in(3) {
            self.op(json!({ "op": "disable" }));
        }
        self.op(json!({ "op": "collect", "gen": 2 }));
        if self.one_in(2) {
            self.op(json!({ "op": "collect", "gen": 2 }));
        }
        self.op(json!({ "op": "observe", "what": "all" }));
        self.ops
    }

    fn op(&mut self, op: Value) {
        self.ops.push(op);
    }

    fn gesture(&mut self) {
        let full = self.objects.len() >= MOST_OBJECTS;
        match self.rng.u32(0..20) {
            0..=2 if !full => {
                self.object();
            }
            3..=5 if !full => self.ring(),
            6 if self.features.weak && !full && self.one_in(12) => self.crowd(),
            6..=7 if self.features.weak && !full => self.weak_reference(),
            8..=10 => self.edge(),
            11 => self.load_or_erase(),
            12..=13 => self.unroot(),
            14 => self.let_go(2),
            15 => self.collect(),
            16 => self.hold(),
            17 if self.features.weak => self.dereference(),
            18 => self.control(),
            19 => self.query(),
            _ => self.edge(),
        }
    }

    /// A kind that the program's features allow.
    fn kind(&mut self) -> &'static str {
        let features = self.features;
        match self.rng.u32(0..12) {
            0..=3 if features.finalizers => "fin",
            // The class that the driver makes of them counts as two deaths in 3.13, one inside of the other; a list counts as one.
            4 | 10 if features.abyss => "node",
            4 if features.containers => "flist",
            5 if features.containers => "dict",
            6 if features.containers => "tuple",
            7 if features.instances => "inst",
            8 if features.atoms => "atom",
            9 | 11 if features.legacy => "legacy",
            10 => "flist",
            _ => "node",
        }
    }

    /// An object of any kind; its place in the list.
    fn object(&mut self) -> usize {
        let kind = self.kind();
        self.object_of(kind)
    }

    fn tuple(&mut self, items: Vec<u32>) -> usize {
        let id = self.next;
        self.next += 1;
        self.op(json!({ "op": "new", "id": id, "kind": "tuple", "items": items }));
        self.objects.push(Object { id, kind: "tuple", rooted: true });
        self.objects.len() - 1
    }

    fn object_of(&mut self, kind: &'static str) -> usize {
        if kind == "tuple" {
            let count = self.rng.usize(0..4);
            let items = (0..count).filter_map(|_| self.any()).collect();
            return self.tuple(items);
        }
        let id = self.next;
        self.next += 1;
        let mut op = Map::new();
        op.insert("op".to_owned(), "new".into());
        op.insert("id".to_owned(), id.into());
        op.insert("kind".to_owned(), kind.into());
        match kind {
            "fin" | "legacy" => {
                let actions = self.actions(kind);
                op.insert("finalizer".to_owned(), actions);
            }
            "inst" if self.one_in(2) => {
                self.op(Value::Object(op));
                self.objects.push(Object { id, kind, rooted: true });
                self.op(json!({ "op": "materialise", "id": id }));
                return self.objects.len() - 1;
            }
            _ => {}
        }
        self.op(Value::Object(op));
        self.objects.push(Object { id, kind, rooted: true });
        self.objects.len() - 1
    }

    /// The id of an object, most often of one that is rooted and young.
    fn any(&mut self) -> Option<u32> {
        self.pick(|_| true).map(|place| self.objects[place].id)
    }

    fn pick(&mut self, suits: impl Fn(&Object) -> bool) -> Option<usize> {
        let rooted: Vec<usize> = (0..self.objects.len())
            .filter(|place| self.objects[*place].rooted && suits(&self.objects[*place]))
            .collect();
        if rooted.is_empty() || self.one_in(25) {
            // Perhaps it is not rooted: then the operation does nothing, which must be seen too.
            let all: Vec<usize> = (0..self.objects.len()).filter(|at| suits(&self.objects[*at])).collect();
            return (!all.is_empty()).then(|| all[self.rng.usize(0..all.len())]);
        }
        let young = rooted.len().saturating_sub(8);
        let from = if self.one_in(3) { 0 } else { young };
        Some(rooted[self.rng.usize(from..rooted.len())])
    }

    fn small_slot(&mut self) -> i64 {
        [0, 0, 0, 1, 1, 2, 3, 7][self.rng.usize(0..8)]
    }

    /// A slot that suits the kind; sometimes one that does not.
    fn slot_of(&mut self, kind: &str) -> i64 {
        match kind {
            "flist" if !self.one_in(4) => PAST_THE_END,
            "node" | "fin" | "legacy" | "inst" if self.one_in(60) => 8,
            _ => self.small_slot(),
        }
    }

    fn write(&mut self, from: usize, to: u32) {
        let slot = self.slot_of(self.objects[from].kind);
        self.write_at(from, slot, to);
    }

    fn write_at(&mut self, from: usize, slot: i64, to: u32) {
        let id = self.objects[from].id;
        self.op(json!({ "op": "edge", "from": id, "slot": slot, "to": to }));
        let slot = if slot == PAST_THE_END { 0 } else { slot };
        self.edges.push((id, slot));
    }
}

#[cfg(test)]
mod tests {
    use super::program;
    use crate::scenario;
    use serde_json::Value;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_makes_the_same_programs_and_another_one_does_not() {
        for number in 0..50 {
            assert_eq!(program(7, number), program(7, number));
        }
        assert_ne!(program(7, 0)["ops"], program(8, 0)["ops"]);
        assert_ne!(program(7, 0)["ops"], program(7, 1)["ops"]);
    }

    #[test]
    fn every_kind_operation_and_action_occurs_in_a_thousand_programs() {
        let mut found = BTreeSet::new();
        for number in 0..1000 {
            for op in program(1, number)["ops"].as_array().unwrap() {
                found.extend(
                    ["op", "kind"].into_iter().filter_map(|name| op[name].as_str()).map(str::to_owned),
                );
                for list in [&op["finalizer"], &op["callback"]] {
                    for action in list.as_array().into_iter().flatten() {
                        found.insert(action["do"].as_str().unwrap().to_owned());
                    }
                }
            }
        }
        let missing: Vec<&str> = scenario::vocabulary().filter(|name| !found.contains(*name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_program_passes_the_checks_of_scenario_files() {
        for number in 0..1000 {
            let program = program(2, number);
            let warnings = scenario::warnings(&program);
            assert_eq!(warnings, Ok(Vec::new()), "{number}: {program}");
        }
    }

    #[test]
    fn an_id_is_used_for_one_object_only() {
        for number in 0..500 {
            let program = program(3, number);
            let mut ids = BTreeSet::new();
            for op in program["ops"].as_array().unwrap() {
                let makes = matches!(op["op"].as_str(), Some("new" | "weakref"));
                let mut made: Vec<u64> = op["id"].as_u64().filter(|_| makes).into_iter().collect();
                if op["op"] == "chain" {
                    let first = op["first"].as_u64().unwrap();
                    made.extend(first..first + op["n"].as_u64().unwrap());
                }
                let lists = [&op["finalizer"], &op["callback"]];
                for action in lists.into_iter().filter_map(Value::as_array).flatten() {
                    made.extend(action["id"].as_u64().filter(|_| action["do"] == "new"));
                }
                for id in made {
                    assert!(ids.insert(id), "program {number} makes object {id} twice");
                }
            }
        }
    }
}
