//! The routes as clients see them, over a small stand-in for the rest of the program.
//!
//! Requests go straight into the router; no socket is opened.

mod api;
mod edges;

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::model::Identity;
use crate::ports::{PortError, PortErrorKind};
use crate::search::SearchError;
use crate::search::api::*;

use super::backend::{Answer, Backend, BackendStatus, Readiness};
use super::state::{ServerOptions, ServerState};
use super::validate::mistake;

pub(super) fn options() -> ServerOptions {
    ServerOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        allowed_hosts: vec!["wiki-search.test".to_owned()],
        allowed_origins: vec!["https://portal.test:443".to_owned()],
        max_concurrent: 4,
        request_deadline: Duration::from_mins(1),
        body_limit_bytes: 2000,
        shutdown_grace: Duration::from_mins(1),
        log_queries: false,
    }
}

/// Blocks searches until it is opened.
#[derive(Default)]
pub(super) struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub(super) fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn wait(&self) {
        let is_open = self.is_open.lock().unwrap();
        drop(
            self.opened
                .wait_while(is_open, |is_open| !*is_open)
                .unwrap(),
        );
    }
}

/// One made-up page; a few questions that fail in their own ways.
pub(super) struct Fake {
    pub(super) gate: Arc<Gate>,
    pub(super) ready: bool,
}

impl Default for Fake {
    fn default() -> Self {
        let fake = Self::slow();
        fake.gate.open();
        fake
    }
}

impl Fake {
    pub(super) fn slow() -> Self {
        Self {
            gate: Arc::new(Gate::default()),
            ready: true,
        }
    }
}

impl Backend for Fake {
    fn search(&self, request: SearchRequest, identity: &Identity) -> Answer<SearchResponse> {
        self.gate.wait();
        let field = |pointer: &str, code| vec![mistake(pointer, code, "made up")];
        let query = request
            .query
            .as_ref()
            .map(|query| query.as_slice()[0].as_str());
        match query {
            None => return Err(SearchError::Invalid(field("/query", "required"))),
            Some("panic") => panic!("made up"),
            Some("fail") => {
                let kind = PortErrorKind::Other;
                let err = PortError::caused(kind, "cannot read segment 7", "bad checksum");
                return Err(SearchError::Port(err));
            }
            Some("old") => return Err(SearchError::CursorExpired),
            Some("none") => return Ok(response(&[])),
            Some(_) => {}
        }
        if request.cql.as_deref() == Some("space =") {
            return Err(cql_error("space =", "expected_value"));
        }
        if *identity == Identity::Anonymous {
            return Ok(response(&[]));
        }
        Ok(response(&[result()]))
    }

    fn read(
        &self,
        id: &str,
        request: ReadRequest,
        identity: &Identity,
    ) -> Answer<DocumentResponse> {
        if id == "page:4587521@13" {
            let id = "page:4587521".to_owned();
            return Err(SearchError::VersionNotKept {
                id,
                asked: 13,
                kept: 14,
            });
        }
        if let Some(section) = request.section.filter(|section| section == "Nowhere") {
            let id = id.to_owned();
            return Err(SearchError::NoSection { id, section });
        }
        if id != "page:4587521" || *identity == Identity::Anonymous {
            return Err(SearchError::NotFound(id.to_owned()));
        }
        let mut value = document();
        if let Some(format) = request.format {
            value["content"] = json!({
                "format": format, "text": "# Ice rules\n", "est_tokens": 4,
                "max_tokens": 6000, "estimator": ESTIMATOR,
            });
        }
        Ok(serde_json::from_value(value).unwrap())
    }

    fn outline(&self, id: &str, _: &Identity) -> Answer<OutlineResponse> {
        let outline = json!({
            "id": id, "title": "Winter timetable", "url": "https://wiki.test/4587521", "version": 14,
            "est_tokens": 4, "headings": [], "index": {"generation": 8, "complete": true},
        });
        Ok(serde_json::from_value(outline).unwrap())
    }

    fn related(&self, id: &str, request: RelatedRequest, _: &Identity) -> Answer<RelatedResponse> {
        let related = json!({
            "id": id, "kind": request.kind, "results": [],
            "total": {"documents": 0, "relation": "exact"},
            "index": {"generation": 8, "complete": true},
        });
        Ok(serde_json::from_value(related).unwrap())
    }

    fn convert(&self, request: ConvertRequest) -> Answer<ConvertResponse> {
        let converted = json!({
            "markdown": request.body, "text": "", "blocks": [], "warnings": [], "headings": [],
            "representation": "storage",
        });
        Ok(serde_json::from_value(converted).unwrap())
    }

    fn cql_validate(&self, request: CqlRequest, _: &Identity) -> Answer<CqlValidation> {
        Ok(CqlValidation {
            valid: request.cql == "space = OPS",
            ..CqlValidation::default()
        })
    }

    fn cql_explain(&self, request: CqlRequest, _: &Identity) -> Answer<CqlExplainResponse> {
        Ok(CqlExplainResponse {
            normalized: request.cql,
            tree: json!({}),
            sent: String::new(),
            sent_for_changes: String::new(),
            sent_warnings: Vec::new(),
            documents: Some(1),
            not_local: Vec::new(),
            time_zone: "UTC".to_owned(),
            warnings: Vec::new(),
        })
    }

    fn cql_complete(
        &self,
        request: CqlCompleteRequest,
        _: &Identity,
    ) -> Answer<CqlCompleteResponse> {
        let end = request.cql.chars().count();
        Ok(CqlCompleteResponse {
            start: request.cursor.map_or(end, |cursor| cursor as usize),
            end,
            items: Vec::new(),
        })
    }

    fn cql_search(&self, request: CqlSearchRequest, _: &Identity) -> Answer<CqlSearchResponse> {
        if request.cql.contains("favourite") {
            return Err(cql_error(&request.cql, "unavailable_offline"));
        }
        let listed = json!({
            "cql": request.cql, "results": [], "total": {"documents": 0, "relation": "exact"},
            "notices": [], "index": {"generation": 8, "complete": true}, "took_ms": 1,
        });
        Ok(serde_json::from_value(listed).unwrap())
    }

    fn permission_epoch(&self) -> u64 {
        3
    }

    fn ready(&self) -> Readiness {
        Readiness {
            index_open: self.ready,
            generation: self.ready.then_some(8),
        }
    }

    fn status(&self) -> Answer<BackendStatus> {
        Ok(BackendStatus {
            generation: 8,
            documents: vec![("page".to_owned(), 41)],
            bytes_on_disk: 1024,
            config_digest: "c0ffee".to_owned(),
            ..BackendStatus::default()
        })
    }
}

fn cql_error(cql: &str, code: &str) -> SearchError {
    let mistake = CqlMistake {
        code: code.to_owned(),
        message: "made up".to_owned(),
        ..CqlMistake::default()
    };
    SearchError::Cql {
        cql: cql.to_owned(),
        mistakes: vec![mistake],
    }
}

fn document() -> Value {
    json!({
        "id": "page:4587521", "type": "page", "title": "Winter timetable",
        "url": "https://wiki.test/4587521", "status": "current", "version": 14, "labels": [],
        "language": "en", "est_tokens": 4, "content_hash": "sha256:00",
        "indexed_at": "2026-10-02T07:40:12Z",
        "parts": {"sections": 1, "tables": 0, "code_blocks": 0},
        "extraction": {"complete": true, "warnings": []},
    })
}

fn result() -> SearchResult {
    let url = "https://wiki.test/4587521";
    let passage = json!({
        "rank": 1, "id": "page:4587521@14#p1", "document_id": "page:4587521", "type": "page",
        "title": "Winter <timetable>", "heading_path": ["Ice rules"],
        "text": "Ferries <b>stop</b> at 9 cm & more", "format": "markdown", "kind": "prose",
        "highlights": [{"start": 0, "end": 7}, {"start": 11, "end": 15}],
        "span": {"start": 0, "end": 34, "unit": "code_point", "start_line": 1, "end_line": 1},
        "url": url, "deep_url": url, "anchor": {"confidence": "none"}, "version": 14,
        "score": 0.9, "est_tokens": 12, "content_hash": "sha256:00",
        "citation": {"label": "1", "text": "Winter <timetable>", "url": url},
    });
    let result = json!({
        "document": {"id": "page:4587521", "type": "page", "title": "Winter <timetable>",
            "url": url, "version": 14, "est_tokens": 4},
        "score": 0.9, "passages": [passage],
    });
    serde_json::from_value(result).unwrap()
}

fn response(results: &[SearchResult]) -> SearchResponse {
    let found = !results.is_empty();
    let value = json!({
        "query": {"text": "x", "mode": "lexical"}, "results": results,
        "match": if found { "strong" } else { "none" },
        "total": {"documents": results.len(), "relation": "exact"},
        "omitted": {"by_budget": 0, "by_cutoff": 0}, "notices": [], "next": [],
        "usage": {"est_tokens": 12, "max_tokens": 4000, "estimator": ESTIMATOR},
        "index": {"generation": 8, "complete": true}, "took_ms": 6,
    });
    serde_json::from_value(value).unwrap()
}

/// An answer, taken apart.
pub(super) struct Got {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Got {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect(&self.text)
    }

    #[track_caller]
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("no `{name}`"))
            .to_str()
            .unwrap()
    }

    /// Checks a problem and gives its body.
    #[track_caller]
    pub(super) fn problem(&self, status: u16, name: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        let kind = format!("https://headwater.example/problems/{name}");
        assert_eq!(body["type"], kind);
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body
    }

    /// `pointer code` of each mistake of a problem.
    #[track_caller]
    pub(super) fn mistakes(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().expect(&self.text);
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        let line = |error| format!("{} {}", text(error, "pointer"), text(error, "code"));
        errors.iter().map(line).collect()
    }
}

pub(super) fn state(fake: Fake) -> Arc<ServerState> {
    Arc::new(ServerState::new(options(), Arc::new(fake)))
}

/// Sends `METHOD PATH` with headers and body.
pub(super) async fn send(
    state: Arc<ServerState>,
    line: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Got {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "127.0.0.1:8080");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).unwrap();
    let response = super::router(state).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Got {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

pub(super) async fn get(line: &str) -> Got {
    get_with(line, &[]).await
}

pub(super) async fn get_with(path: &str, headers: &[(&str, &str)]) -> Got {
    send(
        state(Fake::default()),
        &format!("GET {path}"),
        headers,
        Body::empty(),
    )
    .await
}

pub(super) async fn post(path: &str, body: &Value) -> Got {
    post_text(path, &body.to_string()).await
}

pub(super) async fn post_text(path: &str, body: &str) -> Got {
    let headers = [("content-type", "application/json; charset=utf-8")];
    send(
        state(Fake::default()),
        &format!("POST {path}"),
        &headers,
        body.to_owned(),
    )
    .await
}
