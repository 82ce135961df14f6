//! Pages for people: a search without JavaScript, and what each problem means.
//!
//! All text from the index is escaped here; nothing is loaded from anywhere but this
//! server, and the content security policy says so to the browser.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::search::api::{PassageObject, SearchRequest, SearchResponse};

use super::error::{Problem, ProblemKind};
use super::input::Caller;
use super::markdown::rendered;
use super::search::search;
use super::state::ServerState;

const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The only parameter of the page.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct HomeQuery {
    #[serde(default)]
    q: String,
}

/// `GET /` and `GET /?q=…`
pub(super) async fn home(
    State(state): State<Arc<ServerState>>,
    caller: Caller,
    query: Result<axum::extract::Query<HomeQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let question = query.map(|query| query.0.q).unwrap_or_default();
    let question = question.trim();
    let mut body = form(question);
    if question.is_empty() {
        body += LINKS;
        return Ok(html(StatusCode::OK, "Headwater", &body));
    }
    let request = SearchRequest {
        query: Some(question.into()),
        ..SearchRequest::default()
    };
    match search(&state, request, &caller).await {
        Ok(found) => body += &results(&found),
        // A mistake in the question is shown on the page; other failures are problems.
        Err(problem) if problem.kind.status() == StatusCode::UNPROCESSABLE_ENTITY => {
            add(
                &mut body,
                format_args!(
                    "<p role=\"alert\">{}</p>
",
                    escape(&problem.detail)
                ),
            );
        }
        Err(problem) => return Err(problem),
    }
    Ok(html(
        StatusCode::OK,
        &format!("{question} - Headwater"),
        &body,
    ))
}

/// `GET /problems/{name}`
pub(super) async fn problem(Path(name): Path<String>) -> Result<Response, Problem> {
    let kind =
        ProblemKind::named(&name).ok_or_else(|| Problem::plain(ProblemKind::RouteNotFound))?;
    let body = format!(
        "<h1>{}</h1>\n<p>Status {}, type <code>{}</code>.</p>\n<p>{}</p>\n",
        escape(kind.title()),
        kind.status().as_u16(),
        kind.name(),
        escape(kind.help()),
    );
    Ok(html(StatusCode::OK, kind.title(), &body))
}

/// `GET /style.css`
pub(super) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

fn form(question: &str) -> String {
    format!(
        "<h1><a href=\"/\">Headwater</a></h1>\n<form role=\"search\" action=\"/\" method=\"get\">\n\
         <label for=\"q\">Search</label>\n\
         <input id=\"q\" name=\"q\" type=\"search\" maxlength=\"2048\" value=\"{}\" autofocus>\n\
         <button>Search</button>\n</form>\n",
        escape(question)
    )
}

fn results(found: &SearchResponse) -> String {
    let mut out = String::new();
    for notice in &found.notices {
        add(
            &mut out,
            format_args!("<p class=\"notice\">{}</p>\n", escape(&notice.message)),
        );
    }
    let count = found.total.documents;
    add(
        &mut out,
        format_args!(
            "<p>{count} {}, {} ms</p>\n<ol>\n",
            if count == 1 { "document" } else { "documents" },
            found.took_ms
        ),
    );
    for result in &found.results {
        let document = &result.document;
        add(
            &mut out,
            format_args!("<li>\n<h2>{}</h2>\n", link(&document.url, &document.title)),
        );
        for passage in &result.passages {
            add(&mut out, format_args!("{}", passage_html(passage)));
        }
        out += "</li>\n";
    }
    out += "</ol>\n";
    out
}

fn passage_html(passage: &PassageObject) -> String {
    format!(
        "<blockquote>\n{}</blockquote>\n<p class=\"citation\">[{}] {}</p>\n",
        rendered(passage),
        escape(&passage.citation.label),
        link(&passage.citation.url, &passage.citation.text),
    )
}

/// A link, if the address is one that a browser should open.
fn link(url: &str, text: &str) -> String {
    let text = escape(text);
    if is_web(url) {
        format!("<a href=\"{}\" rel=\"noreferrer\">{text}</a>", escape(url))
    } else {
        text
    }
}

pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_escaped(&mut out, c);
    }
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        c => out.push(c),
    }
}

fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("strings grow");
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    (status, headers, page).into_response()
}

const LINKS: &str = "<p>Ranked, cited snippets from Confluence for AI services.</p>\n<ul>\n\
    <li><code>GET /v1/search?q=…</code>: what this form asks, as JSON</li>\n\
    <li><a href=\"/openapi.json\">/openapi.json</a>: the whole API</li>\n\
    <li><a href=\"/v1/status\">/v1/status</a>: what the index holds</li>\n\
    <li><a href=\"/healthz\">/healthz</a>, <a href=\"/metrics\">/metrics</a>: how it does</li>\n\
    </ul>\n";

const STYLE: &str = ":root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }\n\
    body { margin: 0 auto; max-width: 46rem; padding: 1rem }\n\
    h1 a { color: inherit; text-decoration: none }\n\
    form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center }\n\
    input { flex: 1 1 12rem; font: inherit; padding: .3rem }\n\
    button { font: inherit; padding: .3rem .8rem }\n\
    h2 { font-size: 1.1rem; margin-bottom: .2rem }\n\
    blockquote { margin: .5rem 0; padding-left: .8rem; border-left: .2rem solid #8886; overflow-wrap: anywhere }\n\
    blockquote > :first-child { margin-top: 0 }\n\
    pre, table { display: block; overflow-x: auto; overflow-wrap: normal }\n\
    table { border-collapse: collapse }\n\
    th, td { border: 1px solid #8886; padding: .2rem .5rem; text-align: left; vertical-align: top }\n\
    h3 { font-size: 1rem }\n\
    .citation, .notice { font-size: .9rem; opacity: .85 }\n";
