//! Random programs: the same seed makes the same programs, on any machine.
//!
//! A program is drawn in gestures, not in single operations: rings that are let go of, weak references that are stored where they
//! die with their targets, finalizers that attach themselves. Operations drawn one by one hardly ever build the garbage in which
//! something happens. What a program is about (its [`Features`]) is drawn first, so that there are programs with one feature
//! alone, which shrink well, and programs with many.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// More than this would be freed by CPython in an order of its own: it postpones deaths that are nested 50 deep.
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
    /// Objects may have several weak references.
    several: bool,
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
            several: one_in(2),
            making: !one_in(3),
            collecting: true,
        };
        // When an object with several weak references dies, CPython holds them in a tuple, which its collector knows. The driver
        // hides it, but not from a collection meanwhile, nor from the count of one in which finalizers make objects too.
        features.making &= !(features.automatic && features.several);
        features.collecting &= !(features.weak && features.several);
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
        let length = [6, 12, 25, 50, 90][self.rng.usize(0..5)];
        while self.ops.len() < length {
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

    fn object_of(&mut self, kind: &'static str) -> usize {
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
            "tuple" => {
                let count = self.rng.usize(0..4);
                let items: Vec<u32> = (0..count).filter_map(|_| self.any()).collect();
                op.insert("items".to_owned(), json!(items));
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

    /// Up to four actions; an empty list is frequent too.
    fn actions(&mut self, kind: &str) -> Value {
        let mut list = Vec::new();
        if self.one_in(2) {
            return Value::Array(list);
        }
        let weak = kind == "weakref";
        for _ in 0..self.rng.u32(1..4) {
            let slot = self.small_slot();
            let any = self.rng.u32(0..self.next + 3);
            match self.rng.u32(0..10) {
                0..=1 => list.push(json!({ "do": "root_self" })),
                2..=3 => list.push(json!({ "do": "attach_self", "to": any, "slot": slot })),
                4 if !weak => list.push(json!({ "do": "root_slot", "slot": slot })),
                5 if !weak => list.push(json!({ "do": "clear_slot", "slot": slot })),
                6 => list.push(json!({ "do": "unroot", "id": any })),
                // An old-style finalizer may run twice, and an id is for one object only.
                7 if kind != "legacy" && self.features.making => self.new_in_action(&mut list),
                8 => {
                    let other = self.rng.u32(0..self.next + 1);
                    list.push(json!({ "do": "link", "from": any, "slot": slot, "to": other }));
                }
                9 if self.features.weak => list.push(json!({ "do": "deref", "id": any })),
                9 if self.features.collecting => list.push(json!({ "do": "collect" })),
                _ => list.push(json!({ "do": "unroot", "id": any })),
            }
        }
        if self.features.collecting && self.one_in(8) {
            list.push(json!({ "do": "collect" }));
        }
        // The driver has no way to run an old-style finalizer again that has raised.
        let again = kind == "legacy"
            && list.iter().any(|action| action["do"] == "root_self" || action["do"] == "attach_self");
        if self.features.raising && !again && self.one_in(3) {
            let place = self.rng.usize(0..=list.len());
            list.insert(place, json!({ "do": "raise" }));
        }
        Value::Array(list)
    }

    /// A new object: kept, let go of, or left as a cycle of its own.
    fn new_in_action(&mut self, list: &mut Vec<Value>) {
        let id = self.next;
        self.next += 1;
        let kind = match self.rng.u32(0..6) {
            0 if self.features.finalizers => "fin",
            1 => "flist",
            2 if self.features.atoms => "atom",
            3 if self.features.containers => ["dict", "tuple"][self.rng.usize(0..2)],
            _ => "node",
        };
        if kind == "node" && self.one_in(2) {
            list.push(json!({ "do": "new", "id": id }));
        } else {
            list.push(json!({ "do": "new", "id": id, "kind": kind }));
        }
        if self.one_in(2) {
            list.push(json!({ "do": "link", "from": id, "slot": 0, "to": id }));
        }
        if self.one_in(2) {
            list.push(json!({ "do": "unroot", "id": id }));
        }
        self.objects.push(Object { id, kind, rooted: false });
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
        let Object { id, kind, .. } = self.objects[from];
        let slot = self.slot_of(kind);
        self.op(json!({ "op": "edge", "from": id, "slot": slot, "to": to }));
        let slot = if slot == PAST_THE_END { 0 } else { slot };
        self.edges.push((id, slot));
    }

    fn edge(&mut self) {
        let holds = |object: &Object| !matches!(object.kind, "atom" | "tuple" | "weakref");
        let from = if self.one_in(40) { self.pick(|_| true) } else { self.pick(holds) };
        if let (Some(from), Some(to)) = (from, self.any()) {
            self.write(from, to);
        }
    }

    /// One to five objects in a circle, often let go of at once.
    fn ring(&mut self) {
        if self.features.chains && self.one_in(2) {
            return self.chain();
        }
        let size = self.rng.usize(1..6).min(self.rng.usize(1..6));
        let members: Vec<usize> = (0..size)
            .map(|_| {
                loop {
                    let kind = self.kind();
                    if !matches!(kind, "atom" | "tuple") {
                        break self.object_of(kind);
                    }
                }
            })
            .collect();
        for (at, member) in members.iter().enumerate() {
            let next = self.objects[members[(at + 1) % size]].id;
            self.write(*member, next);
        }
        if self.features.weak && self.one_in(2) {
            self.weak_reference();
        }
        if self.one_in(3) {
            self.edge();
        }
        if !self.one_in(3) {
            for member in members {
                self.objects[member].rooted = false;
                let id = self.objects[member].id;
                self.op(json!({ "op": "unroot", "id": id }));
            }
        }
    }

    fn chain(&mut self) {
        let n = self.rng.u32(1..30);
        let first = self.next;
        self.next += n;
        let (ring, back) = (self.rng.bool(), self.rng.bool());
        self.op(json!({ "op": "chain", "first": first, "n": n, "ring": ring, "back": back }));
        self.objects.push(Object { id: first, kind: "node", rooted: true });
        self.edges.push((first, 0));
        // One chain is enough: more would be nested too deep.
        self.features.chains = false;
    }

    fn weak_reference(&mut self) {
        let suits = |object: &Object| !matches!(object.kind, "atom" | "tuple" | "dict" | "weakref");
        let target = if self.one_in(30) { self.pick(|_| true) } else { self.pick(suits) };
        let Some(target) = target else { return };
        let target = self.objects[target].id;
        if !self.features.several && self.referenced.contains(&target) {
            return;
        }
        self.referenced.push(target);
        let id = self.next;
        self.next += 1;
        let callback = if self.one_in(4) { Value::Null } else { self.actions("weakref") };
        self.op(json!({ "op": "weakref", "id": id, "target": target, "callback": callback }));
        self.objects.push(Object { id, kind: "weakref", rooted: true });
        // Held from inside, it may be part of the garbage.
        if self.one_in(2) {
            let holds = |object: &Object| !matches!(object.kind, "atom" | "tuple" | "weakref");
            if let Some(from) = self.pick(holds) {
                self.write(from, id);
                if !self.one_in(3) {
                    self.op(json!({ "op": "unroot", "id": id }));
                    if let Some(last) = self.objects.iter_mut().find(|object| object.id == id) {
                        last.rooted = false;
                    }
                }
            }
        }
    }

    fn load_or_erase(&mut self) {
        if self.edges.is_empty() {
            return;
        }
        let (from, slot) = self.edges[self.rng.usize(0..self.edges.len())];
        let name = if self.one_in(2) { "load" } else { "del_edge" };
        self.op(json!({ "op": name, "from": from, "slot": slot }));
    }

    fn unroot(&mut self) {
        if let Some(place) = self.pick(|_| true) {
            self.objects[place].rooted = false;
            let id = self.objects[place].id;
            self.op(json!({ "op": "unroot", "id": id }));
        }
    }

    /// Empties one register in `share`, all for 1; not those of weak references, which are to see what happens.
    fn let_go(&mut self, share: u32) {
        for place in 0..self.objects.len() {
            let Object { id, kind, rooted } = self.objects[place];
            if rooted && (kind != "weakref" || self.one_in(4)) && !self.one_in(share) {
                self.objects[place].rooted = false;
                self.op(json!({ "op": "unroot", "id": id }));
            }
        }
    }

    fn collect(&mut self) {
        let generation = [0, 0, 1, 2, 2][self.rng.usize(0..5)];
        if self.one_in(5) {
            self.op(json!({ "op": "collect", "gen": generation, "snap": "none" }));
        } else {
            self.op(json!({ "op": "collect", "gen": generation }));
        }
    }

    fn hold(&mut self) {
        let Some(id) = self.any() else { return };
        let name = if self.one_in(2) { "hold" } else { "release" };
        self.op(json!({ "op": name, "id": id }));
        if name == "hold" && self.one_in(2) {
            self.op(json!({ "op": "unroot", "id": id }));
            self.op(json!({ "op": "release", "id": id }));
        }
    }

    fn dereference(&mut self) {
        let Some(place) = self.pick(|object| object.kind == "weakref") else { return };
        let id = self.objects[place].id;
        let name = if self.one_in(2) { "deref" } else { "deref_load" };
        self.op(json!({ "op": name, "id": id }));
    }

    fn thresholds(&mut self) {
        let young = [0, 1, 2, 3, 4, 6, 9, 14][self.rng.usize(0..8)];
        let middle = [0, 1, 1, 2, 3, 10][self.rng.usize(0..6)];
        let old = [0, 1, 1, 2, 3, 10][self.rng.usize(0..6)];
        self.op(json!({ "op": "set_threshold", "t0": young, "t1": middle, "t2": old }));
    }

    /// A dead ring in the oldest generation, among many objects that live: when it goes is a matter of the quarter rule.
    fn old_garbage(&mut self) {
        let chains = std::mem::replace(&mut self.features.chains, false);
        let known = self.objects.len();
        // Full collections are due often, but for that rule.
        let [young, middle, old] = [(); 3].map(|()| self.rng.u32(0..2));
        self.op(json!({ "op": "set_threshold", "t0": young + 1, "t1": middle, "t2": old }));
        self.ring();
        self.chain();
        self.op(json!({ "op": "collect", "gen": 2, "snap": "none" }));
        for place in known..self.objects.len() - 1 {
            if self.objects[place].rooted {
                self.objects[place].rooted = false;
                let id = self.objects[place].id;
                self.op(json!({ "op": "unroot", "id": id }));
            }
        }
        self.features.chains = chains && self.one_in(4);
    }

    /// Something that is asked of the collector itself.
    fn control(&mut self) {
        let features = self.features;
        match self.rng.u32(0..6) {
            0 if features.automatic => self.thresholds(),
            1 if features.automatic => {
                let name = ["enable", "disable", "isenabled"][self.rng.usize(0..3)];
                self.op(json!({ "op": name }));
            }
            2..=3 if features.freezing => {
                let name = ["freeze", "unfreeze", "freeze_count"][self.rng.usize(0..3)];
                self.op(json!({ "op": name }));
            }
            4 if features.saving => {
                let flags = ["saveall", "none"][self.rng.usize(0..2)];
                self.op(json!({ "op": "set_debug", "flags": flags }));
            }
            5 if features.saving || features.legacy => self.op(json!({ "op": "clear_garbage" })),
            3 if features.callbacks => {
                let on = self.rng.bool();
                self.op(json!({ "op": "gc_callbacks", "on": on }));
            }
            _ => self.collect(),
        }
    }

    fn query(&mut self) {
        if !self.features.queries {
            return self.op(json!({ "op": "observe", "what": "all" }));
        }
        let name = ["get_count", "referrers", "referents", "isenabled", "addr_same"][self.rng.usize(0..5)];
        match name {
            "referrers" | "referents" => {
                if let Some(id) = self.any() {
                    self.op(json!({ "op": name, "id": id }));
                }
            }
            "addr_same" => {
                if let Some(id) = self.any() {
                    self.op(json!({ "op": "addr", "id": id }));
                    self.op(json!({ "op": name, "id": id }));
                }
            }
            _ => self.op(json!({ "op": name })),
        }
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
            scenario::from_value(&program).unwrap_or_else(|error| panic!("{number}: {error}: {program}"));
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
