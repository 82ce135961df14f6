//! Answers: JSON, their tags, and the media types they come in.

use std::fmt::Write;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::Identity;

use super::error::{Problem, ProblemKind};
use super::observe::Outcome;

/// A JSON body with status 200.
pub(super) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => json_bytes(bytes),
        Err(err) => {
            tracing::error!(cause = %err, "an answer cannot be written as JSON");
            Problem::plain(ProblemKind::Internal).into_response()
        }
    }
}

fn json_bytes(bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, kind)], Body::from(bytes)).into_response()
}

/// A JSON body with its tag, or 304 if the caller has this one already.
pub(super) fn tagged(value: &impl Serialize, tag: &str, headers: &HeaderMap) -> Response {
    let mut response = if has_tag(headers, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json(value)
    };
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// A strong tag: what is served, under which permissions, for whom.
pub(super) fn strong_tag(value: &impl Serialize, epoch: u64, identity: &Identity) -> String {
    format!("\"{}\"", digest(value, epoch, identity))
}

/// A weak tag, which shows the generation.
pub(super) fn weak_tag(
    generation: u64,
    value: &impl Serialize,
    epoch: u64,
    identity: &Identity,
) -> String {
    format!("W/\"g{generation}-{}\"", digest(value, epoch, identity))
}

fn digest(value: &impl Serialize, epoch: u64, identity: &Identity) -> String {
    // What cannot be written as JSON is refused when the body is made.
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(epoch.to_le_bytes());
    hash.update(identity.to_string());
    hash.update([0]);
    hash.update(bytes);
    hex(&hash.finalize()[..16])
}

/// The asking identity for the log: the same person always has the same hash.
pub(super) fn outcome(identity: &Identity, results: Option<usize>) -> Outcome {
    Outcome {
        identity: hex(&Sha256::digest(identity.to_string())[..6]),
        results,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("strings grow");
        hex
    })
}

/// `If-None-Match` compares weakly (RFC 9110, 13.1.2).
fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = headers.get_all(IF_NONE_MATCH).iter();
    let mut given = given
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    given.any(|one| one.trim() == "*" || bare(one) == bare(tag))
}

/// A compressed body is not the same bytes as a plain one, so a strong tag may not stand
/// on both.
pub(super) async fn weaken_if_encoded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let strong = headers
        .get(ETAG)
        .filter(|tag| tag.as_bytes().starts_with(b"\""));
    let weak = strong.and_then(|tag| Some(format!("W/{}", tag.to_str().ok()?)));
    if let (true, Some(weak)) = (headers.contains_key(CONTENT_ENCODING), weak)
        && let Ok(weak) = HeaderValue::from_str(&weak)
    {
        headers.insert(ETAG, weak);
    }
    response
}

/// Middleware of routes that answer in JSON and nothing else.
pub(super) async fn negotiate(request: Request, next: Next) -> Response {
    if accepts_json(request.headers()) {
        next.run(request).await
    } else {
        Problem::plain(ProblemKind::NotAcceptable).into_response()
    }
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut ranges = texts.flat_map(|text| text.split(','));
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            weight.is_some_and(|q| q <= 0.0)
        });
        matches!(kind.as_str(), "*/*" | "application/*" | "application/json") && !refused
    })
}
