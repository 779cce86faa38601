//! The worked graph of the book's chapter: its tables are drawn from what this implementation does, step by step, and compared with the page.
//!
//! `CYCLADE_UPDATE_DOCS=1` writes them anew instead. The graph is that of `docs/collectors.md`; r2 has been dropped.

use super::UNHELD;
use super::spectator::{self, Step};
use crate::{
    Between, Collector, Config, Finalize, GcModule, Heap, Inspect, Object, ObjectId, Options, Order, Root,
    Slot, Trace,
};
use std::cell::RefCell;
use std::fmt::Write;
use std::path::Path;

/// In list order, which is that of allocation.
const NAMES: [&str; 6] = ["E", "B", "A", "F", "D", "C"];

/// Who refers to whom.
const EDGES: [(&str, &str); 7] =
    [("A", "B"), ("B", "A"), ("B", "E"), ("C", "D"), ("C", "A"), ("D", "C"), ("D", "F")];

#[derive(Trace, Default)]
struct Plain<'gc> {
    edges: [Slot<'gc, Plain<'gc>>; 2],
}

thread_local! {
    static CALLED: RefCell<Vec<ObjectId>> = const { RefCell::new(Vec::new()) };
    static SAVED: RefCell<Vec<Root<Mortal<'static>>>> = const { RefCell::new(Vec::new()) };
}

/// With a finalizer; that of D saves it.
#[derive(Trace, Default)]
#[trace(finalize)]
struct Mortal<'gc> {
    edges: [Slot<'gc, Mortal<'gc>>; 2],
    saves: bool,
}

impl Finalize for Mortal<'static> {
    fn finalize<C: Collector>(this: &Root<Self>, heap: &mut Between<'_, C>) {
        CALLED.with_borrow_mut(|called| called.push(this.id()));
        if heap.mutate(|mc| this.get(mc).saves) {
            SAVED.with_borrow_mut(|saved| saved.push(this.clone()));
        }
    }
}

/// D, and what else may refer to it: C.
#[derive(Trace, Default)]
struct Mixed<'gc> {
    edges: [Slot<'gc, Mixed<'gc>>; 2],
    d: Slot<'gc, Legacy<'gc>>,
}

#[derive(Trace, Default)]
#[trace(finalize = "legacy")]
struct Legacy<'gc> {
    edges: [Slot<'gc, Mixed<'gc>>; 2],
}

impl Finalize for Legacy<'static> {
    fn finalize<C: Collector>(_: &Root<Self>, _: &mut Between<'_, C>) {}
}

fn index(name: &str) -> usize {
    NAMES.iter().position(|n| *n == name).expect("an object of the graph")
}

/// The targets of an object's edges, by index.
fn targets(name: &str) -> Vec<usize> {
    EDGES.iter().filter(|(from, _)| *from == name).map(|(_, to)| index(to)).collect()
}

fn heap(order: Order) -> Heap {
    let collector = Options { order, automatic: false, ..Options::default() };
    Heap::new(Config { collector, ..Config::default() })
}

/// The six objects, and what holds them.
struct Graph<T> {
    heap: Heap,
    ids: [ObjectId; 6],
    /// r1, which refers to A.
    _root: Root<T>,
}

macro_rules! graph {
    ($order:expr, $node:ident { $($field:ident: $value:expr),* }) => {{
        let mut heap = heap($order);
        let (root, ids) = heap.mutate(|mc| {
            let nodes = NAMES.map(|_name| mc.alloc($node { $($field: _name == $value,)* ..Default::default() }));
            for (node, name) in nodes.iter().zip(NAMES) {
                for (i, target) in targets(name).into_iter().enumerate() {
                    node.set(mc, |n| &n.edges[i], Some(nodes[target]));
                }
            }
            (mc.root(nodes[index("A")]), nodes.map(|node| node.id()))
        });
        Graph { heap, ids, _root: root }
    }};
}

impl<T> Graph<T> {
    fn name(&self, id: ObjectId) -> &'static str {
        NAMES[self.ids.iter().position(|known| *known == id).expect("an object of the graph")]
    }

    /// In list order.
    fn survivors(&mut self) -> Vec<ObjectId> {
        self.heap.gc().objects()
    }

    fn names(&self, objects: &[Object]) -> String {
        self.names_of(&objects.iter().map(|object| object.id()).collect::<Vec<_>>())
    }

    fn names_of(&self, ids: &[ObjectId]) -> String {
        ids.iter().map(|&id| self.name(id)).collect::<Vec<_>>().join(" ")
    }

    fn counts(&self, title: &str) -> String {
        let count = |&id: &ObjectId| match self.heap.contains(id) {
            true => self.heap.ref_count(id).unwrap_or(0).to_string(),
            false => "–".to_owned(),
        };
        row(title, self.ids.iter().map(count))
    }

    /// "B → A, B → E"
    fn edges_of(&self, object: Object) -> String {
        let name = self.name(object.id());
        let edges: Vec<_> =
            targets(name).into_iter().map(|target| format!("{name} → {}", NAMES[target])).collect();
        if edges.is_empty() { format!("{name} has no edges") } else { edges.join(", ") }
    }

    /// Steps 2 and 3 of one trial: a line for each object whose edges are subtracted.
    fn subtraction(&self, looks: &[spectator::Look], of: &[ObjectId]) -> String {
        let mut table = row("", of.iter().map(|&id| self.name(id).to_owned())) + &rule(of.len());
        for look in looks {
            let title = match look.step {
                Step::Counted => "counts".to_owned(),
                Step::Subtracted(object) => self.edges_of(object),
                _ => continue,
            };
            let words = of.iter().map(|&id| {
                let word = look.words.iter().find(|(object, _)| object.id() == id);
                word.map_or("–".to_owned(), |(_, word)| (word - UNHELD).to_string())
            });
            table += &row(&title, words);
        }
        table
    }

    /// Step 4: a line for each object that is looked at.
    fn separation(&self, looks: &[spectator::Look]) -> String {
        let cells = |cells: [&str; 5]| cells.map(str::to_owned).into_iter();
        let mut table = row("x", cells(["scratch", "what happens", "kept", "set aside", "queue"])) + &rule(5);
        for pair in looks.windows(2) {
            let [before, now] = pair else { continue };
            let (object, verdict) = match now.step {
                Step::SetAside(object) => (object, "set aside".to_owned()),
                Step::Kept(object) => {
                    let back = before.aside.iter().filter(|aside| !now.aside.contains(aside));
                    let back: String = back
                        .map(|&back| {
                            format!("; {} had been set aside: it joins the queue again", self.name(back.id()))
                        })
                        .collect();
                    (object, format!("kept{back}"))
                }
                _ => continue,
            };
            if !matches!(before.step, Step::SetAside(_) | Step::Kept(_)) {
                let queue = self.names(&before.queue);
                table += &row("", cells(["", "", "", "", &queue]));
            }
            let word = before.words.iter().find(|(known, _)| *known == object);
            let scratch = word.map_or(0, |(_, word)| word - UNHELD).to_string();
            let (kept, aside, queue) =
                (self.names(&now.kept), self.names(&now.aside), self.names(&now.queue));
            table += &row(self.name(object.id()), cells([&scratch, &verdict, &kept, &aside, &queue]));
        }
        table
    }
}

fn row(title: &str, cells: impl Iterator<Item = String>) -> String {
    let mut line = format!("| {title} |");
    for cell in cells {
        let _ = write!(line, " {cell} |");
    }
    line.replace("|  |", "| |").replace("|  |", "| |") + "\n"
}

fn rule(columns: usize) -> String {
    "|---".repeat(columns + 1) + "|\n"
}

/// The tables, by the names that the page has for them.
fn sections() -> Vec<(&'static str, String)> {
    spectator::take();
    let mut graph = graph!(Order::Python, Plain {});
    let before = graph.counts("counts before");
    let found = graph.heap.gc().collect();
    let looks = spectator::take();
    let first = vec![
        ("subtract", graph.subtraction(&looks, &graph.ids)),
        ("separate", graph.separation(&looks)),
        ("clear", {
            let head = row("", NAMES.iter().map(|&name| name.to_owned())) + &rule(NAMES.len());
            format!(
                "{head}{before}{}\n`collect` returns {found}, as CPython would.\n",
                graph.counts("counts after")
            )
        }),
    ];
    first
        .into_iter()
        .chain([("balance", balance()), ("second trial", second_trial()), ("legacy", legacy())])
        .collect()
}

/// The same graph in order of address.
fn balance() -> String {
    let mut graph = graph!(Order::Kept, Plain {});
    let found = graph.heap.gc().collect();
    let shown = ["A", "F", "D", "C"];
    let mut table = row("", shown.iter().map(|&name| name.to_owned())) + &rule(shown.len());
    table += &row("at first", shown.iter().map(|_| "0".to_owned()));
    for look in spectator::take() {
        let Step::Balanced(object) = look.step else { continue };
        let words = shown.iter().map(|name| {
            let word = look.words.iter().find(|(known, _)| known.id() == graph.ids[index(name)]);
            let word = word.map_or(0, |(_, word)| word.cast_signed());
            if word < 0 { format!("−{}", -word) } else { word.to_string() }
        });
        let name = graph.name(object.id());
        let added: String =
            targets(name).into_iter().map(|to| format!("; {name} → {}: +1", NAMES[to])).collect();
        table += &row(&format!("{name}: its count off{added}"), words);
    }
    let left = graph.survivors();
    let _ = write!(
        table,
        "\n`collect` returns {found}; the survivors are in the order {}.\n",
        graph.names_of(&left)
    );
    table
}

/// Finalizers have run, and that of D has saved it.
fn second_trial() -> String {
    let mut graph = graph!(Order::Python, Mortal { saves: "D" });
    let found = graph.heap.gc().collect();
    let looks = spectator::take();
    let second = looks.iter().rposition(|look| look.step == Step::Counted).expect("a second trial");
    let called = CALLED.take();
    let [f, d, c] = ["F", "D", "C"].map(|name| graph.ids[index(name)]);
    let mut text = format!("Finalizers run in the order {}. Then:\n\n", graph.names_of(&called));
    text += &graph.subtraction(&looks[second..], &[f, d, c]);
    text += "\n";
    text += &graph.separation(&looks[second..]);
    let left = graph.survivors();
    SAVED.take();
    let again = graph.heap.gc().collect();
    let called = CALLED.take().len();
    let _ = write!(
        text,
        "\n`collect` returns {found}, and generation 2 is {}. When the root to D has been dropped, the next collection returns {again} and calls {called} \
         finalizers.\n",
        graph.names_of(&left)
    );
    text
}

/// D has a legacy finalizer.
fn legacy() -> String {
    let mut heap = heap(Order::Python);
    let (root, ids) = heap.mutate(|mc| {
        let node = || mc.alloc(Mixed::default());
        let (e, b, a, f) = (node(), node(), node(), node());
        let d = mc.alloc(Legacy::default());
        let c = node();
        let all = [e, b, a, f, c, c];
        for (from, name) in [(b, "B"), (a, "A")] {
            for (i, target) in targets(name).into_iter().enumerate() {
                from.set(mc, |n| &n.edges[i], Some(all[target]));
            }
        }
        d.set(mc, |d| &d.edges[0], Some(c));
        d.set(mc, |d| &d.edges[1], Some(f));
        c.set(mc, |c| &c.d, Some(d));
        c.set(mc, |c| &c.edges[0], Some(a));
        (mc.root(a), [e.id(), b.id(), a.id(), f.id(), d.id(), c.id()])
    });
    let mut graph = Graph { heap, ids, _root: root };
    let found = graph.heap.gc().collect();
    spectator::take();
    let (left, garbage) = (graph.survivors(), graph.heap.gc().garbage());
    format!(
        "`collect` returns {found} and frees nothing; generation 2 is {}, and `garbage` is {}.\n",
        graph.names_of(&left),
        graph.names_of(&garbage)
    )
}

#[test]
fn worked_graph_of_the_chapter_is_what_this_implementation_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/collector-trial-deletion.md");
    let Ok(page) = std::fs::read_to_string(&path) else {
        return eprintln!("skipped: there is no {}", path.display());
    };
    let mut expected = page.clone();
    for (name, text) in sections() {
        let (begin, end) = (format!("<!-- worked graph: {name} -->\n"), "<!-- end -->\n");
        let from = expected.find(&begin).unwrap_or_else(|| panic!("the page has no `{}`", begin.trim()))
            + begin.len();
        let to = from + expected[from..].find(end).expect("the section has an end");
        expected.replace_range(from..to, &format!("\n{text}\n"));
    }
    if std::env::var_os("CYCLADE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("the page can be written");
    } else if let Some((is, should)) = page.lines().zip(expected.lines()).find(|(is, should)| is != should) {
        panic!(
            "docs/collector-trial-deletion.md says\n{is}\nand should say\n{should}\n(CYCLADE_UPDATE_DOCS=1 writes it anew)"
        );
    } else {
        assert_eq!(page.len(), expected.len(), "the chapter is longer or shorter than it should be");
    }
}

#[test]
fn edges_of_the_worked_graph_are_those_of_its_objects() {
    let graph = graph!(Order::Python, Plain {});
    for (name, &id) in NAMES.iter().zip(&graph.ids) {
        let expected: Vec<_> = targets(name).into_iter().map(|target| graph.ids[target]).collect();
        assert_eq!(graph.heap.referents(id), expected, "{name}");
    }
    spectator::take();
}
