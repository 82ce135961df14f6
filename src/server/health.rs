//! Whether the process lives, whether it can answer, and what it holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ports::RunRecord;

use super::answer;
use super::backend::{Backend, BackendStatus};
use super::error::{Problem, ProblemBody};
use super::input::{Caller, NoParams};
use super::state::ServerState;

/// One entry per check; nothing about content.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    ok: bool,
    #[schema(example = json!({"index_open": true, "generation": true, "not_draining": true}))]
    checks: BTreeMap<&'static str, bool>,
}

impl Health {
    fn of(checks: BTreeMap<&'static str, bool>) -> Self {
        let ok = checks.values().all(|ok| *ok);
        Self { ok, checks }
    }

    fn answer(&self) -> Response {
        let mut response = answer::json(self);
        if !self.ok {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            let headers = response.headers_mut();
            headers.insert("retry-after", HeaderValue::from_static("1"));
            response.extensions_mut().insert(OwnBody);
        }
        response
    }
}

/// Tells `observe` that a failed response has its body already.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnBody;

/// Whether the process lives
#[utoipa::path(
    get, path = "/livez", tag = "health", operation_id = "livez",
    responses((status = 200, description = "It does", body = Health)),
)]
pub(super) async fn livez() -> Response {
    Health::of(BTreeMap::from([("alive", true)])).answer()
}

/// Whether requests can be answered
///
/// An index is open, it has a generation, and the server is not stopping.
#[utoipa::path(
    get, path = "/readyz", tag = "health", operation_id = "readyz",
    responses(
        (status = 200, description = "Ready", body = Health),
        (status = 503, description = "Not ready; the checks say why", body = Health),
    ),
)]
pub(super) async fn readyz(State(state): State<Arc<ServerState>>) -> Response {
    Health::of(checks(&state)).answer()
}

/// Whether the process lives and requests can be answered
#[utoipa::path(
    get, path = "/healthz", tag = "health", operation_id = "healthz",
    responses(
        (status = 200, description = "Healthy", body = Health),
        (status = 503, description = "Not healthy; the checks say why", body = Health),
    ),
)]
pub(super) async fn healthz(State(state): State<Arc<ServerState>>) -> Response {
    let mut checks = checks(&state);
    checks.insert("alive", true);
    Health::of(checks).answer()
}

fn checks(state: &ServerState) -> BTreeMap<&'static str, bool> {
    let ready = state.backend.ready();
    BTreeMap::from([
        ("index_open", ready.index_open),
        ("generation", ready.generation.is_some()),
        ("not_draining", !state.is_draining()),
    ])
}

/// What the service holds and how fresh it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusResponse {
    version: &'static str,
    uptime_s: u64,
    /// The same as `/readyz`.
    ready: bool,
    index: IndexStatus,
    /// The newest run of each source and kind.
    runs: Vec<RunStatusObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_synced_at: Option<String>,
    /// Whether vectors were built.
    vectors: bool,
    /// Hash of the settings in use, without secrets.
    config_digest: String,
}

/// The index that answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IndexStatus {
    generation: u64,
    /// Number by content type.
    #[schema(example = json!({"page": 41, "attachment": 6}))]
    documents: BTreeMap<String, u64>,
    /// Index and store together.
    bytes_on_disk: u64,
}

/// A run that read something in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunStatusObject {
    id: String,
    kind: String,
    source: String,
    /// `running`, `succeeded`, `succeeded_with_failures`, `cancelled`, `failed`.
    #[schema(value_type = String)]
    status: crate::ports::RunStatus,
    started_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    /// Items by what happened to them.
    #[schema(value_type = Object, example = json!({"added": 2, "updated": 0, "unchanged": 39, "removed": 0, "failed": 0, "warnings": 3}))]
    counts: crate::ports::RunCounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl From<RunRecord> for RunStatusObject {
    fn from(run: RunRecord) -> Self {
        Self {
            id: format!("run_{}", run.id.0),
            kind: run.kind,
            source: run.source,
            status: run.status,
            started_at: run.started_at.to_string(),
            finished_at: run.finished_at.map(|at| at.to_string()),
            counts: run.counts,
            message: run.message,
        }
    }
}

/// State of the service
///
/// For whoever runs it: version, documents by type, bytes on disk, runs.
#[utoipa::path(
    get, path = "/v1/status", tag = "health", operation_id = "status",
    responses(
        (status = 200, description = "The state", body = StatusResponse),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn status(
    State(state): State<Arc<ServerState>>,
    _: Caller,
    _: NoParams,
) -> Result<Response, Problem> {
    let status: BackendStatus = state.ask(Backend::status).await?;
    let response = StatusResponse {
        version: env!("CARGO_PKG_VERSION"),
        uptime_s: state.started.elapsed().as_secs(),
        ready: checks(&state).values().all(|ok| *ok),
        index: IndexStatus {
            generation: status.generation,
            documents: status.documents.into_iter().collect(),
            bytes_on_disk: status.bytes_on_disk,
        },
        runs: status.runs.into_iter().map(RunStatusObject::from).collect(),
        permissions_synced_at: status.permissions_synced_at.map(|at| at.to_string()),
        vectors: false,
        config_digest: status.config_digest,
    };
    Ok(answer::json(&response).into_response())
}
