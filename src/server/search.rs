//! Search, as body and as URL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::search::api::{
    Context, Cutoff, Format, Freshness, GroupBy, Match, Mode, OffsetUnit, SearchRequest,
    SearchResponse,
};

use super::answer;
use super::error::{Problem, ProblemBody};
use super::input::{Body, Caller, CallerHeaders, Params};
use super::metrics;
use super::state::ServerState;

/// The part of a search that fits into a URL.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// The question: plain language, keywords, `"exact phrase"`, `-word`. Required unless
    /// `cql` is given.
    #[schema(min_length = 1, max_length = 2048)]
    #[param(example = "when do we cancel sailings because of ice")]
    q: Option<String>,
    /// CQL that narrows the search.
    #[schema(max_length = 8192)]
    #[param(example = "space = OPS")]
    cql: Option<String>,
    /// Most results.
    #[schema(minimum = 1, maximum = 50)]
    #[param(minimum = 1, maximum = 50, default = 8)]
    limit: Option<u32>,
    /// Budget for all `text` together, in estimated tokens.
    #[schema(minimum = 200, maximum = 100_000)]
    #[param(minimum = 200, maximum = 100_000, default = 4000)]
    max_tokens: Option<u32>,
    context: Option<Context>,
    group_by: Option<GroupBy>,
    #[schema(minimum = 1, maximum = 10)]
    #[param(minimum = 1, maximum = 10, default = 3)]
    passages_per_document: Option<u32>,
    cutoff: Option<Cutoff>,
    /// `omitted.next_cursor` of the previous answer.
    cursor: Option<String>,
    /// Adds why each result is where it is.
    explain: Option<bool>,
    offset_unit: Option<OffsetUnit>,
    freshness: Option<Freshness>,
    dedupe: Option<bool>,
    mode: Option<Mode>,
    format: Option<Format>,
}

impl From<SearchQuery> for SearchRequest {
    fn from(query: SearchQuery) -> Self {
        Self {
            query: query.q.map(Into::into),
            cql: query.cql,
            filter: None,
            limit: query.limit,
            max_tokens: query.max_tokens,
            context: query.context,
            group_by: query.group_by,
            passages_per_document: query.passages_per_document,
            cutoff: query.cutoff,
            cursor: query.cursor,
            explain: query.explain,
            offset_unit: query.offset_unit,
            freshness: query.freshness,
            dedupe: query.dedupe,
            include: None,
            mode: query.mode,
            format: query.format,
        }
    }
}

/// Search by URL
///
/// Ranked, cited passages. The same as `POST /v1/search`, for what fits into a URL.
#[utoipa::path(
    get, path = "/v1/search", tag = "search", operation_id = "searchByUrl", params(SearchQuery, CallerHeaders),
    responses(
        (status = 200, description = "Ranked passages; also when nothing was found", body = SearchResponse),
        (status = 304, description = "The caller has this answer (`If-None-Match`)"),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn by_query(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    headers: HeaderMap,
    Params(query): Params<SearchQuery>,
) -> Result<Response, Problem> {
    let found = search(&state, query.into(), &caller).await?;
    let timeless = SearchResponse {
        took_ms: 0,
        ..found.clone()
    };
    let epoch = state.backend.permission_epoch();
    let tag = answer::weak_tag(found.index.generation, &timeless, epoch, &caller.0);
    let response = answer::tagged(&found, &tag, &headers);
    Ok(noted(response, &caller, &found))
}

/// Search
///
/// Ranked, cited passages for a question, a CQL filter or both, within a token budget.
#[utoipa::path(
    post, path = "/v1/search", tag = "search", operation_id = "search", request_body = SearchRequest, params(CallerHeaders),
    responses(
        (status = 200, description = "Ranked passages; also when nothing was found", body = SearchResponse),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn by_body(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    Body(request): Body<SearchRequest>,
) -> Result<Response, Problem> {
    let found = search(&state, request, &caller).await?;
    Ok(noted(answer::json(&found), &caller, &found))
}

/// One search, counted.
#[expect(clippy::disallowed_methods, reason = "measures how long searches take")]
pub(super) async fn search(
    state: &ServerState,
    request: SearchRequest,
    caller: &Caller,
) -> Result<SearchResponse, Problem> {
    if state.options.log_queries {
        tracing::info!(query = ?request.query, cql = request.cql, "search");
    }
    let started = Instant::now();
    let identity = caller.0.clone();
    let result = state
        .ask(move |backend| backend.search(request, &identity))
        .await;
    count(&result, started.elapsed());
    let mut found = result?;
    caller.tell(&mut found.notices);
    Ok(found)
}

fn count(result: &Result<SearchResponse, Problem>, took: Duration) {
    let (mode, outcome, results) = match result {
        Ok(found) if found.r#match == Match::None => {
            (found.query.mode.as_str(), "no_match", Some(0))
        }
        Ok(found) => (
            found.query.mode.as_str(),
            "found",
            Some(found.results.len()),
        ),
        Err(problem) => ("none", problem.kind.name(), None),
    };
    metrics::search(mode, outcome, results, took);
}

fn noted(mut response: Response, caller: &Caller, found: &SearchResponse) -> Response {
    let outcome = answer::outcome(&caller.0, Some(found.results.len()));
    response.extensions_mut().insert(outcome);
    response
}
