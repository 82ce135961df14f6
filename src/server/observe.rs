//! One place around every request: its id, its line in the log, its figures, and the
//! body of whatever problem it ended in.

use std::collections::hash_map::RandomState;
use std::fmt::Write;
use std::hash::{BuildHasher, Hasher};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{self, ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::error::{Problem, ProblemKind};
use super::health::OwnBody;
use super::metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const VERSION: HeaderName = HeaderName::from_static("headwater-version");
/// What answers depend on besides their URL.
const VARY: &str = "authorization, headwater-user, accept, accept-language";

/// Facts of an answer for the log, left in a response's extensions by its handler.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// Hash of the asking identity; the log names nobody.
    pub(super) identity: String,
    /// Number of results.
    pub(super) results: Option<usize>,
}

/// Middleware of every route.
#[expect(clippy::disallowed_methods, reason = "measures how long requests take")]
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let seen = Seen::of(&request);
    let _inflight = metrics::Inflight::new();
    let started = Instant::now();
    let mut response = next.run(request).await;
    let problem = problem_of(&mut response);
    if let Some(problem) = &problem {
        write_body(&mut response, problem, &seen);
    }
    write_headers(response.headers_mut(), &seen.id);
    let outcome = response
        .extensions_mut()
        .remove::<Outcome>()
        .unwrap_or_default();
    let took = started.elapsed();
    let status = response.status().as_u16();
    metrics::request(&seen.method, &seen.route, status, took);
    tracing::info!(
        request_id = seen.id,
        trace_id = seen.trace,
        method = %seen.method,
        route = seen.route,
        status,
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        identity = outcome.identity,
        results = outcome.results,
        problem = problem.map(|problem| problem.kind.name()),
        "request"
    );
    response
}

/// What is kept of a request while it is answered.
struct Seen {
    id: String,
    trace: Option<String>,
    method: Method,
    /// The route's pattern, never the path: paths hold ids.
    route: String,
    path: String,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>();
        Self {
            id: request_id(request.headers()),
            trace: trace_id(request.headers()),
            method: request.method().clone(),
            route: matched.map_or("none", MatchedPath::as_str).to_owned(),
            path: request.uri().path().to_owned(),
        }
    }
}

/// The problem that a response stands for, also where a library made the response.
fn problem_of(response: &mut Response) -> Option<Problem> {
    let status = response.status();
    let made = response.extensions_mut().remove::<Problem>();
    let failed = status.is_client_error() || status.is_server_error();
    // Routes that answer 503 with a body of their own (`/readyz`) keep it.
    let own_body = response.extensions().get::<OwnBody>().is_some();
    made.or_else(|| (failed && !own_body).then(|| Problem::plain(ProblemKind::of_status(status))))
}

fn write_body(response: &mut Response, problem: &Problem, seen: &Seen) {
    let body = problem.body(&seen.path, &seen.id);
    let json = serde_json::to_vec(&body).expect("a problem has only strings and numbers");
    *response.body_mut() = Body::from(json);
    *response.status_mut() = problem.kind.status();
    let allow = response.headers_mut().remove(ALLOW);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let (ProblemKind::Method, Some(allow)) = (problem.kind, allow) {
        headers.insert(ALLOW, allow);
    }
}

fn write_headers(headers: &mut HeaderMap, id: &str) {
    let version = HeaderValue::from_static(env!("CARGO_PKG_VERSION"));
    headers.insert(VERSION, version);
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    headers.append(header::VARY, HeaderValue::from_static(VARY));
    let private = HeaderValue::from_static("private, no-cache");
    headers.entry(header::CACHE_CONTROL).or_insert(private);
}

/// The caller's id if it is short and printable, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).map(HeaderValue::as_bytes);
    let usable =
        given.filter(|id| (1..=128).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic));
    match usable.and_then(|id| std::str::from_utf8(id).ok()) {
        Some(id) => id.to_owned(),
        None => new_id(),
    }
}

/// 128 bits that do not repeat. They need not be secret, so the seeds of hash maps will
/// do: random for the process, another one each time.
fn new_id() -> String {
    let mut id = String::with_capacity(32);
    for _ in 0..2 {
        let part = RandomState::new().build_hasher().finish();
        write!(id, "{part:016x}").expect("strings grow");
    }
    id
}

/// The trace that the caller is in (W3C `traceparent`), when it names one.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = value.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let valid = version.len() == 2 && version != "ff" && hex(version);
    let named = trace.len() == 32 && hex(trace) && trace.bytes().any(|b| b != b'0');
    (valid && named).then(|| trace.to_owned())
}
