//! Runs a program, operation by operation, and notes what can be seen.

use super::file::Scenario;
use super::kinds::{Any, Held, make, weak_reference};
use super::operation::Op;
use super::snapshot::{numbers, snapshot};
use super::state::{self, Log, fill, register};
use super::subject::{Side, Subject, Wish};
use super::{actions, ranges};
use cyclade_core::{Config, Heap, ObjectId};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What a program did.
#[derive(Debug)]
pub(crate) struct Observed {
    /// `{pc, collect|snap|..}`, as the files have them.
    pub(crate) results: Vec<Value>,
    pub(crate) log: Log,
    /// Where the weaker rule was broken: nothing reachable is freed, and after a full collection what is alive is the oracle's set.
    pub(crate) broken: Vec<String>,
    /// What the collector could not do.
    pub(crate) unsupported: BTreeSet<String>,
}

impl Observed {
    /// In the shape of `expect`.
    pub(crate) fn to_json(&self) -> Value {
        let log = &self.log;
        let freed: Vec<Value> =
            log.freed.iter().map(|(pc, ids)| json!([pc, ranges::write(ids.iter().copied())])).collect();
        json!({
            "results": self.results,
            "finalizers": log.finalizers,
            "skipped": log.skipped,
            "freed": freed,
            "weakref_callbacks": log.callbacks,
            "unraisable": log.unraisable,
            "values": log.values,
            "gc_events": log.collections,
        })
    }
}

struct Runner<C: Subject> {
    heap: Heap<C>,
    automatic: bool,
    observed: Observed,
}

/// Runs it on a new heap.
pub(crate) fn perform<C: Subject>(scenario: &Scenario) -> Observed {
    perform_with::<C>(scenario, C::settings(scenario.python))
}

/// Runs it on a new heap with settings of the caller's; collecting by itself is to be off in them.
pub(crate) fn perform_with<C: Subject>(scenario: &Scenario, settings: Config<C>) -> Observed {
    state::reset();
    let observed = Observed {
        results: Vec::new(),
        log: Log::default(),
        broken: Vec::new(),
        unsupported: BTreeSet::new(),
    };
    let mut runner = Runner { heap: Heap::<C>::new(settings), automatic: false, observed };
    runner.heap.on_unraisable(actions::unraisable);
    for (pc, op) in scenario.ops.iter().enumerate() {
        state::with(|state| {
            state.pc = pc;
            state.freed.clear();
        });
        let done = runner.operate(op);
        let freed = state::with(|state| {
            if !done {
                state.log.skipped.push(pc);
            }
            std::mem::take(&mut state.freed)
        });
        if !freed.is_empty() {
            state::with(|state| state.log.freed.push((pc, freed)));
        }
    }
    let Runner { heap, mut observed, .. } = runner;
    observed.log = state::with(|state| std::mem::take(&mut state.log));
    drop(heap);
    state::reset();
    observed
}

impl<C: Subject> Runner<C> {
    fn result(&mut self, name: &str, value: Value) {
        let pc = state::with(|state| state.pc);
        let mut entry = Map::new();
        entry.insert("pc".to_owned(), pc.into());
        entry.insert(name.to_owned(), value);
        self.observed.results.push(Value::Object(entry));
    }

    fn wish(&mut self, op: &Op, wish: Wish) -> bool {
        if !C::grant(&mut self.heap, wish) {
            self.observed.unsupported.insert(op.op.to_owned());
        }
        true
    }

    /// False if it is a no-op.
    fn operate(&mut self, op: &Op) -> bool {
        let id = op.id.unwrap_or(0);
        let slot = op.slot.unwrap_or(0);
        match op.op {
            "new" => self.create(op),
            "edge" => match (op.from.and_then(register), op.to.and_then(register)) {
                (Some(from), Some(to)) => self.heap.mutate(|mc| from.get(mc).write(mc, slot, to.get(mc))),
                _ => false,
            },
            "del_edge" => op
                .from
                .and_then(register)
                .is_some_and(|from| self.heap.mutate(|mc| from.get(mc).erase(mc, slot))),
            "load" => {
                let Some(from) = op.from.and_then(register) else { return false };
                let found =
                    self.heap.mutate(|mc| from.get(mc).read(mc, slot).map(|o| (o.number(), o.root(mc))));
                drop(from);
                found.map(|(number, held)| fill(number, held)).is_some()
            }
            "unroot" => state::empty(id),
            "hold" => {
                let Some(held) = register(id) else { return false };
                state::with(|state| state.holds.entry(id).or_default().push(held));
                true
            }
            "release" => {
                let held = state::with(|state| state.holds.get_mut(&id).and_then(Vec::pop));
                held.is_some()
            }
            "weakref" => self.weak_reference(op),
            "deref" | "deref_load" => self.dereference(op),
            "collect" => self.collect(op),
            "enable" | "disable" => {
                self.automatic = op.op == "enable";
                self.wish(op, Wish::Automatic(self.automatic))
            }
            "isenabled" => {
                self.result("isenabled", u32::from(self.automatic).into());
                true
            }
            "set_threshold" => self.wish(op, Wish::Thresholds(op.thresholds)),
            "freeze" | "unfreeze" => self.wish(op, Wish::Freeze(op.op == "freeze")),
            "freeze_count" => {
                let count = C::view(&self.heap).map_or(0, |view| view.frozen.len());
                self.result("freeze_count", count.into());
                true
            }
            "set_debug" => self.wish(op, Wish::SaveAll(op.saveall)),
            "gc_callbacks" => {
                state::with(|state| state.logs_collections = op.on);
                self.wish(op, Wish::LogCollections)
            }
            "clear_garbage" => self.wish(op, Wish::ClearGarbage),
            "get_count" => {
                let count = C::view(&self.heap).map(|view| view.count);
                self.result("count", json!(count));
                true
            }
            "observe" => {
                let snap = snapshot(&mut self.heap);
                self.result("snap", snap);
                true
            }
            "referrers" | "referents" => self.neighbours(op),
            "chain" => self.chain(op),
            "materialise" => {
                register(id).is_some_and(|held| self.heap.mutate(|mc| held.get(mc).materialise(mc)))
            }
            // Informative only.
            "addr" | "addr_same" => true,
            other => unreachable!("`{other}` was not checked"),
        }
    }

    fn create(&mut self, op: &Op) -> bool {
        let (id, kind) = (op.id.unwrap_or(0), op.kind.as_deref().unwrap_or("node"));
        let items: Vec<_> = op.items.iter().flatten().filter_map(|item| register(*item)).collect();
        if let Some(actions) = &op.finalizer {
            state::with(|state| state.finalizers.insert(id, actions.clone()));
        }
        let token = state::token(id);
        let (address, held) = self.heap.mutate(|mc| {
            let items: Vec<Any<'_>> = items.iter().map(|item| item.get(mc)).collect();
            let object = make(mc, kind, token, items);
            (object.address(), object.root(mc))
        });
        drop(items);
        state::with(|state| state.addresses.insert(id, address));
        fill(id, held);
        true
    }

    fn weak_reference(&mut self, op: &Op) -> bool {
        // As in Python, not everything can be the target of a weak reference.
        let refuses =
            |held: &Held| matches!(held, Held::Atom(_) | Held::Tuple(_) | Held::Dict(_) | Held::WeakRef(_));
        let Some(target) = op.target.and_then(register).filter(|held| !refuses(held)) else { return false };
        let id = op.id.unwrap_or(0);
        let token = state::token(id);
        let (address, held, own, number, weak) = self.heap.mutate(|mc| {
            let target = target.get(mc);
            let object = weak_reference(mc, token, Some(target));
            (object.address(), object.root(mc), object.weak(mc), target.number(), target.weak(mc))
        });
        if let (Some(list), Held::WeakRef(reference)) = (op.callback.clone(), &held) {
            weak.watch(&mut self.heap, reference, move |this, between| {
                actions::callback(this, &list, between);
            });
        }
        state::with(|state| {
            state.addresses.insert(id, address);
            state.weak.insert(id, (own, number, weak));
        });
        fill(id, held);
        // It was held so far: a collection may have let go of it, and then it dies now, with its weak reference in place.
        drop(target);
        true
    }

    fn dereference(&mut self, op: &Op) -> bool {
        let id = op.id.unwrap_or(0);
        let Some(reference) = register(id).filter(|held| matches!(held, Held::WeakRef(_))) else {
            return false;
        };
        let target = self
            .heap
            .mutate(|mc| reference.get(mc).dereference(mc).map(|object| (object.number(), object.root(mc))));
        drop(reference);
        if op.op == "deref" {
            let value = target.as_ref().map_or(-1, |(number, _)| i64::from(*number));
            state::with(|state| {
                let pc = state.pc;
                state.log.values.push((pc, id, "deref", value));
            });
            return true;
        }
        target.map(|(number, held)| fill(number, held)).is_some()
    }

    fn collect(&mut self, op: &Op) -> bool {
        let generation = op.generation.unwrap_or(2);
        let before: Vec<ObjectId> = self.heap.census_ids().reachable;
        let (finalized, called) =
            state::with(|state| (state.log.finalizers.len(), state.log.callbacks.len()));
        let found =
            if generation == 2 { self.heap.collect() } else { C::collect_young(&mut self.heap, generation) };
        let quiet = state::with(|state| {
            (finalized, called) == (state.log.finalizers.len(), state.log.callbacks.len())
        });
        self.result("collect", found.unreachable.into());
        if !op.unseen {
            let snap = snapshot(&mut self.heap);
            self.result("snap", snap);
        }
        // Finalizers and callbacks may let go of what was reachable; then only the second half of the rule says anything.
        let pc = state::with(|state| state.pc);
        let lost = before.iter().filter(|id| !self.heap.contains(**id)).count();
        if quiet && lost > 0 {
            self.observed.broken.push(format!("operation {pc}: {lost} reachable objects were freed"));
        }
        if generation == 2 && quiet && C::PLAN.frees {
            let census = self.heap.census();
            let left = if C::PLAN.frees_cycles {
                let uncollectable =
                    C::view(&self.heap).map_or(0, |view| view.garbage.len() + view.frozen.len());
                if uncollectable > 0 { 0 } else { census.unreachable }
            } else {
                census.unreachable - census.held_by_dead_cycles
            };
            if left > 0 {
                let text =
                    format!("operation {pc}: {left} dead objects are left that this collector can free");
                self.observed.broken.push(text);
            }
        }
        true
    }

    fn neighbours(&mut self, op: &Op) -> bool {
        let id = op.id.unwrap_or(0);
        if register(id).is_none() {
            return false;
        }
        let address = state::with(|state| state.addresses[&id]);
        let side = if op.op == "referrers" { Side::From } else { Side::To };
        match C::neighbours(&self.heap, address, side) {
            Some(list) => {
                let numbers = numbers();
                let mut ids: Vec<u32> = Vec::new();
                for id in list {
                    match numbers.get(&id) {
                        Some(number) => ids.push(*number),
                        // The attributes of an instance, which are part of it.
                        None => {
                            let beyond = C::neighbours(&self.heap, id, side).unwrap_or_default();
                            ids.extend(beyond.iter().filter_map(|id| numbers.get(id).copied()));
                        }
                    }
                }
                if side == Side::From {
                    ids.sort_unstable();
                }
                self.result(op.op, json!(ids));
            }
            None => {
                self.observed.unsupported.insert(op.op.to_owned());
            }
        }
        true
    }

    fn chain(&mut self, op: &Op) -> bool {
        let (first, n) = (op.first.unwrap_or(0), op.n.unwrap_or(0));
        let (ring, back) = (op.ring, op.back);
        let mut head = None;
        let mut last = None;
        for number in first..first + n {
            let token = state::token(number);
            let (address, held) = self.heap.mutate(|mc| {
                let object = make(mc, "node", token, Vec::new());
                (object.address(), object.root(mc))
            });
            state::with(|state| state.addresses.insert(number, address));
            if let Some(previous) = last.replace(held.clone()) {
                self.heap.mutate(|mc| {
                    let (previous, this) = (previous.get(mc), held.get(mc));
                    previous.write(mc, 0, this);
                    if back {
                        this.write(mc, 1, previous);
                    }
                });
            }
            head.get_or_insert(held);
        }
        let (Some(head), Some(last)) = (head, last) else { return true };
        if ring {
            self.heap.mutate(|mc| {
                let (head, last) = (head.get(mc), last.get(mc));
                last.write(mc, 0, head);
                if back {
                    head.write(mc, 1, last);
                }
            });
        }
        drop(last);
        fill(first, head);
        true
    }
}
