//! What finalizers and callbacks do, action by action, each in a scope of its own.

use super::kinds::{Any, Held, WeakRef, make};
use super::operation::Action;
use super::state::{self, fill, register};
use cyclade_core::{Between, Collector, Root};
use std::panic::resume_unwind;

/// The finalizer of `this` runs.
pub(super) fn finalize<C: Collector>(this: Held, heap: &mut Between<'_, C>) {
    let number = heap.mutate(|mc| this.get(mc).number());
    let actions = state::with(|state| {
        let pc = state.pc;
        state.log.finalizers.push((pc, number));
        state.finalizers.get(&number).cloned().unwrap_or_default()
    });
    perform(this, &actions, heap);
}

/// The target of a weak reference has died.
pub(super) fn callback<C: Collector>(
    reference: &Root<WeakRef<'static>>,
    actions: &[Action],
    heap: &mut Between<'_, C>,
) {
    let (number, dead) = heap.mutate(|mc| {
        let this = Any::WeakRef(reference.get(mc));
        (this.number(), this.dereference(mc).is_none())
    });
    state::with(|state| {
        let pc = state.pc;
        state.log.callbacks.push((pc, number, u32::from(dead)));
    });
    perform(Held::WeakRef(reference.clone()), actions, heap);
}

/// What `raise` raises. It reaches nobody but the heap's hook.
struct Raised;

/// The heap tells of exceptions: only `raise` raises any.
pub(super) fn unraisable(panic: Box<dyn std::any::Any + Send>) {
    if !panic.is::<Raised>() {
        resume_unwind(panic);
    }
    state::with(|state| {
        let pc = state.pc;
        state.log.unraisable.push(pc);
    });
}

fn perform<C: Collector>(this: Held, actions: &[Action], heap: &mut Between<'_, C>) {
    let all = actions.iter().all(|action| one(&this, action, heap));
    // While the stack unwinds a root would be dropped too late.
    drop(this);
    if !all {
        // Not `panic!`, which would print a message.
        resume_unwind(Box::new(Raised));
    }
}

/// False if the rest is not to be run.
fn one<C: Collector>(this: &Held, action: &Action, heap: &mut Between<'_, C>) -> bool {
    let slot = action.slot.unwrap_or(0);
    match action.what {
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
            let token = state::token(number);
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
            let reference = register(id).filter(|held| matches!(held, Held::WeakRef(_)));
            let value = match reference {
                Some(held) => {
                    heap.mutate(|mc| held.get(mc).dereference(mc).map_or(-1, |o| i64::from(o.number())))
                }
                None => -2,
            };
            state::with(|state| {
                let pc = state.pc;
                state.log.values.push((pc, id, "deref", value));
            });
        }
        // `raise`: the rest is not run.
        _ => return false,
    }
    true
}
