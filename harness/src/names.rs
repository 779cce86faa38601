//! Names and numbers that people type, and what they may have meant.

use crate::exit::Exit;

/// Looks up each of the comma-separated names in `given`; all of `known` if nothing is given.
pub(crate) fn choose<'a, T>(
    kind: &str,
    given: &[String],
    known: &'a [T],
    name: impl Fn(&T) -> &str,
) -> Result<Vec<&'a T>, Exit> {
    let mut chosen: Vec<&T> = Vec::new();
    for word in given.iter().flat_map(|words| words.split(',')).map(str::trim).filter(|word| !word.is_empty())
    {
        let found = known.iter().find(|item| name(item) == word);
        let Some(found) = found else {
            return Err(Exit::usage(unknown(kind, word, known.iter().map(&name))));
        };
        if !chosen.iter().any(|item| name(item) == word) {
            chosen.push(found);
        }
    }
    if chosen.is_empty() {
        if !given.is_empty() {
            return Err(Exit::usage(format_args!("no {kind} was named")));
        }
        chosen = known.iter().collect();
    }
    Ok(chosen)
}

/// One line: what was wrong, and the nearest valid name.
pub(crate) fn unknown<'a>(kind: &str, word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = nearest(word, known.iter().copied());
    let hint = nearest.map(|name| format!("; the nearest is `{name}`")).unwrap_or_default();
    let word: String = word.escape_debug().take(60).collect();
    format!("unknown {kind} `{word}`{hint} (there are: {})", known.join(", "))
}

/// The name that `word` may be a misspelling of.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro_winkler(word, name);
    known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// A number as people write it: `10000`, `10_000`, `10k`, `2M`, and bytes also as `512MiB`, `2GiB`.
pub(crate) fn number(text: &str) -> Option<u64> {
    let text = text.trim().replace(['_', ','], "");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "Ki" | "KiB" => 1 << 10,
        "Mi" | "MiB" => 1 << 20,
        "Gi" | "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// A duration: `500ms`, `10s`, `2m`, or seconds.
pub(crate) fn duration(text: &str) -> Option<std::time::Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "s" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" => 1e-6,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let seconds = digits.parse::<f64>().ok()? * factor;
    (seconds > 0.0 && seconds < 1e9).then(|| std::time::Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, value) in
            [("10", 10), ("10_000", 10_000), ("10k", 10_000), ("2M", 2_000_000), ("512MiB", 512 << 20)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "ten", "-1", "1.5", "10q", "99999999999999999999", "99999999999G"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("2"), Some(std::time::Duration::from_secs(2)));
        assert_eq!(duration("1.5s"), Some(std::time::Duration::from_millis(1500)));
        assert_eq!(duration("20ms"), Some(std::time::Duration::from_millis(20)));
        for text in ["", "0", "-1s", "soon", "1e99", "nan"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn every_name_is_looked_up_once_and_in_the_order_given() {
        let known = ["a", "b", "c"];
        let chosen = choose("letter", &["c,a".to_owned(), "c".to_owned()], &known, |name| name).unwrap();
        assert_eq!(chosen, [&"c", &"a"]);
        assert_eq!(choose("letter", &[], &known, |name| name).unwrap().len(), 3);
        assert!(choose("letter", &["d".to_owned()], &known, |name| name).is_err());
        assert!(choose("letter", &[",".to_owned()], &known, |name| name).is_err());
    }
}
