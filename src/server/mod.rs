//! The HTTP edge: routes, their descriptions, and everything that is HTTP's own.
//!
//! Handlers read a request, ask a [`Backend`] off the async threads, and write the
//! answer; what a search means is decided elsewhere. A request comes in through these
//! layers, outermost first: compression, `observe` (request id, log, bodies of problems),
//! the net under panics, `guard` (host and origin), then for `/v1` the media type, the
//! gate of `admit` and the deadline.

mod admit;
mod answer;
mod backend;
mod content;
mod convert;
mod cql;
mod error;
mod guard;
mod health;
mod input;
mod markdown;
mod metrics;
mod observe;
mod openapi;
mod page;
mod run;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod validate;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use backend::{Answer, Backend, BackendStatus, Readiness};
pub(crate) use run::run;
pub(crate) use state::{ServerOptions, ServerState};

use error::{Problem, ProblemKind};

/// All routes with their layers.
pub(crate) fn router(state: Arc<ServerState>) -> Router {
    let (documented, _) = documented(&state).split_for_parts();
    let pages = Router::new()
        .route("/style.css", get(page::style))
        .route("/openapi.json", get(openapi::json))
        .route("/problems/{name}", get(page::problem));
    let home = Router::new().route("/", get(page::home));
    documented
        .merge(pages)
        .merge(home.layer(from_fn_with_state(state.clone(), admit::admit)))
        .fallback(|| async { Problem::plain(ProblemKind::RouteNotFound) })
        .layer(DefaultBodyLimit::max(state.options.body_limit_bytes))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn(observe::observe))
        .layer(CompressionLayer::new())
        .layer(map_response(answer::weaken_if_encoded))
        .with_state(state)
}

/// The routes that are described in the API's document.
fn documented(state: &Arc<ServerState>) -> OpenApiRouter<Arc<ServerState>> {
    let gated = api_routes()
        .layer(from_fn_with_state(state.clone(), admit::admit))
        .layer(from_fn(answer::negotiate));
    gated.merge(health_routes())
}

fn api_routes() -> OpenApiRouter<Arc<ServerState>> {
    OpenApiRouter::new()
        .routes(routes!(search::by_query, search::by_body))
        .routes(routes!(content::document))
        .routes(routes!(content::outline))
        .routes(routes!(content::related))
        .routes(routes!(cql::validate))
        .routes(routes!(cql::explain))
        .routes(routes!(cql::complete))
        .routes(routes!(cql::search))
        .routes(routes!(convert::convert))
        .routes(routes!(health::status))
}

fn health_routes() -> OpenApiRouter<Arc<ServerState>> {
    OpenApiRouter::new()
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(health::healthz))
        .routes(routes!(metrics::metrics))
}

/// The panic itself is in the log, through the panic hook.
fn caught(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::plain(ProblemKind::Internal).into_response()
}
