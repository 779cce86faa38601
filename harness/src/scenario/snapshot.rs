//! What can be seen of a heap: the objects that registers and generations reach, their counts, weak references and places in lists.

use super::kinds::{Held, HeldWeak};
use super::ranges;
use super::state;
use super::subject::{Side, Subject, View};
use cyclade_core::{Heap, ObjectId};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What `observe` writes down: the fields of `snap` that this collector has.
pub(super) fn snapshot<C: Subject>(heap: &mut Heap<C>) -> Value {
    let numbers = numbers();
    let (alive, rooted, addresses) = state::with(|state| {
        let rooted: Vec<u32> = state.registers.keys().copied().collect();
        (state.alive.clone(), rooted, state.addresses.clone())
    });
    let finalized = alive
        .iter()
        .copied()
        .filter(|number| addresses.get(number).is_some_and(|&id| C::is_finalized(heap, id)));
    let finalized = ranges::write(finalized);
    let view = C::view(heap);
    let seen = visible(heap, view.as_ref(), &rooted, &alive, &addresses, &numbers);
    let mut counts = Map::new();
    for number in &seen {
        if let Some(count) = addresses.get(number).and_then(|id| heap.ref_count(*id)) {
            counts.insert(number.to_string(), count.into());
        }
    }
    let weak = weak_references(heap, &seen);
    let mut snap = Map::new();
    let mut put = |name: &str, value: Value| snap.insert(name.to_owned(), value);
    put("alive", ranges::write(alive).into());
    put("rc", if C::PLAN.counts { counts.into() } else { Value::Null });
    put("wr", weak.into());
    put("is_finalized", finalized.into());
    put("rooted", ranges::write(rooted).into());
    if let Some(view) = view {
        let named =
            |ids: &[ObjectId]| -> Vec<u32> { ids.iter().filter_map(|id| numbers.get(id).copied()).collect() };
        let order: Vec<Vec<u32>> = view.generations.iter().map(|ids| named(ids)).collect();
        let frozen: BTreeSet<u32> = named(&view.frozen).into_iter().collect();
        let young: BTreeSet<u32> = order.iter().flatten().copied().collect();
        let untracked = seen.iter().filter(|number| !young.contains(number) && !frozen.contains(number));
        let lists: Vec<String> = order.iter().map(|ids| ranges::write(ids.iter().copied())).collect();
        put("untracked", ranges::write(untracked.copied()).into());
        put("frozen", ranges::write(frozen.intersection(&seen).copied()).into());
        put("gen", json!(lists));
        put("order", json!(order));
        put("garbage", json!(named(&view.garbage)));
        put("count", json!(view.count));
    }
    Value::Object(snap)
}

/// What each of the weak references in `seen` refers to: the number of an object, or -1.
fn weak_references<C: Subject>(heap: &mut Heap<C>, seen: &BTreeSet<u32>) -> Map<String, Value> {
    let known: Vec<_> = state::with(|state| {
        let known = state.weak.iter().filter(|(number, _)| seen.contains(number));
        known.map(|(number, (own, target, weak))| (*number, own.upgrade(), *target, weak.clone())).collect()
    });
    let detached = C::detaches_garbage(heap);
    let weak = heap.mutate(|mc| {
        let read = |(number, own, target, weak): &(u32, Option<Held>, u32, HeldWeak)| {
            // It was garbage and has been resurrected if a weak reference to it is dead.
            let alive = own
                .as_ref()
                .map_or(!detached && weak.is_alive(), |own| own.get(mc).dereference(mc).is_some());
            (number.to_string(), if alive { i64::from(*target) } else { -1 }.into())
        };
        known.iter().map(read).collect()
    });
    drop(known);
    weak
}

/// What can be reached from registers and generations: more than that no observer sees, not even what the garbage list alone
/// holds, if it is frozen. All that is alive, where there are no generations.
fn visible<C: Subject>(
    heap: &Heap<C>,
    view: Option<&View>,
    rooted: &[u32],
    alive: &BTreeSet<u32>,
    addresses: &HashMap<u32, ObjectId>,
    numbers: &HashMap<ObjectId, u32>,
) -> BTreeSet<u32> {
    let Some(view) = view else { return alive.clone() };
    let listed = view.generations.iter().flatten().copied();
    let mut work: Vec<ObjectId> = rooted.iter().filter_map(|number| addresses.get(number).copied()).collect();
    work.extend(listed);
    let mut seen = HashSet::new();
    while let Some(id) = work.pop() {
        if seen.insert(id) {
            work.extend(C::neighbours(heap, id, Side::To).unwrap_or_default());
        }
    }
    seen.iter().filter_map(|id| numbers.get(id).copied()).collect()
}

/// Which object of the file lives at an address.
pub(super) fn numbers() -> HashMap<ObjectId, u32> {
    state::with(|state| {
        let alive = state.addresses.iter().filter(|(number, _)| state.alive.contains(number));
        alive.map(|(number, address)| (*address, *number)).collect()
    })
}
