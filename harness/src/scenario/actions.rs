//! What finalizers and callbacks do, action by action, each in a scope of its own.

use super::file::Action;
use super::kinds::{Any, Held, make};
use super::state::{self, fill, register};
use cyclade_core::{Between, Collector};

/// The finalizer of `this` runs.
pub(super) fn finalize<C: Collector>(this: Held, heap: &mut Between<'_, C>) {
    let (number, legacy) = heap.mutate(|mc| {
        let object = this.get(mc);
        (object.number(), matches!(object, Any::Legacy(_)))
    });
    let actions = state::with(|state| {
        let pc = state.pc;
        state.log.finalizers.push((pc, number));
        if !legacy {
            state.finalized.insert(number);
        }
        state.finalizers.get(&number).cloned().unwrap_or_default()
    });
    perform(&this, &actions, heap);
}

/// The target of weak reference `number` has died.
pub(super) fn callback<C: Collector>(number: u32, actions: &[Action], heap: &mut Between<'_, C>) {
    // A weak reference that is gone, or that is about to go with its target, is not called.
    let own = state::with(|state| state.own.get(&number).cloned());
    let Some(this) = own.and_then(|own| own.upgrade()) else { return };
    state::with(|state| {
        let pc = state.pc;
        let dead = state.weak.get(&number).is_none_or(|(_, weak)| !weak.is_alive());
        state.log.callbacks.push((pc, number, u32::from(dead)));
    });
    perform(&this, actions, heap);
}

fn perform<C: Collector>(this: &Held, actions: &[Action], heap: &mut Between<'_, C>) {
    for action in actions {
        if !one(this, action, heap) {
            return;
        }
    }
}

/// False if the rest is not to be run.
fn one<C: Collector>(this: &Held, action: &Action, heap: &mut Between<'_, C>) -> bool {
    let slot = action.slot.unwrap_or(0);
    match action.what.as_str() {
        "root_self" => {
            let number = heap.mutate(|mc| this.get(mc).number());
            fill(number, this.clone());
        }
        "attach_self" => {
            if let Some(to) = action.to.and_then(register) {
                heap.mutate(|mc| to.get(mc).write(mc, slot, this.get(mc)));
            }
        }
        "root_slot" => {
            let found = heap.mutate(|mc| this.get(mc).read(mc, slot).map(|o| (o.number(), o.root(mc))));
            if let Some((number, held)) = found {
                fill(number, held);
            }
        }
        "clear_slot" => {
            heap.mutate(|mc| this.get(mc).erase(mc, slot));
        }
        "unroot" => {
            state::empty(action.id.unwrap_or(0));
        }
        "new" => {
            let number = action.id.unwrap_or(0);
            let kind = action.kind.as_deref().unwrap_or("node");
            let token = state::token(number, kind);
            let (address, held) = heap.mutate(|mc| {
                let object = make(mc, kind, token, Vec::new());
                (object.address(), object.root(mc))
            });
            state::with(|state| state.addresses.insert(number, address));
            fill(number, held);
        }
        "link" => {
            if let (Some(from), Some(to)) = (action.from.and_then(register), action.to.and_then(register)) {
                heap.mutate(|mc| from.get(mc).write(mc, slot, to.get(mc)));
            }
        }
        "collect" => {
            let number = heap.mutate(|mc| this.get(mc).number());
            let found = heap.collect().unreachable as i64;
            state::with(|state| {
                let pc = state.pc;
                state.log.values.push((pc, number, "collect", found));
            });
        }
        "deref" => {
            let id = action.id.unwrap_or(0);
            state::with(|state| {
                let pc = state.pc;
                let value = match (state.registers.contains_key(&id), state.weak.get(&id)) {
                    (true, Some((target, weak))) if weak.is_alive() => i64::from(*target),
                    (true, Some(_)) => -1,
                    _ => -2,
                };
                state.log.values.push((pc, id, "deref", value));
            });
        }
        _ => {
            // `raise`: told, and the rest is not run.
            state::with(|state| {
                let pc = state.pc;
                state.log.unraisable.push(pc);
            });
            return false;
        }
    }
    true
}
