//! Who may talk to a server that listens on loopback.
//!
//! Any web page can send requests to a port of the machine it is shown on. `Host` must be
//! a loopback name (else a name that an attacker's DNS points here would do), and
//! `Origin`, which browsers send and pages cannot change, must be this server itself or
//! one that the settings allow.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::{Problem, ProblemKind};
use super::state::{ServerOptions, ServerState};

/// Middleware of every route.
pub(super) async fn guard(
    State(state): State<Arc<ServerState>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = match admitted_origin(&request, &state.options) {
        Ok(origin) => origin,
        Err(kind) => return Problem::plain(kind).into_response(),
    };
    let Some(origin) = origin else {
        return next.run(request).await;
    };
    let mut response = if is_preflight(&request) {
        preflight()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("etag, headwater-version, retry-after, x-request-id"),
    );
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// The foreign origin that may call, if the request has one.
fn admitted_origin(
    request: &Request,
    options: &ServerOptions,
) -> Result<Option<HeaderValue>, ProblemKind> {
    let host = host(request).ok_or(ProblemKind::HostRefused)?;
    if !host_is_known(&host, options) {
        return Err(ProblemKind::HostRefused);
    }
    let Some(origin) = request.headers().get(ORIGIN) else {
        return Ok(None);
    };
    let text = origin.to_str().map_err(|_| ProblemKind::OriginRefused)?;
    if is_same_origin(text, &host) {
        return Ok(None);
    }
    let allowed = options.allowed_origins.iter();
    let mut allowed = allowed.map(|origin| origin.trim_end_matches('/'));
    if allowed.any(|origin| origin.eq_ignore_ascii_case(text)) {
        return Ok(Some(origin.clone()));
    }
    Err(ProblemKind::OriginRefused)
}

/// `Host`, or what stands for it in HTTP/2.
fn host(request: &Request) -> Option<Authority> {
    match request.headers().get(HOST) {
        Some(value) => value.to_str().ok()?.parse().ok(),
        None => request.uri().authority().cloned(),
    }
}

fn host_is_known(host: &Authority, options: &ServerOptions) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    let loopback = match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    };
    let mut allowed = options.allowed_hosts.iter();
    loopback
        || allowed.any(|one| {
            one.eq_ignore_ascii_case(host.as_str()) || one.eq_ignore_ascii_case(host.host())
        })
}

/// A page of this server itself.
fn is_same_origin(origin: &str, host: &Authority) -> bool {
    let authority = origin.strip_prefix("http://").unwrap_or_default();
    authority.eq_ignore_ascii_case(host.as_str())
}

fn is_preflight(request: &Request) -> bool {
    let asks = |headers: &HeaderMap| headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asks(request.headers())
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, headwater-deadline-ms, headwater-user, if-none-match, x-request-id",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
