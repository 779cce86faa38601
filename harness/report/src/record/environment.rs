//! Where a run took place: the machine, the system, the program.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The machine and the program that measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The processor's name, as the system gives it.
    pub cpu: String,
    /// Logical processors that this process may use.
    pub cores: u32,
    /// Physical memory, or what a container allows; in bytes.
    pub memory_bytes: Option<u64>,
    /// The operating system and its release.
    pub os: String,
    /// The kernel's version.
    pub kernel: String,
    /// The compiler, as `rustc --version` prints it.
    pub rustc: String,
    /// The version of `cyclade`.
    pub version: String,
    /// The commit that `cyclade` was built from.
    pub commit: Option<String>,
    /// What pages the heaps were given.
    pub page_mode: PageMode,
    /// When the run began: RFC 3339, in UTC (`2026-05-01T12:00:00Z`).
    pub started: String,
    /// The clock that was measured with. (Added to the contract.)
    #[serde(default)]
    pub clock: Option<Clock>,
    /// Why a field is `null`: field → reason.
    #[serde(default)]
    pub absent: BTreeMap<String, String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// What pages the heaps were given: the first touch of a small page costs about five times more per byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PageMode {
    /// Transparent huge pages were asked for and can be had (`always` or `madvise`).
    Huge,
    /// Small pages: the system has no huge pages, or they are switched off.
    Small,
    /// Nobody looked.
    #[default]
    Unknown,
    /// Something else, in the words of the program that measured.
    #[serde(untagged)]
    Other(String),
}

impl PageMode {
    /// The name as it stands in a record.
    pub fn name(&self) -> &str {
        match self {
            PageMode::Huge => "huge",
            PageMode::Small => "small",
            PageMode::Unknown => "unknown",
            PageMode::Other(words) => words,
        }
    }
}

/// The clock that was measured with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// The system's name for it: `tsc`, `kvm-clock`, `arch_sys_counter`, `hpet`, ...
    pub source: Option<String>,
    /// What one reading costs, in nanoseconds: the median of many.
    pub read_ns: Option<f64>,
    /// How often a reading was earlier than the one before it. A monotonic clock has none.
    #[serde(default)]
    pub steps_back: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_modes_of_other_programs_are_kept_as_they_are() {
        for (mode, text) in [
            (PageMode::Huge, "\"huge\""),
            (PageMode::Small, "\"small\""),
            (PageMode::Other("2 MiB, reserved".into()), "\"2 MiB, reserved\""),
        ] {
            assert_eq!(serde_json::to_string(&mode).unwrap(), text);
            assert_eq!(serde_json::from_str::<PageMode>(text).unwrap(), mode);
        }
    }
}
