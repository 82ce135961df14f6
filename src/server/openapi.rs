//! The description of the API, made from the handlers and from the types they read and
//! write. A test compares it with `schema/openapi.json`.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::search::api::ReadRequest;

use super::search::SearchQuery;
use super::validate::Schemas;
use super::{api_routes, health_routes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headwater",
        description = "Ranked, cited snippets from Confluence for AI services. Read-only.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    // Parameters are checked against these; routes name them one by one.
    components(schemas(SearchQuery, ReadRequest)),
    tags(
        (name = "search", description = "A question in, ranked and cited passages out"),
        (name = "documents", description = "Reading what a search found"),
        (name = "cql", description = "Confluence's query language, answered from the index"),
        (name = "health", description = "For whoever runs the service"),
    ),
)]
struct Head;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let head = OpenApiRouter::with_openapi(Head::openapi());
    let document = head
        .merge(api_routes())
        .merge(health_routes())
        .into_openapi();
    serde_json::to_value(document).expect("an OpenAPI document is JSON")
});

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&*DOCUMENT).expect("JSON can be written");
    text.push('\n');
    text
});

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(&DOCUMENT));

/// The whole document.
#[cfg(test)]
pub(super) fn document() -> &'static Value {
    &DOCUMENT
}

/// The document as it is served and as it is kept in `schema/`.
pub(super) fn text() -> &'static str {
    &TEXT
}

/// What bodies and parameters are checked against.
pub(super) fn schemas() -> &'static Schemas {
    &SCHEMAS
}

/// `GET /openapi.json`
pub(super) async fn json() -> Response {
    ([(CONTENT_TYPE, "application/json")], text()).into_response()
}
