//! What the Python tutorials on `gc` do, cell by cell, in Rust. `docs/tutorials.md` shows these cells beside Python's, and a test compares both
//! pages with what this program prints:
//!
//! ```text
//! cargo run -p cyclade-trial-deletion --example tutorial
//! ```

use cyclade_trial_deletion::{
    Between, Collector, Config, DebugFlags, Finalize, GcModule, Heap, Options, Root, Slot, Trace,
    UnknownVersion, Weak,
};
use std::cell::RefCell;
use std::collections::HashMap;

/// Takes what a cell prints; `main` prints it.
macro_rules! println {
    ($($text:tt)*) => { print_line(format!($($text)*)) };
}

// cell: types
/// class A: b = None; me = None
#[derive(Trace, Default)]
struct A<'gc> {
    b: Slot<'gc, B<'gc>>,
    me: Slot<'gc, A<'gc>>,
}

/// class B: a = None
#[derive(Trace)]
struct B<'gc> {
    a: Slot<'gc, A<'gc>>,
}

/// a = A(); a.b = B(); a.b.a = a
fn make_pair(heap: &mut Heap) -> Root<A<'static>> {
    heap.mutate(|mc| {
        let a = mc.alloc(A::default());
        let b = mc.alloc(B { a: Slot::to(a) });
        a.set(mc, |a| &a.b, Some(b));
        mc.root(a)
    })
}
// end of cell

fn counts() {
    cell("aliases");
    let mut heap = Heap::default();
    let a = heap.mutate(|mc| mc.root(mc.alloc([1, 2, 3]))); // a = [1, 2, 3]
    let address = a.id();
    println!("{}", heap.gc().ref_count(address));
    let b = a.clone(); // b = a
    println!("{}", heap.gc().ref_count(address));
    let c = a.clone(); // c = a
    println!("{}", heap.gc().ref_count(address));
    drop(c); // c = None
    println!("{}", heap.gc().ref_count(address));
    drop(b); // b = None
    println!("{}", heap.gc().ref_count(address));
    drop(a); // a = None
    println!("{} {}", heap.gc().ref_count(address), heap.contains(address));

    cell("getrefcount");
    let a = heap.mutate(|mc| mc.root(mc.alloc([1, 2, 3])));
    println!("{}", heap.gc().ref_count(a.id()));

    cell("interning");
    let mut text = |text| heap.mutate(|mc| mc.root(mc.alloc_str(text)));
    let (x, y) = (text("python"), text("python"));
    println!("{}", x.id() == y.id());
    let mut interned: HashMap<&str, Root<str>> = HashMap::new();
    let mut intern = |word| interned.entry(word).or_insert_with(|| text(word)).clone();
    let (x, y) = (intern("python"), intern("python"));
    println!("{}", x.id() == y.id());
    println!("{}", heap.gc().ref_count(x.id()));
}

fn the_story() {
    cell("cycle");
    let mut heap = Heap::default();
    heap.gc().disable();
    let my_var = make_pair(&mut heap);
    let a_id = my_var.id();
    let b_id = heap.gc().referents(&[a_id])[0];
    println!("{} {}", heap.gc().ref_count(a_id), heap.gc().ref_count(b_id));
    println!("{} {}", heap.contains(a_id), heap.contains(b_id));

    cell("dropped");
    let witness = my_var.downgrade();
    drop(my_var); // my_var = None
    println!("{} {}", heap.gc().ref_count(a_id), heap.gc().ref_count(b_id));
    println!("{} {}", heap.contains(a_id), heap.contains(b_id));

    cell("collected");
    println!("{}", heap.gc().collect());
    println!("{} {}", heap.contains(a_id), heap.contains(b_id));
    println!("{} {}", heap.gc().ref_count(a_id), heap.gc().ref_count(b_id));

    cell("address");
    let others: Vec<_> = (0..1000).map(|_| heap.mutate(|mc| mc.root(mc.alloc(A::default())))).collect();
    println!("{}", others.iter().any(|other| other.id() == a_id));
    println!("{} {}", heap.contains(a_id), witness.is_alive());
    drop(others);

    cell("kernel");
    let my_var = make_pair(&mut heap);
    for _ in 0..977 {
        drop(make_pair(&mut heap)); // what others leave behind meanwhile
    }
    heap.mutate(|mc| {
        let a = mc.alloc(A::default());
        a.set(mc, |a| &a.me, Some(a)); // a.me = a
    });
    drop(my_var);
    println!("{}", heap.gc().collect());
}

fn other_cycles() {
    let mut heap = Heap::default();
    heap.gc().disable();

    cell("self");
    let a = heap.mutate(|mc| {
        let a = mc.alloc(A::default());
        a.set(mc, |a| &a.me, Some(a)); // a.me = a
        mc.root(a)
    });
    let a_id = a.id();
    println!("{}", heap.gc().ref_count(a_id));
    drop(a);
    println!("{}", heap.gc().ref_count(a_id));
    println!("{} {}", heap.gc().collect(), heap.contains(a_id));

    cell("no cycle");
    let a = heap.mutate(|mc| {
        let a = mc.alloc(A::default());
        a.set(mc, |a| &a.b, Some(mc.alloc(B { a: Slot::empty() })));
        mc.root(a)
    });
    drop(a);
    println!("{} {}", heap.len(), heap.gc().collect());
}

// cell: child
#[derive(Trace)]
struct Parent<'gc> {
    child: Slot<'gc, Child<'gc>>,
}

#[derive(Trace)]
struct Child<'gc> {
    parent: Weak<'gc, Parent<'gc>>, // weakref.ref(parent)
}
// end of cell

fn weak_references() {
    let mut heap = Heap::default();
    heap.gc().disable();

    cell("weakref");
    let a = make_pair(&mut heap);
    let reference = a.downgrade(); // weakref.ref(a)
    println!("{}", reference.upgrade().is_some_and(|target| target.id() == a.id()));
    println!("{}", heap.gc().ref_count(a.id()));
    heap.on_death(&reference, |_| println!("gone"));
    drop(a);
    println!("{}", reference.is_alive());
    println!("{}", heap.gc().collect());
    println!("{}", reference.is_alive());

    cell("parent");
    let parent = heap.mutate(|mc| {
        let parent = mc.alloc(Parent { child: Slot::empty() });
        let child = mc.alloc(Child { parent: parent.downgrade(mc) });
        parent.set(mc, |p| &p.child, Some(child));
        mc.root(parent)
    });
    println!("{}", heap.mutate(|mc| parent.get(mc).child.get().unwrap().parent.upgrade(mc).is_some()));
    drop(parent);
    println!("{} {}", heap.len(), heap.gc().collect());
}

fn automatic() {
    cell("switch");
    let mut heap = Heap::default();
    println!("{}", heap.gc().is_enabled());
    heap.gc().disable();
    println!("{}", heap.gc().is_enabled());

    cell("thresholds");
    heap.gc().set_threshold([700, 10, 10]);
    println!("{:?}", heap.gc().threshold());
    heap.gc().collect();
    let before = heap.gc().count()[0];
    let pairs: Vec<_> = (0..100).map(|_| make_pair(&mut heap)).collect();
    println!("{}", heap.gc().count()[0] - before);
    drop(pairs);

    cell("off");
    let first = make_pair(&mut heap).downgrade();
    for _ in 0..1000 {
        drop(make_pair(&mut heap));
    }
    println!("{}", first.is_alive());

    cell("on");
    heap.gc().enable();
    for _ in 0..1000 {
        drop(make_pair(&mut heap));
    }
    println!("{}", first.is_alive());
    heap.gc().disable();

    cell("stats");
    heap.gc().collect();
    let before = heap.gc().stats()[2];
    drop(make_pair(&mut heap));
    heap.gc().collect();
    let after = heap.gc().stats()[2];
    println!("{} {}", after.collections - before.collections, after.collected - before.collected);

    cell("callbacks");
    heap.gc().on_collection(|phase, info, _| {
        println!("{phase:?} generation {} collected {}", info.generation, info.collected)
    });
    drop(make_pair(&mut heap));
    println!("{:?}", heap.gc().collect_generation(0));
}

fn queries() {
    cell("graph");
    let mut heap = Heap::default();
    heap.gc().disable();
    let a = make_pair(&mut heap);
    let b = heap.gc().referents(&[a.id()])[0];
    println!("{}", heap.gc().referents(&[a.id()]) == [b]);
    println!("{}", heap.gc().referrers(&[a.id()]) == [b]);
    println!("{}", heap.gc().objects().contains(&a.id()));
    println!("{}", heap.gc().is_tracked(a.id()));
}

// cell: with del
/// class D: def __del__(self): print("__del__")
#[derive(Trace)]
#[trace(finalize)]
struct D<'gc> {
    peer: Slot<'gc, D<'gc>>,
}

impl Finalize for D<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {
        println!("__del__");
    }
}

/// d = D(); d.peer = D(); d.peer.peer = d
fn make_d_pair(heap: &mut Heap) -> Root<D<'static>> {
    heap.mutate(|mc| {
        let d = mc.alloc(D { peer: Slot::empty() });
        d.set(mc, |d| &d.peer, Some(mc.alloc(D { peer: Slot::to(d) })));
        mc.root(d)
    })
}
// end of cell

// cell: phoenix type
thread_local! { static SAVED: RefCell<Vec<Root<Phoenix<'static>>>> = RefCell::default(); }

/// class Phoenix: def __del__(self): saved.append(self)
#[derive(Trace)]
#[trace(finalize)]
struct Phoenix<'gc> {
    me: Slot<'gc, Phoenix<'gc>>,
}

impl Finalize for Phoenix<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, _: &mut Between<'_, C>) {
        SAVED.with_borrow_mut(|saved| saved.push(this.clone()));
    }
}
// end of cell

fn finalizers() -> Result<(), UnknownVersion> {
    cell("since 3.4");
    let mut heap = Heap::default();
    heap.gc().disable();
    drop(make_d_pair(&mut heap));
    println!("{} {}", heap.gc().collect(), heap.gc().garbage().len());

    cell("before 3.4");
    let mut old = Heap::new(Config { collector: Options::python([3, 3, 7])?, ..Config::default() });
    drop(make_d_pair(&mut old));
    println!("{} {}", old.gc().collect(), old.gc().garbage().len());
    println!("{}", old.len());

    cell("phoenix");
    let phoenix = heap.mutate(|mc| {
        let phoenix = mc.alloc(Phoenix { me: Slot::empty() });
        phoenix.set(mc, |p| &p.me, Some(phoenix));
        phoenix.id()
    });
    println!("{}", heap.gc().collect());
    println!("{} {}", heap.contains(phoenix), heap.gc().is_finalized(phoenix));
    let saved = SAVED.take();
    drop(saved);
    println!("{} {}", heap.gc().collect(), heap.contains(phoenix));
    Ok(())
}

fn debugging() {
    cell("saveall");
    let mut heap = Heap::default();
    heap.gc().disable();
    drop(make_pair(&mut heap));
    heap.gc().set_debug(DebugFlags::SAVEALL);
    println!("{}", heap.gc().collect());
    heap.gc().set_debug(DebugFlags::NONE);
    for id in heap.gc().garbage() {
        println!("{}", heap.type_name(id).and_then(|name| name.split("::").last()).unwrap_or("?"));
    }
    heap.gc().clear_garbage();
    println!("{}", heap.gc().collect());

    cell("debug stats");
    heap.gc().set_debug(DebugFlags::STATS);
    heap.collector().set_debug_output(|line| println!("{}", line.split(", 0.").next().unwrap_or(line)));
    drop(make_pair(&mut heap));
    heap.gc().collect();
}

thread_local! { static CELLS: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) }; }

/// From here to the next one of these, or to the end of the function, it is this cell.
fn cell(name: &'static str) {
    CELLS.with_borrow_mut(|cells| cells.push((name, String::new())));
}

fn print_line(line: String) {
    CELLS.with_borrow_mut(|cells| {
        let (_, text) = cells.last_mut().expect("a cell has begun");
        *text += &line;
        text.push('\n');
    });
}

/// The names of all cells, and what they have printed.
pub(crate) fn run() -> Result<Vec<(&'static str, String)>, UnknownVersion> {
    counts();
    the_story();
    other_cycles();
    weak_references();
    automatic();
    queries();
    finalizers()?;
    debugging();
    Ok(CELLS.take())
}

#[allow(dead_code, reason = "the test has this file for a module")]
fn main() -> Result<(), UnknownVersion> {
    for (name, text) in run()? {
        std::println!("{name}:\n{text}");
    }
    Ok(())
}
