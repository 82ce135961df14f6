//! Problems: every way in which a request can fail, as clients see it (RFC 9457).
//!
//! One row of the table below is one kind of problem; its status, its `type` and its
//! page under `/problems/` follow. A [`Problem`] travels in a response's extensions and
//! becomes a body in `observe`, the only place that knows path and request id. What
//! went wrong inside goes to the log, never into a body.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ports::{PortError, PortErrorKind};
use crate::search::SearchError;
use crate::search::api::FieldError;

use super::validate::mistake;

/// `type` of a problem is this and its name.
const TYPE_BASE: &str = "https://headwater.example/problems/";

macro_rules! problems {
    ($($kind:ident = $status:literal, $name:literal, $title:literal, $help:literal;)+) => {
        /// Kinds of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum ProblemKind {
            $(#[doc = $title] $kind,)+
        }

        impl ProblemKind {
            pub(crate) const ALL: &[Self] = &[$(Self::$kind),+];

            const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
                match self {
                    $(Self::$kind => ($status, $name, $title, $help),)+
                }
            }
        }
    };
}

problems! {
    MalformedJson = 400, "malformed-json", "The body is not JSON",
        "Send one JSON object in UTF-8. The detail names line and column of the first mistake.";
    BadHeader = 400, "bad-header", "A header cannot be read",
        "The detail names the header and the form it must have.";
    Unauthenticated = 401, "unauthenticated", "The credentials are not known",
        "No API key is configured on this server. Leave the `Authorization` header out.";
    HostRefused = 403, "host-refused", "The server is not known by this host name",
        "A server that listens on loopback answers to loopback names. Add other names to the setting `allowed_hosts`.";
    OriginRefused = 403, "origin-refused", "Pages of this origin may not call the server",
        "Add the origin to the setting `allowed_origins`, with its port.";
    DocumentNotFound = 404, "document-not-found", "There is no such document",
        "Search for it. A document that may not be seen and a document that is not there look the same.";
    RouteNotFound = 404, "route-not-found", "There is no such route",
        "The routes are listed in `/openapi.json`.";
    Method = 405, "method", "The route does not know this method",
        "The header `Allow` lists the methods of the route.";
    NotAcceptable = 406, "not-acceptable", "The answer cannot be given in this media type",
        "Accept `application/json`.";
    CursorExpired = 410, "cursor-expired", "The cursor has expired",
        "Ask again without a cursor. A cursor is bound to its question, to whoever asks and to a generation of the index, and lives for at least ten minutes.";
    TooLarge = 413, "too-large", "The body is too large, or the budget too small",
        "Send a smaller body, or ask for more `max_tokens`: at least one block of a document must fit.";
    MediaType = 415, "media-type", "The body has a media type that is not read",
        "Send `Content-Type: application/json`, without `Content-Encoding`.";
    InvalidField = 422, "invalid-field", "A field has a value that cannot be used",
        "All mistakes are listed in `errors`, each with a pointer to the field and what would have been right.";
    UnknownField = 422, "unknown-field", "There is no such field",
        "Fields and query parameters that are not known are refused, because a filter with a typing error would otherwise widen the search.";
    CqlSyntax = 422, "cql-syntax", "The CQL cannot be used",
        "`errors` names the place in code points and what was expected there. `POST /v1/cql/validate` checks a text without running it.";
    CqlNotLocal = 422, "cql-not-local", "The CQL asks what only the site can answer",
        "`errors` names the clauses. `POST /v1/cql/explain` gives the reason for each.";
    Internal = 500, "internal", "Something went wrong inside",
        "The log has the cause beside the request id.";
    Starting = 503, "starting", "There is no index yet",
        "Wait for the first run to end, or read something in with `headwater reindex --from`.";
    Overloaded = 503, "overloaded", "Too many requests at once",
        "Try again after `Retry-After` seconds.";
    IndexUnavailable = 503, "index-unavailable", "The index cannot be used now",
        "Try again after `Retry-After` seconds. The log has the cause.";
    Deadline = 504, "deadline", "The time for the request is over",
        "Ask for less, or allow more time with `Headwater-Deadline-Ms`, up to the limit of the server.";
}

impl ProblemKind {
    pub(crate) fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).expect("statuses of the table are valid")
    }

    /// Last part of the `type`.
    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    pub(crate) fn title(self) -> &'static str {
        self.row().2
    }

    /// What to do about it.
    pub(crate) fn help(self) -> &'static str {
        self.row().3
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// For answers that a library made: the kind that fits the status.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::RouteNotFound,
            405 => Self::Method,
            413 => Self::TooLarge,
            415 => Self::MediaType,
            400..500 => Self::BadHeader,
            _ => Self::Internal,
        }
    }

    /// Seconds to wait before trying again, where that can help.
    fn retry_after_s(self) -> Option<u32> {
        match self {
            Self::Starting => Some(5),
            Self::Overloaded | Self::IndexUnavailable => Some(1),
            _ => None,
        }
    }
}

/// One failed request.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    /// What is wrong with this request and what to do next.
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
}

/// A failed request as clients get it, `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    #[schema(example = "https://headwater.example/problems/cql-syntax")]
    r#type: String,
    #[schema(example = "The CQL cannot be used")]
    title: &'static str,
    #[schema(example = 422)]
    status: u16,
    detail: String,
    /// Path of the request.
    #[schema(example = "/v1/search")]
    instance: String,
    request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A problem whose title and help say everything.
    pub(super) fn plain(kind: ProblemKind) -> Self {
        Self::new(kind, kind.help())
    }

    /// Mistakes in fields, all of them.
    pub(super) fn fields(errors: Vec<FieldError>) -> Self {
        let unknown = errors.iter().all(|error| error.code == "unknown_field");
        let kind = if unknown {
            ProblemKind::UnknownField
        } else {
            ProblemKind::InvalidField
        };
        Self::with_errors(kind, errors)
    }

    fn with_errors(kind: ProblemKind, errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [] => kind.help().to_owned(),
            [one] => one.message.clone(),
            [first, rest @ ..] => format!("{}, and {} more", first.message, rest.len()),
        };
        Self {
            kind,
            detail,
            errors,
        }
    }

    pub(super) fn body(&self, instance: &str, request_id: &str) -> ProblemBody {
        ProblemBody {
            r#type: format!("{TYPE_BASE}{}", self.kind.name()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

impl From<SearchError> for Problem {
    fn from(err: SearchError) -> Self {
        let field = |pointer: &str| {
            let detail = detail(&err);
            Self::fields(vec![mistake(pointer, "invalid_value", detail)])
        };
        match &err {
            SearchError::Invalid(errors) => Self::fields(errors.clone()),
            SearchError::Cql { .. } if err.is_not_local() => {
                Self::with_errors(ProblemKind::CqlNotLocal, err.fields())
            }
            SearchError::Cql { .. } => Self::with_errors(ProblemKind::CqlSyntax, err.fields()),
            SearchError::NotFound(_) => Self::plain(ProblemKind::DocumentNotFound),
            SearchError::VersionNotKept { .. } => {
                Self::new(ProblemKind::DocumentNotFound, detail(&err))
            }
            SearchError::NoSection { .. } => field("/section"),
            SearchError::TooLarge { .. } => Self::new(ProblemKind::TooLarge, detail(&err)),
            SearchError::FormatUnavailable { .. } => field("/format"),
            SearchError::CursorExpired => Self::plain(ProblemKind::CursorExpired),
            SearchError::Port(err) => Self::behind_port(err),
        }
    }
}

impl Problem {
    /// The log has the cause, the answer has not.
    fn behind_port(err: &PortError) -> Self {
        let kind = match err.kind {
            PortErrorKind::NotFound => return Self::plain(ProblemKind::Starting),
            PortErrorKind::Busy | PortErrorKind::Format | PortErrorKind::Stopped => {
                ProblemKind::IndexUnavailable
            }
            PortErrorKind::Input | PortErrorKind::Other => ProblemKind::Internal,
        };
        tracing::error!(cause = chain(err), "request failed");
        Self::plain(kind)
    }
}

/// What is wrong and what to do next.
fn detail(err: &SearchError) -> String {
    match err.hint() {
        Some(hint) => format!("{err}; {hint}"),
        None => err.to_string(),
    }
}

/// An error and its causes in one line.
fn chain(err: &dyn std::error::Error) -> String {
    let mut text = err.to_string();
    let mut next = err.source();
    while let Some(cause) = next {
        text += ": ";
        text += &cause.to_string();
        next = cause.source();
    }
    text
}

/// The status and headers; `observe` adds the body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.kind.retry_after_s() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        match self.kind {
            ProblemKind::Unauthenticated => {
                let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            ProblemKind::MediaType => {
                let json = HeaderValue::from_static("application/json");
                headers.insert("accept-post", json);
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}
