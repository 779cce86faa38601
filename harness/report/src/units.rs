//! One way to print each kind of number, everywhere: three digits that matter, and a unit.

/// Three digits that matter; a whole number is printed as one.
fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        _ if value.fract() == 0.0 => 0,
        magnitude if magnitude >= 99.95 => 0,
        magnitude if magnitude >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// The largest unit in which the value still prints as 1 or more. `steps` are ascending.
fn scaled(value: f64, steps: &[(f64, &str)]) -> String {
    let chosen = steps.iter().rev().find(|(factor, _)| value.abs() / factor >= 0.9995).or(steps.first());
    match chosen {
        Some((factor, unit)) if value.abs() / factor < 999.5 => {
            format!("{} {unit}", three_digits(value / factor))
        }
        Some((factor, unit)) => format!("{} {unit}", count((value / factor).round() as u64)),
        None => three_digits(value),
    }
}

/// A duration: `850 ns`, `12.3 µs`, `4.56 ms`, `10 s`.
///
/// ```
/// use cyclade_report::units::duration;
/// assert_eq!(duration(999_999), "1.00 ms");
/// assert_eq!(duration(10_000_000_000), "10 s");
/// assert_eq!(duration(12_345), "12.3 µs");
/// ```
pub fn duration(ns: u64) -> String {
    if ns < 1_000 { format!("{ns} ns") } else { scaled(ns as f64, &[(1e3, "µs"), (1e6, "ms"), (1e9, "s")]) }
}

/// The time of one operation, of which a tenth of a nanosecond may matter: `7.3 ns`, `12.3 µs`.
pub fn per_operation(ns: f64) -> String {
    if ns < 1_000.0 { format!("{ns:.1} ns") } else { duration(ns.round() as u64) }
}

/// A number of bytes: `512 B`, `256 MiB`, `1.50 GiB`.
pub fn bytes(bytes: u64) -> String {
    const K: f64 = 1024.0;
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let steps = [(K, "KiB"), (K * K, "MiB"), (K * K * K, "GiB"), (K * K * K * K, "TiB")];
    scaled(bytes as f64, &steps)
}

/// A count, with commas: `2,000`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Operations per second: `850 /s`, `12.3 k/s`, `4.56 M/s`.
pub fn rate(per_second: f64) -> String {
    if !per_second.is_finite() {
        return "–".to_owned();
    }
    scaled(per_second, &[(1.0, "/s"), (1e3, "k/s"), (1e6, "M/s"), (1e9, "G/s")])
}

/// A share of 1 in percent: `3.21 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent != 0.0 && percent.abs() < 0.01 {
        "<0.01 %".to_owned()
    } else {
        format!("{} %", three_digits(percent))
    }
}

/// A ratio: `1.23×`. Close to 1 it gets a third decimal, since that is where ratios are told apart.
pub fn ratio(ratio: f64) -> String {
    if !ratio.is_finite() {
        "–".to_owned()
    } else if (0.9..1.1).contains(&ratio) {
        format!("{ratio:.3}×")
    } else if ratio >= 1000.0 {
        format!("{}×", count(ratio.round() as u64))
    } else if ratio.abs() < 0.01 {
        format!("{ratio:.1e}×")
    } else {
        format!("{}×", three_digits(ratio))
    }
}

/// A word and its count: `1 object`, `2,000 objects`.
pub fn counted(number: u64, word: &str) -> String {
    let ending = match word {
        _ if number == 1 => "",
        _ if word.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {word}{ending}", count(number))
}

/// Names as a sentence has them: `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

/// Text from outside (names, messages of a process that died) without what could steer a terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_and_the_largest_unit_that_fits() {
        let cases = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (1_234, "1.23 µs"),
            (99_949, "99.9 µs"),
            (99_950, "100 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (10_000_000_000, "10 s"),
            (7_200_000_000_000, "7,200 s"),
        ];
        for (ns, text) in cases {
            assert_eq!(duration(ns), text);
        }
    }

    #[test]
    fn sizes_rates_and_counts_read_well() {
        assert_eq!(bytes(256 << 20), "256 MiB");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536 << 20), "1.50 GiB");
        assert_eq!(bytes((1 << 20) - 1), "1.00 MiB");
        assert_eq!(rate(12_345_678.0), "12.3 M/s");
        assert_eq!(rate(0.5), "0.50 /s");
        assert_eq!(rate(f64::NAN), "–");
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(100), "100");
    }

    #[test]
    fn shares_and_ratios_keep_the_digits_that_tell_them_apart() {
        assert_eq!(percent(0.0321), "3.21 %");
        assert_eq!(percent(0.00001), "<0.01 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(ratio(1.0021), "1.002×");
        assert_eq!(ratio(2.5), "2.50×");
        assert_eq!(ratio(1234.5), "1,235×");
        assert_eq!(ratio(0.001), "1.0e-3×");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{9b}"), "a\u{FFFD}[31mb\u{FFFD}");
    }

    #[test]
    fn words_agree_with_their_numbers() {
        assert_eq!(counted(1, "process"), "1 process");
        assert_eq!(counted(2, "process"), "2 processes");
        assert_eq!(counted(2_000, "object"), "2,000 objects");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
