//! The suite that every Cyclade collector must pass.
//!
//! A collector joins with one line in an integration test of any crate, this workspace's or not:
//!
//! ```text
//! cyclade_conformance::suite!(cyclade_mark_sweep::MarkSweep);  // a collector of another crate
//! cyclade_conformance::suite!(mine: MyCollector);              // one that is in scope here
//! cyclade_conformance::suite!(eager: MyCollector, Options { .. });  // with settings that make it work hard
//! ```
//!
//! What must hold is derived from [`Collector::PLAN`](cyclade_core::Collector::PLAN): a collector that says it frees cycles must
//! free all of them in a full collection, one that counts must have the right counts at every safepoint, and so on. What does
//! not apply is skipped, and says so (`cargo test -- --nocapture`). Every check runs twice, under the names `plain` and `zeal`
//! ([`Mode`]).
//!
//! # How a verdict is reached
//!
//! Never from a collector's own numbers. Three witnesses are independent of it and of each other: the [`Model`](model::Model),
//! plain Rust over numbers, says who must exist; the oracle ([`Heap::census_ids`](cyclade_core::Heap::census_ids)) searches the
//! heap itself; and payloads with serial numbers ([`witness`]) say who was dropped, and how often. [`World`](world::World) does every
//! operation on both sides and compares them. The first comparison reads nothing but bitmaps, so that an object freed too early is
//! found before its memory is touched.
//!
//! # What it cannot find
//!
//! Data races of a collector's threads (run the suite under ThreadSanitizer for these), and mistakes that need more than the few
//! hundred operations of a random program. A [`Locked`](cyclade_core::Locked) in a type whose `Trace` panics ([`faulty_trace`]) is not tried: where
//! edges must be counted again and cannot be, a counting heap ends the process.
#![deny(unsafe_code)]

#[cfg(doctest)]
mod book;

pub mod barriers;
pub mod callbacks;
pub mod deep;
pub mod endings;
pub mod faulty_trace;
pub mod finalizers;
pub mod guards;
pub mod identity;
pub mod layouts;
pub mod limits;
pub mod link;
mod mode;
pub mod model;
pub mod panics;
pub mod programs;
pub mod scope;
pub mod scripts;
pub mod weak;
pub mod witness;
pub mod world;

pub use mode::{Mode, applies};

/// For `suite!`.
#[doc(hidden)]
pub use cyclade_core as __core;

/// A check by name: how the negative collectors of this crate's own tests run the suite.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// `theme::behaviour`.
    pub name: &'static str,
    /// Runs it.
    pub run: fn(Mode),
}

/// The table of contents. `$then` is a macro that gets `$prefix` and all themes with their checks; `deep` on request.
#[doc(hidden)]
#[macro_export]
macro_rules! __themes {
    (deep, $then:path, $($prefix:tt)*) => {
        $crate::__themes! { $then, $($prefix)* deep { chain_is_traced_kept_and_freed ring_is_traced_kept_and_freed heap_with_a_ring_is_dropped lists_with_payload_are_freed } }
    };
    ($then:path, $($prefix:tt)*) => {
        $then! { $($prefix)*
            scripts {
                single pair pair_with_two_roots self_reference self_reference_thrice ring doubly_linked_list
                tree_with_parent_links tree chain diamond parallel_edges two_cycles_sharing_a_node cycle_with_a_tail
                chain_into_a_cycle cycle_held_by_a_root root_held_by_a_cycle hub clique cycle_holding_a_cycle
                dead_and_live_cycles unconnected_roots many_roots cut_edge_releases_the_rest last_of_many_root_clones_counts
                root_dropped_inside_a_scope_acts_at_its_end
            }
            programs { random_programs_agree_with_the_model }
            barriers {
                object_whose_only_edge_keeps_moving_survives object_saved_by_a_weak_upgrade_survives
                object_hidden_in_new_objects_survives shuffled_list_keeps_exactly_its_elements
            }
            callbacks {
                death_callbacks_run_once_newest_first death_callback_may_use_the_heap
                dropped_heap_calls_no_death_callbacks death_callback_of_another_heap_is_refused
                observers_see_every_collection observer_may_add_an_observer
                callback_of_a_watcher_is_called_while_it_lives callback_goes_with_its_watcher
                panics_of_callbacks_go_to_the_hook
            }
            endings {
                roots_that_outlive_their_heap_are_inert root_of_another_heap_is_refused_by_name
                heaps_and_roots_die_in_any_order heap_dropped_inside_the_scope_of_another
                payload_may_own_a_root_of_its_own_heap payloads_may_own_roots_of_another_heap
                payload_may_own_another_heap heap_dropped_by_its_own_payload
                roots_dropped_while_their_heap_is_dropped unused_heaps_are_dropped_quietly
                heap_dropped_while_unwinding root_dropped_while_unwinding_acts_later
            }
            faulty_trace {
                panic_in_births_and_collections_harms_nothing panic_at_a_death_only_puts_it_off
            }
            finalizers {
                finalizer_runs_once_then_the_object_is_freed finalizers_of_a_dead_cycle_see_it_whole
                object_resurrected_by_a_root_is_whole_and_not_finalized_again
                acyclic_object_resurrected_by_a_root_lives_until_that_is_dropped
                object_resurrected_by_an_edge_lives_as_long_as_the_edge
                collection_inside_a_collection_returns_zeros finalizer_may_drop_other_roots
                chain_of_finalizers_that_drop_each_other_needs_no_stack
                long_chain_of_finalizers_is_freed_without_recursion dropped_heap_runs_no_finalizers
                finalizer_may_allocate
            }
            guards {
                forgotten_write_guard_is_reconciled forgotten_write_guard_keeps_the_lock_in_its_scope
                forgotten_read_guard_ends_with_its_scope write_guard_lost_in_a_panic_is_reconciled
                writes_beside_a_write_guard_are_counted_once forgotten_editors_lose_nothing
                forgotten_root_keeps_its_object forgotten_heap_leaks_and_nothing_else
            }
            identity {
                reused_address_names_the_new_object ids_of_other_heaps_are_foreign tutorial_story aliases_count
                pointers_compare_and_print_by_identity collect_has_finished_when_it_returns
            }
            layouts {
                zero_sized_objects_are_distinct over_aligned_objects_hold_edges_and_are_freed
                huge_slice_of_edges_keeps_its_targets every_size_keeps_its_content churn_reuses_memory
            }
            limits {
                full_heap_returns_errors_and_recovers_by_collecting alloc_at_the_limit_panics_with_advice
                lists_and_maps_that_cannot_grow_stay_as_they_were value_without_room_is_dropped_once
            }
            panics {
                panic_in_a_payload_drop_does_not_stop_the_batch
                panic_in_a_payload_drop_does_not_stop_the_heap_drop payload_panic_waits_while_the_thread_unwinds
                panic_in_a_finalizer_does_not_stop_the_batch scope_left_by_a_panic_is_reconciled
                iterator_that_panics_leaves_no_slice map_key_that_panics_leaves_the_map_as_it_was
                panic_in_a_callback_does_not_stop_the_others panic_in_an_observer_does_not_stop_the_collection
                panic_while_choosing_a_field_writes_nothing
            }
            weak {
                weak_handle_keeps_nothing_alive upgraded_handle_keeps_its_target
                dead_cycle_with_weak_references_inside_is_freed weak_reference_survives_reuse_of_the_address
                payload_drop_cannot_upgrade_to_something_dead weak_references_can_be_rewritten
                weak_handle_of_a_dropped_heap_is_dead
            }
        }
    };
}

/// Makes the tests of one collector: a module with a test for every check in every mode.
///
/// * `suite!(collector_crate::Collector);` The module is named after the crate.
/// * `suite!(name: Collector);` The type is one that is in scope.
/// * `suite!(name: Collector, options);` The same with these [`Options`](cyclade_core::Collector::Options), which should make the
///   collector collect as often as it can ([`Mode::Eager`]), and without the checks that need ten million objects.
#[macro_export]
macro_rules! suite {
    ($first:ident :: $($rest:ident)::+) => {
        mod $first {
            type Subject = ::$first::$($rest)::+;
            $crate::__themes! { deep, $crate::__tests, plain $crate::Mode::Plain; }
            $crate::__themes! { deep, $crate::__tests, zeal $crate::Mode::Zeal; }
        }
    };
    ($module:ident: $collector:ty) => {
        mod $module {
            #[allow(unused_imports)]
            use super::*;
            type Subject = $collector;
            $crate::__themes! { deep, $crate::__tests, plain $crate::Mode::Plain; }
            $crate::__themes! { deep, $crate::__tests, zeal $crate::Mode::Zeal; }
        }
    };
    ($module:ident: $collector:ty, $options:expr) => {
        mod $module {
            #[allow(unused_imports)]
            use super::*;
            type Subject = $collector;
            fn settings(options: &mut dyn ::std::any::Any) {
                let options = options.downcast_mut::<<Subject as $crate::__core::Collector>::Options>();
                *options.expect("a check asks for its subject's options") = $options;
            }
            $crate::__themes! { $crate::__tests, eager $crate::Mode::Eager(super::super::settings); }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($module:ident $mode:expr; $($theme:ident { $($check:ident)* })*) => {
        mod $module {
            $(mod $theme { $(
                #[test]
                fn $check() {
                    $crate::$theme::$check::<super::super::Subject>($mode);
                }
            )* })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    ($collector:ident $($theme:ident { $($check:ident)* })*) => {
        vec![$($(
            $crate::Check {
                name: concat!(stringify!($theme), "::", stringify!($check)),
                run: $crate::$theme::$check::<$collector>,
            },
        )*)*]
    };
}

/// All checks, for `C`.
#[must_use]
pub fn checks<C: cyclade_core::Collector>() -> Vec<Check> {
    __themes! { deep, __table, C }
}
