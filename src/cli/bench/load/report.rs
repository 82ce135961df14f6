//! What a load found, for people and programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::percentile;
use super::super::procfs::Usage;
use super::send::{Arrivals, Plan, Sent};

/// Figures of a load.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    url: String,
    /// `closed` or `open`.
    arrivals: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<u32>,
    /// Requests a second that were to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    queries: usize,
    pub(crate) stopped: bool,
    elapsed_s: f64,
    /// Answered with status 200.
    answers: u64,
    errors: u64,
    errors_by_kind: BTreeMap<String, u64>,
    answers_per_s: f64,
    bytes_per_answer: u64,
    latency_ms: Latency,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<Server>,
}

#[derive(Debug, Default, Serialize)]
struct Latency {
    mean: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    p99_9: f64,
    max: f64,
}

/// The server's process over the time of the load.
#[derive(Debug, Serialize)]
struct Server {
    pid: u32,
    cpu_s: f64,
    cpu_us_per_request: f64,
    resident_bytes: u64,
    /// How much more than before the load; negative when it gave memory back.
    grown_bytes: i64,
    grown_bytes_per_request: f64,
    peak_bytes: u64,
}

impl Report {
    pub(crate) fn new(plan: &Plan, sent: Sent, used: Option<((Usage, Usage), u32)>) -> Self {
        let Sent {
            mut latencies,
            errors,
            bytes,
            elapsed,
            stopped,
        } = sent;
        latencies.sort_unstable();
        let answers = latencies.len() as u64;
        let failed = errors.values().sum();
        let elapsed = elapsed.as_secs_f64();
        let (arrivals, workers, rate) = match plan.arrivals {
            Arrivals::Closed { workers } => ("closed", Some(workers), None),
            Arrivals::Open { rate } => ("open", None, Some(rate)),
        };
        Self {
            url: plan.url.to_string(),
            arrivals,
            workers,
            rate,
            queries: plan.bodies.len(),
            stopped,
            elapsed_s: elapsed,
            answers,
            errors: failed,
            errors_by_kind: errors,
            answers_per_s: answers as f64 / elapsed.max(1e-9),
            bytes_per_answer: bytes.checked_div(answers).unwrap_or(0),
            latency_ms: Latency::of(&latencies),
            server: used.map(|(used, pid)| Server::new(pid, used, answers + failed)),
        }
    }

    /// Whether anything was answered otherwise than it should, or nothing at all.
    pub(crate) fn failed(&self) -> bool {
        self.errors > 0 || self.answers == 0 || self.stopped
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let how = match (self.workers, self.rate) {
            (Some(workers), _) => format!("closed loop, {workers} workers"),
            (_, rate) => format!("open loop, {} requests a second", rate.unwrap_or_default()),
        };
        let Latency {
            mean,
            p50,
            p90,
            p99,
            p99_9,
            max,
        } = &self.latency_ms;
        let mut lines = vec![
            format!("{}: {how}, {} different questions", self.url, self.queries),
            format!(
                "{} answers in {:.1} s, {:.1} a second, {} bytes each, {} errors",
                self.answers,
                self.elapsed_s,
                self.answers_per_s,
                self.bytes_per_answer,
                self.errors
            ),
            format!(
                "latency in ms: mean {mean:.2}, p50 {p50:.2}, p90 {p90:.2}, p99 {p99:.2}, \
                 p99.9 {p99_9:.2}, max {max:.2}"
            ),
        ];
        let errors = self.errors_by_kind.iter();
        lines.extend(errors.map(|(kind, count)| format!("error: {kind}: {count}")));
        lines.extend(self.server.iter().map(Server::line));
        lines
    }
}

impl Latency {
    fn of(sorted: &[u64]) -> Self {
        if sorted.is_empty() {
            return Self::default();
        }
        let at = |percent| percentile(sorted, percent) as f64 / 1e3;
        Self {
            mean: sorted.iter().sum::<u64>() as f64 / sorted.len() as f64 / 1e3,
            p50: at(50.0),
            p90: at(90.0),
            p99: at(99.0),
            p99_9: at(99.9),
            max: at(100.0),
        }
    }
}

impl Server {
    fn new(pid: u32, (before, after): (Usage, Usage), requests: u64) -> Self {
        let requests = requests.max(1) as f64;
        let cpu = after.cpu - before.cpu;
        let grown = after.resident.cast_signed() - before.resident.cast_signed();
        Self {
            pid,
            cpu_s: cpu,
            cpu_us_per_request: cpu * 1e6 / requests,
            resident_bytes: after.resident,
            grown_bytes: grown,
            grown_bytes_per_request: grown as f64 / requests,
            peak_bytes: after.peak,
        }
    }

    fn line(&self) -> String {
        let mb = |bytes: f64| bytes / 1e6;
        format!(
            "server (pid {}): {:.0} us CPU a request, {:.1} MB resident ({:+.1} MB, {:+.0} bytes a \
             request), peak {:.1} MB",
            self.pid,
            self.cpu_us_per_request,
            mb(self.resident_bytes as f64),
            mb(self.grown_bytes as f64),
            self.grown_bytes_per_request,
            mb(self.peak_bytes as f64)
        )
    }
}
