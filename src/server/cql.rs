//! CQL: checked, explained, run.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::search::api::{
    CqlCompleteRequest, CqlCompleteResponse, CqlExplainResponse, CqlRequest, CqlSearchRequest,
    CqlSearchResponse, CqlValidation,
};

use super::answer;
use super::error::{Problem, ProblemBody};
use super::input::{Body, Caller, CallerHeaders};
use super::state::ServerState;

/// Check a CQL text
///
/// Says whether it can be used, and where it cannot, the places and what was expected.
#[utoipa::path(
    post, path = "/v1/cql/validate", tag = "cql", operation_id = "validateCql", request_body = CqlRequest, params(CallerHeaders),
    responses(
        (status = 200, description = "Valid or not", body = CqlValidation),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn validate(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    Body(request): Body<CqlRequest>,
) -> Result<Response, Problem> {
    let validation = state
        .ask(move |backend| backend.cql_validate(request, &caller.0))
        .await?;
    Ok(answer::json(&validation))
}

/// Explain a CQL text
///
/// Its normal form, its tree, how many visible documents match, and what only the site
/// could answer.
#[utoipa::path(
    post, path = "/v1/cql/explain", tag = "cql", operation_id = "explainCql", request_body = CqlRequest, params(CallerHeaders),
    responses(
        (status = 200, description = "What it means", body = CqlExplainResponse),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn explain(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    Body(request): Body<CqlRequest>,
) -> Result<Response, Problem> {
    let explained = state
        .ask(move |backend| backend.cql_explain(request, &caller.0))
        .await?;
    Ok(answer::json(&explained))
}

/// Complete a CQL text
///
/// What may stand at the cursor: fields, operators, functions, connectives, and values out
/// of what the caller may see: spaces, labels, people, content types.
#[utoipa::path(
    post, path = "/v1/cql/complete", tag = "cql", operation_id = "completeCql", request_body = CqlCompleteRequest, params(CallerHeaders),
    responses(
        (status = 200, description = "What may stand there", body = CqlCompleteResponse),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn complete(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    Body(request): Body<CqlCompleteRequest>,
) -> Result<Response, Problem> {
    let completion = state
        .ask(move |backend| backend.cql_complete(request, &caller.0))
        .await?;
    Ok(answer::json(&completion))
}

/// List documents by CQL
///
/// Every visible document that matches, in CQL's own order, unranked. For completeness
/// where `/v1/search` is for relevance.
#[utoipa::path(
    post, path = "/v1/cql/search", tag = "cql", operation_id = "listByCql", request_body = CqlSearchRequest, params(CallerHeaders),
    responses(
        (status = 200, description = "A part of the list", body = CqlSearchResponse),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn search(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    Body(request): Body<CqlSearchRequest>,
) -> Result<Response, Problem> {
    let identity = caller.0.clone();
    let mut listed = state
        .ask(move |backend| backend.cql_search(request, &identity))
        .await?;
    caller.tell(&mut listed.notices);
    let mut response = answer::json(&listed);
    let outcome = answer::outcome(&caller.0, Some(listed.results.len()));
    response.extensions_mut().insert(outcome);
    Ok(response)
}
