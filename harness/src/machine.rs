//! What the machine tells: processors, memory, clock, and how much of it other processes took.
//!
//! Linux tells everything; other systems what `getrusage` knows. What is not known is `None`, and the record says why.

use cyclade_report::record::{Clock, Environment, PageMode};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Why the share of other processes may be missing.
pub(crate) const NO_FOREIGN_CPU: &str =
    "the system does not count the processors' time, or the cell was too short for its clock of 10 ms";

/// Shorter than this, ticks of 10 ms tell nothing.
const LEAST_FOR_TICKS: Duration = Duration::from_millis(100);

/// Processor time used so far, by this process and by all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    at: Instant,
    own_ns: Option<u64>,
    /// Busy and all ticks of all processors.
    ticks: Option<(u64, u64)>,
}

impl Usage {
    pub(crate) fn now() -> Self {
        Usage { at: Instant::now(), own_ns: own_cpu_ns(), ticks: ticks() }
    }

    /// What this process used between the two, all threads.
    pub(crate) fn own_cpu_ns_since(&self, before: &Usage) -> Option<u64> {
        Some(self.own_ns?.saturating_sub(before.own_ns?))
    }

    /// The share of the machine's time that others used between the two.
    pub(crate) fn foreign_since(&self, before: &Usage) -> Option<f64> {
        if self.at.duration_since(before.at) < LEAST_FOR_TICKS {
            return None;
        }
        let ((busy_now, all_now), (busy, all)) = (self.ticks?, before.ticks?);
        let all = all_now.saturating_sub(all);
        if all == 0 {
            return None;
        }
        let tick_ns = 1e9 / ticks_per_second()?;
        let own = self.own_cpu_ns_since(before)? as f64 / tick_ns;
        let busy = busy_now.saturating_sub(busy) as f64;
        Some(((busy - own) / all as f64).clamp(0.0, 1.0))
    }
}

#[cfg(unix)]
fn rusage() -> Option<libc::rusage> {
    // SAFETY: all-zero is a valid `rusage`, which the call fills.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: a valid pointer to a `rusage`.
    let result = unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    (result == 0).then_some(usage)
}

#[cfg(unix)]
fn own_cpu_ns() -> Option<u64> {
    let usage = rusage()?;
    let ns = |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000;
    Some(ns(usage.ru_utime) + ns(usage.ru_stime))
}

#[cfg(not(unix))]
fn own_cpu_ns() -> Option<u64> {
    None
}

#[cfg(unix)]
fn ticks_per_second() -> Option<f64> {
    // SAFETY: no arguments but a number.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    (ticks > 0).then_some(ticks as f64)
}

#[cfg(not(unix))]
fn ticks_per_second() -> Option<f64> {
    None
}

/// Busy and all ticks since the machine started, from the first line of `/proc/stat`.
fn ticks() -> Option<(u64, u64)> {
    busy_and_all(&std::fs::read_to_string("/proc/stat").ok()?)
}

fn busy_and_all(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    // user nice system idle iowait irq softirq steal; what follows is part of the first two.
    let times: Vec<u64> =
        line.split_whitespace().take(8).map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let all: u64 = times.iter().sum();
    let idle = times.get(3)? + times.get(4).copied().unwrap_or(0);
    Some((all - idle, all))
}

/// The most memory that this process has had at a time.
#[cfg(unix)]
pub(crate) fn rss_peak_bytes() -> Option<u64> {
    // Linux and the BSDs count in KiB, macOS in bytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    rusage().map(|usage| usage.ru_maxrss as u64 * unit).filter(|bytes| *bytes > 0)
}

/// As above.
#[cfg(not(unix))]
pub(crate) fn rss_peak_bytes() -> Option<u64> {
    None
}

/// Does nothing but read the clock for this long; the longest step between two readings. What the machine takes from a thread that
/// nobody collects for: pauses below it mean nothing.
pub(crate) fn hiccup_ns(watch: Duration) -> u64 {
    let start = Instant::now();
    let (mut last, mut longest) = (start, Duration::ZERO);
    while last.duration_since(start) < watch {
        let now = Instant::now();
        longest = longest.max(now.duration_since(last));
        last = now;
    }
    longest.as_nanos() as u64
}

/// The machine and the program, for a run record.
pub(crate) fn environment() -> Environment {
    let commit = option_env!("CYCLADE_COMMIT").map(str::to_owned);
    let memory_bytes = memory_bytes();
    let mut environment = Environment {
        cpu: cpu().unwrap_or_else(|| format!("unknown ({})", std::env::consts::ARCH)),
        cores: cores(),
        memory_bytes,
        os: os(),
        kernel: read_line("/proc/sys/kernel/osrelease").unwrap_or_else(|| "unknown".to_owned()),
        rustc: option_env!("CYCLADE_RUSTC").unwrap_or("unknown").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        page_mode: page_mode(),
        started: rfc3339(SystemTime::now()),
        clock: Some(clock()),
        ..Environment::default()
    };
    if commit.is_none() {
        let reason = "built without git, or from a package";
        environment.absent.insert("commit".to_owned(), reason.to_owned());
    }
    environment.commit = commit;
    if memory_bytes.is_none() {
        environment.absent.insert("memory_bytes".to_owned(), "this system does not tell".to_owned());
    }
    environment
}

/// Processors that this process may use.
pub(crate) fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32)
}

fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

fn os() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map(|name| name.trim_matches('"').to_owned());
    name.unwrap_or_else(|| std::env::consts::OS.to_owned())
}

/// Physical memory, or what the control group allows if that is less.
pub(crate) fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let physical = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024;
    let group = read_line("/sys/fs/cgroup/memory.max").and_then(|text| text.parse().ok());
    Some(group.map_or(physical, |group: u64| group.min(physical)))
}

fn page_mode() -> PageMode {
    match read_line("/sys/kernel/mm/transparent_hugepage/enabled") {
        Some(text) if text.contains("[always]") || text.contains("[madvise]") => PageMode::Huge,
        Some(_) => PageMode::Small,
        None => PageMode::Unknown,
    }
}

fn clock() -> Clock {
    const READINGS: usize = 2_000;
    let mut costs = Vec::with_capacity(READINGS);
    let (mut last, mut steps_back) = (Instant::now(), 0);
    for _ in 0..READINGS {
        let now = Instant::now();
        steps_back += u64::from(now < last);
        costs.push(now.saturating_duration_since(last).as_nanos() as f64);
        last = now;
    }
    let source = read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    Clock { source, read_ns: cyclade_report::statistics::median(&costs), steps_back }
}

fn read_line(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `2026-05-01T12:00:00Z`.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date of a day since 1970-01-01: Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, 2013.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_become_dates() {
        for (days, date) in [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (20_544, (2026, 4, 1))] {
            assert_eq!(civil(days), date);
        }
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(951_782_400 + 3_661)), "2000-02-29T01:01:01Z");
    }

    #[test]
    fn busy_ticks_are_all_but_idle_and_waiting() {
        assert_eq!(busy_and_all("cpu  10 1 5 100 4 1 2 3 0 0\ncpu0 ..."), Some((22, 126)));
        assert_eq!(busy_and_all("intr 1"), None);
    }
}
