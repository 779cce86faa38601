//! The soundness museum: attacks on safe garbage collectors, each with its story and the reason why it fails here.
//!
//! Attacks that must not compile are the files in `ui/`, with what the compiler says beside them (as rustc 1.95 says it; other versions
//! refuse them too, in other words). Attacks that the compiler cannot see are the tests below; they run on a small counting collector,
//! because every way to free memory too early shows at once there. What only a tracing collector could get wrong is attacked by
//! the conformance suite (`barriers`, `finalizers`), for every collector. "One handshake", the attack on beginning a concurrent cycle
//! with several mutators, needs a second mutator: heaps here belong to one thread, which
//! `nothing_of_a_heap_goes_to_another_thread` holds the compiler to.

use crate::counting::{Counting, heap};
use cyclade_core::{
    Between, Collector, Finalize, Gc, GcVec, Heap, Locked, Mutator, Root, Slot, Trace, WeakRoot,
};
use std::cell::RefCell;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[derive(Trace)]
struct Node<'gc> {
    edge: Slot<'gc, Node<'gc>>,
    list: GcVec<'gc, Node<'gc>>,
    locked: Locked<Vec<Gc<'gc, Node<'gc>>>>,
    boxed: Box<[Slot<'gc, Node<'gc>>]>,
    _alive: Rc<()>,
}

fn node<'gc>(mc: &Mutator<'gc, Counting>, alive: &Rc<()>) -> Gc<'gc, Node<'gc>> {
    mc.alloc(Node {
        edge: Slot::empty(),
        list: GcVec::new(),
        locked: Locked::default(),
        boxed: [Slot::empty()].into(),
        _alive: Rc::clone(alive),
    })
}

/// **Two threads.** Counts are plain numbers, and a concurrent cycle that begins with one handshake for each mutator loses objects
/// (Doligez and Gonthier 1994). gc-arena considered sendable arenas, and found a way to share what must not be shared (pull
/// request 61). Here nothing of a heap is `Send` or `Sync`: if it were, the `_` below would be ambiguous.
#[test]
fn nothing_of_a_heap_goes_to_another_thread() {
    trait AmbiguousIf<Which> {
        fn check() {}
    }
    struct IsSend;
    struct IsSync;
    impl<T: ?Sized> AmbiguousIf<()> for T {}
    impl<T: ?Sized + Send> AmbiguousIf<IsSend> for T {}
    impl<T: ?Sized + Sync> AmbiguousIf<IsSync> for T {}
    <Heap<Counting> as AmbiguousIf<_>>::check();
    <Mutator<'static, Counting> as AmbiguousIf<_>>::check();
    <Root<u64> as AmbiguousIf<_>>::check();
    <WeakRoot<u64> as AmbiguousIf<_>>::check();
    <Gc<'static, u64> as AmbiguousIf<_>>::check();
    <Slot<'static, u64> as AmbiguousIf<_>>::check();
    <Between<'static, Counting> as AmbiguousIf<_>>::check();
}

/// What a panic said.
fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else { panic!("the attack has succeeded") };
    panic.downcast_ref::<String>().expect("a message").clone()
}

/// **Mixed heaps.** A handle of one heap is used with another, whose collector knows nothing of the object and frees it, or is
/// made to trace into foreign memory. gc-arena forbade returning references out of `mutate` because pointers of a leaked arena
/// could be put into another one (pull request 65: "currently sound by sheer luck"); oscars (boa) compared heap ids in `Root::get`, then
/// moved the check into lifetimes (pull request 73). Inside scopes the brand keeps heaps apart here (`ui/two_heaps.rs`);
/// roots have no brand, so `get` compares the heap's identity, which costs one comparison, and names both.
#[test]
fn root_of_another_heap_is_refused_by_name() {
    let (mut ours, mut theirs, alive) = (heap(), heap(), Rc::new(()));
    let root = theirs.mutate(|mc| mc.root(node(mc, &alive)));
    let said = panic_of(|| ours.mutate(|mc| root.get(mc).id()));
    assert_eq!(said, format!("this root belongs to {}, not to {}", theirs.id(), ours.id()));
    let error = ours.mutate(|mc| root.try_get(mc).map(Gc::id).expect_err("a foreign root"));
    assert_eq!(error.to_string(), said);
    assert!(!ours.contains(root.id()) && ours.ref_count(root.id()) == Some(0));
}

/// **Slot of another object.** The closure of `set` may return any slot that lives long enough: another object's, or one that belongs
/// to nobody. The barrier would then be told of the wrong owner, and a black object would gain an edge that is never
/// scanned; zerogc's `GcCell`, which did not know its owner at all, could not have a generational barrier (issue 3).
/// Here every write checks that the place lies in the owner, or turns up when the owner is traced.
#[test]
fn slot_of_another_object_is_refused_with_the_owners_type() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    heap.mutate(|mc| {
        let (a, b) = (node(mc, &alive), node(mc, &alive));
        // Never freed, but not lost either: the leak sanitizer finds it by its address.
        static STRAY: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
        let stray: &mut Slot<'_, Node<'_>> = Box::leak(Box::new(Slot::empty()));
        STRAY.store(std::ptr::from_mut(stray).cast(), Relaxed);
        std::hint::black_box(&STRAY);
        let stray: &Slot<'_, Node<'_>> = stray;
        let attacks: [(&str, &dyn Fn()); 6] = [
            ("set", &|| a.set(mc, |_| &b.as_ref().edge, Some(a))),
            ("take", &|| assert!(a.take(mc, |_| &b.as_ref().edge).is_none())),
            ("set, boxed", &|| a.set(mc, |_| &b.as_ref().boxed[0], Some(a))),
            ("set, nobody's", &|| a.set(mc, |_| stray, Some(a))),
            ("edit", &|| a.edit(mc, |_| &b.as_ref().list).push(a)),
            ("borrow_mut", &|| a.borrow_mut(mc, |_| &b.as_ref().locked).push(a)),
        ];
        for (name, attack) in attacks {
            let said = panic_of(attack);
            assert!(
                said.contains("does not belong to this object of type") && said.contains("Node"),
                "{name}: {said}"
            );
        }
        assert!(b.edge.get().is_none() && b.list.is_empty() && stray.get().is_none());
        // Its own places it may write, wherever they lie.
        a.set(mc, |n| &n.edge, Some(b));
        a.set(mc, |n| &n.boxed[0], Some(b));
        assert_eq!(a.boxed[0].get(), Some(b));
    });
}

/// **Forgotten guards.** `mem::forget` is safe (RFC 1066, after `thread::scoped` fell to leaked guards, rust-lang/rust issue
/// 24292), so nothing may depend on a guard's `Drop`. Were the edges counted when a write guard is dropped, forgetting it would
/// leave an edge that no count knows, and its target would be freed. Here the object is logged when the guard is *taken*, and counted
/// again when the scope ends.
#[test]
#[allow(clippy::forget_non_drop)] // That an editor needs no `Drop` is the point.
fn forgotten_write_guard_loses_no_count() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    let (root, child) = heap.mutate(|mc| {
        let (a, b) = (node(mc, &alive), node(mc, &alive));
        let mut guard = a.borrow_mut(mc, |n| &n.locked);
        guard.push(b);
        forget(guard);
        let mut editor = a.edit(mc, |n| &n.list);
        editor.push(b);
        forget(editor);
        (mc.root(a), b.id())
    });
    assert_eq!(heap.ref_count(child), Some(2));
    heap.mutate(|mc| {
        // The lock is open again, and the edge is there.
        let popped = root.get(mc).borrow_mut(mc, |n| &n.locked).pop();
        assert_eq!(popped.map(Gc::id), Some(child));
        forget(root.get(mc).locked.borrow(mc));
    });
    assert_eq!((heap.ref_count(child), heap.len()), (Some(1), 2));
    drop(root);
    assert_eq!((heap.len(), Rc::strong_count(&alive)), (0, 1));
}

/// The same by a panic: the scope's counts are reconciled while the thread unwinds.
#[test]
fn write_guard_lost_in_a_panic_loses_no_count() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    let root = heap.mutate(|mc| mc.root(node(mc, &alive)));
    let said = panic_of(|| {
        heap.mutate(|mc| {
            let mut guard = root.get(mc).borrow_mut(mc, |n| &n.locked);
            guard.push(node(mc, &alive));
            forget(guard);
            panic!("{} objects", std::hint::black_box(2));
        })
    });
    assert_eq!((said.as_str(), heap.len(), heap.census().reachable), ("2 objects", 2, 2));
    heap.mutate(|_| ());
    drop(root);
    assert_eq!(heap.len(), 0);
}

#[derive(Trace)]
#[trace(finalize)]
struct Phoenix<'gc> {
    this: Slot<'gc, Phoenix<'gc>>,
    text: String,
    saved: Rc<RefCell<Vec<Root<Phoenix<'static>>>>>,
}

impl Finalize for Phoenix<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        heap.mutate(|mc| this.get(mc).saved.borrow_mut().push(this.clone()));
    }
}

/// **Resurrection.** A finalizer makes its object reachable again, and the collector frees it all the same: rust-gc issues 124 (whose
/// program prints freed memory) and 187. Here a finalizer is handed a root; what it keeps is found by the same counts (or
/// marks) as everything else, after all finalizers have run; and nobody is finalized twice.
#[test]
fn resurrected_object_is_whole_and_dies_once() {
    let mut heap = heap();
    let saved = Rc::new(RefCell::new(Vec::new()));
    let root = heap.mutate(|mc| {
        let text = "Hello, world!".to_owned();
        mc.root(mc.alloc(Phoenix { this: Slot::empty(), text, saved: Rc::clone(&saved) }))
    });
    let id = root.id();
    drop(root);
    assert!(heap.contains(id) && heap.ref_count(id) == Some(1));
    let back = saved.take();
    assert_eq!(back.len(), 1);
    heap.mutate(|mc| {
        assert_eq!(back[0].get(mc).text, "Hello, world!");
        assert!(back[0].get(mc).this.get().is_none());
    });
    drop(back);
    assert!(!heap.contains(id) && saved.borrow().is_empty(), "finalized twice");
}

/// **Roots that outlive their heap.** rust-gc issue 102: the thread's heap is destroyed before a `Gc` in thread-local storage, or one
/// that was leaked, and the handle points into freed memory. Here the table of handles belongs to its last handle once the heap is
/// gone: they still have an id, and can be cloned and dropped; there is nothing else that they could do.
#[test]
fn roots_that_outlive_their_heap_are_inert() {
    let (mut gone, mut other, alive) = (heap(), heap(), Rc::new(()));
    let root = gone.mutate(|mc| mc.root(node(mc, &alive)));
    let (weak, id) = (root.downgrade(), root.id());
    drop(gone);
    assert_eq!(Rc::strong_count(&alive), 1, "the payload was not dropped with the heap");
    let twin = root.clone();
    assert!(twin.id() == id && !weak.is_alive() && weak.upgrade().is_none());
    let said = panic_of(|| other.mutate(|mc| twin.get(mc).id()));
    assert!(said.contains("has been dropped"), "{said}");
    drop((root, twin, weak));
    thread_local! {
        static LATE: RefCell<Option<Root<Node<'static>>>> = const { RefCell::new(None) };
    }
    let thread = std::thread::spawn(|| {
        let mut heap = heap();
        LATE.set(Some(heap.mutate(|mc| mc.root(node(mc, &Rc::new(()))))));
    });
    assert!(thread.join().is_ok());
}

#[derive(Trace)]
struct Spy<'gc> {
    next: Slot<'gc, Spy<'gc>>,
    eye: Eye,
}

#[derive(Trace)]
struct Eye {
    at: RefCell<Option<WeakRoot<Spy<'static>>>>,
    found: Rc<RefCell<Vec<Root<Spy<'static>>>>>,
}

impl Drop for Eye {
    fn drop(&mut self) {
        self.found.borrow_mut().extend(self.at.take().and_then(|weak| weak.upgrade()));
    }
}

/// **Looking at the dead from `Drop`.** rust-gc issues 36 and 37 and bacon-rajan-cc issue 6 ("Drop is unsound"): a destructor follows an
/// edge to an object that was freed before it. A type with edges cannot have a `Drop` here (`ui/drop_with_edges.rs`), and
/// a payload cannot hold an edge; it can hold a weak handle, which was emptied before its target could be touched.
#[test]
fn payload_drop_sees_nothing_dead() {
    let mut heap = heap();
    let found = Rc::new(RefCell::new(Vec::new()));
    let root = heap.mutate(|mc| {
        let make = || {
            mc.alloc(Spy {
                next: Slot::empty(),
                eye: Eye { at: RefCell::default(), found: Rc::clone(&found) },
            })
        };
        let (a, b) = (make(), make());
        a.set(mc, |n| &n.next, Some(b));
        // Its own object, which is dying; and b, which is freed after it.
        *b.eye.at.borrow_mut() = Some(b.downgrade_root(mc));
        *a.eye.at.borrow_mut() = Some(b.downgrade_root(mc));
        mc.root(a)
    });
    drop(root);
    for root in found.take() {
        assert!(heap.contains(root.id()), "a dead object was handed out");
        drop(root);
    }
    assert!(heap.is_empty() && found.borrow().is_empty());
}

/// **A payload that drops its own heap**, in the middle of the cascade that frees it: a use after free of the heap itself. Here a heap
/// that is dropped while it works is emptied when the outermost operation is left, and its memory stays until then.
#[test]
fn heap_dropped_by_its_own_payload_is_emptied_once() {
    struct Fuse(Rc<RefCell<Option<Heap<Counting>>>>, #[allow(dead_code)] Rc<()>);
    impl Drop for Fuse {
        fn drop(&mut self) {
            drop(self.0.take());
        }
    }
    #[derive(Trace)]
    struct Bomb {
        _fuse: Rc<Fuse>,
    }
    let (alive, shared) = (Rc::new(()), Rc::new(RefCell::new(Some(heap()))));
    let roots: Vec<_> = {
        let mut guard = shared.borrow_mut();
        let heap = guard.as_mut().expect("just made");
        let make = |_| {
            let fuse = Rc::new(Fuse(Rc::clone(&shared), Rc::clone(&alive)));
            heap.mutate(|mc| mc.root(mc.alloc(Bomb { _fuse: fuse })))
        };
        (0..3).map(make).collect()
    };
    for root in roots {
        drop(root);
    }
    assert!(shared.borrow().is_none() && Rc::strong_count(&alive) == 1);
}

/// **Made-up addresses.** `contains` and `ref_count` may be asked about any id a program has ever seen, and a collector's `find` about any
/// address at all: conservative collectors have crashed on less. Nothing is dereferenced before the address is known to be
/// a cell of this heap, whose allocation bit is set.
#[test]
fn any_address_may_be_asked_about() {
    let (mut heap, alive) = (heap(), Rc::new(()));
    let roots = heap.mutate(|mc| [mc.root(node(mc, &alive)), mc.root(node(mc, &alive))]);
    let addresses = roots.each_ref().map(|root| root.id().address());
    let mut probes = vec![0, 1, 7, 8, 15, 16, 17, usize::MAX, usize::MAX - 15, usize::MAX / 2, 1 << 46];
    probes.push(std::ptr::from_ref(&alive).addr());
    for address in addresses {
        // Inside of objects, in front of and behind them, in the tables of the arena.
        probes.extend(
            (1..16).chain([16, 32, 1 << 16, 1 << 20, 1 << 25]).flat_map(|d| [address + d, address - d]),
        );
    }
    probes.retain(|probe| !addresses.contains(probe));
    heap.collector().probes.replace(probes);
    heap.collect();
    assert_eq!(heap.collector().found.get(), 0);
    heap.collector().probes.replace(addresses.to_vec());
    heap.collect();
    assert_eq!(heap.collector().found.get(), 2);
}

/// **A second borrow.** A lock whose state could be reset by a nested scope would lend the same value for writing twice. The state belongs
/// to one scope, and scopes of other heaps do not touch it.
#[test]
fn lock_stays_shut_across_scopes_of_other_heaps() {
    let (mut outer, mut inner, alive) = (heap(), heap(), Rc::new(()));
    outer.mutate(|mc| {
        let a = node(mc, &alive);
        let mut guard = a.borrow_mut(mc, |n| &n.locked);
        inner.mutate(|_| ());
        inner.collect();
        assert!(panic_of_any(|| a.locked.borrow(mc).len()));
        assert!(panic_of_any(|| a.borrow_mut(mc, |n| &n.locked).len()));
        guard.push(a);
        drop(guard);
        assert_eq!(a.locked.borrow(mc).len(), 1);
        a.borrow_mut(mc, |n| &n.locked).clear();
    });
    assert!(outer.is_empty());
}

fn panic_of_any<R>(work: impl FnOnce() -> R) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_err()
}
