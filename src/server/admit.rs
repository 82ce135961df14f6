//! The gate in front of work: a bounded number of requests, each with a deadline.
//!
//! A full gate answers at once. A request that waits without end helps nobody, and its
//! client asks again anyway.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::error::{Problem, ProblemKind};
use super::state::ServerState;

/// Middleware of everything that searches or reads.
pub(super) async fn admit(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    if state.is_draining() {
        return Problem::new(ProblemKind::IndexUnavailable, "the server is stopping")
            .into_response();
    }
    let Ok(_permit) = state.admission.try_acquire() else {
        return Problem::plain(ProblemKind::Overloaded).into_response();
    };
    let limit = match deadline(request.headers(), state.options.request_deadline) {
        Ok(limit) => limit,
        Err(problem) => return problem.into_response(),
    };
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::plain(ProblemKind::Deadline).into_response(),
    }
}

/// The caller may ask for less time than the server gives.
fn deadline(headers: &HeaderMap, limit: Duration) -> Result<Duration, Problem> {
    let Some(value) = headers.get("headwater-deadline-ms") else {
        return Ok(limit);
    };
    let ms = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    match ms {
        Some(ms) if ms > 0 => Ok(limit.min(Duration::from_millis(ms))),
        _ => Err(Problem::new(
            ProblemKind::BadHeader,
            "`Headwater-Deadline-Ms` must be a number of milliseconds, at least 1",
        )),
    }
}
