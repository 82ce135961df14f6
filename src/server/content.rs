//! Documents and their outlines.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::search::api::{
    DocumentResponse, OutlineResponse, ReadRequest, RelatedRequest, RelatedResponse,
};

use super::answer;
use super::error::{Problem, ProblemBody};
use super::input::{Caller, CallerHeaders, DocumentId, NoParams, Params};
use super::state::ServerState;

/// Read a document
///
/// The document object, and its text or a part of it when `format`, `section`, a window
/// or a budget is given. A long text comes in parts that join to the whole.
#[utoipa::path(
    get, path = "/v1/documents/{id}", tag = "documents", operation_id = "readDocument",
    params(
        ("id" = String, Path, description = "Document id, passage id or page URL, percent-encoded", example = "page:4587521"),
        ReadRequest,
        CallerHeaders,
    ),
    responses(
        (status = 200, description = "The document", body = DocumentResponse),
        (status = 304, description = "The caller has this answer (`If-None-Match`)"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn document(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    headers: HeaderMap,
    DocumentId(id): DocumentId,
    Params(request): Params<ReadRequest>,
) -> Result<Response, Problem> {
    let identity = caller.0.clone();
    let document: DocumentResponse = state
        .ask(move |backend| backend.read(&id, request, &identity))
        .await?;
    Ok(tagged(&state, &document, &caller, &headers))
}

/// Outline of a document
///
/// Headings with ids, levels, anchors, line ranges and sizes, to choose a section by.
#[utoipa::path(
    get, path = "/v1/documents/{id}/outline", tag = "documents", operation_id = "outlineDocument",
    params(
        ("id" = String, Path, description = "Document id, passage id or page URL, percent-encoded", example = "page:4587521"),
        CallerHeaders,
    ),
    responses(
        (status = 200, description = "The headings", body = OutlineResponse),
        (status = 304, description = "The caller has this answer (`If-None-Match`)"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn outline(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    headers: HeaderMap,
    DocumentId(id): DocumentId,
    _: NoParams,
) -> Result<Response, Problem> {
    let identity = caller.0.clone();
    let outline: OutlineResponse = state
        .ask(move |backend| backend.outline(&id, &identity))
        .await?;
    Ok(tagged(&state, &outline, &caller, &headers))
}

/// Related documents
///
/// What is above, below and beside a document, what it links to, what links to or includes
/// it, and what hangs on it, as far as the caller may see it.
#[utoipa::path(
    get, path = "/v1/documents/{id}/related", tag = "documents", operation_id = "relatedDocuments",
    params(
        ("id" = String, Path, description = "Document id, passage id or page URL, percent-encoded", example = "page:4587521"),
        RelatedRequest,
        CallerHeaders,
    ),
    responses(
        (status = 200, description = "The documents", body = RelatedResponse),
        (status = 304, description = "The caller has this answer (`If-None-Match`)"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn related(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    headers: HeaderMap,
    DocumentId(id): DocumentId,
    Params(request): Params<RelatedRequest>,
) -> Result<Response, Problem> {
    let identity = caller.0.clone();
    let related: RelatedResponse = state
        .ask(move |backend| backend.related(&id, request, &identity))
        .await?;
    Ok(tagged(&state, &related, &caller, &headers))
}

fn tagged(
    state: &ServerState,
    value: &impl Serialize,
    caller: &Caller,
    headers: &HeaderMap,
) -> Response {
    let epoch = state.backend.permission_epoch();
    let tag = answer::strong_tag(value, epoch, &caller.0);
    let mut response = answer::tagged(value, &tag, headers);
    let outcome = answer::outcome(&caller.0, None);
    response.extensions_mut().insert(outcome);
    response
}
