//! Scripts of named graphs: built, let go root by root, and compared with the model and the oracle at every step.

use crate::mode::Mode;
use crate::world::World;
use cyclade_core::Collector;

/// A graph as data: edges between numbered nodes, and the roots in the order in which they are dropped.
struct Script {
    nodes: usize,
    edges: &'static [(usize, usize)],
    roots: &'static [usize],
}

impl Script {
    /// Builds the graph and drops its roots one by one.
    fn build<C: Collector>(&self, world: &mut World<C>) {
        world.scope(|scope| {
            let first = scope.book.model.len();
            assert_eq!(first, 0, "a script begins in an empty world");
            for _ in 0..self.nodes {
                scope.add(None);
            }
            for &(from, to) in self.edges {
                let (from, to) = (scope.rooted(from), scope.rooted(to));
                if from.slot.get().is_none() {
                    scope.set(from, |n| &n.slot, Some(to));
                } else {
                    scope.push(from, to);
                }
            }
        });
        for node in (0..self.nodes).filter(|node| !self.roots.contains(node)) {
            world.drop_roots_of(node);
        }
    }

    /// Collects at the end only, then after every step; what is dropped with the heap, and what is not, is counted.
    fn run<C: Collector>(&self, mode: Mode) {
        for collect_each in [false, true] {
            let mut world = World::<C>::new(mode);
            self.build(&mut world);
            for &root in self.roots {
                if collect_each {
                    world.collect();
                }
                world.drop_roots_of(root);
            }
            world.collect();
            let left = world.heap.len();
            if C::PLAN.frees_cycles {
                assert_eq!(left, 0, "without roots nothing is left");
            } else if C::PLAN.counts {
                let census = world.heap.census();
                assert_eq!(
                    left, census.held_by_dead_cycles,
                    "counting leaves what dead cycles hold, and nothing else"
                );
            } else {
                assert_eq!(left, self.nodes, "a collector that frees nothing has lost something");
            }
            assert_eq!(world.collect().unreachable, 0, "a second collection finds nothing");
            world.finish();
        }
    }
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident: $nodes:literal nodes, $edges:expr, roots $roots:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name<C: Collector>(mode: Mode) {
            Script { nodes: $nodes, edges: &$edges, roots: &$roots }.run::<C>(mode);
        }
    )*};
}

scripts! {
    /// One object without edges.
    single: 1 nodes, [], roots [0];
    /// a ⇄ b, the tutorial's story.
    pair: 2 nodes, [(0, 1), (1, 0)], roots [0];
    /// a ⇄ b, both held.
    pair_with_two_roots: 2 nodes, [(0, 1), (1, 0)], roots [1, 0];
    /// An object that refers to itself.
    self_reference: 1 nodes, [(0, 0)], roots [0];
    /// An object that refers to itself three times.
    self_reference_thrice: 1 nodes, [(0, 0), (0, 0), (0, 0)], roots [0];
    /// Seven in a circle.
    ring: 7 nodes, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 0)], roots [3];
    /// Neighbours refer to each other.
    doubly_linked_list: 5 nodes, [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2), (3, 4), (4, 3)], roots [0, 4];
    /// Children refer to their parents.
    tree_with_parent_links: 7 nodes,
        [(0, 1), (1, 0), (0, 2), (2, 0), (1, 3), (3, 1), (1, 4), (4, 1), (2, 5), (5, 2), (2, 6), (6, 2)], roots [6, 0];
    /// A tree without links upwards.
    tree: 7 nodes, [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)], roots [1, 0];
    /// Each refers to the next.
    chain: 6 nodes, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], roots [2, 0];
    /// Two ways to the same object.
    diamond: 4 nodes, [(0, 1), (0, 2), (1, 3), (2, 3)], roots [0];
    /// The same edge several times.
    parallel_edges: 2 nodes, [(0, 1), (0, 1), (0, 1)], roots [1, 0];
    /// Two rings with one object in common.
    two_cycles_sharing_a_node: 5 nodes, [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)], roots [4, 1];
    /// A dead ring holds a chain.
    cycle_with_a_tail: 5 nodes, [(0, 1), (1, 0), (1, 2), (2, 3), (3, 4)], roots [0];
    /// A chain leads into a ring.
    chain_into_a_cycle: 5 nodes, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 2)], roots [0];
    /// A rooted object holds a ring, and goes last.
    cycle_held_by_a_root: 4 nodes, [(0, 1), (1, 2), (2, 3), (3, 1)], roots [2, 0];
    /// A ring holds an object that is also rooted.
    root_held_by_a_cycle: 3 nodes, [(0, 1), (1, 0), (1, 2)], roots [0, 2];
    /// One object with edges to all others and back.
    hub: 7 nodes,
        [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0)], roots [5, 0];
    /// Every object refers to every other one and to itself.
    clique: 4 nodes, [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0),
        (3, 1), (3, 2), (3, 3)], roots [2];
    /// Two dead rings, one of which holds the other.
    cycle_holding_a_cycle: 4 nodes, [(0, 1), (1, 0), (1, 2), (2, 3), (3, 2)], roots [0];
    /// Dead and live rings side by side, of the same types.
    dead_and_live_cycles: 6 nodes, [(0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4)], roots [2, 0, 4];
    /// Pairs and single objects that have nothing in common: every root counts.
    unconnected_roots: 9 nodes, [(0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4)], roots [8, 0, 6, 4, 2, 7];
    /// Six root handles, none of which may be overlooked.
    many_roots: 6 nodes, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)], roots [5, 3, 1, 0, 2, 4];
}

/// Cutting an edge inside of a scope kills what hung there, and nothing else.
pub fn cut_edge_releases_the_rest<C: Collector>(mode: Mode) {
    let mut world = World::<C>::new(mode);
    Script { nodes: 5, edges: &[(0, 1), (1, 2), (2, 1), (2, 3), (3, 4)], roots: &[0, 3] }.build(&mut world);
    world.scope(|scope| {
        let head = scope.rooted(0);
        scope.set(head, |n| &n.slot, None);
    });
    world.collect();
    assert!(!C::PLAN.frees_cycles || world.heap.len() == 3, "the head, and what the other root holds");
    world.finish();
}

/// Roots cloned and dropped one by one keep the object until the last has gone.
pub fn last_of_many_root_clones_counts<C: Collector>(mode: Mode) {
    let mut world = World::<C>::new(mode);
    Script { nodes: 2, edges: &[(0, 1), (1, 0)], roots: &[0] }.build(&mut world);
    for _ in 0..5 {
        world.clone_root(0);
    }
    while world.book.handles() > 0 {
        world.collect();
        assert_eq!(world.heap.len(), 2);
        world.drop_root(0);
    }
    world.collect();
    world.finish();
}

/// A drop inside of a scope acts at its end, and then fully.
pub fn root_dropped_inside_a_scope_acts_at_its_end<C: Collector>(mode: Mode) {
    let mut world = World::<C>::new(mode);
    Script { nodes: 3, edges: &[(0, 1), (1, 2)], roots: &[0] }.build(&mut world);
    world.scope(|scope| {
        let chain = scope.rooted(0);
        scope.drop_root(0);
        // Still there: nothing is freed while a scope is open.
        assert!(chain.slot.get().and_then(|n| n.slot.get()).is_some());
    });
    let left = world.heap.len();
    if C::PLAN.counts || (mode.is_zeal() && C::PLAN.frees_cycles) {
        assert_eq!(left, 0);
    } else {
        assert!(left == 3 || (mode.is_eager() && left == 0), "{left} objects are left");
    }
    world.finish();
}
