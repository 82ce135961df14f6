//! What a request says: body, query parameters, document id, and on whose behalf.
//!
//! Nothing is ignored. A field or parameter that is not known is a mistake, because a
//! filter with a typing error would widen a search.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::model::Identity;
use crate::search::api::{FieldError, Notice};

use super::error::{Problem, ProblemKind};
use super::openapi;
use super::validate::mistake;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + ToSchema,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_media_type(request.headers())?;
        no_parameters(request.uri())?;
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    Problem::new(
                        ProblemKind::TooLarge,
                        "the body is larger than the server reads",
                    )
                } else {
                    Problem::new(ProblemKind::MalformedJson, "the body ended before its time")
                }
            })?;
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|err| Problem::new(ProblemKind::MalformedJson, err.to_string()))?;
        read(value, Vec::new()).map(Self)
    }
}

/// Query parameters.
pub(super) struct Params<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Params<T>
where
    T: DeserializeOwned + ToSchema,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let schema = T::name();
        let mut fields = Map::new();
        let mut errors = Vec::new();
        for (name, text) in pairs(&parts.uri)? {
            let value = openapi::schemas().parameter(&schema, &name, &text);
            if fields.insert(name.clone(), value).is_some() {
                let message = format!("`{name}` is given more than once");
                errors.push(mistake(format!("/{name}"), "invalid_value", message));
            }
        }
        read(Value::Object(fields), errors).map(Self)
    }
}

/// The absence of query parameters.
pub(super) struct NoParams;

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        no_parameters(&parts.uri).map(|()| Self)
    }
}

/// The last part of a document's path, percent-decoded: an id or a URL.
pub(super) struct DocumentId(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for DocumentId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| {
            Problem::fields(vec![mistake(
                "/id",
                "invalid_value",
                "the id in the path must be UTF-8, percent-encoded",
            )])
        })
    }
}

/// Headers of requests that search or read, for their description only: [`Caller`] and
/// the gate read them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "stands for headers in the description")]
pub(super) struct CallerHeaders {
    /// On whose behalf: `account:ID`, `email:ADDRESS`, `username:NAME` or `anonymous`.
    /// Without it, and while no API key is configured, everything that was read is seen.
    #[param(rename = "Headwater-User", example = "email:mara@tarnfell.example")]
    user: Option<String>,
    /// Time for the answer in milliseconds, if it is less than the server gives.
    #[param(rename = "Headwater-Deadline-Ms", minimum = 1)]
    deadline_ms: Option<u64>,
    /// Comes back with the answer and stands in the log; made where it is absent.
    #[param(rename = "X-Request-Id", max_length = 128)]
    request_id: Option<String>,
}

/// On whose behalf a request runs.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Identity);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Nobody has a key, so any key is a wrong one; it must not turn into the view
        // of somebody who sees everything.
        if parts.headers.contains_key(AUTHORIZATION) {
            return Err(Problem::plain(ProblemKind::Unauthenticated));
        }
        identity(&parts.headers).map(Self)
    }
}

impl Caller {
    /// What the answer says about whose view it is.
    pub(super) fn notice(&self) -> Notice {
        let (code, message) = match &self.0 {
            Identity::Service => (
                "service_view",
                "no API key is configured: everything that was read is searched; name a person \
                 with the header `Headwater-User` to see what they see"
                    .to_owned(),
            ),
            somebody => (
                "delegated_view",
                format!("seen as `{somebody}`; without API keys any caller may name anybody"),
            ),
        };
        Notice {
            code: code.to_owned(),
            message,
            terms: Vec::new(),
        }
    }

    /// Puts the notice among others, unless the search has said it already.
    pub(super) fn tell(&self, notices: &mut Vec<Notice>) {
        let notice = self.notice();
        if notices.iter().all(|other| other.code != notice.code) {
            notices.push(notice);
        }
    }
}

fn identity(headers: &HeaderMap) -> Result<Identity, Problem> {
    let bad = |detail: &str| Problem::new(ProblemKind::BadHeader, detail);
    let mut values = headers.get_all("headwater-user").iter();
    let Some(value) = values.next() else {
        return Ok(Identity::Service);
    };
    if values.next().is_some() {
        return Err(bad("`Headwater-User` is given more than once"));
    }
    let form =
        "`Headwater-User` must be `account:ID`, `email:ADDRESS`, `username:NAME` or `anonymous`";
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| bad(form))?;
    // Bare account ids are for people at a terminal; here a mistyped `emial:…` is a mistake.
    let known = ["account:", "email:", "username:"];
    if text != "anonymous" && !known.iter().any(|prefix| text.starts_with(prefix)) {
        return Err(bad(form));
    }
    text.parse().map_err(|_| bad(form))
}

/// Checks and reads. `errors` are mistakes that were found before.
fn read<T: DeserializeOwned + ToSchema>(
    value: Value,
    mut errors: Vec<FieldError>,
) -> Result<T, Problem> {
    errors.extend(openapi::schemas().check(&T::name(), &value));
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    serde_json::from_value(value)
        .map_err(|err| Problem::fields(vec![mistake("", "invalid_value", err.to_string())]))
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let encoded = text(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    let essence = text(CONTENT_TYPE).and_then(|kind| kind.split(';').next());
    let json = essence.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if encoded || !json {
        return Err(Problem::plain(ProblemKind::MediaType));
    }
    Ok(())
}

fn no_parameters(uri: &Uri) -> Result<(), Problem> {
    let unknown = pairs(uri)?.into_iter().map(|(name, _)| {
        let message = format!("unknown query parameter `{name}`");
        mistake(format!("/{name}"), "unknown_field", message)
    });
    let unknown: Vec<_> = unknown.collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(unknown))
    }
}

fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    pairs.map(|Query(pairs)| pairs).map_err(|_| {
        let message = "the query parameters must be UTF-8, percent-encoded";
        Problem::fields(vec![mistake("", "invalid_value", message)])
    })
}
