//! The mistakes that `.ci/mistakes` plants can be planted: each patch still says what the source is.

use std::fs;
use std::path::Path;

/// What a hunk takes out, and where from.
struct Hunk {
    file: String,
    before: String,
    after: String,
}

fn hunks(patch: &str) -> Vec<Hunk> {
    let (mut hunks, mut file) = (Vec::<Hunk>::new(), None);
    for line in patch.lines() {
        if let Some(name) = line.strip_prefix("+++ b/") {
            file = Some(name.to_owned());
        } else if line.starts_with("@@ ") {
            let file = file.clone().expect("a hunk belongs to a file");
            hunks.push(Hunk { file, before: String::new(), after: String::new() });
        } else if let Some(hunk) = hunks.last_mut().filter(|_| !line.starts_with("---")) {
            let (sign, text) = line.split_at(line.len().min(1));
            let text = format!("{text}\n");
            match sign {
                "-" => hunk.before += &text,
                "+" => hunk.after += &text,
                " " | "" => {
                    hunk.before += &text;
                    hunk.after += &text;
                }
                _ => {}
            }
        }
    }
    hunks
}

#[test]
fn every_mistake_can_still_be_planted() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = here.join("../..");
    if !workspace.join("core").is_dir() {
        // The crate alone, as it is published.
        return;
    }
    let mut planted = 0;
    for entry in fs::read_dir(here.join("mistakes")).unwrap() {
        let path = entry.unwrap().path();
        let hunks = hunks(&fs::read_to_string(&path).unwrap());
        assert!(!hunks.is_empty(), "{} changes nothing", path.display());
        for hunk in hunks {
            // As git may have checked it out on Windows.
            let source = fs::read_to_string(workspace.join(&hunk.file)).unwrap().replace("\r\n", "\n");
            let places = source.matches(&hunk.before).count();
            assert_eq!(
                places,
                1,
                "{} does not suit {} any more; plant it by hand, and write the patch anew with `git diff`:\n{}",
                path.display(),
                hunk.file,
                hunk.before
            );
            assert_ne!(hunk.before, hunk.after, "{}", path.display());
        }
        planted += 1;
    }
    assert_eq!(planted, 14);
}
