//! `cyclade demo`: the tutorial's story on each collector.

use crate::cli::Demo;
use crate::exit::Exit;
use crate::{collectors, demo, names, output};

pub(crate) fn run(args: Demo, as_json: bool) -> Result<(), Exit> {
    let chosen = names::choose("collector", &args.collector, collectors::ALL, |entry| entry.name)?;
    let mut stories: Vec<demo::Story> = chosen.iter().map(|entry| (entry.demo)()).collect();
    let python = demo::ask_python();
    if as_json {
        let (told, missing) = match python {
            Ok(story) => (Some(story), None),
            Err(reason) => (None, Some(reason)),
        };
        return output::json(&serde_json::json!({
            "collectors": stories,
            "python": told,
            "python_absent": missing,
        }));
    }
    let missing = match python {
        Ok(story) => {
            stories.push(story);
            None
        }
        Err(reason) => Some(reason),
    };
    let mut text = demo::render(&stories);
    text += "\nA number after a comma is what the collection returned: objects found unreachable.\n";
    if let Some(reason) = missing {
        text += &format!("The column of the real Python is missing: {reason}.\n");
    }
    output::print(&text)
}
