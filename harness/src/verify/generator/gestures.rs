//! The gestures that a program is drawn in, each a few operations that belong together.

use super::{Features, Maker, Object};
use serde_json::{Value, json};

/// Can there be weak references to such an object?
fn has_weak_references(object: &Object) -> bool {
    !matches!(object.kind, "atom" | "tuple" | "dict" | "weakref")
}

impl Maker {
    pub(super) fn edge(&mut self) {
        let holds = |object: &Object| !matches!(object.kind, "atom" | "tuple" | "weakref");
        let from = if self.one_in(40) { self.pick(|_| true) } else { self.pick(holds) };
        if let (Some(from), Some(to)) = (from, self.any()) {
            self.write(from, to);
        }
    }

    /// One to five objects in a circle, often let go of at once.
    pub(super) fn ring(&mut self) {
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

    /// Objects of all kinds, each of which alone holds the one below: when the topmost dies, all die by that, each inside of the death of the
    /// one above. Versions before 3.13 put off deaths that are nested 50 deep, which shows by the order in which more goes: what many of
    /// them hold besides. Some towers are a ring, and some stand on a chain.
    pub(super) fn tower(&mut self) {
        self.features.deep = false;
        let floors = [20, 45, 55, 75, 110, 160][self.rng.usize(0..6)];
        if self.one_in(3) {
            self.chain();
        }
        let (ground, top) = self.floors(floors);
        if self.one_in(4) {
            self.write(ground, top);
        }
        if !self.one_in(3) {
            self.unroot_id(top);
        }
    }

    /// A tower's first floor, by place, and its last, by id, which alone is rooted.
    fn floors(&mut self, floors: u32) -> (usize, u32) {
        let ground = self.object_of("node");
        let mut below = self.objects[ground].id;
        for _ in 0..floors {
            let place = match self.kind() {
                "tuple" => self.tuple(vec![below]),
                "atom" => self.object_of("node"),
                // It would often hold itself, and with it all that is below.
                "fin" | "legacy" if !self.one_in(60) => self.quiet_finalizer(),
                kind => self.object_of(kind),
            };
            let Object { id, kind, .. } = self.objects[place];
            let first = self.rng.bool();
            if first {
                self.hang(place, 0);
            }
            // What is past the end of a list is appended.
            if kind != "tuple" {
                self.write_at(place, 1, below);
            }
            if !first {
                self.hang(place, 2);
            }
            if !self.one_in(150) {
                self.unroot_id(below);
            }
            below = id;
        }
        (ground, below)
    }

    /// A chain that dies from its first object to its last, and a tower under it: the floors die as deep as 3.13 puts deaths off, or elsewhere.
    /// Not inside a collection, which takes of the C stack itself.
    pub(super) fn abyss(&mut self) {
        self.features = Features { quiet: true, automatic: false, chains: false, ..self.features };
        let floors = [10, 40, 80, 130, 200][self.rng.usize(0..5)];
        let (_, top) = self.floors(floors);
        let n = [60, 5_000, 9_700, 9_850, 9_890, 9_935, 15_000, 19_800][self.rng.usize(0..8)]
            + self.rng.u32(0..20);
        let first = self.next;
        self.next += n;
        // The second one is held, the first one is made the last, and holds the tower.
        self.op(json!({ "op": "chain", "first": first, "n": n, "ring": true, "back": false }));
        self.op(json!({ "op": "load", "from": first, "slot": 0 }));
        self.op(json!({ "op": "edge", "from": first, "slot": 0, "to": top }));
        self.unroot_id(top);
        self.unroot_id(first);
        self.unroot_id(first + 1);
        self.op(json!({ "op": "observe", "what": "all" }));
        self.let_go(2);
        self.op(json!({ "op": "collect", "gen": 2 }));
    }

    /// An object whose finalizer does nothing but be seen.
    fn quiet_finalizer(&mut self) -> usize {
        let id = self.next;
        self.next += 1;
        self.op(json!({ "op": "new", "id": id, "kind": "fin", "finalizer": [] }));
        self.objects.push(Object { id, kind: "fin", rooted: true });
        self.objects.len() - 1
    }

    /// Something whose death is seen is held by this object alone; or nothing.
    fn hang(&mut self, place: usize, slot: i64) {
        if self.one_in(2) || self.objects[place].kind == "tuple" {
            return;
        }
        let kind = if self.features.finalizers { "fin" } else { "node" };
        let hanging =
            if kind == "fin" && !self.one_in(8) { self.quiet_finalizer() } else { self.object_of(kind) };
        let id = self.objects[hanging].id;
        self.write_at(place, slot, id);
        if self.features.weak && (kind == "node" || self.one_in(4)) {
            self.weak_reference();
        }
        self.unroot_id(id);
    }

    /// Empties the register of this object.
    fn unroot_id(&mut self, id: u32) {
        if let Some(object) = self.objects.iter_mut().find(|object| object.id == id) {
            object.rooted = false;
        }
        self.op(json!({ "op": "unroot", "id": id }));
    }

    fn chain(&mut self) {
        let n = if self.one_in(8) { self.rng.u32(30..200) } else { self.rng.u32(1..30) };
        let first = self.next;
        self.next += n;
        let (ring, back) = (self.rng.bool(), self.rng.bool());
        self.op(json!({ "op": "chain", "first": first, "n": n, "ring": ring, "back": back }));
        self.objects.push(Object { id: first, kind: "node", rooted: true });
        self.edges.push((first, 0));
        // One chain is enough: more would be nested too deep.
        self.features.chains = false;
    }

    pub(super) fn weak_reference(&mut self) {
        let target = if self.one_in(30) { self.pick(|_| true) } else { self.pick(has_weak_references) };
        if let Some(target) = target {
            self.watch(self.objects[target].id);
        }
    }

    /// So many weak references to one object that the interpreter holds them in a tuple that has no free list.
    pub(super) fn crowd(&mut self) {
        let Some(target) = self.pick(has_weak_references) else { return };
        for _ in 0..self.rng.u32(8..20) {
            self.watch(self.objects[target].id);
        }
    }

    /// A weak reference to this object, if it may have one more.
    fn watch(&mut self, target: u32) {
        // In programs that collect by themselves a tuple that has no free list would be counted, and start a collection; see `places.py`, D6.
        let most = match (self.features.several, self.features.automatic) {
            (false, _) => 1,
            (true, true) => 9,
            (true, false) => 30,
        };
        if self.referenced.iter().filter(|&&other| other == target).count() >= most {
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

    pub(super) fn load_or_erase(&mut self) {
        if self.edges.is_empty() {
            return;
        }
        let (from, slot) = self.edges[self.rng.usize(0..self.edges.len())];
        let name = if self.one_in(2) { "load" } else { "del_edge" };
        self.op(json!({ "op": name, "from": from, "slot": slot }));
    }

    pub(super) fn unroot(&mut self) {
        if let Some(place) = self.pick(|_| true) {
            self.objects[place].rooted = false;
            let id = self.objects[place].id;
            self.op(json!({ "op": "unroot", "id": id }));
        }
    }

    /// Empties one register in `share`, all for 1; not those of weak references, which are to see what happens.
    pub(super) fn let_go(&mut self, share: u32) {
        for place in 0..self.objects.len() {
            let Object { id, kind, rooted } = self.objects[place];
            if rooted && (kind != "weakref" || self.one_in(4)) && !self.one_in(share) {
                self.objects[place].rooted = false;
                self.op(json!({ "op": "unroot", "id": id }));
            }
        }
    }

    pub(super) fn collect(&mut self) {
        let generation = [0, 0, 1, 2, 2][self.rng.usize(0..5)];
        if self.one_in(5) {
            self.op(json!({ "op": "collect", "gen": generation, "snap": "none" }));
        } else {
            self.op(json!({ "op": "collect", "gen": generation }));
        }
    }

    pub(super) fn hold(&mut self) {
        let Some(id) = self.any() else { return };
        let name = if self.one_in(2) { "hold" } else { "release" };
        self.op(json!({ "op": name, "id": id }));
        if name == "hold" && self.one_in(2) {
            self.op(json!({ "op": "unroot", "id": id }));
            self.op(json!({ "op": "release", "id": id }));
        }
    }

    pub(super) fn dereference(&mut self) {
        let Some(place) = self.pick(|object| object.kind == "weakref") else { return };
        let id = self.objects[place].id;
        let name = if self.one_in(2) { "deref" } else { "deref_load" };
        self.op(json!({ "op": name, "id": id }));
    }

    pub(super) fn thresholds(&mut self) {
        let young = [0, 1, 2, 3, 4, 6, 9, 14][self.rng.usize(0..8)];
        let middle = [0, 1, 1, 2, 3, 10][self.rng.usize(0..6)];
        let old = [0, 1, 1, 2, 3, 10][self.rng.usize(0..6)];
        self.op(json!({ "op": "set_threshold", "t0": young, "t1": middle, "t2": old }));
    }

    /// A dead ring in the oldest generation, among many objects that live: when it goes is a matter of the quarter rule.
    pub(super) fn old_garbage(&mut self) {
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
    pub(super) fn control(&mut self) {
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

    pub(super) fn query(&mut self) {
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
