//! Figures for Prometheus. No label holds a title, a query or a person.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::State;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::ports::{RunRecord, RunStatus};

use super::backend::{Backend, BackendStatus};
use super::state::ServerState;

/// Seconds; searches take milliseconds, the slowest reads seconds.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
const RESULTS: &[f64] = &[0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 50.0];

/// The recorder of this process, installed on first use. Without one (another library
/// was first) figures are only counted there.
pub(super) fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let buckets = |builder: PrometheusBuilder, name: &str, buckets: &[f64]| {
        let matcher = Matcher::Full(name.to_owned());
        builder
            .set_buckets_for_metric(matcher, buckets)
            .expect("the lists of buckets are not empty")
    };
    let mut builder = PrometheusBuilder::new();
    builder = buckets(builder, "headwater_search_duration_seconds", SECONDS);
    builder = buckets(builder, "headwater_http_request_duration_seconds", SECONDS);
    builder = buckets(builder, "headwater_search_results", RESULTS);
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another recorder of metrics is installed; `/metrics` stays empty");
    }
    describe();
    handle
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(
        "headwater_http_requests_total",
        "Requests by route and status."
    );
    describe_histogram!(
        "headwater_http_request_duration_seconds",
        "Time of requests by route."
    );
    describe_gauge!("headwater_http_inflight", "Requests being answered.");
    describe_counter!(
        "headwater_search_requests_total",
        "Searches by how they ended."
    );
    describe_histogram!(
        "headwater_search_duration_seconds",
        "Time of searches, waiting included."
    );
    describe_histogram!("headwater_search_results", "Results of searches.");
    describe_counter!(
        "headwater_search_no_match_total",
        "Searches that found nothing."
    );
    describe_gauge!("headwater_index_documents", "Documents by content type.");
    describe_gauge!("headwater_index_generation", "Generation that answers.");
    describe_gauge!("headwater_index_bytes", "Bytes of index and store on disk.");
    describe_gauge!(
        "headwater_sync_lag_seconds",
        "Time since the last run that succeeded."
    );
    describe_gauge!(
        "headwater_permissions_age_seconds",
        "Time since permissions were read."
    );
    describe_gauge!("process_resident_memory_bytes", "Resident memory.");
    describe_gauge!(
        "process_start_time_seconds",
        "Start of the process since 1970."
    );
    describe_gauge!("process_cpu_seconds_total", "User and system time.");
    describe_gauge!("process_open_fds", "Open files.");
}

/// Puts samples into their buckets from time to time; without it they pile up until
/// somebody asks for the figures.
pub(super) async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

/// A request that is being answered, for as long as it lives.
pub(super) struct Inflight;

impl Inflight {
    pub(super) fn new() -> Self {
        metrics::gauge!("headwater_http_inflight").increment(1);
        Self
    }
}

impl Drop for Inflight {
    fn drop(&mut self) {
        metrics::gauge!("headwater_http_inflight").decrement(1);
    }
}

/// One answered request. Methods are an open set, so unusual ones count as one.
pub(super) fn request(method: &Method, route: &str, status: u16, took: Duration) {
    let method = match method.as_str() {
        known @ ("GET" | "POST" | "HEAD" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let route = route.to_owned();
    metrics::counter!("headwater_http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.to_string())
    .increment(1);
    metrics::histogram!("headwater_http_request_duration_seconds", "route" => route)
        .record(took.as_secs_f64());
}

/// One search. `results` is absent when it failed.
pub(super) fn search(mode: &str, outcome: &'static str, results: Option<usize>, took: Duration) {
    metrics::counter!("headwater_search_requests_total",
        "interface" => "http", "mode" => mode.to_owned(), "outcome" => outcome)
    .increment(1);
    metrics::histogram!("headwater_search_duration_seconds").record(took.as_secs_f64());
    if let Some(results) = results {
        metrics::histogram!("headwater_search_results").record(results as f64);
    }
    if results == Some(0) {
        metrics::counter!("headwater_search_no_match_total").increment(1);
    }
}

/// Figures for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "health", operation_id = "metrics",
    responses((status = 200, description = "Prometheus text format", body = String, content_type = "text/plain")),
)]
pub(super) async fn metrics(State(state): State<Arc<ServerState>>) -> Response {
    // An index that cannot be asked is no reason to hide the other figures.
    if let Ok(status) = state.ask(Backend::status).await {
        index(&status);
    }
    process();
    state.metrics.run_upkeep();
    let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, state.metrics.render()).into_response()
}

#[expect(clippy::disallowed_methods, reason = "ages are counted to now")]
fn index(status: &BackendStatus) {
    let age = |then: Timestamp| then.duration_until(Timestamp::now()).as_secs_f64().max(0.0);
    let succeeded = |run: &&RunRecord| {
        matches!(
            run.status,
            RunStatus::Succeeded | RunStatus::SucceededWithFailures
        )
    };
    let runs = status.runs.iter().filter(succeeded);
    if let Some(last) = runs.filter_map(|run| run.finished_at).max() {
        metrics::gauge!("headwater_sync_lag_seconds").set(age(last));
    }
    if let Some(then) = status.permissions_synced_at {
        metrics::gauge!("headwater_permissions_age_seconds").set(age(then));
    }
    metrics::gauge!("headwater_index_generation").set(status.generation as f64);
    metrics::gauge!("headwater_index_bytes").set(status.bytes_on_disk as f64);
    for (kind, count) in &status.documents {
        metrics::gauge!("headwater_index_documents", "type" => kind.clone()).set(*count as f64);
    }
}

/// What Linux tells of this process; elsewhere these figures are absent.
#[expect(clippy::disallowed_methods, reason = "the kernel tells it in files")]
fn process() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.and_then(|text| {
        text.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<f64>()
            .ok()
    });
    if let Some(kib) = resident {
        metrics::gauge!("process_resident_memory_bytes").set(kib * 1024.0);
    }
    // Fields behind the name in parentheses, which may itself hold spaces; times are in
    // hundredths of a second on every architecture we know.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let fields: Vec<f64> = fields
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    if let (Some(user), Some(system), Some(start)) =
        (fields.get(11), fields.get(12), fields.get(19))
    {
        metrics::gauge!("process_cpu_seconds_total").set((user + system) / 100.0);
        let kernel = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let boot = kernel.lines().find_map(|line| line.strip_prefix("btime "));
        if let Some(boot) = boot.and_then(|text| text.trim().parse::<f64>().ok()) {
            metrics::gauge!("process_start_time_seconds").set(boot + start / 100.0);
        }
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        metrics::gauge!("process_open_fds").set(files.count() as f64);
    }
}
