//! Clocks, peaks, percentiles, and how figures are written.

use std::fmt;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Often enough for figures that repeat.
    Measure,
    /// Once, to see that it runs.
    Test,
}

impl Effort {
    /// How often a piece of work is repeated.
    pub(crate) fn rounds(self, measured: usize) -> usize {
        match self {
            Self::Measure => measured,
            Self::Test => 1,
        }
    }
}

/// What a piece of work took.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// User and system time of the whole process, in seconds.
    pub(crate) cpu: f64,
    /// In seconds.
    pub(crate) wall: f64,
}

impl Cost {
    /// Cores busy on average.
    pub(crate) fn cores(self) -> f64 {
        self.cpu / self.wall
    }
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            wall: self.wall + other.wall,
        }
    }
}

/// Does it and says what it took.
pub(crate) fn cost<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (begun, before) = (Instant::now(), ProcessTime::now());
    let done = work();
    let cost = Cost {
        cpu: before.elapsed().as_secs_f64(),
        wall: begun.elapsed().as_secs_f64(),
    };
    (done, cost)
}

/// Largest resident memory of this process so far, in bytes; 0 where the system does not
/// tell.
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Bytes of all files below a folder.
pub(crate) fn bytes_below(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in dir.read_dir()? {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_dir() {
                open.push(entry.path());
            } else {
                bytes += meta.len();
            }
        }
    }
    Ok(bytes)
}

/// Many measurements of the same thing, sorted.
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The smallest value that `percent` of a hundred do not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or(f64::NAN)
    }
}

/// Shown in MB (a million bytes) or kB.
#[derive(Clone, Copy)]
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match self.0 {
            0..1_000_000 => write!(f, "{:.1} kB", bytes / 1e3),
            1_000_000..100_000_000 => write!(f, "{:.1} MB", bytes / 1e6),
            _ => write!(f, "{:.0} MB", bytes / 1e6),
        }
    }
}

/// A row of figures.
pub(crate) fn row(label: &str, figures: impl fmt::Display) {
    println!("  {label:<22} {figures}");
}

/// Ours beside the floor, and what is aimed at.
pub(crate) fn ratio(ours: f64, floor: f64, goal: &str) {
    row("ratio", format_args!("{:.2} ({goal})", ours / floor));
}
