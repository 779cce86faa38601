//! Callbacks: of weak references whose target has died, and around collections.

use crate::link::{assert_usable, link, rooted, rooted_pair};
use crate::mode::{Mode, applies};
use crate::witness::Witness;
use cyclade_core::{Collection, CollectionEvent, Collector, Root};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Several callbacks of one target run newest first, once, when it has died and not before.
pub fn death_callbacks_run_once_newest_first<C: Collector>(mode: Mode) {
    if !applies::<C>("callbacks::death_callbacks_run_once_newest_first", C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let weak = root.downgrade();
    let log = Rc::new(RefCell::new(Vec::new()));
    for n in 0..4 {
        let (log, target) = (Rc::clone(&log), weak.clone());
        let entered = heap.on_death(&weak, move |_| {
            assert!(!target.is_alive() && target.upgrade().is_none(), "the target could be had again");
            log.borrow_mut().push(n);
        });
        assert!(entered);
    }
    heap.collect();
    assert!(log.borrow().is_empty(), "the target lives");
    drop(root);
    heap.collect();
    assert_eq!(*log.borrow(), [3, 2, 1, 0]);
    heap.collect();
    assert_eq!(log.borrow().len(), 4);
    assert!(!heap.on_death(&weak, |_| ()), "a callback was entered for something dead");
}

/// In a callback the heap can be used: scopes, roots that act at once, and a collection, which inside of one does nothing.
pub fn death_callback_may_use_the_heap<C: Collector>(mode: Mode) {
    let plan = C::PLAN.frees_cycles;
    if !applies::<C>("callbacks::death_callback_may_use_the_heap", plan, "frees no cycles") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted_pair(&mut heap, &witness);
    let bystander = Cell::new(Some(rooted(&mut heap, &witness)));
    let made = Rc::new(RefCell::new(None));
    let keep = Rc::clone(&made);
    let inner = witness.clone();
    heap.on_death(&root.downgrade(), move |heap| {
        let bystander = bystander.take().expect("runs once");
        let id = bystander.id();
        drop(bystander);
        assert!(!C::PLAN.counts || !heap.contains(id), "roots dropped in a callback act at once");
        assert_eq!(heap.collect(), Collection::default(), "a collection inside of a collection does nothing");
        *keep.borrow_mut() = Some(heap.mutate(|mc| mc.root(link(mc, &inner))));
    });
    drop(root);
    heap.collect();
    let made: Option<Root<_>> = made.take();
    assert!(made.is_some_and(|root| heap.contains(root.id())), "what the callback has made is there");
    assert_usable(&mut heap);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// Callbacks of a heap that is dropped are dropped, not called.
pub fn dropped_heap_calls_no_death_callbacks<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let root = rooted(&mut heap, &witness);
    let alive = Rc::new(());
    let token = Rc::clone(&alive);
    heap.on_death(&root.downgrade(), move |_| panic!("called, with {} owners", Rc::strong_count(&token)));
    drop(heap);
    assert_eq!(Rc::strong_count(&alive), 1, "the callback was not dropped");
}

/// A weak handle of another heap cannot have a callback here: the message names both.
pub fn death_callback_of_another_heap_is_refused<C: Collector>(mode: Mode) {
    let (mut heap, mut other, witness) = (mode.heap::<C>(), mode.heap::<C>(), Witness::default());
    let weak = rooted(&mut other, &witness);
    let weak = weak.downgrade();
    if !weak.is_alive() {
        return;
    }
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| heap.on_death(&weak, |_| ())));
    let panic = refused.expect_err("entered into another heap");
    let text = panic.downcast_ref::<String>().expect("a message");
    assert!(text.contains(&heap.id().to_string()) && text.contains(&other.id().to_string()), "{text}");
}

/// Observers see the beginning and the end of every collection, with the figures that `collect` returns.
pub fn observers_see_every_collection<C: Collector>(mode: Mode) {
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let events = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&events);
    heap.on_collection(move |event, heap| {
        assert_eq!(heap.collect(), Collection::default(), "a collection inside of a collection does nothing");
        log.borrow_mut().push(event);
    });
    drop(rooted_pair(&mut heap, &witness));
    events.borrow_mut().clear();
    let collections = heap.stats().collections;
    let collection = heap.collect();
    let events = events.borrow();
    let (first, last) = (events.first(), events.last());
    assert_eq!((first, last), (Some(&CollectionEvent::Start), Some(&CollectionEvent::Stop(collection))));
    // A cycle that was under way comes to its end first, and says so.
    let more = usize::from(matches!(mode, Mode::Eager(_)));
    assert!((2..=2 + more).contains(&events.len()), "{events:?}");
    assert!((1..=1 + more).contains(&(heap.stats().collections - collections)));
}

/// An observer may enter another observer.
pub fn observer_may_add_an_observer<C: Collector>(mode: Mode) {
    let mut heap = mode.heap::<C>();
    let count = Rc::new(Cell::new(0));
    let inner = Rc::clone(&count);
    heap.on_collection(move |event, heap| {
        if event == CollectionEvent::Start {
            heap.mutate(|_| ());
            inner.set(inner.get() + 1);
        }
    });
    for n in 1..4 {
        let again = Rc::clone(&count);
        let before = count.get();
        heap.collect();
        assert!(count.get() > before, "observer missed collection {n}");
        heap.on_collection(move |_, _| again.set(again.get() + 1));
    }
}

/// A callback that belongs to an object is handed that object, also if nothing else holds it by then.
pub fn callback_of_a_watcher_is_called_while_it_lives<C: Collector>(mode: Mode) {
    let name = "callbacks::callback_of_a_watcher_is_called_while_it_lives";
    if !applies::<C>(name, C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let (target, watcher) = (rooted(&mut heap, &witness), rooted(&mut heap, &witness));
    let id = watcher.id();
    let held = Rc::new(RefCell::new(Some(watcher)));
    let told = Rc::new(RefCell::new(Vec::new()));
    for n in 0..3 {
        let (told, held) = (Rc::clone(&told), Rc::clone(&held));
        let entered = {
            let watcher = held.borrow().clone().expect("there");
            heap.watch(&watcher, &target.downgrade(), move |watcher, heap| {
                assert_eq!(watcher.id(), id);
                // The last root but the callback's.
                let own = held.borrow_mut().take();
                drop(own);
                assert!(heap.contains(id), "it is held while it is called");
                told.borrow_mut().push(n);
            })
        };
        assert!(entered);
    }
    heap.collect();
    assert!(told.borrow().is_empty(), "the target lives");
    drop(target);
    heap.collect();
    assert_eq!(*told.borrow(), [2, 1, 0]);
    heap.collect();
    assert!(!heap.contains(id));
    assert_usable(&mut heap);
    drop(heap);
    witness.assert_all_dropped_once();
}

/// If the watcher goes first, or with its target, its callbacks are dropped and not called; others' are called.
pub fn callback_goes_with_its_watcher<C: Collector>(mode: Mode) {
    let name = "callbacks::callback_goes_with_its_watcher";
    if !applies::<C>(name, C::PLAN.frees_cycles, "frees no cycles") {
        return;
    }
    for together in [false, true] {
        let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
        let (target, watcher) = (rooted_pair(&mut heap, &witness), rooted_pair(&mut heap, &witness));
        let alive = Rc::new(());
        let token = Rc::clone(&alive);
        heap.watch(&watcher, &target.downgrade(), move |_, _| {
            panic!("called, with {} owners", Rc::strong_count(&token));
        });
        let told = Rc::new(Cell::new(0));
        let log = Rc::clone(&told);
        heap.on_death(&target.downgrade(), move |_| log.set(log.get() + 1));
        if together {
            heap.mutate(|mc| {
                let (target, watcher) = (target.get(mc), watcher.get(mc));
                target.set(mc, |n| &n.other, Some(watcher));
                watcher.set(mc, |n| &n.other, Some(target));
            });
        }
        drop(watcher);
        if !together {
            heap.collect();
            assert_eq!(Rc::strong_count(&alive), 1, "the callback was not dropped with its watcher");
        }
        drop(target);
        heap.collect();
        assert_eq!((told.get(), Rc::strong_count(&alive)), (1, 1));
        assert_usable(&mut heap);
    }
}

/// With a hook, panics out of callbacks are told and not resumed.
pub fn panics_of_callbacks_go_to_the_hook<C: Collector>(mode: Mode) {
    let name = "callbacks::panics_of_callbacks_go_to_the_hook";
    if !applies::<C>(name, C::PLAN.frees, "frees nothing") {
        return;
    }
    let (mut heap, witness) = (mode.heap::<C>(), Witness::default());
    let told = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&told);
    heap.on_unraisable(move |panic| log.borrow_mut().push(*panic.downcast::<u32>().expect("a number")));
    let root = rooted(&mut heap, &witness);
    for n in 0..2_u32 {
        // No message on standard error, as `panic!` would print.
        heap.on_death(&root.downgrade(), move |_| std::panic::resume_unwind(Box::new(n)));
    }
    drop(root);
    heap.collect();
    assert_eq!(*told.borrow(), [1, 0]);
    assert_usable(&mut heap);
}
