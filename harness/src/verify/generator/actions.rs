//! What finalizers and callbacks of weak references do.

use super::{Maker, Object};
use serde_json::{Value, json};

impl Maker {
    /// Up to four actions; an empty list is frequent too.
    pub(super) fn actions(&mut self, kind: &str) -> Value {
        let mut list = Vec::new();
        if self.one_in(2) {
            return Value::Array(list);
        }
        if self.features.quiet {
            return self.quiet_actions();
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

    /// One that lets nothing die: what user code takes of the C stack is not counted as deaths are.
    fn quiet_actions(&mut self) -> Value {
        let any = self.rng.u32(0..self.next + 1);
        let does =
            if self.rng.bool() { json!({ "do": "root_self" }) } else { json!({ "do": "deref", "id": any }) };
        Value::Array(vec![does])
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
}
