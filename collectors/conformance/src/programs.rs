//! Random programs over the whole mutator API, against the reference model, with shrinking.
//!
//! A program is a list of steps between scopes; a scope is a list of operations; nodes are named by the index of a root handle,
//! modulo their number, so that every program is valid and stays valid when it is shrunk. After every step the heap is compared
//! with the model and the oracle ([`World::verify`]).

use crate::mode::Mode;
use crate::scope::{Node, Scope};
use crate::world::World;
use cyclade_core::{Collector, Gc};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An operation inside of a scope. Nodes are handles; an edge to nowhere takes the edge away.
#[derive(Clone, Debug)]
enum Op {
    Add { fixed: Option<usize> },
    Set { owner: usize, target: Option<usize> },
    SetBoxed { owner: usize, place: usize, target: Option<usize> },
    Push { owner: usize, target: usize },
    Pop { owner: usize },
    Change { owner: usize, index: usize, target: Option<usize> },
    Map { owner: usize, key: u8, target: Option<usize> },
    Lock { owner: usize, target: Option<usize> },
    Clear { owner: usize },
    Weaken { owner: usize, target: Option<usize> },
    Upgrade { owner: usize },
    Row { owner: usize, len: usize, target: usize },
    SetInRow { owner: usize, index: usize, target: Option<usize> },
    Text { owner: usize, len: usize },
    Figure { owner: usize, target: usize },
    CloneRoot { handle: usize },
    DropRoot { handle: usize },
    Step { owner: usize, choice: usize },
}

/// What happens between scopes.
#[derive(Clone, Debug)]
enum Step {
    Scope(Vec<Op>),
    PanickingScope(Vec<Op>),
    /// A scope in whose middle a scope of another heap is opened, and that heap collected.
    Nested(Vec<Op>, Vec<Op>),
    CloneRoot(usize),
    DropRoot(usize),
    Downgrade(usize),
    Upgrade(usize),
    Collect,
}

fn op() -> impl Strategy<Value = Op> {
    let node = || 0..12usize;
    let maybe = || prop::option::weighted(0.7, 0..12usize);
    prop_oneof![
        4 => maybe().prop_map(|fixed| Op::Add { fixed }),
        6 => (node(), maybe()).prop_map(|(owner, target)| Op::Set { owner, target }),
        2 => (node(), 0..2usize, maybe()).prop_map(|(owner, place, target)| Op::SetBoxed { owner, place, target }),
        3 => (node(), node()).prop_map(|(owner, target)| Op::Push { owner, target }),
        1 => node().prop_map(|owner| Op::Pop { owner }),
        2 => (node(), 0..6usize, maybe()).prop_map(|(owner, index, target)| Op::Change { owner, index, target }),
        3 => (node(), 0..4u8, maybe()).prop_map(|(owner, key, target)| Op::Map { owner, key, target }),
        3 => (node(), maybe()).prop_map(|(owner, target)| Op::Lock { owner, target }),
        1 => node().prop_map(|owner| Op::Clear { owner }),
        2 => (node(), maybe()).prop_map(|(owner, target)| Op::Weaken { owner, target }),
        2 => node().prop_map(|owner| Op::Upgrade { owner }),
        1 => (node(), 0..3usize, node()).prop_map(|(owner, len, target)| Op::Row { owner, len, target }),
        2 => (node(), 0..3usize, maybe()).prop_map(|(owner, index, target)| Op::SetInRow { owner, index, target }),
        1 => (node(), 0..40usize).prop_map(|(owner, len)| Op::Text { owner, len }),
        1 => (node(), node()).prop_map(|(owner, target)| Op::Figure { owner, target }),
        1 => node().prop_map(|handle| Op::CloneRoot { handle }),
        4 => node().prop_map(|handle| Op::DropRoot { handle }),
        2 => (node(), 0..20usize).prop_map(|(owner, choice)| Op::Step { owner, choice }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let ops = || prop::collection::vec(op(), 0..12);
    prop_oneof![
        6 => ops().prop_map(Step::Scope),
        1 => ops().prop_map(Step::PanickingScope),
        1 => (ops(), ops()).prop_map(|(outer, inner)| Step::Nested(outer, inner)),
        1 => (0..12usize).prop_map(Step::CloneRoot),
        4 => (0..12usize).prop_map(Step::DropRoot),
        1 => (0..12usize).prop_map(Step::Downgrade),
        1 => (0..4usize).prop_map(Step::Upgrade),
        2 => Just(Step::Collect),
    ]
}

fn perform<C: Collector>(scope: &mut Scope<'_, '_, C>, op: &Op) {
    match *op {
        Op::Add { fixed } => {
            scope.add(fixed);
        }
        Op::CloneRoot { handle } => scope.clone_root(handle),
        Op::DropRoot { handle } => scope.drop_root(handle),
        Op::Set { owner, .. }
        | Op::SetBoxed { owner, .. }
        | Op::Push { owner, .. }
        | Op::Pop { owner }
        | Op::Change { owner, .. }
        | Op::Map { owner, .. }
        | Op::Lock { owner, .. }
        | Op::Clear { owner }
        | Op::Weaken { owner, .. }
        | Op::Upgrade { owner }
        | Op::Row { owner, .. }
        | Op::SetInRow { owner, .. }
        | Op::Text { owner, .. }
        | Op::Figure { owner, .. }
        | Op::Step { owner, .. } => {
            if let Some(owner) = scope.node(owner) {
                perform_on(scope, owner, op);
            }
        }
    }
}

fn perform_on<'gc, C: Collector>(scope: &mut Scope<'_, 'gc, C>, owner: Gc<'gc, Node<'gc>>, op: &Op) {
    let node = |scope: &Scope<'_, 'gc, C>, index: Option<usize>| index.and_then(|index| scope.node(index));
    match *op {
        Op::Set { target, .. } => {
            let target = node(scope, target);
            scope.set(owner, |n| &n.slot, target);
        }
        Op::SetBoxed { place, target, .. } => {
            let target = node(scope, target);
            scope.set(owner, |n| &n.boxed[place], target);
        }
        Op::Push { target, .. } => {
            if let Some(target) = scope.node(target) {
                scope.push(owner, target);
            }
        }
        Op::Pop { .. } => scope.pop(owner),
        Op::Change { index, target, .. } => {
            let target = node(scope, target);
            scope.change(owner, index, target);
        }
        Op::Map { key, target, .. } => {
            let target = node(scope, target);
            scope.map(owner, key, target);
        }
        Op::Lock { target, .. } => {
            let target = node(scope, target);
            scope.lock(owner, target);
        }
        Op::Clear { .. } => scope.clear(owner),
        Op::Weaken { target, .. } => {
            let target = node(scope, target);
            scope.weaken(owner, target);
        }
        Op::Upgrade { .. } => scope.upgrade(owner),
        Op::Row { len, target, .. } => {
            if let Some(target) = scope.node(target) {
                scope.make_row(owner, len, target);
            }
        }
        Op::SetInRow { index, target, .. } => {
            let target = node(scope, target);
            scope.set_in_row(owner, index, target);
        }
        Op::Text { len, .. } => scope.make_text(owner, len),
        Op::Figure { target, .. } => {
            if let Some(target) = scope.node(target) {
                scope.make_figure(owner, target);
            }
        }
        Op::Step { choice, .. } => scope.step(owner, choice),
        Op::Add { .. } | Op::CloneRoot { .. } | Op::DropRoot { .. } => {}
    }
}

fn run<C: Collector>(mode: Mode, program: &[Step]) {
    let (mut world, mut other) = (World::<C>::new(mode), World::<C>::new(mode));
    for step in program {
        match step {
            Step::Scope(ops) => world.scope(|scope| ops.iter().for_each(|op| perform(scope, op))),
            Step::PanickingScope(ops) => {
                world.panicking_scope(|scope| ops.iter().for_each(|op| perform(scope, op)));
            }
            Step::Nested(outer, inner) => world.scope(|scope| {
                outer.iter().for_each(|op| perform(scope, op));
                other.scope(|scope| inner.iter().for_each(|op| perform(scope, op)));
                other.collect();
                outer.iter().rev().for_each(|op| perform(scope, op));
            }),
            Step::CloneRoot(index) => world.clone_root(*index),
            Step::DropRoot(index) => world.drop_root(*index),
            Step::Downgrade(index) => world.downgrade(*index),
            Step::Upgrade(index) => world.upgrade(*index),
            Step::Collect => {
                world.collect();
            }
        }
    }
    world.collect();
    while world.book.handles() > 0 {
        world.drop_root(0);
    }
    world.collect();
    assert!(!C::PLAN.frees_cycles || world.heap.is_empty(), "without roots nothing is left");
    world.finish();
    other.finish();
}

/// Random programs; the seed is printed, and a failing program is shrunk before it is shown.
///
/// `CYCLADE_SEED=<number>` runs with that seed, `CYCLADE_PROGRAMS=<number>` runs that many programs.
///
/// # Panics
/// With the smallest failing program that was found.
pub fn random_programs_agree_with_the_model<C: Collector>(mode: Mode) {
    let from_environment = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seed = from_environment("CYCLADE_SEED").unwrap_or(0x00C7_C1AD);
    let cases = from_environment("CYCLADE_PROGRAMS").map_or(256, |n| n.try_into().unwrap_or(u32::MAX));
    println!("{cases} random programs for `{}`, {mode:?}: CYCLADE_SEED={seed}", C::NAME);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_time: 20_000, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&prop::collection::vec(step(), 1..24), |program| {
        catch_unwind(AssertUnwindSafe(|| run::<C>(mode, &program)))
            .map_err(|panic| TestCaseError::fail(message(panic.as_ref()).to_owned()))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, program)) => {
            panic!("a random program fails (CYCLADE_SEED={seed}): {reason}\nsmallest program: {program:#?}")
        }
        Err(TestError::Abort(reason)) => panic!("random programs were given up: {reason}"),
    }
}

/// What a panic said.
fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}
