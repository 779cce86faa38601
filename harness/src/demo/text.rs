//! The story for people: a chapter, a table; a step, a line; a collector, a column.

use super::{Look, Step, Story};
use std::fmt::Write;

/// What a chapter shows, in a line.
fn opening(chapter: &str) -> &'static str {
    match chapter {
        "aliases" => {
            "Names are references. The last one goes, the object goes; and its address may mean another object."
        }
        "pair" => {
            "A and B refer to each other. Without the variable nobody can reach them, and their counts stay at 1."
        }
        "no cycle" => "A refers to B, and that is all: counting frees both at once, tracing when it looks.",
        "self-reference" => "The smallest cycle.",
        "automatic off" => "Nothing collects by itself: dead cycles pile up.",
        "automatic on" => "Collections start by themselves.",
        "finalizers before 3.4" => {
            "A cycle with finalizers, by the rules before Python 3.4: found, and never freed."
        }
        "finalizers since 3.4" => "The same since Python 3.4: finalizers run, then the cycle is freed.",
        _ => "",
    }
}

/// The whole story. `stories` are columns.
pub(crate) fn render(stories: &[Story]) -> String {
    let mut text = String::from(
        "Each cell: the counts of a and b (– where a collector does not count), and whether they exist.\n",
    );
    let mut chapters: Vec<&str> = Vec::new();
    for step in stories.iter().flat_map(|story| &story.steps) {
        let chapter = split(step).0;
        if !chapters.contains(&chapter) {
            chapters.push(chapter);
        }
    }
    for chapter in chapters {
        let told: Vec<&Story> =
            stories.iter().filter(|story| story.steps.iter().any(|step| split(step).0 == chapter)).collect();
        let _ = writeln!(text, "\n{chapter}: {}", opening(chapter));
        text += &table(chapter, &told);
    }
    text
}

fn table(chapter: &str, stories: &[&Story]) -> String {
    let statements: Vec<&str> =
        stories[0].steps.iter().map(split).filter(|(of, _)| *of == chapter).map(|(_, s)| s).collect();
    let wide = statements.iter().map(|s| s.chars().count()).max().unwrap_or(0);
    // Long statements get a line of their own.
    let first = wide.min(34);
    let mut text = format!("  {:first$}", "");
    for story in stories {
        let _ = write!(text, "  {:<15}", story.collector);
    }
    text = text.trim_end().to_owned() + "\n";
    for statement in statements {
        if statement.chars().count() > first {
            let _ = write!(text, "  {statement}\n  {:first$}", "");
        } else {
            let _ = write!(text, "  {statement:first$}");
        }
        for story in stories {
            let step = story.steps.iter().find(|step| split(step) == (chapter, statement));
            let _ = write!(text, "  {:<15}", step.map(cell).unwrap_or_default());
        }
        text = text.trim_end().to_owned() + "\n";
    }
    text
}

fn split(step: &Step) -> (&str, &str) {
    step.step.split_once(": ").unwrap_or(("", &step.step))
}

fn cell(step: &Step) -> String {
    let both = step.b.exists || step.step.starts_with("pair") || step.step.contains("a.b");
    let count = |look: Look| look.ref_count.map_or("–".to_owned(), |count| count.to_string());
    let mut text = count(step.a);
    if both || !(step.step.starts_with("aliases") || step.step.starts_with("self")) {
        text = format!("{text}/{}", count(step.b));
    }
    text += if step.a.exists || step.b.exists { " exist" } else { " gone" };
    if let Some(collected) = step.collected {
        let _ = write!(text, ", {collected}");
    }
    text
}
