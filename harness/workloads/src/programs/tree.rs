//! `tree`: children with links to their parents, as documents and scene graphs have them; built, and dropped at the root.

use crate::bench::Bench;
use crate::workload::{Info, Params, Sizes, Stop, Workload};
use cyclade_core::{Collector, GcVec, Root, Slot, Trace};
use std::ops::Range;

#[derive(Trace)]
struct Element<'gc> {
    parent: Slot<'gc, Element<'gc>>,
    children: GcVec<'gc, Element<'gc>>,
    _payload: u64,
}

impl Element<'_> {
    fn orphan(payload: u64) -> Self {
        Element { parent: Slot::empty(), children: GcVec::new(), _payload: payload }
    }
}

/// Children per element.
const FAN_OUT: usize = 4;

/// See the module.
pub(crate) struct Tree {
    elements: u64,
    root: Option<Root<Element<'static>>>,
}

impl Workload for Tree {
    const INFO: Info = Info {
        name: "tree",
        about: "a tree whose children refer to their parents, dropped at its root",
        operation: "one element made and put into the tree",
        size: "elements in the tree",
        sizes: Sizes::around(50_000),
        scope_ops: 64,
        steady: false,
    };

    fn set_up<C: Collector>(_: &mut Bench<C>, params: &Params) -> Result<Self, Stop> {
        Ok(Tree { elements: params.size.max(1), root: None })
    }

    fn round(&self) -> u64 {
        self.elements
    }

    /// Each scope builds a branch, level by level, and hangs it below the root.
    fn operate<C: Collector>(&mut self, bench: &mut Bench<C>, operations: Range<u64>) -> Result<(), Stop> {
        let last = operations.end == self.elements;
        let root = self.root.as_ref();
        let made = bench.scope(|mc, tally| -> Result<_, Stop> {
            let mut branch = Vec::with_capacity(Self::INFO.scope_ops as usize);
            for i in operations {
                let element = tally.alloc(mc, Element::orphan(i))?;
                if let Some(parent) = branch.len().checked_sub(1).map(|above| branch[above / FAN_OUT]) {
                    let parent: cyclade_core::Gc<'_, Element<'_>> = parent;
                    parent.edit(mc, |element| &element.children).try_push(element)?;
                    element.set(mc, |element| &element.parent, Some(parent));
                }
                branch.push(element);
            }
            let top = match root {
                Some(root) => {
                    let top = root.get(mc);
                    top.edit(mc, |element| &element.children).try_push(branch[0])?;
                    branch[0].set(mc, |element| &element.parent, Some(top));
                    top
                }
                None => branch[0],
            };
            if last {
                tally.dying(mc, top, 1);
                return Ok(None);
            }
            Ok(root.is_none().then(|| mc.root(top)))
        })?;
        if last {
            self.root = None;
        } else if made.is_some() {
            self.root = made;
        }
        Ok(())
    }

    fn reachable(&self) -> u64 {
        0
    }
}
