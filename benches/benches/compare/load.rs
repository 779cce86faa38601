//! How much of the machine other processes took meanwhile, after `/proc`. Elsewhere than on Linux nothing is known.

use std::fs;
use std::ops::Sub;

/// Clock ticks since the machine, and this process, started.
#[derive(Clone, Copy)]
pub(crate) struct Ticks {
    /// All processors, idle or not.
    all: u64,
    /// Busy with anybody's work.
    busy: u64,
    /// Of this process and its children that have ended.
    own: u64,
}

impl Ticks {
    /// As of now.
    pub(crate) fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        let cpu: Vec<u64> = fields.map_while(|f| f.parse().ok()).collect();
        // user nice system idle iowait irq softirq steal; guests are counted in user already.
        let all: u64 = cpu.iter().take(8).sum();
        let idle = cpu.get(3)? + cpu.get(4)?;
        let own = fs::read_to_string("/proc/self/stat").ok()?;
        // After the name, which may hold anything: state is field 3; utime, stime, cutime and cstime are 14 to 17.
        let (_, rest) = own.rsplit_once(')')?;
        let own = rest.split_whitespace().skip(11).take(4).map_while(|f| f.parse::<u64>().ok()).sum();
        Some(Ticks { all, busy: all - idle, own })
    }

    /// The share of all processor time since `earlier` that went to others.
    pub(crate) fn foreign_share_since(self, earlier: Ticks) -> Option<f64> {
        let Ticks { all, busy, own } = self - earlier;
        (all > 0).then(|| busy.saturating_sub(own) as f64 / all as f64)
    }
}

impl Sub for Ticks {
    type Output = Ticks;
    fn sub(self, earlier: Ticks) -> Ticks {
        Ticks { all: self.all - earlier.all, busy: self.busy - earlier.busy, own: self.own - earlier.own }
    }
}

/// What kind of processor this is, and how many.
pub(crate) fn machine() -> String {
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|info| {
        let line = info.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let model = model.unwrap_or_else(|| "unknown processor".to_owned());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {processors} processors, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}
