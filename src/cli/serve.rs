//! `headwater serve`: the HTTP API over a data directory, or over the example site.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::args::ServeArgs;
use super::out::stdout;
use super::{Outcome, note, open_app, open_app_in};
use crate::app::{App, DEMO_QUESTION, demo_source};
use crate::config::High;
use crate::ingest::Unwatched;
use crate::model::Identity;
use crate::search::api::SearchRequest;
use crate::server::{self, ServerOptions, ServerState};

pub(crate) fn run(settings: &High, args: &ServeArgs) -> Result<Outcome> {
    start_log();
    // Lives as long as the server; it is removed at the end.
    let demo_dir = args.demo.then(tempfile::tempdir).transpose();
    let demo_dir = demo_dir.context("cannot make a throw-away data directory")?;
    let app = match &demo_dir {
        Some(dir) => {
            let app = open_app_in(dir.path(), settings)?;
            app.reindex(vec![demo_source()], false, &Unwatched)?;
            app
        }
        None => serving_app(settings)?,
    };
    let app = Arc::new(app);
    let state = ServerState::new(options(settings), Arc::clone(&app) as Arc<_>);
    let announce = |address: SocketAddr| {
        note(format_args!(
            "headwater listens on http://{address} (ctrl-c stops it)"
        ));
        if args.demo
            && let Err(error) = show_example(&app, address)
        {
            note(format_args!("the example search failed: {error:#}"));
        }
    };
    server::run(state, announce)?;
    Ok(Outcome::Done)
}

/// Opens the data directory and brings its index up to the store; an empty one is served
/// too, since `reindex` beside the server fills it.
fn serving_app(settings: &High) -> Result<App> {
    let app = open_app(settings)?;
    match app.catch_up(&Unwatched) {
        Ok(Some(said)) => note(format_args!("note: {said}")),
        Ok(None) => {}
        Err(error) if error.kind == crate::ports::PortErrorKind::Busy => {
            note(format_args!("note: {error}; serving what is indexed"));
        }
        Err(error) => return Err(error.into()),
    }
    if app.searcher()?.is_none() {
        note(format_args!(
            "nothing is indexed in {} yet\n\
             hint: `headwater reindex --from PATH` beside this server fills it",
            settings.data_dir.display()
        ));
    }
    Ok(app)
}

fn options(settings: &High) -> ServerOptions {
    ServerOptions {
        listen: settings.listen,
        allowed_hosts: settings.allowed_hosts.clone(),
        allowed_origins: settings.allowed_origins.clone(),
        max_concurrent: settings.max_concurrent,
        request_deadline: settings.request_deadline,
        body_limit_bytes: settings.body_limit_bytes,
        shutdown_grace: settings.shutdown_grace,
        log_queries: settings.log_queries,
    }
}

/// One search over the example site, its answer, and how to ask the same over HTTP.
fn show_example(app: &App, address: SocketAddr) -> Result<()> {
    let request = SearchRequest {
        query: Some(DEMO_QUESTION.into()),
        limit: Some(1),
        ..SearchRequest::default()
    };
    let answer = app.search(&request, &Identity::Service)?;
    let mut out = stdout();
    let _ = out.line(format_args!("\nThe example site is indexed. A question:\n"))?;
    let _ = out.line(format_args!("   {DEMO_QUESTION}\n"))?;
    super::search::print(&mut out, &answer)?;
    let _ = out.line("The same over HTTP:\n")?;
    let _ = out.line(format_args!(
        "   curl -s http://{address}/v1/search -H 'content-type: application/json' \\\n\
         \x20       -d '{{\"query\": \"{DEMO_QUESTION}\", \"limit\": 1}}'"
    ))?;
    out.finish()?;
    Ok(())
}

/// One line a request on standard error; `RUST_LOG` changes what is said.
fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,headwater=info"));
    // A second subscriber in one process (tests) is no reason to fail.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
