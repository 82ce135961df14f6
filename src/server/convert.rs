//! Bodies of pages as text, without an index.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::search::api::{ConvertRequest, ConvertResponse};

use super::answer;
use super::error::{Problem, ProblemBody};
use super::input::{Body, Caller, CallerHeaders};
use super::state::ServerState;

/// Convert a body
///
/// Storage format, ADF, rendered HTML or wiki markup to Markdown, text and the metadata
/// record. Never refused for what stands in the body: damage becomes `warnings`. Nothing is
/// looked up and nothing is kept: people have no names here, includes and lists stay labels.
#[utoipa::path(
    post, path = "/v1/convert", tag = "convert", operation_id = "convert", request_body = ConvertRequest, params(CallerHeaders),
    responses(
        (status = 200, description = "The body as text", body = ConvertResponse),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn convert(
    State(state): State<Arc<ServerState>>,
    _: Caller,
    Body(request): Body<ConvertRequest>,
) -> Result<Response, Problem> {
    let converted = state.ask(move |backend| backend.convert(request)).await?;
    Ok(answer::json(&converted))
}
